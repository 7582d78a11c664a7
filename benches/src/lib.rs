//! Measurements of caps

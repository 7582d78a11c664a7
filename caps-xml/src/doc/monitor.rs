//! `<monitor>` of caches, memory bandwidth and energy; `<energy>`

use crate::out::{Out, put};
use caps_core::{Caps, Monitor, Sink};

pub(crate) fn energy<S: Sink>(out: &mut Out<'_, S>, caps: &Caps<'_>) {
    if let Some(energy) = caps.energy_monitor() {
        put!(out, "    <energy>\n");
        monitor(out, "      <monitor maxMonitors='", &energy);
        put!(out, "    </energy>\n");
    }
}

/// A monitor whose start tag is written as far as the value of `maxMonitors`, with `start` in front of that.
pub(crate) fn monitor<S: Sink>(out: &mut Out<'_, S>, start: &str, monitor: &Monitor<'_>) {
    put!(out, start, monitor.max_monitors, "'>\n");
    for name in monitor.features {
        put!(out, "        <feature name='", name, "'/>\n");
    }
    put!(out, "      </monitor>\n");
}

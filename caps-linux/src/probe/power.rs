//! `<power_management>`

use super::Probe;
use crate::path::at;
use crate::report::{Outcome, Topic};
use caps_core::{Builder, Flags};

impl Probe<'_> {
    /// What logind says it can do.
    pub(super) fn power(&mut self, builder: &mut Builder<'_>) {
        let facts = self.host.facts;
        let answers = facts.logind;
        match facts.denied.logind {
            Some(errno) => self.note(Topic::Power, &at!("logind"), Outcome::Denied(errno)),
            None => self.note_fact(Topic::Power, "logind", answers.is_some()),
        }
        if let Some(answers) = answers {
            builder.flags(Flags::SUSPEND_MEM, answers.suspend.is_supported());
            builder.flags(Flags::SUSPEND_DISK, answers.hibernate.is_supported());
            builder.flags(Flags::SUSPEND_HYBRID, answers.hybrid_sleep.is_supported());
        }
    }
}

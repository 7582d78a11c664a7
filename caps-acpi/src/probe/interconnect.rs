//! `<interconnects>`: which CPUs reach a cell's memory best, and how fast. As Linux makes `access1` of the HMAT.

use super::{Ground, MAX_DOMAINS};
use crate::table::{Hmat, Locality, Measure};
use caps_core::{Interconnect, InterconnectKind, TopologyBuilder};

/// Nodes of initiators.
type Nodes = heapless::Vec<u16, MAX_DOMAINS, u16>;

/// What is asked of a pair of domains.
#[derive(Clone, Copy)]
struct Question {
    kind: InterconnectKind,
    write: bool,
}

/// In the order in which they narrow the initiators down.
const QUESTIONS: [Question; 4] = [
    Question { kind: InterconnectKind::Latency, write: true },
    Question { kind: InterconnectKind::Latency, write: false },
    Question { kind: InterconnectKind::Bandwidth, write: true },
    Question { kind: InterconnectKind::Bandwidth, write: false },
];

impl Ground<'_> {
    /// Every cell with memory that the SRAT knows of, from each of its best initiators.
    pub(super) fn interconnects(&self, topology: &mut TopologyBuilder<'_, '_>) {
        let (Some(hmat), Some(srat)) = (self.tables.hmat, &self.tables.srat) else { return };
        for target in self.nodes() {
            let Some(domain) = self.domains.number(target) else { continue };
            if srat.memories().any(|(_, its)| its == domain) {
                self.initiators(topology, hmat, target, domain);
            }
        }
    }

    fn initiators(
        &self,
        topology: &mut TopologyBuilder<'_, '_>,
        hmat: Hmat<'_>,
        target: u16,
        domain: u32,
    ) {
        for initiator in self.best(hmat, domain) {
            for Question { kind, write } in QUESTIONS {
                let question = Question { kind, write };
                let value = self.value(hmat, question, initiator, domain).unwrap_or(0);
                let value = match kind {
                    InterconnectKind::Latency => value,
                    // The document says KiB/s, in 32 bits.
                    InterconnectKind::Bandwidth => value.wrapping_shl(10),
                };
                let (initiator, target) = (initiator.into(), target.into());
                topology.interconnect(Interconnect { kind, initiator, target, write, value });
            }
        }
    }

    /// The node of CPUs that the memory is attached to, where the table says so, or else those that are best in the first
    /// question, of these those that are best in the second, and so on. None where nothing was measured.
    fn best(&self, hmat: Hmat<'_>, domain: u32) -> Nodes {
        let attached = self.attached(hmat, domain);
        let mut best = Nodes::new();
        for node in self.nodes().filter(|&node| self.has_cpu(node)) {
            if attached.is_none_or(|own| own == node) {
                // There is room for all nodes.
                let _ = best.push(node);
            }
        }
        let mut told_any = attached.is_some();
        for question in QUESTIONS.into_iter().filter(|_| attached.is_none()) {
            let values = best.iter().filter_map(|&node| self.value(hmat, question, node, domain));
            let value = match question.kind {
                InterconnectKind::Latency => values.min(),
                InterconnectKind::Bandwidth => values.max(),
            };
            told_any |= value.is_some();
            best.retain(|&node| self.value(hmat, question, node, domain) == value);
        }
        if told_any { best } else { Nodes::new() }
    }

    /// The last word counts.
    fn attached(&self, hmat: Hmat<'_>, domain: u32) -> Option<u16> {
        let own = hmat.memory_domains().filter(|own| own.memory == domain);
        let node =
            own.filter_map(|own| own.initiator).last().and_then(|own| self.domains.node(own));
        node.filter(|&node| self.has_cpu(node))
    }

    fn value(
        &self,
        hmat: Hmat<'_>,
        question: Question,
        initiator: u16,
        domain: u32,
    ) -> Option<u32> {
        told(hmat, question)?.value(self.domains.number(initiator)?, domain)
    }
}

/// The matrix that answers a question: the last one does.
fn told(hmat: Hmat<'_>, question: Question) -> Option<Locality<'_>> {
    hmat.localities().filter(|locality| answers(locality.measure(), question)).last()
}

fn answers(measure: Measure, Question { kind, write: asked }: Question) -> bool {
    match (measure, kind) {
        (Measure::Latency { read, write }, InterconnectKind::Latency)
        | (Measure::Bandwidth { read, write }, InterconnectKind::Bandwidth) => {
            if asked {
                write
            } else {
                read
            }
        }
        _ => false,
    }
}

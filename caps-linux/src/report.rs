//! What a probe met on its way, topic by topic: filled, absent, denied or odd.

use crate::path::Path;
use crate::sys::Errno;
use core::fmt;

/// What a part of the document is about. One probe each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Topic {
    /// `<uuid>`
    Uuid,
    /// `<cpu>`: microcode, maxphysaddr, counter.
    Cpu,
    /// `<cpu><topology>`
    CpuTopology,
    /// `<cpu><pages>`
    PageSizes,
    /// `<power_management>`
    Power,
    /// `<iommu>`
    Iommu,
    /// `<topology>`
    Numa,
    /// `<control>`s and `<monitor>`s
    Resctrl,
    /// `<cache>`
    Cache,
    /// `<secmodel>`
    Security,
    /// `<guest>`
    Guests,
}

impl Topic {
    /// All topics, in document order.
    pub const ALL: [Self; 11] = [
        Self::Uuid,
        Self::Cpu,
        Self::CpuTopology,
        Self::PageSizes,
        Self::Power,
        Self::Iommu,
        Self::Numa,
        Self::Cache,
        Self::Resctrl,
        Self::Security,
        Self::Guests,
    ];

    /// The topic in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uuid => "uuid",
            Self::Cpu => "cpu",
            Self::CpuTopology => "cpu topology",
            Self::PageSizes => "page sizes",
            Self::Power => "power management",
            Self::Iommu => "iommu",
            Self::Numa => "numa",
            Self::Resctrl => "resctrl",
            Self::Cache => "cache",
            Self::Security => "security",
            Self::Guests => "guests",
        }
    }
}

/// How a source answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Outcome {
    /// It was read and understood.
    Filled,
    /// It is not there.
    Absent,
    /// It is there and cannot be read.
    Denied(Errno),
    /// It was read and makes no sense, or contradicts what was read before.
    Odd,
    /// The call failed for a reason that has nothing to do with it: see [`Errno::is_trouble`].
    Failed(Errno),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filled => f.write_str("filled"),
            Self::Absent => f.write_str("absent"),
            Self::Denied(errno) => write!(f, "denied ({errno})"),
            Self::Odd => f.write_str("odd"),
            Self::Failed(errno) => write!(f, "failed ({errno})"),
        }
    }
}

/// Is told of every source that a probe asks.
pub trait Observer {
    /// `path` answered `topic` like this. Facts go by the name that they have in a recorded host, without a `/`.
    fn note(&mut self, topic: Topic, path: &Path, outcome: Outcome);

    /// Returns `true` if a document with holes is wanted: what depends on a source that [failed](Outcome::Failed) is left out
    /// of it. Otherwise such a source is an [`Error::Unavailable`](crate::Error::Unavailable).
    fn accepts_holes(&self) -> bool {
        false
    }
}

/// Nobody is told.
impl Observer for () {
    fn note(&mut self, _: Topic, _: &Path, _: Outcome) {}
}

/// The worst outcome of each topic, and how many sources had which.
#[derive(Clone, Debug, Default)]
pub struct Report {
    tallies: [Tally; Topic::ALL.len()],
}

/// How the sources of a topic answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tally {
    /// Sources that were read.
    pub filled: u32,
    /// Sources that are not there.
    pub absent: u32,
    /// Sources that are there and cannot be read, and why the last one.
    pub denied: u32,
    /// Why the last denied source was.
    pub errno: Option<Errno>,
    /// Sources that make no sense.
    pub odd: u32,
    /// Sources that failed.
    pub failed: u32,
    /// Error of the last source that failed.
    pub failure: Option<Errno>,
}

impl Tally {
    /// The topic in one word: failed before odd, odd before denied, denied before filled, filled before absent.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self { failure: Some(errno), .. } => Outcome::Failed(*errno),
            Self { odd: 1.., .. } => Outcome::Odd,
            Self { errno: Some(errno), .. } => Outcome::Denied(*errno),
            Self { filled: 1.., .. } => Outcome::Filled,
            _ => Outcome::Absent,
        }
    }
}

impl Report {
    /// How the sources of `topic` answered.
    pub fn tally(&self, topic: Topic) -> Tally {
        self.tallies.get(topic as usize).copied().unwrap_or_default()
    }
}

impl Observer for Report {
    fn note(&mut self, topic: Topic, _: &Path, outcome: Outcome) {
        let Some(tally) = self.tallies.get_mut(topic as usize) else { return };
        match outcome {
            Outcome::Filled => tally.filled += 1,
            Outcome::Absent => tally.absent += 1,
            Outcome::Denied(errno) => {
                tally.denied += 1;
                tally.errno = Some(errno);
            }
            Outcome::Odd => tally.odd += 1,
            Outcome::Failed(errno) => {
                tally.failed += 1;
                tally.failure = Some(errno);
            }
        }
    }
}

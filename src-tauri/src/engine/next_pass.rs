//! The time of a deployment's next pass.

use jiff::Timestamp;

/// When the next pass over a deployment is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextPass {
    Now,
    At(Timestamp),
    WhenSomethingChanges,
}

impl NextPass {
    /// At the earliest of these times.
    pub(super) fn earliest<const N: usize>(times: [Option<Timestamp>; N]) -> Self {
        times.into_iter().flatten().min().map_or(Self::WhenSomethingChanges, Self::At)
    }
}

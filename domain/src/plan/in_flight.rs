//! Requests that a replica is answering, as far as anybody counts them.

/// Requests that a replica is answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// The number of requests, all of which pass the gateway.
    Counted(u32),
    /// Nobody counts them, so that only time tells when the last one is over.
    Unknown,
}

impl InFlight {
    /// True when it certainly has none.
    pub fn is_none(self) -> bool {
        self == Self::Counted(0)
    }
}

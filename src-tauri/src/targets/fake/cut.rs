//! The moment at which a test kills the server.

/// The moment at which the server that uses this target is killed: at its n-th call, before or after the call's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KillPoint {
    /// The n-th call, from 1.
    pub call: u32,
    /// True when the call still has its effect.
    pub after: bool,
}

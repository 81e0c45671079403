//! Where a test kills the server.

/// Where the server that uses this target is killed: at its n-th call, before or after the call has its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KillPoint {
    /// The n-th call, from 1.
    pub call: u32,
    /// Whether the call still has its effect.
    pub after: bool,
}

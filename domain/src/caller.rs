//! The caller of a request: a person or a program on the other side of a door.

use crate::id::Actor;

/// Somebody who has been let in. Every request, every command and every entry that a command makes is on behalf of one.
///
/// Equal callers share their idempotency keys; what a caller may do is asked of [`crate::action`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name that the journal gives them.
    pub actor: Actor,
}

impl Caller {
    /// The caller whom the journal calls `actor`.
    pub fn new(actor: Actor) -> Self {
        Self { actor }
    }
}

//! What a step of the setup found or did.

/// What a step found or did.
pub(super) enum Outcome {
    /// Nothing was missing.
    AlreadyThere,
    /// It is there now; the words say how.
    Done(String),
}

//! The outcome of a step of the setup.

/// The outcome of a step.
pub(super) enum Outcome {
    /// Nothing was missing.
    AlreadyThere,
    /// It is there now; the words say how.
    Done(String),
}

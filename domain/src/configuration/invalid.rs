//! The error of a configuration that cannot be used.

/// The reason for which a configuration cannot be used: a field, and a sentence about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidConfiguration {
    /// The field, with dots.
    pub field: &'static str,
    /// A sentence that says what is wrong and what to do.
    pub problem: String,
}

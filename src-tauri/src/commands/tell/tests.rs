//! What is told of entries.

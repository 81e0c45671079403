//! Killed at any moment, the next start finishes or reverts.

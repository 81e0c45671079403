//! Signing in at an identity provider that says what a test wants.

mod accounts;
mod errands;
mod feeding;
mod rig;

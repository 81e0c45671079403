//! The interface in a real browser: what a person clicks and types, what the pages then show, and how they look.

mod browser;
mod comparing;
mod faults;
mod looks;
mod operating;
mod replacing;
mod screens;
mod signing_in;
mod under_a_path;

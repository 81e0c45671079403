//! The interface in a real browser: what a person clicks and types, what the pages then show, and how they look.

mod approving;
mod arranging;
mod belonging;
mod browser;
mod by_keyboard;
mod charting;
mod comparing;
mod faults;
mod habits;
mod keyboard;
mod looking_back;
mod looks;
mod notified;
mod operating;
mod outages;
mod replacing;
mod scheduling;
mod screens;
mod shared_screens;
mod signing_in;
mod single_sign_on;
mod team;
mod troubles;
mod under_a_path;

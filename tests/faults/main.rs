//! The fault lab: a replica program that can be told to misbehave, and what Changeover makes of it.

mod ending;
mod program;
mod real;
mod simulated;
mod streams;

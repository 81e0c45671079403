//! The house rules, as tests over the sources: which way things point, what things are called, what nobody writes.

mod arrows;
mod dependencies;
mod files;
mod sources;
mod style;
mod words;

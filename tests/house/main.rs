//! The house rules, as tests over the sources: which way things point, what things are called, what nobody writes.

mod arrows;
mod circles;
mod dependencies;
mod files;
mod graph;
mod inside;
mod items;
mod names;
mod sources;
mod style;
mod words;

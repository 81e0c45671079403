//! The house rules, as tests over the sources: the direction of dependencies, the names of things, the words that
//! nobody writes.

mod arrows;
mod circles;
mod dependencies;
mod files;
mod graph;
mod inside;
mod inside_gateway;
mod inside_pages;
mod items;
mod names;
mod rules;
mod sheets;
mod sources;
mod style;
mod words;

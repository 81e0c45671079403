//! The compatibility checks: a table for each subject, in which a row is a rule, and random signatures.
//!
//! A row changes a pair of equal models and names every line in which their report then differs.

mod build;
mod classes;
mod features;
mod found;
mod layouts;
mod meaning;
mod output_types;
mod outputs;
mod package;
mod parameters;
mod place;
mod random;
mod series;
mod table;
mod target;
mod types;
mod verdict;

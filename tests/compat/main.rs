//! Reading and comparing the real and made models of `tests/corpus`.

mod corpus;
mod fuzz;
mod hostile;
mod limits;
mod pairs;
mod signatures;
#[path = "../fuzz/targets.rs"]
mod targets;

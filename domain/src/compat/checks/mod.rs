//! The checks, a file for each subject. Their rules and strictness are those that `tests/corpus/manifest.json` states
//! under `policy`; where one differs, its doc says so.

mod categories;
mod classes;
mod datatype;
mod estimate;
mod features;
mod line;
mod meaning;
mod nested;
mod outputs;
mod package;
mod parameters;
mod place;
mod routes;
mod series;
mod shape;
mod target;
mod types;

pub(super) use datatype::{Value, opposed};
pub use meaning::says_meaning;
pub(super) use place::in_place;
pub(super) use shape::differ as shapes_differ;

use super::report::Check;
use super::sides::Pair;

/// Checks that two files answer.
pub(super) const OF_FILES: &[fn(&Pair<'_>) -> Vec<Check>] = &[
    package::same_file,
    package::kind,
    package::format,
    routes::of_files,
    package::signature,
    meaning::contradictions,
    package::metadata,
    package::loads,
    target::name,
    target::task,
    meaning::objective,
    classes::labels,
    classes::count,
    meaning::said,
    features::kind,
    features::names,
    features::positions,
    features::columns_of_a_tensor,
    types::inputs,
    categories::categories,
    shape::inputs,
    outputs::names,
    outputs::types,
    outputs::shapes,
    meaning::of_outputs,
    series::series,
    series::intervals,
    parameters::parameters,
];

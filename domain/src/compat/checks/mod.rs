//! The checks, a file for each subject. Their rules and strictness are those that `tests/corpus/manifest.json` states
//! under `policy`; where one differs, its doc says so.

mod categories;
mod classes;
mod features;
mod line;
mod outputs;
mod package;
mod parameters;
mod place;
mod series;
mod shape;
mod target;
mod types;

pub(super) use place::in_place;

use super::report::Check;
use super::sides::Pair;

/// Checks that two files answer.
pub(super) const OF_FILES: &[fn(&Pair<'_>) -> Vec<Check>] = &[
    package::same_file,
    package::kind,
    package::format,
    package::routes,
    package::signature,
    package::metadata,
    package::loads,
    target::name,
    target::task,
    classes::labels,
    classes::count,
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
    outputs::meaning,
    series::series,
    series::intervals,
    parameters::parameters,
];

//! Facts that a signature only tells when several of its parts are read together.

use crate::model::{ClassSource, Part, Signature, are_places};

/// True when a person or the file's properties state the task; operators that only hint at it do not count.
pub(super) fn says_task(signature: &Signature) -> bool {
    ["task", "target_type"].iter().any(|key| signature.metadata.contains_key(*key))
        || signature.declared.contains(&Part::TargetType)
}

/// True when the graph numbers its classes and nothing names them.
pub(super) fn only_numbers(signature: &Signature) -> bool {
    signature.class_titles.is_none()
        && signature.class_source == Some(ClassSource::Graph)
        && signature.classes.as_deref().is_some_and(are_places)
}

/// Endings and words of outputs that bound a prediction from below or above.
const BOUNDS: [(&str, &str); 5] =
    [("lower", "upper"), ("_lo", "_hi"), ("_low", "_high"), ("_min", "_max"), ("lwr", "upr")];

/// Outputs that bound a prediction from both sides.
pub(super) fn interval_outputs(signature: &Signature) -> Vec<&str> {
    let mut bounds: Vec<&str> = Vec::new();
    for (lower, upper) in BOUNDS {
        let with = |ending: &str| {
            let matches = |name: &str| {
                let name = name.to_lowercase();
                if ending.starts_with('_') { name.ends_with(ending) } else { name.contains(ending) }
            };
            signature.outputs.iter().map(|field| field.name.as_str()).filter(|name| matches(name)).collect::<Vec<_>>()
        };
        let (below, above) = (with(lower), with(upper));
        if !below.is_empty() && !above.is_empty() {
            bounds.extend(below);
            bounds.extend(above);
        }
    }
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

//! Do tensors of today's shapes still go in?

use super::line::{line, word};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::Pair;
use crate::model::{Dimension, Field, ValueKind};

/// What a change of shape means for whoever sends or reads such tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Every tensor of before fits.
    Fits,
    /// Some do not.
    Breaks,
    /// One side does not say.
    Unknown,
}

/// A fixed dimension may become free; a free one may not become fixed; another number does not fit. Names of free
/// dimensions carry no meaning.
pub(super) fn fit(old: Option<&[Dimension]>, new: Option<&[Dimension]>) -> Fit {
    let (Some(old), Some(new)) = (old, new) else {
        return if new.is_none() { Fit::Fits } else { Fit::Unknown };
    };
    let fixed = |dimension: &Dimension| match dimension {
        Dimension::Fixed(number) => Some(*number),
        Dimension::Symbolic(_) | Dimension::Unknown => None,
    };
    let fits = old.len() == new.len()
        && old.iter().zip(new).all(|(old, new)| fixed(new).is_none_or(|number| fixed(old) == Some(number)));
    if fits { Fit::Fits } else { Fit::Breaks }
}

/// A shape as people read it: `[?, 4]`.
pub(super) fn written(shape: Option<&[Dimension]>) -> String {
    let Some(shape) = shape else { return "not stated".to_owned() };
    let dimension = |dimension: &Dimension| match dimension {
        Dimension::Fixed(number) => number.to_string(),
        Dimension::Symbolic(_) | Dimension::Unknown => "?".to_owned(),
    };
    format!("[{}]", shape.iter().map(dimension).collect::<Vec<_>>().join(", "))
}

/// The shapes of inputs that both have.
pub(super) fn inputs(pair: &Pair<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut compared = 0_usize;
    for (old, new) in pair
        .common_inputs()
        .map(|((_, old), new)| (old, new))
        .filter(|(old, new)| old.kind == new.kind && old.kind == ValueKind::Tensor)
    {
        compared += 1;
        let (a, b) = (old.shape.as_deref(), new.shape.as_deref());
        let check = match fit(a, b) {
            Fit::Fits => continue,
            Fit::Breaks => {
                let message = format!(
                    "The input {} has the shape {} in {} and {} in {}: tensors of today would be refused. Keep the shape, or deploy it under another name.",
                    called(old),
                    written(a),
                    pair.old_name(),
                    written(b),
                    pair.new_name()
                );
                line(CheckName::InputShape, Outcome::Failed, message)
            }
            Fit::Unknown => {
                let message = format!(
                    "{} does not say which shapes its input {} takes and {} asks for {}: whether tensors of today fit cannot be told.",
                    pair.old_name(),
                    called(old),
                    pair.new_name(),
                    written(b)
                );
                line(CheckName::InputShape, Outcome::NotVerified, message).must_be_known()
            }
        };
        checks.push(check.sides(written(a), written(b)));
    }
    if checks.is_empty() && compared > 0 {
        let message = format!("Tensors that {} takes fit {}.", pair.old_name(), pair.new_name());
        checks.push(line(CheckName::InputShape, Outcome::Passed, message));
    }
    checks
}

/// What sentences call an input or output.
pub(super) fn called(field: &Field) -> String {
    if field.name.is_empty() { "without a name".to_owned() } else { word(&field.name) }
}

//! Do tensors of today's shapes still go in?

use std::collections::BTreeSet;

use super::line::{line, word};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::Pair;
use crate::model::{Dimension, Field, ValueKind};

/// The relation between tensors of one shape and those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShapeFit {
    /// All tensors of the one shape have the other.
    Fits,
    /// Some tensors do not.
    Breaks,
    /// One of the shapes is not known.
    Unknown,
}

/// The fit of the shape `from` to the shape `to`: whether every tensor of the one has the other too. A fixed dimension
/// fits a free one, and not the other way round; another number never fits. Names of free dimensions carry no meaning.
pub(super) fn fit(from: Option<&[Dimension]>, to: Option<&[Dimension]>) -> ShapeFit {
    let (Some(from), Some(to)) = (from, to) else { return ShapeFit::Unknown };
    let fits = from.len() == to.len()
        && from.iter().zip(to).all(|(from, to)| fixed(to).is_none_or(|number| fixed(from) == Some(number)));
    if fits { ShapeFit::Fits } else { ShapeFit::Breaks }
}

/// The same for an output, from new to old: where an input dimension became free, the output may follow it, and requests of
/// today get the length of before.
pub(super) fn follows(old: Option<&[Dimension]>, new: Option<&[Dimension]>, opened: &Opened) -> ShapeFit {
    let (Some(old), Some(new)) = (old, new) else { return ShapeFit::Unknown };
    let fits = old.len() == new.len()
        && old.iter().zip(new).enumerate().all(|(place, (old, new))| match (fixed(old), fixed(new)) {
            (Some(old), Some(new)) => old == new,
            (Some(_), None) => opened.frees(place, new),
            (None, _) => true,
        });
    if fits { ShapeFit::Fits } else { ShapeFit::Breaks }
}

/// True when no tensor has both shapes.
pub(in crate::compat) fn differ(one: &[Dimension], other: &[Dimension]) -> bool {
    let clash = |(one, other): (&Dimension, &Dimension)| {
        fixed(one).is_some_and(|one| fixed(other).is_some_and(|other| one != other))
    };
    one.len() != other.len() || one.iter().zip(other).any(clash)
}

fn fixed(dimension: &Dimension) -> Option<u64> {
    match dimension {
        Dimension::Fixed(number) => Some(*number),
        Dimension::Symbolic(_) | Dimension::Unknown => None,
    }
}

/// The dimensions of inputs that became free: their places, and the names that they have now.
#[derive(Default)]
pub(super) struct Opened {
    places: BTreeSet<usize>,
    names: BTreeSet<String>,
}

impl Opened {
    pub(super) fn of(pair: &Pair<'_>) -> Self {
        let mut opened = Self::default();
        for ((_, old), new) in pair.common_inputs() {
            let dimensions = old.shape.iter().flatten().zip(new.shape.iter().flatten());
            for (place, (_, new)) in
                dimensions.enumerate().filter(|(_, (old, new))| fixed(old).is_some() && fixed(new).is_none())
            {
                opened.places.insert(place);
                if let Dimension::Symbolic(name) = new {
                    opened.names.insert(name.clone());
                }
            }
        }
        opened
    }

    /// True when a dimension of an output can be free by following one of these inputs: at the same place, or under the
    /// same name.
    fn frees(&self, place: usize, dimension: &Dimension) -> bool {
        let named = matches!(dimension, Dimension::Symbolic(name) if self.names.contains(name));
        named || self.places.contains(&place)
    }
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
            ShapeFit::Fits => continue,
            ShapeFit::Breaks => {
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
            ShapeFit::Unknown => {
                let message = match (a, b) {
                    (None, Some(_)) => format!(
                        "{} does not say which shapes its input {} takes and {} asks for {}: whether tensors of today fit cannot be told.",
                        pair.old_name(),
                        called(old),
                        pair.new_name(),
                        written(b)
                    ),
                    _ => format!(
                        "{} does not say which shapes its input {} takes: whether tensors of today fit cannot be told.",
                        pair.new_name(),
                        called(old)
                    ),
                };
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

/// The name of an input or output in sentences.
pub(super) fn called(field: &Field) -> String {
    if field.name.is_empty() { "without a name".to_owned() } else { word(&field.name) }
}

//! Which inputs of two models belong together.

use std::borrow::Cow;

use crate::compat::sides::Pair;
use crate::model::{Field, Signature};

/// An input, and what a call binds it by.
pub(super) struct Bound<'a> {
    /// Its name; without one, its place among those that have none.
    pub(super) by: Cow<'a, str>,
    pub(super) field: &'a Field,
}

impl Bound<'_> {
    /// Whether its place, and no name, says which it is.
    pub(super) fn by_place(&self) -> bool {
        self.field.name.is_empty()
    }
}

/// The inputs of `signature`. A table of MLflow's may have columns without names (*column-based signatures*): they are
/// bound by their place.
pub(super) fn bound(signature: &Signature) -> Vec<Bound<'_>> {
    let mut nameless = 0_usize;
    let inputs = signature.inputs.iter().map(|field| {
        let by = if field.name.is_empty() {
            nameless += 1;
            format!("input {nameless}").into()
        } else {
            field.name.as_str().into()
        };
        Bound { by, field }
    });
    inputs.collect()
}

/// The inputs that both sides have, the one in use first; a single input without a name is the same on both sides.
pub(super) fn common<'a>(pair: &Pair<'a>) -> Vec<(Bound<'a>, &'a Field)> {
    let (old, new) = (pair.current.signature, pair.candidate.signature);
    let after = bound(new);
    let after: std::collections::HashMap<&str, &'a Field> =
        after.iter().map(|bound| (bound.by.as_ref(), bound.field)).collect();
    let both = |before: Bound<'a>| {
        let partner = *after.get(before.by.as_ref())?;
        Some((before, partner))
    };
    bound(old).into_iter().filter_map(both).collect()
}

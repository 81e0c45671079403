//! Does the description of a package fit the graph inside it?

use std::collections::BTreeSet;

use super::align::shape_words;
use super::checks::{Value, opposed, shapes_differ};
use crate::model::{Dimension, Field, Signature, ValueKind, are_places};

/// Most sentences, and longest list or name in one, in characters.
const MOST: usize = 12;
const LONGEST: usize = 200;

/// Sentences about what the file `MLmodel` says and the graph denies. MLflow makes tensors of the columns of a table, so
/// that only what no conversion mends is a contradiction; what one of them does not say is none.
pub fn contradictions(described: &Signature, graph: &Signature) -> Vec<String> {
    if described.absent {
        return Vec::new();
    }
    let mut found = Vec::new();
    if !described.inputs.is_empty() {
        found.extend(inputs(&described.inputs, &graph.inputs));
    }
    if !described.outputs.is_empty() {
        found.extend(ends("answers with", &described.outputs, &graph.outputs));
    }
    found.extend(classes(described, graph));
    found.truncate(MOST);
    found
}

fn inputs(described: &[Field], graph: &[Field]) -> Vec<String> {
    let columns = described.iter().filter(|field| field.kind == ValueKind::Column).count();
    if columns == 0 {
        return ends("takes", described, graph);
    }
    match graph {
        [only] => {
            let mut found = Vec::new();
            if let Some(Dimension::Fixed(width)) =
                only.shape.as_deref().filter(|shape| shape.len() == 2).and_then(<[_]>::last)
                && *width != columns as u64
            {
                found.push(format!("MLmodel says that it takes {columns} columns, and the graph takes {width}"));
            }
            found.extend(described.iter().filter_map(|column| typed("takes", column, only)));
            found
        }
        several => ends("takes", described, several),
    }
}

/// Inputs or outputs of the same names.
fn ends(does: &str, described: &[Field], graph: &[Field]) -> Vec<String> {
    if let ([one], [other]) = (described, graph)
        && one.name.is_empty()
    {
        return fits(does, one, other);
    }
    let names = |fields: &[Field]| fields.iter().map(|field| field.name.clone()).collect::<BTreeSet<_>>();
    let (told, there) = (names(described), names(graph));
    let unnamed = described.iter().any(|field| field.name.is_empty());
    let lacking = !unnamed && told.iter().any(|name| !there.contains(name));
    let missing = does == "takes" && graph.iter().any(|field| field.required && !told.contains(&field.name));
    if lacking || missing && !unnamed {
        return vec![format!("MLmodel says that it {does} {}, and the graph {does} {}", list(&told), list(&there))];
    }
    let pairs = described.iter().filter_map(|one| Some((one, graph.iter().find(|other| other.name == one.name)?)));
    pairs.flat_map(|(one, other)| fits(does, one, other)).collect()
}

fn fits(does: &str, told: &Field, there: &Field) -> Vec<String> {
    let mut found: Vec<String> = typed(does, told, there).into_iter().collect();
    let tensors = told.kind == ValueKind::Tensor && there.kind == ValueKind::Tensor;
    if let (Some(a), Some(b), true) = (&told.shape, &there.shape, tensors)
        && shapes_differ(a, b)
    {
        let (a, b) = (shape_words(a), shape_words(b));
        found.push(format!(
            "MLmodel says that it {does} {} of the shape {a}, and in the graph that is {b}",
            called(there)
        ));
    }
    found
}

fn typed(does: &str, told: &Field, there: &Field) -> Option<String> {
    let tensors = told.kind == ValueKind::Tensor && there.kind == ValueKind::Tensor;
    let values = (Value::of(&told.datatype), Value::of(&there.datatype));
    // Numbers of a table are cast to what the graph takes.
    let apart = match values {
        (Some(a), Some(b)) => a != b && !(a.is_number() && b.is_number()),
        _ => false,
    };
    let other = tensors && opposed(&told.datatype, &there.datatype);
    (apart || other).then(|| {
        format!(
            "MLmodel says that it {does} {} as {}, and in the graph that is {}",
            called(if told.name.is_empty() { there } else { told }),
            told.datatype,
            there.datatype
        )
    })
}

fn classes(described: &Signature, graph: &Signature) -> Option<String> {
    let (Some(told), Some(there)) = (&described.classes, &graph.classes) else { return None };
    let named = !are_places(there);
    let differ = told.len() != there.len() || named && told != there;
    differ.then(|| format!("MLmodel names the classes {}, and the graph {}", list(told), list(there)))
}

fn called(field: &Field) -> String {
    if field.name.is_empty() { "a tensor".to_owned() } else { field.name.chars().take(LONGEST).collect() }
}

fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    let text = names.join(", ");
    if text.is_empty() { "nothing".to_owned() } else { text.chars().take(LONGEST).collect() }
}

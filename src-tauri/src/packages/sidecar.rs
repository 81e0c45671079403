//! Class labels in JSON files beside an ONNX model: what its graph leaves out, its package often keeps there.

use std::path::Path;

use domain::model::{ClassSource, Dimension, Signature, ValueKind, are_places};
use serde_json::Value;

use super::folder;
use super::listing::Listing;
use super::onnx::names_columns;
use super::properties;

/// Largest file that is looked into, and how many.
const LARGEST: u64 = 1 << 20;
const MOST_FILES: usize = 16;
/// Deepest place of a list; a list deeper than this is no list of labels.
const DEEPEST: usize = 8;

/// Keys that hold class labels, or pairs of label and index.
const KEYS: [&str; 10] = [
    "id2label",
    "label2id",
    "labels",
    "label_names",
    "class_names",
    "class_labels",
    "classes",
    "names",
    "target_labels_space",
    "target_names",
];

/// Fills in class labels from the files of `folder` named `files`, where one list there has as many as an output is
/// wide. Where lists disagree, none is believed.
pub(super) fn describe(signature: &mut Signature, folder: &Path, files: &[String]) {
    let named = |labels: &Vec<String>| !are_places(labels) || signature.class_titles.is_some();
    if signature.classes.as_ref().is_some_and(named) {
        return;
    }
    let Some(width) = width(signature) else { return };
    let mut found: Option<Vec<String>> = None;
    for name in files.iter().filter(|name| name.to_lowercase().ends_with(".json")).take(MOST_FILES) {
        let Ok(Some(text)) = folder::small(&folder.join(name), LARGEST) else { continue };
        let Ok(document) = serde_json::from_slice::<Value>(&text) else { continue };
        let mut lists = Vec::new();
        gather(&document, width, 0, &mut lists);
        for list in lists {
            match &found {
                None => found = Some(list),
                Some(same) if *same == list => {}
                Some(_) => return,
            }
        }
    }
    let Some(found) = found else { return };
    if let Some(labels) = &signature.classes {
        properties::title(&mut signature.class_titles, labels, found);
        return;
    }
    signature.classes = Some(found);
    signature.class_source = Some(ClassSource::Sidecar);
    signature.class_count = Some(width);
    if signature.target.task.is_none() && names_columns(signature) {
        signature.target.task = properties::task_of(width);
    }
}

/// The width of the first output that could be one number for each class.
fn width(signature: &Signature) -> Option<u64> {
    if signature.class_count.is_some() {
        return signature.class_count;
    }
    signature.outputs.iter().find_map(|output| match (output.kind, output.shape.as_deref()?) {
        (ValueKind::Tensor, [.., _, Dimension::Fixed(width)]) if *width > 1 => Some(*width),
        _ => None,
    })
}

/// Gathers the lists of `width` labels in `value`.
fn gather(value: &Value, width: u64, depth: usize, lists: &mut Vec<Vec<String>>) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Value::Object(pairs) => {
            for (key, value) in pairs {
                let labels = if KEYS.contains(&key.to_lowercase().as_str()) { Listing::of(value) } else { None };
                match labels.and_then(Listing::names) {
                    Some(names) if names.len() as u64 == width => lists.push(names),
                    _ => gather(value, width, depth + 1, lists),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, width, depth + 1, lists)),
        _ => {}
    }
}

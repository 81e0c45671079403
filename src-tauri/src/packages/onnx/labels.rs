//! Finds the class labels that a graph gives its outputs.
//!
//! # Flow
//!
//! Classifier operators, ZipMap and LabelEncoder hold labels in attributes, ArrayFeatureExtractor and Gather in a small
//! constant. The graph is followed forward: an operator that only reshapes or casts passes its input's labels
//! on. The labels that arrive at the first output that has any are the model's; where none arrives, those of
//! the only classifier. Several vote, or answer one question each, as of a model with several labels.

use std::collections::HashMap;
use std::rc::Rc;

use super::node::{Attributes, Node, Operator};

/// Labels in index order.
pub(super) type Labels = Rc<[String]>;

/// The labels of the graph's outputs. `constants` are its small lists of text or whole numbers, by name.
pub(super) fn find<'a>(
    nodes: &[Node],
    constants: &HashMap<String, Labels>,
    outputs: impl Iterator<Item = &'a str>,
) -> Option<Vec<String>> {
    let mut carried: HashMap<&str, Labels> = HashMap::new();
    let mut classifiers = Vec::new();
    for node in nodes {
        let arriving = carried.get(node.input()).cloned();
        let labels = match node.operator {
            Operator::TreeClassifier | Operator::ScoreClassifier | Operator::OtherClassifier => {
                own(&node.attributes).inspect(|labels| classifiers.push(labels.clone()))
            }
            Operator::ZipMap => own(&node.attributes).or(arriving),
            Operator::LabelEncoder => encoded(&node.attributes, arriving),
            Operator::ArrayFeatureExtractor => constants.get(node.input()).cloned(),
            Operator::Gather => constants.get(node.input()).filter(|table| is_text(table)).cloned(),
            Operator::PassOn => arriving,
            _ => None,
        };
        if let Some(labels) = labels {
            carried.extend(node.outputs.iter().map(|name| (name.as_str(), labels.clone())));
        }
    }
    let arrived = outputs.filter_map(|name| carried.get(name)).next();
    let only = if let [only] = classifiers.as_slice() { Some(only) } else { None };
    arrived.or(only).map(|labels| labels.to_vec())
}

/// Tables of numbers are looked into for much else.
pub(super) fn is_text(table: &[String]) -> bool {
    table.iter().any(|word| word.parse::<i64>().is_err())
}

fn own(attributes: &Attributes) -> Option<Labels> {
    (!attributes.classes.is_empty()).then(|| attributes.classes.as_slice().into())
}

/// A LabelEncoder names classes when it gets classes, or the numbers 0, 1, 2 and so on, as after ArgMax.
fn encoded(attributes: &Attributes, arriving: Option<Labels>) -> Option<Labels> {
    if !attributes.classes.is_empty() {
        return own(attributes);
    }
    let renamed: HashMap<&String, &String> = attributes.keys.iter().zip(&attributes.values).collect();
    match arriving {
        Some(labels) => labels.iter().map(|label| renamed.get(label).map(|name| (*name).clone())).collect(),
        None => {
            let name = |place: usize| renamed.get(&place.to_string()).map(|name| (*name).clone());
            let names: Option<Vec<String>> = (0..renamed.len()).map(name).collect();
            names.filter(|names| !names.is_empty()).map(Labels::from)
        }
    }
}

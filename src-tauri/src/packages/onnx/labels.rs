//! Finds the class labels that a graph gives its outputs.
//!
//! # Flow
//!
//! Classifier operators, ZipMap, LabelEncoder and ArrayFeatureExtractor hold labels in attributes or in a small
//! constant. The graph is followed forward: an operator that only reshapes or casts passes its input's labels
//! on. The labels that arrive at the first output that has any are the model's; where none arrives, those of
//! the last classifier.

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
    let mut last_classifier = None;
    for node in nodes {
        let arriving = carried.get(node.input()).cloned();
        let labels = match node.operator {
            Operator::TreeClassifier | Operator::ScoreClassifier | Operator::OtherClassifier => {
                own(&node.attributes).inspect(|labels| last_classifier = Some(labels.clone()))
            }
            Operator::ZipMap => own(&node.attributes).or(arriving),
            Operator::LabelEncoder => encoded(&node.attributes, arriving),
            Operator::ArrayFeatureExtractor => constants.get(node.input()).cloned(),
            Operator::PassOn => arriving,
            _ => None,
        };
        if let Some(labels) = labels {
            carried.extend(node.outputs.iter().map(|name| (name.as_str(), labels.clone())));
        }
    }
    let arrived = outputs.filter_map(|name| carried.get(name)).next();
    arrived.or(last_classifier.as_ref()).map(|labels| labels.to_vec())
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
            let numbered = attributes.keys.iter().enumerate().all(|(place, key)| *key == place.to_string());
            (numbered && !renamed.is_empty()).then(|| attributes.values.as_slice().into())
        }
    }
}

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

/// Labels in index order.
pub(super) type Labels = Rc<[String]>;

/// Attributes that hold labels, or the two sides of a LabelEncoder.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// Of a classifier or ZipMap: whichever of its attributes is filled.
    classes: Vec<String>,
    /// What a LabelEncoder takes.
    keys: Vec<String>,
    /// What it makes of it.
    values: Vec<String>,
}

impl Attributes {
    /// The list that the attribute `name` fills; none when it holds no labels.
    pub(super) fn list(&mut self, name: &str) -> Option<&mut Vec<String>> {
        match name {
            "classlabels_strings" | "classlabels_int64s" | "classlabels_ints" | "classes_strings" => {
                Some(&mut self.classes)
            }
            "keys_strings" | "keys_int64s" => Some(&mut self.keys),
            "values_strings" | "values_int64s" => Some(&mut self.values),
            _ => None,
        }
    }
}

/// A node that matters for labels.
#[derive(Debug)]
pub(super) struct Node {
    operator: Operator,
    input: String,
    outputs: Vec<String>,
    attributes: Attributes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Classifier,
    ZipMap,
    LabelEncoder,
    ArrayFeatureExtractor,
    PassOn,
}

impl Node {
    /// The node, if it matters. `input` is its first one.
    pub(super) fn new(operator: &str, input: String, outputs: Vec<String>, attributes: Attributes) -> Option<Self> {
        let operator = match operator {
            "ZipMap" => Operator::ZipMap,
            "LabelEncoder" => Operator::LabelEncoder,
            "ArrayFeatureExtractor" => Operator::ArrayFeatureExtractor,
            "Identity" | "Cast" | "Reshape" | "Squeeze" | "Unsqueeze" | "Flatten" => Operator::PassOn,
            // LinearClassifier, SVMClassifier, TreeEnsembleClassifier, and operators that are not known here.
            _ if !attributes.classes.is_empty() => Operator::Classifier,
            _ => return None,
        };
        Some(Self { operator, input, outputs, attributes })
    }

    /// Bytes that keeping it costs.
    pub(super) fn size(&self) -> usize {
        self.outputs.iter().map(|name| name.len() + size_of::<String>()).sum::<usize>()
            + self.input.len()
            + size_of::<Self>()
    }
}

/// The labels of the graph's outputs. `constants` are its small lists of text or whole numbers, by name.
pub(super) fn find<'a>(
    nodes: &[Node],
    constants: &HashMap<String, Labels>,
    outputs: impl Iterator<Item = &'a str>,
) -> Option<Vec<String>> {
    let mut carried: HashMap<&str, Labels> = HashMap::new();
    let mut last_classifier = None;
    for node in nodes {
        let arriving = carried.get(node.input.as_str()).cloned();
        let labels = match node.operator {
            Operator::Classifier => own(&node.attributes).inspect(|labels| last_classifier = Some(labels.clone())),
            Operator::ZipMap => own(&node.attributes).or(arriving),
            Operator::LabelEncoder => encoded(&node.attributes, arriving),
            Operator::ArrayFeatureExtractor => constants.get(&node.input).cloned(),
            Operator::PassOn => arriving,
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

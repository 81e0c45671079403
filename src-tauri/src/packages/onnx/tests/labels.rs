//! The places of class labels, and the effect of properties on them.

use std::collections::HashMap;

use domain::model::ClassSource;

use super::super::labels::{Labels, find};
use super::super::node::{Attributes, Node};
use super::{field, model, read_bytes};

#[test]
fn labels_are_followed_to_the_outputs() {
    let list = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    let node = |operator: &str, input: &str, outputs: &[&str], lists: &[(&str, &[&str])]| {
        let mut attributes = Attributes::default();
        for (name, labels) in lists {
            *attributes.list(name).unwrap() = list(labels);
        }
        Node::new(operator, list(&[input]), list(outputs), attributes).unwrap()
    };
    let constants = HashMap::from([
        ("names".to_owned(), Labels::from(list(&["cat", "dog"]))),
        ("shape".to_owned(), list(&["-1"]).into()),
    ]);
    let found = |nodes: &[Node]| find(nodes, &constants, ["label", "scores"].into_iter());
    let classifier = || node("LinearClassifier", "x", &["number", "scores"], &[("classlabels_ints", &["1", "0"])]);
    let renames = [("keys_int64s", &["0", "1"][..]), ("values_strings", &["no", "yes"])];

    // As after ArgMax: the labels are a constant.
    let picked = [
        node("ArrayFeatureExtractor", "names", &["a"], &[]),
        node("Cast", "a", &["b"], &[]),
        node("Reshape", "b", &["label"], &[]),
    ];
    assert_eq!(found(&picked), Some(list(&["cat", "dog"])));
    // Picking columns out of the input has nothing to do with labels.
    assert_eq!(found(&[node("ArrayFeatureExtractor", "x", &["label"], &[])]), None);
    // Numbers that are renamed keep the classifier's order.
    assert_eq!(
        found(&[classifier(), node("LabelEncoder", "number", &["label"], &renames)]),
        Some(list(&["yes", "no"]))
    );
    // Numbers from 0 on are renamed without a classifier that says which there are.
    assert_eq!(found(&[node("LabelEncoder", "best", &["label"], &renames)]), Some(list(&["no", "yes"])));
    // Text that is encoded on its way in names no classes.
    let encoder = [("keys_strings", &["red"][..]), ("values_int64s", &["7"])];
    assert_eq!(found(&[node("LabelEncoder", "colour", &["label"], &encoder)]), None);
    // The keys say the order, wherever they stand.
    let turned = [("keys_tensor", &["1", "0"][..]), ("values_tensor", &["yes", "no"])];
    assert_eq!(found(&[node("LabelEncoder", "best", &["label"], &turned)]), Some(list(&["no", "yes"])));
    let gaps = [("keys_int64s", &["0", "2"][..]), ("values_strings", &["no", "yes"])];
    assert_eq!(found(&[node("LabelEncoder", "best", &["label"], &gaps)]), None);
    // A table of words names classes; one of numbers may be anything.
    assert_eq!(found(&[node("Gather", "names", &["label"], &[])]), Some(list(&["cat", "dog"])));
    assert_eq!(found(&[node("Gather", "shape", &["label"], &[])]), None);
    // Of two classifiers, the one that reaches an output counts; where none does, each answers a question of its own.
    let inner = || node("TreeEnsembleClassifier", "x", &["inner", "p"], &[("classlabels_strings", &["wrong"])]);
    assert_eq!(found(&[inner(), classifier()]), Some(list(&["1", "0"])));
    assert_eq!(found(&[classifier(), inner()]), Some(list(&["1", "0"])));
    assert_eq!(found(&[inner()]), Some(list(&["wrong"])));
    assert_eq!(found(&[inner(), inner()]), None);
}

#[test]
fn labels_in_constants_of_every_kind_are_read() {
    let best = field(11, &field(1, b"best"));
    let output = [best, field(12, &[field(1, b"label"), field(2, &field(1, b"\x08\x08"))].concat())].concat();
    let gather = field(1, &[field(1, b"names"), field(1, b"best"), field(2, b"label"), field(4, b"Gather")].concat());
    let constant =
        |attribute: Vec<u8>| field(1, &[field(2, b"names"), field(4, b"Constant"), field(5, &attribute)].concat());
    // Two texts: dims, type and data.
    let tensor = [b"\x08\x02\x10\x08".to_vec(), field(6, b"cat"), field(6, b"dog")].concat();
    let classes =
        |table: Vec<u8>| read_bytes(&model(&[table, gather.clone(), output.clone()].concat())).unwrap().classes;
    let named = Some(vec!["cat".to_owned(), "dog".to_owned()]);
    assert_eq!(classes(field(5, &[tensor.clone(), field(8, b"names")].concat())), named);
    assert_eq!(classes(constant([field(1, b"value"), field(5, &tensor)].concat())), named);
    assert_eq!(classes(constant([field(1, b"value_strings"), field(9, b"cat"), field(9, b"dog")].concat())), named);
    assert_eq!(classes(constant([field(1, b"value_float"), b"\x15\0\0\0\0".to_vec()].concat())), None);
    // What a node inside a branch holds is not the graph's own.
    let branch = |inner: Vec<u8>| field(1, &[field(4, b"If"), field(5, &field(6, &inner))].concat());
    let inner = constant([field(1, b"value"), field(5, &tensor)].concat());
    assert_eq!(classes([branch(inner), field(11, &field(1, b"names"))].concat()), None);
    let encoder = |attributes: &[Vec<u8>]| {
        let attributes: Vec<u8> = attributes.iter().flat_map(|attribute| field(5, attribute)).collect();
        let node =
            [field(1, b"best"), field(2, b"label"), field(4, b"LabelEncoder"), attributes, field(7, b"ai.onnx.ml")];
        read_bytes(&model(&[field(1, &node.concat()), output.clone()].concat())).unwrap().classes
    };
    let keys = [b"\x08\x02\x10\x07".to_vec(), field(7, b"\x00\x01")].concat();
    let tensors = [
        [field(1, b"keys_tensor"), field(5, &keys)].concat(),
        [field(1, b"values_tensor"), field(5, &tensor)].concat(),
    ];
    assert_eq!(encoder(&tensors), named);
}

#[test]
fn properties_name_classes_that_the_graph_only_numbers() {
    let classifier = |labels: &[u8]| {
        let attribute = [field(1, b"classlabels_ints"), field(8, labels)].concat();
        let parts = [field(2, b"label"), field(4, b"LinearClassifier"), field(5, &attribute), field(7, b"ai.onnx.ml")];
        let output = field(12, &[field(1, b"label"), field(2, &field(1, b"\x08\x07"))].concat());
        model(&[field(1, &parts.concat()), output].concat())
    };
    let titles = |labels: &[u8], names: &[u8]| {
        let entry = field(14, &[field(1, b"class_names"), field(2, names)].concat());
        let signature = read_bytes(&[classifier(labels), entry].concat()).unwrap();
        // What the graph answers stays what it is.
        assert_eq!(signature.class_source, Some(ClassSource::Graph));
        assert_eq!(signature.classes.map(|classes| classes.len()), Some(2));
        signature.class_titles
    };
    assert_eq!(titles(b"\x00\x01", b"cat,dog"), Some(vec!["cat".to_owned(), "dog".to_owned()]));
    assert_eq!(titles(b"\x00\x01", b"0,1"), None);
    assert_eq!(titles(b"\x00\x01", b"cat,dog,cow"), None);
    assert_eq!(titles(b"\x01\x02", b"cat,dog"), None);
}

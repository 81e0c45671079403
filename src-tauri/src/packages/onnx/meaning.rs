//! Says what the numbers of a graph's outputs mean, where its last operators show it.
//!
//! # Flow
//!
//! The graph is followed forward, as for labels: an operator gives its output a meaning, operators that cast, reshape or
//! rearrange pass it on, and any other loses it. What arrives at an output is claimed; nothing else is.

use std::collections::HashMap;

use domain::model::{ClassSource, Dimension, Field as Port, Meaning, Signature, Task, ValueKind};

use super::node::{Node, Operator};
use crate::packages::properties;

/// The known meaning of a value in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carried<'a> {
    /// Shares of one: a softmax over the classes.
    Shares,
    /// Between 0 and 1.
    Probability,
    /// The scores of a classifier's decision function.
    Score,
    /// Logarithms of shares of one.
    LogShares,
    /// A weighted sum, as at the end of a network without an activation.
    Sum,
    /// The prediction of a regressor.
    Number,
    /// The result of an operator that ends in no probability: it may stand in the middle of any network.
    Unbounded,
    /// Exponentials, under their name: numbers of any size, or probabilities where they are of logarithms.
    Exponentials(&'a str),
    /// The sum of those exponentials.
    SumOf(&'a str),
    /// The logarithm of the sum of the exponentials of a value, under its name.
    LogSumOf(&'a str),
}

/// Fills in the meaning of outputs, the number of classes and the task, as far as the graph shows them.
pub(super) fn describe(signature: &mut Signature, nodes: &[Node]) {
    let carried = follow(nodes);
    let arriving = |output: &Port| carried.get(output.name.as_str()).copied();
    let width_of_shares =
        signature.outputs.iter().filter(|output| arriving(output) == Some(Carried::Shares)).find_map(width);
    let predicts = signature.outputs.iter().any(|output| arriving(output) == Some(Carried::Number));
    if signature.class_count.is_none() {
        signature.class_count = width_of_shares;
    }
    if signature.target.task.is_none() {
        signature.target.task = match signature.class_count {
            Some(classes) if signature.class_source == Some(ClassSource::Graph) || names_columns(signature) => {
                properties::task_of(classes)
            }
            _ if predicts => Some(Task::Regression),
            _ => None,
        };
    }
    let of_classes = signature.classes.is_some();
    let number = signature.target.task == Some(Task::Regression) || signature.series.is_some();
    for output in &mut signature.outputs {
        output.meaning = match carried.get(output.name.as_str()) {
            Some(Carried::Shares | Carried::Probability) => Some(Meaning::Probability),
            Some(Carried::Score | Carried::LogShares) => Some(Meaning::Score),
            Some(Carried::Sum) if !number && scores(output, of_classes) => Some(Meaning::Score),
            Some(Carried::Sum | Carried::Number | Carried::Unbounded) => Some(Meaning::Number),
            _ => None,
        };
    }
}

/// True when there is a class label for each column of an output, and nothing else is said of the task: a detector has
/// labels too and is no classifier.
pub(in crate::packages) fn names_columns(signature: &Signature) -> bool {
    let tables = signature.outputs.iter().filter(|output| output.shape.as_ref().is_some_and(|shape| shape.len() == 2));
    signature.classes.is_some()
        && !properties::say_task(&signature.metadata)
        && tables.filter_map(width).any(|width| Some(width) == signature.class_count)
}

/// True when a weighted sum has the shape of one score for each class.
fn scores(output: &Port, of_classes: bool) -> bool {
    width(output).is_some() && (of_classes || output.shape.as_ref().is_some_and(|shape| shape.len() == 2))
}

/// The last dimension, if it is fixed and more than one.
pub(in crate::packages) fn width(output: &Port) -> Option<u64> {
    match (output.kind, output.shape.as_ref()?.last()?) {
        (ValueKind::Tensor, Dimension::Fixed(width)) if *width > 1 => Some(*width),
        _ => None,
    }
}

fn follow(nodes: &[Node]) -> HashMap<&str, Carried<'_>> {
    let mut carried: HashMap<&str, Carried<'_>> = HashMap::new();
    for node in nodes {
        let first = carried.get(node.input()).copied();
        let second = node.inputs.get(1).and_then(|name| carried.get(name.as_str())).copied();
        let Some(output) = node.outputs.first() else { continue };
        let meaning = match node.operator {
            Operator::TreeClassifier | Operator::ScoreClassifier => {
                // The first output is the label.
                if let Some(scores) = node.outputs.get(1) {
                    carried.insert(scores, classifier(node));
                }
                continue;
            }
            Operator::Softmax => Some(Carried::Shares),
            Operator::LogSoftmax => Some(Carried::LogShares),
            Operator::Sigmoid => Some(Carried::Probability),
            Operator::Normalizer => match first {
                Some(Carried::Shares) => first,
                Some(Carried::Probability | Carried::Score) => Some(Carried::Probability),
                _ => None,
            },
            Operator::Regressor => Some(match node.attributes.post_transform.as_str() {
                "" | "NONE" => Carried::Number,
                "SOFTMAX" => Carried::Shares,
                _ => Carried::Probability,
            }),
            Operator::Unbounded => Some(Carried::Unbounded),
            Operator::Product => Some(Carried::Sum),
            Operator::Add => [first, second].into_iter().flatten().find(|side| *side == Carried::Sum),
            Operator::Exp if first == Some(Carried::LogShares) => Some(Carried::Shares),
            Operator::Exp => Some(Carried::Exponentials(output)),
            Operator::ReduceLogSumExp => Some(Carried::LogSumOf(node.input())),
            // As naive Bayes does, whose sums are logarithms already.
            Operator::Sub => match second {
                Some(Carried::LogSumOf(name)) if name == node.input() => Some(Carried::LogShares),
                _ => None,
            },
            Operator::ReduceSum => match first {
                Some(Carried::Exponentials(name)) => Some(Carried::SumOf(name)),
                _ => None,
            },
            Operator::Div => match (first, second) {
                (Some(Carried::Exponentials(above)), Some(Carried::SumOf(below))) if above == below => {
                    Some(Carried::Shares)
                }
                _ => None,
            },
            Operator::PassOn | Operator::Rearrange | Operator::ZipMap | Operator::ArrayFeatureExtractor => first,
            Operator::OtherClassifier | Operator::LabelEncoder | Operator::Gather => None,
        };
        if let Some(meaning) = meaning {
            carried.insert(output, meaning);
        }
    }
    carried
}

fn classifier(node: &Node) -> Carried<'static> {
    let transformed = !matches!(node.attributes.post_transform.as_str(), "" | "NONE");
    if node.operator == Operator::TreeClassifier || transformed || node.attributes.calibrated {
        Carried::Probability
    } else {
        Carried::Score
    }
}

#[cfg(test)]
mod tests {
    use super::super::node::Attributes;
    use super::*;

    fn node(operator: &str, inputs: &[&str], outputs: &[&str], post_transform: &str) -> Node {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let classes = if operator.ends_with("Classifier") { list(&["a", "b", "c"]) } else { Vec::new() };
        let attributes = Attributes { classes, post_transform: post_transform.to_owned(), ..Attributes::default() };
        Node::new(operator, list(inputs), list(outputs), attributes).unwrap()
    }

    /// The findings about an output `p` of `[?, width]`: meaning, number of classes and task.
    fn said(nodes: &[Node], width: u64, classes: bool) -> (Option<Meaning>, Option<u64>, Option<Task>) {
        let shape = Some(vec![Dimension::Unknown, Dimension::Fixed(width)]);
        let output = Port {
            name: "p".to_owned(),
            kind: ValueKind::Tensor,
            datatype: "FLOAT".to_owned(),
            shape,
            required: true,
            meaning: None,
        };
        let classes = classes.then(|| vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]);
        let class_source = classes.as_ref().map(|_| ClassSource::Graph);
        let class_count = classes.as_ref().map(|classes| classes.len() as u64);
        let outputs = vec![output];
        let mut signature = Signature { outputs, classes, class_source, class_count, ..Signature::default() };
        describe(&mut signature, nodes);
        (signature.outputs[0].meaning, signature.class_count, signature.target.task)
    }

    #[test]
    fn a_retrain_with_another_classifier_means_the_same() {
        let probability = (Some(Meaning::Probability), Some(3), Some(Task::Multiclass));
        let logistic =
            [node("LinearClassifier", &["x"], &["l", "s"], "SOFTMAX"), node("Normalizer", &["s"], &["p"], "")];
        let forest = [node("TreeEnsembleClassifier", &["x"], &["l", "p"], "NONE")];
        let network = [node("Gemm", &["x", "w"], &["s"], ""), node("Softmax", &["s"], &["p"], "")];
        // As skl2onnx writes naive Bayes, and a wrapper around a network that gives logarithms.
        let bayes = [
            node("Add", &["x", "prior"], &["j"], ""),
            node("ReduceLogSumExp", &["j", "axis"], &["n"], ""),
            node("Reshape", &["n", "column"], &["m"], ""),
            node("Sub", &["j", "m"], &["d"], ""),
            node("Exp", &["d"], &["p"], ""),
        ];
        let wrapped = [node("LogSoftmax", &["x"], &["d"], ""), node("Exp", &["d"], &["p"], "")];
        for nodes in [&logistic[..], &forest, &network, &bayes, &wrapped] {
            assert_eq!(said(nodes, 3, true), probability);
        }
        let logarithms = [node("LogSoftmax", &["x"], &["p"], "")];
        assert_eq!(said(&logarithms, 3, true).0, Some(Meaning::Score));
        let margin = [node("LinearClassifier", &["x"], &["l", "p"], "NONE")];
        assert_eq!(said(&margin, 3, true).0, Some(Meaning::Score));
    }

    #[test]
    fn only_what_the_last_operators_show_is_claimed() {
        let by_hand = [
            node("Exp", &["x"], &["e"], ""),
            node("ReduceSum", &["e"], &["t"], ""),
            node("Expand", &["t", "n"], &["u"], ""),
            node("Div", &["e", "u"], &["p"], ""),
        ];
        assert_eq!(said(&by_hand, 7, false), (Some(Meaning::Probability), Some(7), None));
        let ratio = [node("Exp", &["x"], &["e"], ""), node("Div", &["e", "u"], &["p"], "")];
        assert_eq!(said(&ratio, 7, false), (None, None, None));
        let sigmoids = [node("Sigmoid", &["x"], &["p"], "")];
        assert_eq!(said(&sigmoids, 7, false), (Some(Meaning::Probability), None, None));
        let sums = [node("MatMul", &["x", "w"], &["s"], ""), node("Add", &["s", "b"], &["p"], "")];
        assert_eq!(said(&sums, 7, false), (Some(Meaning::Score), None, None));
        assert_eq!(said(&sums, 1, false), (Some(Meaning::Number), None, None));
        for last in ["Relu", "Tanh"] {
            let other = [node("MatMul", &["x", "w"], &["s"], ""), node(last, &["s"], &["p"], "")];
            assert_eq!(said(&other, 1, false), (Some(Meaning::Number), None, None), "{last}");
        }
        // Of exponentials nothing is known: they may be of logarithms.
        for before in ["MatMul", "Sigmoid", "Sub"] {
            let exponentials = [node(before, &["x", "w"], &["s"], ""), node("Exp", &["s"], &["p"], "")];
            assert_eq!(said(&exponentials, 1, false), (None, None, None), "{before}");
        }
        let regressor = [node("TreeEnsembleRegressor", &["x"], &["p"], "NONE")];
        assert_eq!(said(&regressor, 2, false), (Some(Meaning::Number), None, Some(Task::Regression)));
        // The very operator of before, with a sigmoid at its end.
        let logistic = [node("TreeEnsembleRegressor", &["x"], &["p"], "LOGISTIC")];
        assert_eq!(said(&logistic, 1, false), (Some(Meaning::Probability), None, None));
    }
}

//! The signature of a model in a few words, as in *3 classes from 4 numbers*.

use domain::model::{Dimension, Field, Signature, Task, ValueKind};

use super::{count, numbers};

/// The answer and what it is made from; empty where the model states neither.
pub(crate) fn brief(signature: &Signature) -> String {
    let ahead = signature.series.as_ref().and_then(|series| series.horizon);
    let ahead = ahead.map(|steps| format!(", {} ahead", count(size(steps), "step", "steps"))).unwrap_or_default();
    match (answer(signature), asked(signature)) {
        (Some(answer), Some(asked)) => format!("{answer} from {asked}{ahead}"),
        (Some(answer), None) => format!("{answer}{ahead}"),
        (None, Some(asked)) => format!("from {asked}{ahead}"),
        (None, None) => String::new(),
    }
}

fn answer(signature: &Signature) -> Option<String> {
    let classes = signature.classes.as_ref().map(|classes| classes.len() as u64).or(signature.class_count);
    Some(match (classes.filter(|classes| *classes > 0), &signature.target.name, signature.target.task) {
        (Some(classes), _, _) => count(size(classes), "class", "classes"),
        (None, Some(name), _) => name.clone(),
        (None, None, Some(Task::Binary)) => "2 classes".to_owned(),
        (None, None, Some(Task::Multiclass)) => "classes".to_owned(),
        (None, None, Some(Task::Regression)) => "a number".to_owned(),
        (None, None, Some(Task::Ranking)) => "an order".to_owned(),
        (None, None, None) => match signature.outputs.as_slice() {
            [] => return None,
            [one] if one.name.is_empty() => "1 output".to_owned(),
            [one] => one.name.clone(),
            many => count(many.len(), "output", "outputs"),
        },
    })
}

fn asked(signature: &Signature) -> Option<String> {
    if let Some(columns) = signature.features.as_ref().filter(|columns| !columns.is_empty()) {
        return Some(count(columns.len(), "column", "columns"));
    }
    match signature.inputs.as_slice() {
        [] => None,
        [one] => Some(values(one).unwrap_or_else(|| "1 input".to_owned())),
        many => Some(count(many.len(), "input", "inputs")),
    }
}

/// The values of a single tensor, where its shape says how many there are of each request.
fn values(field: &Field) -> Option<String> {
    let datatype = field.datatype.to_ascii_uppercase();
    if field.kind != ValueKind::Tensor {
        return None;
    }
    if datatype == "STRING" {
        return Some("text".to_owned());
    }
    let [_, each @ ..] = field.shape.as_deref()? else { return None };
    let each: Option<Vec<u64>> = each
        .iter()
        .map(|dimension| match dimension {
            Dimension::Fixed(number) => Some(*number),
            Dimension::Symbolic(_) | Dimension::Unknown => None,
        })
        .collect();
    match each?.as_slice() {
        [] | [1] => Some("1 number".to_owned()),
        [number] => Some(count(size(*number), "number", "numbers")),
        many => {
            let many: Vec<_> = many.iter().map(|number| numbers::whole(*number)).collect();
            Some(format!("{} numbers", many.join(" × ")))
        }
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_signature_is_told_in_a_few_words() {
        let tensor = |name: &str, datatype: &str, shape: serde_json::Value| json!({"name": name, "datatype": datatype, "shape": shape});
        let column = |name: &str| json!({"name": name, "kind": "column", "datatype": "double"});
        for (given, expected) in [
            (json!({"inputs": [], "outputs": [], "classes": null, "absent": true}), ""),
            (
                json!({"inputs": [tensor("X", "FLOAT", json!([null, 4]))], "outputs": [], "classes": ["a", "b", "c"]}),
                "3 classes from 4 numbers",
            ),
            (
                json!({"inputs": [column("a"), column("b")], "outputs": [], "classes": null, "target": {"name": "price in EUR"}}),
                "price in EUR from 2 inputs",
            ),
            (
                json!({"inputs": [tensor("X", "FLOAT", json!([null, 9]))], "features": ["a", "b"], "outputs": [], "classes": null, "target": {"task": "regression"}}),
                "a number from 2 columns",
            ),
            (
                json!({"inputs": [tensor("x", "STRING", json!([null]))], "outputs": [tensor("label", "INT64", json!([null]))], "classes": null, "class_count": 6}),
                "6 classes from text",
            ),
            (
                json!({"inputs": [tensor("x", "FLOAT", json!(["N", 3, 224, 224]))], "outputs": [tensor("y", "FLOAT", json!(null))], "classes": null}),
                "y from 3 × 224 × 224 numbers",
            ),
            (
                json!({"inputs": [tensor("x", "FLOAT", json!(null))], "outputs": [column("a"), column("b")], "classes": null}),
                "2 outputs from 1 input",
            ),
            (
                json!({"inputs": [column("day")], "outputs": [], "classes": null, "target": {"name": "demand"}, "series": {"horizon": 28}}),
                "demand from 1 input, 28 steps ahead",
            ),
        ] {
            let signature: Signature = serde_json::from_value(given.clone()).unwrap();
            assert_eq!(brief(&signature), expected, "{given}");
        }
    }
}

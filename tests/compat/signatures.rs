//! Every model of the corpus: its signature as the manifest says, or refused for the reasons that it names.

use changeover::packages::{self, Package};
use domain::model::{ClassSource, Dimension, Field, Format, Signature, ValueKind};
use serde_json::{Map, Value, json};

use crate::corpus::{LIMIT, manifest};

/// Models that have a signature and are refused all the same: what the signature was read from does not run.
const REFUSED: [&str; 8] = [
    "brk:zero_bytes",
    "brk:custom_op",
    "brk:opset_9999",
    "brk:no_graph",
    "ext:missing",
    "ext:short",
    "mbrk:artifact_missing",
    "tree:lgb_truncated.txt",
];

/// Models whose graph holds class labels that the manifest does not list: whole numbers that an ArrayFeatureExtractor
/// looks up, as it does the texts of `onnx:iris_cols_v2_double`, which are listed.
const MORE_LABELS: [&str; 2] = ["onnx:digits_flat_v1", "onnx:digits_flat_v2_retrain"];

/// Words of the manifest for what keeps a package from being read.
const REASONS: [&str; 6] =
    ["not_a_model", "not_loadable", "external_data", "artifact_missing", "format_unsupported", "unsafe_format"];

#[test]
fn every_signature_is_read_as_the_manifest_says() {
    let mut faults = Vec::new();
    for model in manifest().models {
        let refused = model.expected_signature.is_null() || REFUSED.contains(&model.id.as_str());
        match packages::read(&model.path(), LIMIT) {
            Ok(_) if refused => faults.push(format!("{}: it was read", model.id)),
            Err(_) if refused => {}
            Err(error) => faults.push(format!("{}: {error}", model.id)),
            Ok(package) => {
                let (expected, found) = (expected(&model.expected_signature), written(&package));
                for (key, value) in expected {
                    let same = found.get(&key) == Some(&value);
                    let more = key == "class_labels_in_graph" && MORE_LABELS.contains(&model.id.as_str());
                    if same == more {
                        let found = found.get(&key).unwrap_or(&Value::Null);
                        faults.push(format!("{}: {key}: expected {value}, found {found}", model.id));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_cannot_be_read_is_refused_for_the_reasons_of_the_manifest() {
    let manifest = manifest();
    let (mut faults, mut refused) = (Vec::new(), 0);
    for model in &manifest.models {
        let Err(error) = packages::read(&model.path(), LIMIT) else { continue };
        refused += 1;
        let checks = serde_json::to_value(error.checks()).expect("words");
        let has = |reason: &str| checks.as_array().is_some_and(|checks| checks.iter().any(|check| check == reason));
        let pairs = manifest.pairs.iter().filter(|pair| pair.new == model.id || pair.old == model.id);
        let reasons = pairs.flat_map(|pair| &pair.expected_reasons).filter(|reason| REASONS.contains(&reason.as_str()));
        for reason in reasons.filter(|reason| !has(reason)) {
            faults.push(format!("{}: {reason} is not among {checks}: {error}", model.id));
        }
        if checks == json!([]) {
            faults.push(format!("{}: refused for nothing", model.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(refused > 20, "only {refused} were refused");
}

#[test]
fn every_refusal_is_a_sentence_of_its_own() {
    let sentences = manifest().models.into_iter().filter_map(|model| {
        let error = packages::read(&model.path(), LIMIT).err()?;
        Some(format!("{}: {error}", model.id))
    });
    insta::assert_snapshot!(sentences.collect::<Vec<_>>().join("\n"));
}

/// The facts that the graph shows beyond its signature.
#[test]
fn classes_tasks_and_meanings_are_found() {
    let facts = manifest().models.into_iter().filter_map(|model| {
        let Package { signature, .. } = packages::read(&model.path(), LIMIT).ok()?;
        let source = signature.class_source.map_or(Value::Null, |source| json!(source));
        let outputs: Vec<_> = signature.outputs.iter().map(|output| json!(output.meaning)).collect();
        let series = signature.series.map_or(Value::Null, |series| json!(series));
        Some(format!(
            "{}: {:?} target {:?} classes {:?} from {source} means {} series {series} level {:?} features {:?}",
            model.id,
            signature.target.task,
            signature.target.name,
            signature.class_count,
            json!(outputs),
            signature.interval_level,
            signature.features.map(|features| features.len()),
        ))
    });
    insta::assert_snapshot!(facts.collect::<Vec<_>>().join("\n"));
}

/// The manifest's words in ours, where two mean the same.
fn expected(signature: &Value) -> Map<String, Value> {
    let mut expected = signature.as_object().expect("a signature").clone();
    // Counts what is left out here.
    expected.remove("initializers_listed_as_inputs");
    if let Some(labels) = expected.get_mut("class_labels_in_graph").and_then(Value::as_array_mut) {
        labels.iter_mut().filter(|label| label.is_i64()).for_each(|label| *label = json!(label.to_string()));
    }
    for end in ["inputs", "outputs"] {
        for port in expected.get_mut(end).and_then(Value::as_array_mut).into_iter().flatten() {
            for length in port["shape"].as_array_mut().into_iter().flatten() {
                if *length == "?" || length.as_i64().is_some_and(|length| length < 0) {
                    *length = Value::Null;
                }
            }
        }
    }
    if let Some(metadata) = expected.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.values_mut().for_each(|value| *value = json!(shortened(value)));
    }
    if expected.get("metadata").is_some_and(Value::is_null) {
        expected["metadata"] = json!({});
    }
    expected
}

/// A property as the manifest keeps it: the beginning of a long one, and how long it is.
fn shortened(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.rsplit_once("… (") {
        Some((beginning, length)) => {
            let length = length.trim_end_matches(" characters)");
            format!("{}… {length}", beginning.chars().take(100).collect::<String>())
        }
        None if text.chars().count() > 2_000 => {
            format!("{}… {}", text.chars().take(100).collect::<String>(), text.chars().count())
        }
        None => text,
    }
}

fn written(package: &Package) -> Map<String, Value> {
    let signature = &package.signature;
    let value = match signature.format {
        Format::Onnx => onnx(signature),
        Format::Mlflow => mlflow(signature),
        Format::LightgbmText => tree(signature, "lightgbm"),
        Format::XgboostJson | Format::XgboostUbj => tree(signature, "xgboost"),
        Format::Declared => Value::Null,
    };
    value.as_object().expect("an object").clone()
}

fn onnx(signature: &Signature) -> Value {
    let metadata: Map<_, _> =
        signature.metadata.iter().map(|(key, value)| (key.clone(), json!(shortened(&json!(value))))).collect();
    let ports = |ports: &[Field]| -> Value {
        ports
            .iter()
            .map(|port| json!({"name": port.name, "type": port.datatype, "shape": lengths(port, &Value::Null)}))
            .collect()
    };
    let classes = signature.classes.as_ref().filter(|_| signature.class_source == Some(ClassSource::Graph));
    json!({
        "format": "onnx",
        "ir_version": signature.ir_version,
        "opset": signature.opsets,
        "producer": signature.producer,
        "inputs": ports(&signature.inputs),
        "outputs": ports(&signature.outputs),
        "metadata": metadata,
        "class_labels_in_graph": classes,
    })
}

fn lengths(port: &Field, unknown: &Value) -> Value {
    let length = |dimension: &Dimension| match dimension {
        Dimension::Unknown => unknown.clone(),
        other => json!(other),
    };
    port.shape.as_ref().map_or(Value::Null, |shape| shape.iter().map(length).collect())
}

fn mlflow(signature: &Signature) -> Value {
    let columns = |columns: &[Field]| -> Value {
        if columns.is_empty() {
            return Value::Null;
        }
        let column = |column: &Field| {
            let mut value = match column.kind {
                ValueKind::Tensor => {
                    let spec = json!({"dtype": column.datatype, "shape": lengths(column, &json!(-1))});
                    json!({"type": "tensor", "tensor-spec": spec})
                }
                _ => json!({"type": column.datatype, "required": column.required}),
            };
            if !column.name.is_empty() {
                value["name"] = json!(column.name);
            }
            value
        };
        columns.iter().map(column).collect()
    };
    let parameter = |parameter: &domain::model::Parameter| json!({"name": parameter.name, "type": parameter.datatype, "default": parameter.default, "shape": parameter.shape});
    let parameters: Vec<_> = signature.parameters.iter().map(parameter).collect();
    let declared = json!({
        "inputs": columns(&signature.inputs),
        "outputs": columns(&signature.outputs),
        "params": if parameters.is_empty() { Value::Null } else { json!(parameters) },
    });
    json!({
        "format": "mlflow",
        "mlflow_version": signature.producer.strip_prefix("MLflow "),
        "flavors": signature.flavors,
        "signature": if signature.absent { Value::Null } else { declared },
        "metadata": signature.metadata,
    })
}

fn tree(signature: &Signature, format: &str) -> Value {
    let metadata = &signature.metadata;
    let number = |key: &str| metadata.get(key).and_then(|text| text.parse::<u64>().ok());
    let inputs = &signature.inputs;
    let columns = inputs.iter().all(|input| input.kind == ValueKind::Column);
    let width = match inputs.as_slice() {
        [Field { kind: ValueKind::Tensor, shape: Some(shape), .. }] => json!(shape.last()),
        columns => json!(columns.len()),
    };
    let types: Vec<_> = inputs.iter().map(|input| input.datatype.as_str()).collect();
    let typed = columns && types.iter().any(|datatype| !datatype.is_empty());
    json!({
        "format": format,
        "version": signature.producer.rsplit(' ').next(),
        "objective": metadata.get("objective"),
        "num_class": number("num_class"),
        "num_target": number("num_target"),
        "num_feature": width,
        "feature_names": columns.then(|| inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>()),
        "feature_types": typed.then_some(types),
        "pandas_categorical":
            metadata.get("pandas_categorical").and_then(|text| serde_json::from_str::<Value>(text).ok()),
    })
}

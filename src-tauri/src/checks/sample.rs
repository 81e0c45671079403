//! The sample request for a scratch replica: the package's own example where it has one, else one made from the
//! signature.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use domain::compat::answer::{Expects, cut};
use domain::configuration::{Configuration, Runtime};
use domain::model::{Dimension, Field, PackageKind, RegisteredModel, Signature, ValueKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::ScratchAnswer;

/// Largest example that is read, in bytes.
const LARGEST: u64 = 16 << 20;
/// The file that MLflow writes beside an input example since 2.15: the body that its scoring server takes.
const SERVING: &str = "serving_input_example.json";

/// A request, and what its answer must hold.
#[derive(Debug)]
pub(super) struct ProbeRequest {
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) expects: Expects,
    /// The request holds a guess, so that a refusal says little.
    pub(super) lenient: bool,
}

/// The path at which a replica tells its model's inputs, where the runtime does not go by the signature of the package:
/// an MLflow directory tells of columns, and the ONNX file inside takes tensors.
pub(super) fn metadata(runtime: Runtime, model: &RegisteredModel) -> Option<String> {
    let other = runtime == Runtime::Onnx && model.kind == PackageKind::Mlflow;
    other.then(|| format!("/v2/models/{}", model.name))
}

/// The request; a sentence when none can be made. `package` is the folder of the unpacked package, `metadata` what was
/// answered where [`metadata`] says to ask.
pub(super) fn make(
    configuration: &Configuration,
    model: &RegisteredModel,
    package: &Path,
    metadata: Option<ScratchAnswer>,
) -> Result<ProbeRequest, String> {
    let runtime = configuration.runtime;
    let route = configuration.serving_routes(model.custom.as_ref()).predict;
    let path = route.replace("{model}", model.name.as_str());
    if runtime == Runtime::Mlflow
        && let Some(body) = example(&package.join(&model.entry), &model.signature)
    {
        return Ok(ProbeRequest { path, body, expects: Expects::Predictions, lenient: false });
    }
    let signature = match &metadata {
        Some(answer) => told(answer)?,
        None => model.signature.clone(),
    };
    let named = model.reference();
    let made = domain::model::sample(&signature, runtime, &named);
    let made = made.ok_or("no request can be made from what is known of its inputs")?;
    // What a program that is configured with the model takes is its own affair.
    let own = matches!(runtime, Runtime::Command | Runtime::Custom);
    let undeclared = own && (signature.inputs.is_empty() || model.kind != PackageKind::Custom);
    let expects = match runtime {
        Runtime::Onnx | Runtime::Trees => Expects::Outputs(signature.outputs),
        Runtime::Mlflow => Expects::Predictions,
        Runtime::Command | Runtime::Custom | Runtime::External => Expects::Json,
    };
    Ok(ProbeRequest { path, body: made.body, expects, lenient: made.guessed || undeclared })
}

/// The input example of an MLflow model directory, as its scoring server takes it.
fn example(folder: &Path, signature: &Signature) -> Option<Value> {
    if let Some(body) = json_file(&folder.join(SERVING)) {
        return Some(body);
    }
    let named = Path::new(signature.input_example.as_ref()?);
    let inside = named.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let value = json_file(&folder.join(named)).filter(|_| inside)?;
    let known = ["inputs", "instances", "dataframe_split", "dataframe_records"];
    match &value {
        Value::Object(fields) if known.iter().any(|key| fields.contains_key(*key)) => Some(value),
        // A table that was saved with `orient=split`, as MLflow saves them.
        Value::Object(fields) if fields.contains_key("data") => Some(json!({ "dataframe_split": value })),
        _ => Some(json!({ "inputs": value })),
    }
}

fn json_file(path: &Path) -> Option<Value> {
    let mut text = String::new();
    File::open(path).ok()?.take(LARGEST + 1).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok().filter(|_| text.len() as u64 <= LARGEST)
}

/// The metadata of a model in the Open Inference Protocol.
#[derive(Deserialize)]
struct Metadata {
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
}

#[derive(Deserialize)]
struct Tensor {
    name: String,
    datatype: String,
    /// None when the file states none.
    shape: Option<Vec<i64>>,
}

fn told(answer: &ScratchAnswer) -> Result<Signature, String> {
    let metadata: Metadata = serde_json::from_slice(&answer.body).map_err(|error| {
        let error = cut(&error.to_string(), 300);
        format!("what it says of its inputs cannot be read (status {}): {error}", answer.status)
    })?;
    let dimension = |length: i64| u64::try_from(length).map_or(Dimension::Unknown, Dimension::Fixed);
    let field = |tensor: Tensor| Field {
        name: tensor.name,
        kind: ValueKind::Tensor,
        datatype: tensor.datatype,
        shape: tensor.shape.map(|shape| shape.into_iter().map(dimension).collect()),
        required: true,
        meaning: None,
    };
    let fields = |tensors: Vec<Tensor>| tensors.into_iter().map(field).collect();
    Ok(Signature { inputs: fields(metadata.inputs), outputs: fields(metadata.outputs), ..Signature::default() })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_example_of_the_package_is_sent_as_the_scoring_server_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let signature = Signature { input_example: Some("input_example.json".to_owned()), ..Signature::default() };
        assert_eq!(example(folder.path(), &signature), None);
        for (saved, sent) in [
            (json!({"columns": ["a"], "data": [[1]]}), json!({"dataframe_split": {"columns": ["a"], "data": [[1]]}})),
            (json!({"inputs": [[1.5]]}), json!({"inputs": [[1.5]]})),
            (json!([[1, 2]]), json!({"inputs": [[1, 2]]})),
        ] {
            fs::write(folder.path().join("input_example.json"), saved.to_string()).unwrap();
            assert_eq!(example(folder.path(), &signature), Some(sent));
        }
        fs::write(folder.path().join(SERVING), r#"{"inputs": {"x": 1}}"#).unwrap();
        assert_eq!(example(folder.path(), &signature), Some(json!({"inputs": {"x": 1}})));
        let outside = Signature { input_example: Some("../../etc/hostname".to_owned()), ..Signature::default() };
        fs::remove_file(folder.path().join(SERVING)).unwrap();
        assert_eq!(example(folder.path(), &outside), None);
    }

    #[test]
    fn what_a_running_model_says_of_itself_makes_a_request() {
        let body = json!({"inputs": [{"name": "X", "datatype": "FP32", "shape": [-1, 4]}], "outputs": [{"name": "label", "datatype": "INT64", "shape": [-1]}]});
        let signature = told(&ScratchAnswer { status: 200, body: body.to_string().into() }).unwrap();
        let sample = domain::model::sample(&signature, Runtime::Onnx, &"iris@1".parse().unwrap()).unwrap();
        assert_eq!(sample.body["inputs"][0]["shape"], json!([1, 4]));
        assert!(told(&ScratchAnswer { status: 500, body: "{}".into() }).unwrap_err().contains("status 500"));
    }
}

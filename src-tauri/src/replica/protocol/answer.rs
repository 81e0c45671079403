//! Writes an inference response: JSON, and after it the tensors that were asked for in binary form.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use domain::id::ModelRef;
use serde::{Serialize, Serializer};

use super::binary;
use super::binary::HEADER_LENGTH;
use super::refusal::InferenceRefusal;
use super::request::Wanted;
use crate::replica::model::{Data, InferredOutput, ModelOutput};

#[derive(Serialize)]
struct AnswerJson<'a> {
    model_name: &'a str,
    model_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<OutputJson<'a>>,
}

#[derive(Serialize)]
struct OutputJson<'a> {
    name: &'a str,
    datatype: &'static str,
    shape: &'a [i64],
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    parameters: Parameters,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<DataJson<'a>>,
}

#[derive(Default, Serialize)]
struct Parameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_data_size: Option<usize>,
    // Parameters hold text, numbers and booleans, so the list travels as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    class_labels: Option<String>,
}

impl Parameters {
    fn is_empty(&self) -> bool {
        self.binary_data_size.is_none() && self.class_labels.is_none()
    }
}

struct DataJson<'a>(&'a Data);

impl Serialize for DataJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Data::Fp16(data) => serializer.collect_seq(data.iter().map(|element| element.to_f32())),
            Data::Bf16(data) => serializer.collect_seq(data.iter().map(|element| element.to_f32())),
            Data::Bool(data) => data.serialize(serializer),
            Data::Uint8(data) => data.serialize(serializer),
            Data::Uint16(data) => data.serialize(serializer),
            Data::Uint32(data) => data.serialize(serializer),
            Data::Uint64(data) => data.serialize(serializer),
            Data::Int8(data) => data.serialize(serializer),
            Data::Int16(data) => data.serialize(serializer),
            Data::Int32(data) => data.serialize(serializer),
            Data::Int64(data) => data.serialize(serializer),
            Data::Fp32(data) => data.serialize(serializer),
            Data::Fp64(data) => data.serialize(serializer),
            Data::Bytes(data) => data.serialize(serializer),
        }
    }
}

/// The response to a request that wants the outputs `wanted` of `specs`, of which the model answered `answers`, one for
/// each output of the model.
pub(super) fn write(
    id: Option<&str>,
    wanted: &[Wanted],
    answers: &[InferredOutput],
    specs: &[ModelOutput],
    name: &ModelRef,
) -> Result<Response, InferenceRefusal> {
    let mut tensors = Vec::new();
    let mut outputs = Vec::with_capacity(wanted.len());
    for &Wanted { place, as_binary } in wanted {
        let (spec, answer) = (&specs[place], &answers[place]);
        let mut parameters = Parameters::default();
        if let Some(labels) = &answer.class_labels {
            parameters.class_labels = serde_json::to_string(labels).ok();
        }
        if as_binary {
            let before = tensors.len();
            binary::write(&answer.tensor.data, &mut tensors);
            parameters.binary_data_size = Some(tensors.len() - before);
        }
        outputs.push(OutputJson {
            name: &spec.name,
            datatype: answer.tensor.data.datatype().name(),
            shape: &answer.tensor.shape,
            parameters,
            data: (!as_binary).then_some(DataJson(&answer.tensor.data)),
        });
    }
    let binary = wanted.iter().any(|wanted| wanted.as_binary);
    let json = AnswerJson { model_name: name.name.as_str(), model_version: name.version.to_string(), id, outputs };
    let mut body = serde_json::to_vec(&json).map_err(|cause| InferenceRefusal {
        status: axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        error: format!("the answer cannot be written as JSON: {cause}"),
    })?;
    if !binary {
        return Ok(([(CONTENT_TYPE, "application/json")], body).into_response());
    }
    let header = body.len().to_string();
    body.append(&mut tensors);
    let kind = [(CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, [(HEADER_LENGTH, header)], body).into_response())
}

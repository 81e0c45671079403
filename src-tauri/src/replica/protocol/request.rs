//! Reads an inference request: JSON, and after it the tensors in binary form, if any.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::refusal::Refusal;
use super::{binary, elements};
use crate::replica::model::{Data, Datatype, Input, Model, Tensor, fixed_size_datatypes};

/// Most inputs or outputs that one request may name.
const MOST_TENSORS: usize = 4096;
/// Most dimensions of a tensor.
const MOST_DIMENSIONS: usize = 64;
/// Longest piece of a request that an answer repeats.
const ECHO: usize = 80;

/// A request that fits the model.
#[derive(Debug)]
pub(super) struct Request<'a> {
    /// To be repeated in the answer.
    pub(super) id: Option<Cow<'a, str>>,
    /// In the order of the model's inputs.
    pub(super) inputs: Vec<Tensor>,
    /// Places of the wanted outputs among the model's, and whether each is wanted in binary form.
    pub(super) outputs: Vec<(usize, bool)>,
}

#[derive(Deserialize)]
struct RequestJson<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(default)]
    parameters: Option<Parameters>,
    #[serde(borrow)]
    inputs: Vec<InputJson<'a>>,
    #[serde(borrow, default)]
    outputs: Option<Vec<OutputJson<'a>>>,
}

#[derive(Deserialize)]
struct InputJson<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    shape: Vec<i64>,
    #[serde(borrow)]
    datatype: Cow<'a, str>,
    #[serde(default)]
    parameters: Option<Parameters>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OutputJson<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    parameters: Option<Parameters>,
}

/// The parameters that mean something here; others are the client's own affair.
#[derive(Default, Deserialize)]
struct Parameters {
    binary_data_size: Option<u64>,
    binary_data: Option<bool>,
    binary_data_output: Option<bool>,
    classification: Option<IgnoredAny>,
    shared_memory_region: Option<IgnoredAny>,
}

impl Parameters {
    fn refuse_unsupported(&self) -> Result<(), Refusal> {
        for (name, given) in [
            ("classification", self.classification.is_some()),
            ("shared_memory_region", self.shared_memory_region.is_some()),
        ] {
            if given {
                return Err(Refusal::bad_request(format!("the parameter \"{name}\" is not supported by this server")));
            }
        }
        Ok(())
    }
}

/// Reads `body`, of which the first `header` bytes are JSON (all of it when none).
pub(super) fn read<'a>(body: &'a [u8], header: Option<usize>, model: &Model) -> Result<Request<'a>, Refusal> {
    let (json, mut rest) = match header {
        None => (body, &body[body.len()..]),
        Some(length) => body.split_at_checked(length).ok_or_else(|| {
            Refusal::bad_request(format!(
                "Inference-Header-Content-Length is {length}, and the body has only {} bytes",
                body.len()
            ))
        })?,
    };
    let request: RequestJson<'_> = serde_json::from_slice(json)
        .map_err(|cause| Refusal::bad_request(format!("the request cannot be read: {cause}")))?;
    let parameters = request.parameters.unwrap_or_default();
    parameters.refuse_unsupported()?;
    let named = request.inputs.len().max(request.outputs.as_ref().map_or(0, Vec::len));
    if named > MOST_TENSORS {
        return Err(Refusal::bad_request(format!("the request names {named} tensors; the most is {MOST_TENSORS}")));
    }

    let mut tensors: Vec<Option<Tensor>> = model.inputs.iter().map(|_| None).collect();
    for given in &request.inputs {
        let place = model.inputs.iter().position(|spec| spec.name == given.name).ok_or_else(|| {
            Refusal::bad_request(format!(
                "the model has no input {}; it takes {}",
                quoted(&given.name),
                list(model.inputs.iter().map(|spec| &spec.name))
            ))
        })?;
        if tensors[place].is_some() {
            return Err(Refusal::bad_request(format!("input {} is given twice", quoted(&given.name))));
        }
        tensors[place] = Some(given.tensor(&model.inputs[place], &mut rest, json)?);
    }
    if !rest.is_empty() {
        let left = rest.len();
        return Err(Refusal::bad_request(format!(
            "{left} bytes are left over after the binary data of the last input"
        )));
    }
    let inputs = tensors
        .into_iter()
        .zip(&model.inputs)
        .map(|(tensor, spec)| {
            tensor.ok_or_else(|| {
                Refusal::bad_request(format!(
                    "input \"{}\" is missing: the model needs {}",
                    spec.name,
                    list(model.inputs.iter().map(|spec| &spec.name))
                ))
            })
        })
        .collect::<Result<_, _>>()?;

    let binary = parameters.binary_data_output.unwrap_or(false);
    let outputs = match request.outputs.filter(|outputs| !outputs.is_empty()) {
        None => (0..model.outputs.len()).map(|place| (place, binary)).collect(),
        Some(wanted) => wanted.iter().map(|output| output.place(model, binary)).collect::<Result<_, _>>()?,
    };
    Ok(Request { id: request.id, inputs, outputs })
}

impl OutputJson<'_> {
    fn place(&self, model: &Model, binary: bool) -> Result<(usize, bool), Refusal> {
        let parameters = self.parameters.as_ref();
        parameters.map_or(Ok(()), Parameters::refuse_unsupported)?;
        let place = model.outputs.iter().position(|spec| spec.name == self.name).ok_or_else(|| {
            Refusal::bad_request(format!(
                "the model has no output {}; it gives {}",
                quoted(&self.name),
                list(model.outputs.iter().map(|spec| &spec.name))
            ))
        })?;
        Ok((place, parameters.and_then(|parameters| parameters.binary_data).unwrap_or(binary)))
    }
}

impl InputJson<'_> {
    fn tensor(&self, spec: &Input, rest: &mut &[u8], json: &[u8]) -> Result<Tensor, Refusal> {
        let refuse = |why: String| Refusal::bad_request(format!("input \"{}\": {why}", spec.name));
        let parameters = self.parameters.as_ref();
        parameters.map_or(Ok(()), Parameters::refuse_unsupported)?;
        if self.datatype != spec.datatype.name() {
            return Err(refuse(format!(
                "datatype {} was given, and the model takes {}",
                quoted(&self.datatype),
                spec.datatype.name()
            )));
        }
        let count = self.fit(spec).map_err(refuse)?;
        let binary_size = parameters.and_then(|parameters| parameters.binary_data_size);
        let data = match (self.data, binary_size) {
            (Some(_), Some(_)) => return Err(refuse("it has both data and binary_data_size".to_owned())),
            (None, None) => return Err(refuse("it has no data".to_owned())),
            (Some(data), None) => read_json(data.get(), spec.datatype, &self.shape, count)
                .map_err(|cause| refuse(format!("{} at {}", without_place(&cause), place(json, data.get(), &cause))))?,
            (None, Some(size)) => {
                let available = rest.len();
                let split = usize::try_from(size).ok().and_then(|size| rest.split_at_checked(size));
                let (bytes, after) = split.ok_or_else(|| {
                    refuse(format!("binary_data_size is {size}, and only {available} bytes of binary data are left"))
                })?;
                *rest = after;
                binary::read(bytes, spec.datatype, count).map_err(refuse)?
            }
        };
        Ok(Tensor { shape: self.shape.clone(), data })
    }

    /// Compares the shape with what the model takes; how many elements it means.
    fn fit(&self, spec: &Input) -> Result<usize, String> {
        if self.shape.len() > MOST_DIMENSIONS {
            let given = self.shape.len();
            return Err(format!("the shape has {given} dimensions, and at most {MOST_DIMENSIONS} are taken"));
        }
        let wanted = spec.shape.as_deref();
        let expected = || format!("the model takes {:?}, where -1 is any length", wanted.unwrap_or_default());
        if wanted.is_some_and(|wanted| wanted.len() != self.shape.len()) {
            return Err(format!("the shape has {} dimensions, and {}", self.shape.len(), expected()));
        }
        let mut lengths = self.shape.iter().zip(wanted.unwrap_or(&self.shape));
        if !lengths.all(|(&given, &wanted)| given >= 0 && (wanted < 0 || given == wanted)) {
            return Err(match wanted {
                Some(_) => format!("shape {:?} was given, and {}", self.shape, expected()),
                None => format!("shape {:?} was given, and no length is below 0", self.shape),
            });
        }
        let count = self.shape.iter().try_fold(1_i64, |count, &length| count.checked_mul(length));
        count
            .and_then(|count| usize::try_from(count).ok())
            .ok_or_else(|| format!("shape {:?} has more elements than can be counted", self.shape))
    }
}

fn read_json(json: &str, datatype: Datatype, shape: &[i64], count: usize) -> Result<Data, serde_json::Error> {
    macro_rules! read {
        ($($variant:ident, $rust:ty, $name:literal, $size:literal, $onnx:ident;)*) => {
            match datatype {
                $(Datatype::$variant => elements::read(json, shape, count).map(Data::$variant),)*
                Datatype::Bytes => elements::read(json, shape, count).map(Data::Bytes),
            }
        };
    }
    fixed_size_datatypes!(read)
}

/// The error's sentence without serde's "at line … column …", which counts from the start of the data.
fn without_place(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(sentence, _)| sentence.to_owned())
}

/// Line and column in the whole request of an error in `data`, which is a part of `json`.
fn place(json: &[u8], data: &str, cause: &serde_json::Error) -> String {
    let before = (data.as_ptr() as usize).saturating_sub(json.as_ptr() as usize).min(json.len());
    let lines = json[..before].iter().filter(|&&byte| byte == b'\n').count();
    let column = before - json[..before].iter().rposition(|&byte| byte == b'\n').map_or(0, |place| place + 1);
    let column = if cause.line() <= 1 { column + cause.column().max(1) } else { cause.column() };
    format!("line {} column {column}", lines + cause.line().max(1))
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(ECHO).collect();
    format!("\"{}\"", short.escape_debug())
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let mut names = names.map(|name| format!("\"{name}\""));
    let shown: Vec<String> = names.by_ref().take(20).collect();
    match names.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

//! Reads an inference request: JSON, and after it the tensors in binary form, if any.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::quoted::{list, quoted};
use super::refusal::InferenceRefusal;
use super::{binary, elements, explain};
use crate::replica::model::{Data, Datatype, ModelInput, ModelOutput, Tensor, fixed_size_datatypes};

/// Most inputs or outputs that one request may name.
const MOST_TENSORS: usize = 100_000;
/// Most dimensions of a tensor.
const MOST_DIMENSIONS: usize = 64;

/// A request as it was sent.
#[derive(Debug)]
pub(in crate::replica) struct Sent<'a> {
    json: &'a [u8],
    /// Tensors in binary form that no input has taken yet.
    rest: &'a [u8],
    request: RequestJson<'a>,
}

/// One output that a request wants: its place among the model's, and whether in binary form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) place: usize,
    pub(super) as_binary: bool,
}

#[derive(Debug, Deserialize)]
struct RequestJson<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(default)]
    parameters: Option<Parameters>,
    #[serde(borrow)]
    inputs: Vec<SentInput<'a>>,
    #[serde(borrow, default)]
    outputs: Option<Vec<OutputJson<'a>>>,
}

/// One input as it was sent.
#[derive(Debug, Deserialize)]
pub(in crate::replica) struct SentInput<'a> {
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

#[derive(Debug, Deserialize)]
struct OutputJson<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    parameters: Option<Parameters>,
}

/// The parameters that mean something here; others are the client's own affair.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    binary_data_size: Option<u64>,
    binary_data: Option<bool>,
    binary_data_output: Option<bool>,
    classification: Option<IgnoredAny>,
    shared_memory_region: Option<IgnoredAny>,
}

impl Parameters {
    fn refuse_unsupported(&self) -> Result<(), InferenceRefusal> {
        for (name, given) in [
            ("classification", self.classification.is_some()),
            ("shared_memory_region", self.shared_memory_region.is_some()),
        ] {
            if given {
                return Err(InferenceRefusal::bad_request(format!(
                    "the parameter \"{name}\" is not supported by this server"
                )));
            }
        }
        Ok(())
    }
}

impl<'a> Sent<'a> {
    /// Reads `json`, after which the tensors in binary form are `rest`.
    pub(super) fn read(json: &'a [u8], rest: &'a [u8]) -> Result<Self, serde_json::Error> {
        Ok(Self { json, rest, request: serde_json::from_slice(json)? })
    }

    /// Refuses what this server does not do for anybody.
    pub(super) fn check(&self) -> Result<(), InferenceRefusal> {
        if let Some(parameters) = &self.request.parameters {
            parameters.refuse_unsupported()?;
        }
        let named = self.request.inputs.len().max(self.request.outputs.as_ref().map_or(0, Vec::len));
        if named > MOST_TENSORS {
            return Err(InferenceRefusal::bad_request(format!(
                "the request names {named} tensors; the most is {MOST_TENSORS}"
            )));
        }
        Ok(())
    }

    /// To be repeated in the answer.
    pub(super) fn id(&self) -> Option<&str> {
        self.request.id.as_deref()
    }

    /// The inputs, in the order of the request.
    pub(in crate::replica) fn inputs(&self) -> &[SentInput<'a>] {
        &self.request.inputs
    }

    /// One tensor for each of these inputs, in their order.
    pub(in crate::replica) fn tensors(&mut self, specs: &[ModelInput]) -> Result<Vec<Tensor>, InferenceRefusal> {
        let mut tensors: Vec<Option<Tensor>> = specs.iter().map(|_| None).collect();
        for given in &self.request.inputs {
            let place = specs.iter().position(|spec| spec.name == given.name).ok_or_else(|| {
                InferenceRefusal::bad_request(format!(
                    "the model has no input {}; it takes {}",
                    quoted(&given.name),
                    list(specs.iter().map(|spec| &spec.name))
                ))
            })?;
            if tensors[place].is_some() {
                return Err(InferenceRefusal::bad_request(format!("input {} is given twice", quoted(&given.name))));
            }
            let spec = &specs[place];
            let refuse = |why: String| InferenceRefusal::bad_request(format!("input {}: {why}", quoted(&given.name)));
            if given.datatype != spec.datatype.name() {
                return Err(refuse(format!(
                    "datatype {} was given, and the model takes {}",
                    quoted(&given.datatype),
                    spec.datatype.name()
                )));
            }
            let data = given.data(spec.datatype, spec.shape.as_deref(), &mut self.rest, self.json, None)?;
            tensors[place] = Some(Tensor { shape: given.shape.clone(), data });
        }
        self.nothing_left()?;
        let lacking = |spec: &ModelInput| {
            let needed = list(specs.iter().map(|spec| &spec.name));
            InferenceRefusal::bad_request(format!("input {} is missing: the model needs {needed}", quoted(&spec.name)))
        };
        tensors.into_iter().zip(specs).map(|(tensor, spec)| tensor.ok_or_else(|| lacking(spec))).collect()
    }

    /// The elements of the n-th input in the datatype that it says, and the places of those that are null. `shape` says
    /// what shape is taken in place of the one that is sent. To be called for each input in turn.
    pub(in crate::replica) fn values(
        &mut self,
        index: usize,
        shape: impl FnOnce(&[i64]) -> Result<Vec<i64>, InferenceRefusal>,
    ) -> Result<(Data, Vec<usize>), InferenceRefusal> {
        let given = &self.request.inputs[index];
        let datatype = given.known_datatype()?;
        let mut missing = Vec::new();
        let shape = shape(&given.shape)?;
        let data = given.data(datatype, Some(&shape), &mut self.rest, self.json, Some(&mut missing))?;
        Ok((data, missing))
    }

    /// Passes over the n-th input, whatever it holds.
    pub(in crate::replica) fn skip(&mut self, index: usize) -> Result<(), InferenceRefusal> {
        let given = &self.request.inputs[index];
        match given.parameters.as_ref().and_then(|parameters| parameters.binary_data_size) {
            Some(size) => given.bytes(size, &mut self.rest).map(drop),
            None => Ok(()),
        }
    }

    /// Refuses binary data that belongs to no input.
    pub(in crate::replica) fn nothing_left(&self) -> Result<(), InferenceRefusal> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(InferenceRefusal::bad_request(format!(
                "{left} bytes are left over after the binary data of the last input"
            ))),
        }
    }

    /// The outputs that are wanted, of those that the model has.
    pub(super) fn wanted(&self, specs: &[ModelOutput]) -> Result<Vec<Wanted>, InferenceRefusal> {
        let parameters = self.request.parameters.as_ref();
        let as_binary = parameters.and_then(|parameters| parameters.binary_data_output).unwrap_or(false);
        match self.request.outputs.as_deref() {
            None | Some([]) => Ok((0..specs.len()).map(|place| Wanted { place, as_binary }).collect()),
            Some(wanted) => {
                let mut asked = vec![false; specs.len()];
                let once = |output: &OutputJson<'_>| {
                    let wanted = output.place(specs, as_binary)?;
                    if std::mem::replace(&mut asked[wanted.place], true) {
                        let twice = format!("output {} is asked for twice", quoted(&output.name));
                        return Err(InferenceRefusal::bad_request(twice));
                    }
                    Ok(wanted)
                };
                wanted.iter().map(once).collect()
            }
        }
    }
}

impl OutputJson<'_> {
    fn place(&self, specs: &[ModelOutput], as_binary: bool) -> Result<Wanted, InferenceRefusal> {
        let parameters = self.parameters.as_ref();
        parameters.map_or(Ok(()), Parameters::refuse_unsupported)?;
        let place = specs.iter().position(|spec| spec.name == self.name).ok_or_else(|| {
            InferenceRefusal::bad_request(format!(
                "the model has no output {}; it gives {}",
                quoted(&self.name),
                list(specs.iter().map(|spec| &spec.name))
            ))
        })?;
        let as_binary = parameters.and_then(|parameters| parameters.binary_data).unwrap_or(as_binary);
        Ok(Wanted { place, as_binary })
    }
}

impl<'a> SentInput<'a> {
    /// The name of the input.
    pub(in crate::replica) fn name(&self) -> &str {
        &self.name
    }

    /// The datatype that the input states.
    pub(in crate::replica) fn datatype(&self) -> &str {
        &self.datatype
    }

    fn refuse(&self, why: &str) -> InferenceRefusal {
        InferenceRefusal::bad_request(format!("input {}: {why}", quoted(&self.name)))
    }

    fn known_datatype(&self) -> Result<Datatype, InferenceRefusal> {
        Datatype::of_name(&self.datatype).ok_or_else(|| {
            let given = quoted(&self.datatype);
            self.refuse(&format!("datatype {given} was given, which the Open Inference Protocol does not have"))
        })
    }

    /// Its elements, where the model takes `datatype` and `shape`.
    fn data(
        &self,
        datatype: Datatype,
        shape: Option<&[i64]>,
        rest: &mut &'a [u8],
        json: &[u8],
        missing: Option<&mut Vec<usize>>,
    ) -> Result<Data, InferenceRefusal> {
        let parameters = self.parameters.as_ref();
        parameters.map_or(Ok(()), Parameters::refuse_unsupported)?;
        let count = self.fit(shape).map_err(|why| self.refuse(&why))?;
        match (self.data, parameters.and_then(|parameters| parameters.binary_data_size)) {
            (Some(_), Some(_)) => Err(self.refuse("it has both data and binary_data_size")),
            (None, None) => Err(self.refuse("it has no data")),
            (Some(data), None) => read_json(data.get(), datatype, &self.shape, count, missing).map_err(|cause| {
                let place = explain::place(json, data.get(), &cause);
                self.refuse(&format!("{} at {place}", explain::without_place(&cause)))
            }),
            (None, Some(size)) => {
                binary::read(self.bytes(size, rest)?, datatype, count).map_err(|why| self.refuse(&why))
            }
        }
    }

    /// Takes its part of the binary data.
    fn bytes(&self, size: u64, rest: &mut &'a [u8]) -> Result<&'a [u8], InferenceRefusal> {
        let split = usize::try_from(size).ok().and_then(|size| rest.split_at_checked(size));
        let (bytes, after) = split.ok_or_else(|| {
            let available = rest.len();
            self.refuse(&format!("binary_data_size is {size}, and only {available} bytes of binary data are left"))
        })?;
        *rest = after;
        Ok(bytes)
    }

    /// Compares the shape with what the model takes; how many elements it means.
    fn fit(&self, wanted: Option<&[i64]>) -> Result<usize, String> {
        if self.shape.len() > MOST_DIMENSIONS {
            let given = self.shape.len();
            return Err(format!("the shape has {given} dimensions, and at most {MOST_DIMENSIONS} are taken"));
        }
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

fn read_json(
    json: &str,
    datatype: Datatype,
    shape: &[i64],
    count: usize,
    missing: Option<&mut Vec<usize>>,
) -> Result<Data, serde_json::Error> {
    macro_rules! read {
        ($($variant:ident, $rust:ty, $name:literal, $size:literal, $onnx:ident;)*) => {
            match datatype {
                $(Datatype::$variant => elements::read(json, shape, count, missing).map(Data::$variant),)*
                Datatype::Bytes => elements::read(json, shape, count, missing).map(Data::Bytes),
            }
        };
    }
    fixed_size_datatypes!(read)
}

//! A request that a model should be able to answer, made from its signature alone: for a scratch replica (DR-3), for a
//! client script (DR-16) and for the page.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Column, Dimension, Field, Signature, ValueKind};
use crate::id::{ModelName, ModelRef};
use crate::runtime::Runtime;

/// Most elements that a sample holds.
const MOST_ELEMENTS: u64 = 2_000_000;
/// The length of an open dimension that is not the batch: short enough for any model, long enough to be a row of
/// several.
const SHORT: u64 = 4;
/// The length of an open height or width of an image: most networks halve it several times.
const SIDE: u64 = 32;
/// The name of an input without one, where a request needs one.
pub const UNNAMED: &str = "data";
/// Names of an input that holds how many samples a second has: one is no rate that any model takes.
const RATES: [&str; 3] = ["sr", "sample_rate", "sampling_rate"];

/// A request with example values.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleRequest {
    /// The route that it goes to with `POST`, below the inference URL. A program may have another; see
    /// [`SampleRequest::to`].
    pub path: String,
    /// The JSON that is sent.
    pub body: Value,
    /// The signature leaves open how long a dimension other than the batch is, or of which type an input is, so the
    /// request holds a guess, and a model that refuses it says little about itself.
    pub guessed: bool,
}

impl SampleRequest {
    /// The same request to the predict route `route`, in which `{model}` stands for the model's name.
    #[must_use]
    pub fn to(self, route: &str, model: &ModelName) -> Self {
        Self { path: route.replace("{model}", model.as_str()), ..self }
    }
}

/// The sample for `model` with this signature, as `runtime` takes it.
///
/// `onnx` and `trees` speak the Open Inference Protocol, `mlflow` its own `/invocations`. `command` and `custom` are
/// asked in the words of the Open Inference Protocol when inputs were declared, else with an empty object. `external`
/// is asked in the same way at its own URL, so its path is empty.
///
/// None when the signature does not say what a request must send, when no request can carry it (sequences, maps,
/// complex numbers), or when it would hold more than 2,000,000 elements.
pub fn sample(signature: &Signature, runtime: Runtime, model: &ModelRef) -> Option<SampleRequest> {
    sample_within(signature, runtime, model, MOST_ELEMENTS)
}

/// The same with at most `most` elements; none when it would hold more.
pub fn sample_within(signature: &Signature, runtime: Runtime, model: &ModelRef, most: u64) -> Option<SampleRequest> {
    let mut making = Making { most, ..Making::of(signature, runtime) };
    let body = match runtime {
        Runtime::Command | Runtime::Custom | Runtime::External if signature.inputs.is_empty() => json!({}),
        _ if signature.absent => return None,
        Runtime::Mlflow => making.invocation(signature)?,
        Runtime::Onnx | Runtime::Trees | Runtime::Command | Runtime::Custom | Runtime::External => {
            making.inference(signature)?
        }
    };
    let path = match runtime {
        Runtime::Mlflow => "/invocations".to_owned(),
        Runtime::External => String::new(),
        Runtime::Onnx | Runtime::Trees | Runtime::Command | Runtime::Custom => {
            format!("/v2/models/{}/infer", model.name)
        }
    };
    Some(SampleRequest { path, body, guessed: making.guessed })
}

struct Making {
    runtime: Runtime,
    /// Names of dimensions that come first somewhere: the batch, wherever else they stand.
    batch: BTreeSet<String>,
    elements: u64,
    most: u64,
    guessed: bool,
}

impl Making {
    fn of(signature: &Signature, runtime: Runtime) -> Self {
        let first = |field: &Field| match field.shape.as_ref()?.first()? {
            Dimension::Symbolic(name) => Some(name.clone()),
            Dimension::Fixed(_) | Dimension::Unknown => None,
        };
        Self {
            runtime,
            batch: signature.inputs.iter().filter_map(first).collect(),
            elements: 0,
            most: MOST_ELEMENTS,
            guessed: false,
        }
    }

    /// `{"inputs":[{"name","shape","datatype","data"}]}`.
    fn inference(&mut self, signature: &Signature) -> Option<Value> {
        let inputs: Vec<Value> = if self.runtime == Runtime::Trees {
            self.row(signature)?
        } else {
            let wanted = signature.inputs.iter().filter(|input| input.kind != ValueKind::Optional);
            wanted.map(|input| self.input(input, signature)).collect::<Option<_>>()?
        };
        Some(json!({ "inputs": inputs }))
    }

    /// A request for the tree runtime: a tensor for each named column, or one for all.
    fn row(&mut self, signature: &Signature) -> Option<Vec<Value>> {
        let inputs = &signature.inputs;
        if inputs.iter().all(|input| input.name.is_empty()) {
            let width = match inputs.as_slice() {
                [table] if table.kind == ValueKind::Tensor => *self.shape(table, signature)?.last()?,
                columns => columns.len() as u64,
            };
            return Some(vec![self.tensor(UNNAMED, Element::Fp32, &[1, width])?]);
        }
        let columns = signature.tree_columns().ok()?;
        let column = |(input, column): (&Field, Column)| {
            let shape = match input.kind {
                ValueKind::Tensor => self.shape(input, signature)?,
                _ => vec![1, 1],
            };
            self.guessed |= column == Column::Code;
            let data = vec![column.example(); self.count(&shape)?];
            Some(json!({ "name": input.name, "shape": shape, "datatype": column.datatype(), "data": data }))
        };
        inputs.iter().zip(columns).map(column).collect()
    }

    fn input(&mut self, input: &Field, signature: &Signature) -> Option<Value> {
        let shape = match input.kind {
            ValueKind::Column => vec![1, 1],
            ValueKind::Tensor => self.shape(input, signature)?,
            ValueKind::Sequence | ValueKind::Map | ValueKind::Optional => return None,
        };
        let element = self.element(input)?;
        let name = if input.name.is_empty() { UNNAMED } else { &input.name };
        self.tensor(name, element, &shape)
    }

    fn tensor(&mut self, name: &str, element: Element, shape: &[u64]) -> Option<Value> {
        let count = self.count(shape)?;
        let data = vec![element.example(name); count];
        Some(json!({ "name": name, "shape": shape, "datatype": element.protocol(), "data": data }))
    }

    /// A request for the scoring server of MLflow: a table where the signature has columns, else tensors.
    fn invocation(&mut self, signature: &Signature) -> Option<Value> {
        let inputs = &signature.inputs;
        let columns = inputs.iter().any(|input| input.kind == ValueKind::Column);
        if columns {
            let needed: Vec<&Field> = inputs.iter().filter(|input| input.required).collect();
            let sent = if needed.is_empty() { inputs.iter().collect() } else { needed };
            let row = sent.iter().map(|input| self.cell(input)).collect::<Option<Vec<_>>>()?;
            self.count(&[row.len() as u64])?;
            let mut table = Map::new();
            if sent.iter().all(|input| !input.name.is_empty()) {
                table.insert("columns".to_owned(), sent.iter().map(|input| input.name.as_str()).collect());
            }
            table.insert("data".to_owned(), json!([row]));
            return Some(json!({ "dataframe_split": table }));
        }
        let values = match inputs.as_slice() {
            [] => return None,
            [input] if input.name.is_empty() => self.nested(input, signature)?,
            named => {
                let one = |input: &Field| Some((input.name.clone(), self.nested(input, signature)?));
                Value::Object(named.iter().map(one).collect::<Option<_>>()?)
            }
        };
        Some(json!({ "inputs": values }))
    }

    fn cell(&mut self, column: &Field) -> Option<Value> {
        let word = column.datatype.trim();
        let lower = word.to_ascii_lowercase();
        if let Some(inner) = lower.strip_prefix("array") {
            let inner = inner.trim_matches(['(', ')', '<', '>', '[', ']', ' ']).to_owned();
            let element = Element::of(&inner).unwrap_or(Element::Fp64);
            self.guessed |= inner.is_empty();
            return Some(json!([element.example(&column.name)]));
        }
        if lower.starts_with("map") || lower.starts_with("object") || lower.starts_with('{') {
            self.guessed = true;
            return Some(json!({}));
        }
        Some(self.element(column)?.example(&column.name))
    }

    fn nested(&mut self, input: &Field, signature: &Signature) -> Option<Value> {
        if input.kind != ValueKind::Tensor {
            return None;
        }
        let shape = self.shape(input, signature)?;
        self.count(&shape)?;
        let example = self.element(input)?.example(&input.name);
        Some(shape.iter().rev().fold(example, |inner, &length| Value::Array(vec![inner; length as usize])))
    }

    fn element(&mut self, input: &Field) -> Option<Element> {
        if input.datatype.is_empty() {
            self.guessed = true;
            return Some(Element::Fp32);
        }
        Element::of(&input.datatype)
    }

    /// The shape with its open dimensions filled in: the batch with one row.
    fn shape(&mut self, input: &Field, signature: &Signature) -> Option<Vec<u64>> {
        let features = signature.features.as_ref().map(|features| features.len() as u64);
        let alone = signature.inputs.len() == 1;
        let Some(shape) = &input.shape else {
            self.guessed |= features.is_none() || !alone;
            return Some(vec![1, features.filter(|_| alone).unwrap_or(1)]);
        };
        let rank = shape.len();
        let lengths = shape.iter().enumerate().map(|(place, dimension)| match dimension {
            Dimension::Fixed(length) => *length,
            _ if place == 0 => 1,
            Dimension::Symbolic(name) if self.batch.contains(name) => 1,
            _ => match features {
                Some(width) if alone && rank == 2 => width,
                _ => {
                    self.guessed = true;
                    if rank == 4 { SIDE } else { SHORT }
                }
            },
        });
        Some(lengths.collect())
    }

    /// The number of elements in a tensor of this shape, unless they are too many together.
    fn count(&mut self, shape: &[u64]) -> Option<usize> {
        // Arrays of empty arrays hold no element and still take room.
        let room = shape.iter().try_fold(1_u64, |room, &length| room.checked_mul(length.max(1)))?;
        self.elements = self.elements.checked_add(room).filter(|&sum| sum <= self.most)?;
        let count = shape.iter().product::<u64>();
        usize::try_from(count).ok()
    }
}

/// True of a word that names the type of a tensor's elements or of a column's values.
pub(super) fn is_datatype(word: &str) -> bool {
    let lower = word.trim().to_ascii_lowercase();
    Element::of(&lower).is_some() || ["array", "map", "object", "{"].iter().any(|nested| lower.starts_with(nested))
}

/// The Open Inference Protocol's word for a type of elements, whatever the format calls it; none where it has none. Where
/// the format does not say it, it is taken for that of most models.
pub fn protocol_datatype(word: &str) -> Option<&'static str> {
    let element = if word.trim().is_empty() { Some(Element::Fp32) } else { Element::of(word) };
    element.map(Element::protocol)
}

/// The type of one element, whatever the format calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Bool,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Bf16,
    Fp32,
    Fp64,
    Text,
    Time,
    Blob,
}

impl Element {
    /// From the words of ONNX, MLflow, numpy, XGBoost or the Open Inference Protocol.
    fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase();
        Some(match word.as_str() {
            "bool" | "boolean" => Self::Bool,
            "uint8" => Self::Uint8,
            "uint16" => Self::Uint16,
            "uint32" => Self::Uint32,
            "uint64" => Self::Uint64,
            "int8" => Self::Int8,
            "int16" => Self::Int16,
            "int32" | "integer" | "int" => Self::Int32,
            "int64" | "long" | "i" | "c" => Self::Int64,
            "float16" | "fp16" | "half" => Self::Fp16,
            "bfloat16" | "bf16" => Self::Bf16,
            "float" | "float32" | "fp32" | "q" => Self::Fp32,
            "double" | "float64" | "fp64" => Self::Fp64,
            "string" | "str" | "object" | "bytes" => Self::Text,
            "binary" => Self::Blob,
            _ if word.starts_with("datetime") => Self::Time,
            _ if word.starts_with("<u") || word.starts_with("|s") => Self::Text,
            _ => return None,
        })
    }

    fn protocol(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::Uint8 => "UINT8",
            Self::Uint16 => "UINT16",
            Self::Uint32 => "UINT32",
            Self::Uint64 => "UINT64",
            Self::Int8 => "INT8",
            Self::Int16 => "INT16",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Fp16 => "FP16",
            Self::Bf16 => "BF16",
            Self::Fp32 => "FP32",
            Self::Fp64 => "FP64",
            Self::Text | Self::Time | Self::Blob => "BYTES",
        }
    }

    /// A value that is plausible for most inputs: a measurement of 0.5, the second word of a vocabulary, 16 kHz.
    fn example(self, name: &str) -> Value {
        match self {
            Self::Bool => json!(true),
            Self::Text => json!("text"),
            Self::Time => json!("2026-01-01T00:00:00"),
            Self::Blob => json!("dGV4dA=="),
            Self::Fp16 | Self::Bf16 | Self::Fp32 | Self::Fp64 => json!(0.5),
            Self::Int32 | Self::Int64 if RATES.contains(&name) => json!(16_000),
            _ => json!(1),
        }
    }
}

#[cfg(test)]
mod tests;

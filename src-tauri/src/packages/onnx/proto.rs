//! The small messages of the ONNX format, with the fields that are needed here.
//!
//! Names and numbers are those of `onnx.proto`; large messages are walked instead, see [`super::wire`].

use domain::model::{Dimension, Field, ValueKind};

/// `ValueInfoProto`: an input or output.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ValueInfo {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, optional, tag = "2")]
    pub(super) r#type: Option<Type>,
}

/// `TypeProto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Type {
    #[prost(oneof = "Kind", tags = "1, 4, 5, 8, 9")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(message, tag = "1")]
    Tensor(TensorType),
    #[prost(message, tag = "4")]
    Sequence(ElementType),
    #[prost(message, tag = "5")]
    Map(MapType),
    #[prost(message, tag = "8")]
    Sparse(TensorType),
    #[prost(message, tag = "9")]
    Optional(ElementType),
}

/// `TypeProto.Tensor` and `TypeProto.SparseTensor`.
#[derive(Clone, PartialEq, prost::Message)]
struct TensorType {
    #[prost(int32, tag = "1")]
    element: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<Shape>,
}

/// `TypeProto.Sequence` and `TypeProto.Optional`.
#[derive(Clone, PartialEq, prost::Message)]
struct ElementType {
    #[prost(message, optional, boxed, tag = "1")]
    element: Option<Box<Type>>,
}

/// `TypeProto.Map`.
#[derive(Clone, PartialEq, prost::Message)]
struct MapType {
    #[prost(int32, tag = "1")]
    key: i32,
    #[prost(message, optional, boxed, tag = "2")]
    value: Option<Box<Type>>,
}

/// `TensorShapeProto`.
#[derive(Clone, PartialEq, prost::Message)]
struct Shape {
    #[prost(message, repeated, tag = "1")]
    dimensions: Vec<DimensionProto>,
}

/// `TensorShapeProto.Dimension`.
#[derive(Clone, PartialEq, prost::Message)]
struct DimensionProto {
    #[prost(oneof = "Length", tags = "1, 2")]
    length: Option<Length>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Length {
    #[prost(int64, tag = "1")]
    Value(i64),
    #[prost(string, tag = "2")]
    Name(String),
}

/// `TensorProto`, for small tensors.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(int32, repeated, tag = "5")]
    int32_data: Vec<i32>,
    #[prost(bytes = "vec", repeated, tag = "6")]
    string_data: Vec<Vec<u8>>,
    #[prost(int64, repeated, tag = "7")]
    int64_data: Vec<i64>,
    #[prost(string, tag = "8")]
    pub(super) name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
    #[prost(message, repeated, tag = "13")]
    pub(super) external_data: Vec<Entry>,
    #[prost(int32, tag = "14")]
    pub(super) data_location: i32,
}

impl Tensor {
    /// Its elements as text, if it is a list of text or whole numbers.
    pub(super) fn list(&self) -> Option<Vec<String>> {
        const INT32: i32 = 6;
        const INT64: i32 = 7;
        const STRING: i32 = 8;
        if !matches!(self.dims.as_slice(), [_] | [1, _]) {
            return None;
        }
        match self.data_type {
            STRING => self.string_data.iter().map(|text| String::from_utf8(text.clone()).ok()).collect(),
            INT32 => Some(self.int32_data.iter().map(i32::to_string).collect()),
            INT64 if self.raw_data.is_empty() => Some(self.int64_data.iter().map(i64::to_string).collect()),
            INT64 => {
                let (numbers, rest) = self.raw_data.as_chunks::<8>();
                rest.is_empty().then(|| numbers.iter().map(|bytes| i64::from_le_bytes(*bytes).to_string()).collect())
            }
            _ => None,
        }
    }
}

/// A run of whole numbers without keys; an `AttributeProto` with nothing but its `ints`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Integers {
    #[prost(int64, repeated, tag = "8")]
    pub(super) numbers: Vec<i64>,
}

/// `StringStringEntryProto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Entry {
    #[prost(string, tag = "1")]
    pub(super) key: String,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

/// `OperatorSetIdProto`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OperatorSet {
    #[prost(string, tag = "1")]
    pub(super) domain: String,
    #[prost(int64, tag = "2")]
    pub(super) version: i64,
}

/// `TensorProto.DataLocation.EXTERNAL`.
pub(super) const EXTERNAL: i32 = 1;

/// `TensorProto.DataType`, by number.
#[rustfmt::skip]
const ELEMENTS: [&str; 24] = [
    "UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE",
    "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16", "FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2",
    "FLOAT8E5M2FNUZ", "UINT4", "INT4", "FLOAT4E2M1",
];

fn element(number: i32) -> String {
    let known = usize::try_from(number).ok().and_then(|number| ELEMENTS.get(number));
    known.map_or_else(|| format!("UNKNOWN_{number}"), |name| (*name).to_owned())
}

impl Type {
    /// The type as it is written out, as in `seq(map(INT64,tensor(FLOAT)))`.
    fn written(&self) -> String {
        let inner = |inner: &Option<Box<Type>>| inner.as_ref().map_or_else(|| "UNDEFINED".to_owned(), |t| t.written());
        match &self.kind {
            None => "UNDEFINED".to_owned(),
            Some(Kind::Tensor(tensor)) => format!("tensor({})", element(tensor.element)),
            Some(Kind::Sparse(tensor)) => format!("sparse_tensor({})", element(tensor.element)),
            Some(Kind::Sequence(sequence)) => format!("seq({})", inner(&sequence.element)),
            Some(Kind::Optional(optional)) => format!("optional({})", inner(&optional.element)),
            Some(Kind::Map(map)) => format!("map({},{})", element(map.key), inner(&map.value)),
        }
    }
}

impl ValueInfo {
    /// The input or output that it describes. What it does not state is unknown: a tensor, if anything, since nothing says
    /// otherwise, of no known type and shape.
    pub(super) fn field(self) -> Field {
        let (kind, datatype, shape) =
            match self.r#type.as_ref().and_then(|r#type| Some((r#type, r#type.kind.as_ref()?))) {
                None => (ValueKind::Tensor, String::new(), None),
                Some((_, Kind::Tensor(TensorType { element: 0, shape }))) => {
                    (ValueKind::Tensor, String::new(), shape.as_ref())
                }
                Some((_, Kind::Tensor(tensor))) => (ValueKind::Tensor, element(tensor.element), tensor.shape.as_ref()),
                Some((r#type, Kind::Sparse(tensor))) => (ValueKind::Tensor, r#type.written(), tensor.shape.as_ref()),
                Some((r#type, Kind::Sequence(_))) => (ValueKind::Sequence, r#type.written(), None),
                Some((r#type, Kind::Map(_))) => (ValueKind::Map, r#type.written(), None),
                Some((r#type, Kind::Optional(_))) => (ValueKind::Optional, r#type.written(), None),
            };
        let shape = shape.map(|shape| shape.dimensions.iter().map(dimension).collect());
        Field { name: self.name, kind, datatype, shape, required: true, meaning: None }
    }
}

fn dimension(dimension: &DimensionProto) -> Dimension {
    match &dimension.length {
        // Some exporters write -1 for "any".
        Some(Length::Value(length)) => u64::try_from(*length).map_or(Dimension::Unknown, Dimension::Fixed),
        Some(Length::Name(name)) if !name.is_empty() => Dimension::Symbolic(name.clone()),
        Some(Length::Name(_)) | None => Dimension::Unknown,
    }
}

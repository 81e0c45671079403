//! Types of elements, as the formats write them.

/// The values of a datatype, in the words of MLflow and numpy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compat) enum Value {
    Text,
    Whole,
    Real,
    Truth,
    Time,
    Bytes,
}

impl Value {
    /// The values of the datatype; none for one that can hold anything.
    pub(in crate::compat) fn of(datatype: &str) -> Option<Self> {
        Some(match numpy(datatype) {
            "string" | "str" => Self::Text,
            "integer" | "long" | "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64" => {
                Self::Whole
            }
            "float" | "double" | "float16" | "float32" | "float64" => Self::Real,
            "boolean" | "bool" => Self::Truth,
            "datetime" | "datetime64" | "datetime64[ns]" => Self::Time,
            "binary" | "bytes" => Self::Bytes,
            _ => return None,
        })
    }

    /// True of a number of any kind.
    pub(in crate::compat) fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Real | Self::Truth)
    }

    /// Its title, as people read it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole numbers",
            Self::Real => "real numbers",
            Self::Truth => "yes or no",
            Self::Time => "times",
            Self::Bytes => "bytes",
        }
    }
}

/// An element type in the words of numpy. What MLflow says of an ONNX model comes from its graph or from a signature, in
/// the words of either.
fn numpy(datatype: &str) -> &str {
    match datatype {
        "FLOAT" | "FP32" => "float32",
        "DOUBLE" | "FP64" => "float64",
        "FLOAT16" | "FP16" => "float16",
        "INT8" => "int8",
        "INT16" => "int16",
        "INT32" => "int32",
        "INT64" => "int64",
        "UINT8" => "uint8",
        "UINT16" => "uint16",
        "UINT32" => "uint32",
        "UINT64" => "uint64",
        "BOOL" => "bool",
        "STRING" | "BYTES" => "str",
        other => other,
    }
}

/// True when two formats mean the same type.
pub(super) fn same(old: &str, new: &str) -> bool {
    numpy(old) == numpy(new)
}

/// True when two stated types are not the same one in two formats; one that can hold anything is no other.
pub(in crate::compat) fn opposed(one: &str, other: &str) -> bool {
    let open = |word: &str| word.is_empty() || word == ANYTHING;
    !open(one) && !open(other) && !same(one, other)
}

/// Numpy's word for a type that can hold anything.
pub(super) const ANYTHING: &str = "object";

/// True when one side says that a value is text, as graphs do, and the other only `object`, as numpy calls text. Two
/// signatures must say the same.
pub(super) fn loose(old: &str, new: &str) -> bool {
    matches!((old, new), (ANYTHING, "STRING") | ("STRING", ANYTHING))
}

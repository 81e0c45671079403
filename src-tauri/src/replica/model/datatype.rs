//! The datatypes of the Open Inference Protocol and the Rust types that hold them.

use half::{bf16, f16};
use ort::value::TensorElementType;

/// Calls a macro with every fixed-size datatype: variant, Rust type, name in the protocol, bytes.
macro_rules! fixed_size_datatypes {
    ($call:ident) => {
        $call! {
            Bool, bool, "BOOL", 1, Bool;
            Uint8, u8, "UINT8", 1, Uint8;
            Uint16, u16, "UINT16", 2, Uint16;
            Uint32, u32, "UINT32", 4, Uint32;
            Uint64, u64, "UINT64", 8, Uint64;
            Int8, i8, "INT8", 1, Int8;
            Int16, i16, "INT16", 2, Int16;
            Int32, i32, "INT32", 4, Int32;
            Int64, i64, "INT64", 8, Int64;
            Fp16, half::f16, "FP16", 2, Float16;
            Bf16, half::bf16, "BF16", 2, Bfloat16;
            Fp32, f32, "FP32", 4, Float32;
            Fp64, f64, "FP64", 8, Float64;
        }
    };
}
pub(in crate::replica) use fixed_size_datatypes;

macro_rules! define {
    ($($variant:ident, $rust:ty, $name:literal, $size:literal, $onnx:ident;)*) => {
        /// Element type of a tensor, in the words of the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::replica) enum Datatype {
            $(#[doc = $name] $variant,)*
            /// Text.
            Bytes,
        }

        impl Datatype {
            /// Its name in the protocol.
            pub(in crate::replica) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* Self::Bytes => "BYTES" }
            }

            /// The datatype that the protocol calls `name`.
            pub(in crate::replica) fn of_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* "BYTES" => Some(Self::Bytes), _ => None }
            }

            /// The datatype of an ONNX tensor; none for those that the protocol does not know.
            pub(in crate::replica) fn of_onnx(element: TensorElementType) -> Option<Self> {
                match element {
                    $(TensorElementType::$onnx => Some(Self::$variant),)*
                    TensorElementType::String => Some(Self::Bytes),
                    _ => None,
                }
            }

            /// Bytes of one element in the binary form; none for text, whose elements differ in length.
            pub(in crate::replica) fn size(self) -> Option<usize> {
                match self { $(Self::$variant => Some($size),)* Self::Bytes => None }
            }
        }

        /// The elements of a tensor in row-major order.
        #[derive(Clone, Debug, PartialEq)]
        pub(in crate::replica) enum Data {
            $(#[doc = $name] $variant(Vec<$rust>),)*
            /// Text.
            Bytes(Vec<String>),
        }

        impl Data {
            /// The datatype of the elements.
            pub(in crate::replica) fn datatype(&self) -> Datatype {
                match self { $(Self::$variant(_) => Datatype::$variant,)* Self::Bytes(_) => Datatype::Bytes }
            }

            /// The number of elements.
            pub(in crate::replica) fn len(&self) -> usize {
                match self { $(Self::$variant(data) => data.len(),)* Self::Bytes(data) => data.len() }
            }

            /// `count` elements of a neutral value.
            pub(in crate::replica) fn neutral(datatype: Datatype, count: usize) -> Self {
                match datatype {
                    $(Datatype::$variant => Self::$variant(vec![<$rust>::default(); count]),)*
                    Datatype::Bytes => Self::Bytes(vec![String::new(); count]),
                }
            }
        }
    };
}
fixed_size_datatypes!(define);

/// A value that JSON can express as one element of a datatype.
///
/// JSON knows neither NaN nor infinities. In a floating-point tensor `null` stands for NaN, on the way in and out; on the
/// way in the texts `"NaN"`, `"Infinity"` and `"-Infinity"` are what they say.
pub(in crate::replica) trait Element: Default {
    /// Name of the datatype.
    const DATATYPE: Datatype;
    /// From `true` or `false`.
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    /// From a whole number; none when it does not fit.
    fn from_integer(_: i128) -> Option<Self> {
        None
    }
    /// From any other number; none when it does not fit.
    fn from_float(_: f64) -> Option<Self> {
        None
    }
    /// From text.
    fn from_text(_: &str) -> Option<Self> {
        None
    }
    /// From `null`.
    fn from_null() -> Option<Self> {
        None
    }
}

impl Element for bool {
    const DATATYPE: Datatype = Datatype::Bool;
    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Element for String {
    const DATATYPE: Datatype = Datatype::Bytes;
    fn from_text(value: &str) -> Option<Self> {
        Some(value.to_owned())
    }
}

macro_rules! whole_numbers {
    ($($rust:ty, $variant:ident;)*) => {$(
        impl Element for $rust {
            const DATATYPE: Datatype = Datatype::$variant;
            fn from_integer(value: i128) -> Option<Self> {
                Self::try_from(value).ok()
            }
        }
    )*};
}
whole_numbers! { u8, Uint8; u16, Uint16; u32, Uint32; u64, Uint64; i8, Int8; i16, Int16; i32, Int32; i64, Int64; }

macro_rules! floating_point {
    ($($rust:ty, $variant:ident, $from:expr, $nan:expr;)*) => {$(
        impl Element for $rust {
            const DATATYPE: Datatype = Datatype::$variant;
            fn from_integer(value: i128) -> Option<Self> {
                Self::from_float(value as f64)
            }
            fn from_float(value: f64) -> Option<Self> {
                let from: fn(f64) -> $rust = $from;
                Some(from(value)).filter(|made| made.is_finite())
            }
            fn from_text(text: &str) -> Option<Self> {
                let from: fn(f64) -> $rust = $from;
                match text {
                    "NaN" => Some($nan),
                    "Infinity" => Some(from(f64::INFINITY)),
                    "-Infinity" => Some(from(f64::NEG_INFINITY)),
                    _ => None,
                }
            }
            fn from_null() -> Option<Self> {
                Some($nan)
            }
        }
    )*};
}
floating_point! {
    f16, Fp16, f16::from_f64, f16::NAN;
    bf16, Bf16, bf16::from_f64, bf16::NAN;
    f32, Fp32, |value| value as f32, f32::NAN;
    f64, Fp64, |value| value, f64::NAN;
}

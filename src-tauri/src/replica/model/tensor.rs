//! Tensors on their way into and out of the ONNX Runtime.

use ort::session::SessionInputValue;
use ort::value::{DynValue, Shape, Tensor as OrtTensor};

use super::datatype::{Data, Datatype, fixed_size_datatypes};

/// Values of one input or output.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::replica) struct Tensor {
    /// Length of each dimension, none negative.
    pub(in crate::replica) shape: Vec<i64>,
    /// As many elements as the shape says.
    pub(in crate::replica) data: Data,
}

impl Tensor {
    /// Hands the elements over without copying them (text is copied).
    pub(super) fn into_ort(self) -> ort::Result<SessionInputValue<'static>> {
        let shape = Shape::from(self.shape);
        macro_rules! convert {
            ($($variant:ident, $rust:ty, $name:literal, $size:literal, $onnx:ident;)*) => {
                match self.data {
                    $(Data::$variant(data) => Ok(OrtTensor::from_array((shape, data))?.into()),)*
                    Data::Bytes(data) => Ok(OrtTensor::from_string_array((shape, data.as_slice()))?.into()),
                }
            };
        }
        fixed_size_datatypes!(convert)
    }

    /// Copies an output out of the runtime's memory.
    pub(super) fn from_ort(value: &DynValue, datatype: Datatype) -> ort::Result<Self> {
        macro_rules! convert {
            ($($variant:ident, $rust:ty, $name:literal, $size:literal, $onnx:ident;)*) => {
                match datatype {
                    $(Datatype::$variant => {
                        let (shape, data) = value.try_extract_tensor::<$rust>()?;
                        (shape, Data::$variant(data.to_vec()))
                    })*
                    Datatype::Bytes => {
                        let (shape, data) = value.try_extract_strings()?;
                        (shape, Data::Bytes(data))
                    }
                }
            };
        }
        let (shape, data) = fixed_size_datatypes!(convert);
        Ok(Self { shape: shape.to_vec(), data })
    }
}

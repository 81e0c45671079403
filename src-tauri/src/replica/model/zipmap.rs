//! Turns the output of a ZipMap operator, one map from class to score per row, into a tensor.
//!
//! The protocol knows tensors only. The scores become a tensor `[rows, classes]`; the classes, in the order
//! of its columns, travel as JSON text in the output's parameter `class_labels`.

use ort::value::{DynMapValueType, DynValue, MapValueTypeMarker, PrimitiveTensorElementType, TensorElementType, Value};

use super::datatype::Data;
use super::tensor::Tensor;

/// Type of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::replica) enum Keys {
    /// Class names.
    Text,
    /// Class numbers.
    Numbers,
}

/// A map, or a sequence of maps, from class to score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::replica) struct ZipMap {
    pub(super) keys: Keys,
    /// `true` for double precision.
    pub(super) double: bool,
    /// `false` for one lone map.
    pub(super) sequence: bool,
}

impl ZipMap {
    /// The kinds that ZipMap and DictVectorizer produce; none for others.
    pub(super) fn of_onnx(key: TensorElementType, value: TensorElementType, sequence: bool) -> Option<Self> {
        let keys = match key {
            TensorElementType::String => Keys::Text,
            TensorElementType::Int64 => Keys::Numbers,
            _ => return None,
        };
        let double = match value {
            TensorElementType::Float32 => false,
            TensorElementType::Float64 => true,
            _ => return None,
        };
        Some(Self { keys, double, sequence })
    }

    /// The scores as `[rows, classes]`, and the classes.
    pub(super) fn read(self, value: &DynValue) -> ort::Result<(Tensor, Vec<String>)> {
        if self.double {
            let (shape, scores, labels) = self.rows::<f64>(value)?;
            Ok((Tensor { shape, data: Data::Fp64(scores) }, labels))
        } else {
            let (shape, scores, labels) = self.rows::<f32>(value)?;
            Ok((Tensor { shape, data: Data::Fp32(scores) }, labels))
        }
    }

    fn rows<T: PrimitiveTensorElementType + Clone>(
        self,
        value: &DynValue,
    ) -> ort::Result<(Vec<i64>, Vec<T>, Vec<String>)> {
        let mut labels = Vec::new();
        let mut scores = Vec::new();
        let mut rows = 0;
        let mut add = |keys: Vec<String>, row: Vec<T>| -> ort::Result<()> {
            if rows == 0 {
                labels = keys;
            } else if labels != keys {
                return Err(ort::Error::new("its rows do not hold the same classes"));
            }
            scores.extend(row);
            rows += 1;
            Ok(())
        };
        if self.sequence {
            for map in value.try_extract_sequence::<DynMapValueType>()? {
                let (keys, row) = self.row(&map)?;
                add(keys, row)?;
            }
        } else {
            let (keys, row) = self.row(value)?;
            add(keys, row)?;
        }
        Ok((vec![rows, labels.len() as i64], scores, labels))
    }

    fn row<T: PrimitiveTensorElementType + Clone, M: MapValueTypeMarker + ?Sized>(
        self,
        map: &Value<M>,
    ) -> ort::Result<(Vec<String>, Vec<T>)> {
        Ok(match self.keys {
            Keys::Text => map.try_extract_key_values::<String, T>()?.into_iter().unzip(),
            Keys::Numbers => {
                let pairs = map.try_extract_key_values::<i64, T>()?;
                pairs.into_iter().map(|(key, score)| (key.to_string(), score)).unzip()
            }
        })
    }
}

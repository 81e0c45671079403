//! Tensors in binary form: little-endian elements in row-major order; text as a 32-bit length and UTF-8.

use axum::http::HeaderName;

use crate::replica::model::{Data, Datatype, fixed_size_datatypes};

/// Length of the JSON part of a body that has tensors in binary form after it.
pub(super) const HEADER_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

/// A fixed-size element as bytes.
trait Fixed<const N: usize>: Sized {
    fn decode(bytes: [u8; N]) -> Option<Self>;
    fn encode(&self) -> [u8; N];
}

impl Fixed<1> for bool {
    fn decode([byte]: [u8; 1]) -> Option<Self> {
        match byte {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
    fn encode(&self) -> [u8; 1] {
        [u8::from(*self)]
    }
}

macro_rules! numbers {
    ($($rust:ty, $size:literal;)*) => {$(
        impl Fixed<$size> for $rust {
            fn decode(bytes: [u8; $size]) -> Option<Self> {
                Some(Self::from_le_bytes(bytes))
            }
            fn encode(&self) -> [u8; $size] {
                self.to_le_bytes()
            }
        }
    )*};
}
numbers! {
    u8, 1; u16, 2; u32, 4; u64, 8; i8, 1; i16, 2; i32, 4; i64, 8; half::f16, 2; half::bf16, 2; f32, 4; f64, 8;
}

/// Reads `count` elements; a sentence when there are more, fewer or wrong ones.
pub(super) fn read(bytes: &[u8], datatype: Datatype, count: usize) -> Result<Data, String> {
    if let Some(size) = datatype.size()
        && Some(bytes.len()) != count.checked_mul(size)
    {
        return Err(format!(
            "its binary data has {} bytes, and {count} elements of {} need {}",
            bytes.len(),
            datatype.name(),
            count.saturating_mul(size)
        ));
    }
    macro_rules! read {
        ($($variant:ident, $rust:ty, $name:literal, $size:literal, $onnx:ident;)*) => {
            match datatype {
                $(Datatype::$variant => fixed::<$rust, $size>(bytes).map(Data::$variant),)*
                Datatype::Bytes => text(bytes, count).map(Data::Bytes),
            }
        };
    }
    fixed_size_datatypes!(read)
}

fn fixed<T: Fixed<N>, const N: usize>(bytes: &[u8]) -> Result<Vec<T>, String> {
    let (chunks, _) = bytes.as_chunks::<N>();
    let decode = |(place, chunk): (usize, &[u8; N])| {
        T::decode(*chunk).ok_or_else(|| format!("element {place} of its binary data is neither 0 nor 1"))
    };
    chunks.iter().enumerate().map(decode).collect()
}

fn text(mut bytes: &[u8], count: usize) -> Result<Vec<String>, String> {
    let mut elements = Vec::with_capacity(count.min(bytes.len() / 4));
    while !bytes.is_empty() {
        let place = elements.len();
        let cut = || format!("its binary data is cut short in element {place}");
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(cut)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| cut())?;
        let (element, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        let element =
            str::from_utf8(element).map_err(|_| format!("element {place} of its binary data is not UTF-8"))?;
        elements.push(element.to_owned());
        bytes = rest;
    }
    match elements.len() {
        found if found == count => Ok(elements),
        found => Err(format!("its binary data has {found} elements, and its shape needs {count}")),
    }
}

/// Appends the elements to `bytes`.
pub(super) fn write(data: &Data, bytes: &mut Vec<u8>) {
    fn fixed<T: Fixed<N>, const N: usize>(data: &[T], bytes: &mut Vec<u8>) {
        bytes.reserve(data.len() * N);
        for element in data {
            bytes.extend_from_slice(&element.encode());
        }
    }
    macro_rules! write {
        ($($variant:ident, $rust:ty, $name:literal, $size:literal, $onnx:ident;)*) => {
            match data {
                $(Data::$variant(data) => fixed::<$rust, $size>(data, bytes),)*
                Data::Bytes(data) => {
                    for element in data {
                        let length = u32::try_from(element.len()).unwrap_or(u32::MAX);
                        bytes.extend_from_slice(&length.to_le_bytes());
                        bytes.extend_from_slice(element.as_bytes());
                    }
                }
            }
        };
    }
    fixed_size_datatypes!(write);
}

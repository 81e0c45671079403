//! Reads the `data` of one input from JSON: flat, or nested as the shape says.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::numbers;
use crate::replica::model::{Datatype, Element};

/// Reads all of `json` as `count` elements of the given shape. Places of elements that are null go to `missing` where it is
/// given; else null is an element only where the datatype has one for it.
pub(super) fn read<T: Element>(
    json: &str,
    shape: &[i64],
    count: usize,
    missing: Option<&mut Vec<usize>>,
) -> Result<Vec<T>, serde_json::Error> {
    // Every element takes two characters or more, so a short text cannot make a large allocation.
    let mut elements = Vec::with_capacity(count.min(json.len() / 2 + 1));
    let mut json_reader = serde_json::Deserializer::from_str(json);
    let level = Level { elements: &mut elements, missing, shape, depth: 0, count };
    match level.deserialize(&mut json_reader)? {
        Nesting::Array => {}
        Nesting::Element => return Err(Error::custom("\"data\" is not a list")),
    }
    json_reader.end()?;
    Ok(elements)
}

enum Nesting {
    Element,
    Array,
}

struct Level<'a, T> {
    elements: &'a mut Vec<T>,
    missing: Option<&'a mut Vec<usize>>,
    shape: &'a [i64],
    depth: usize,
    count: usize,
}

impl<T: Element> Level<'_, T> {
    fn add<E: Error>(self, element: Option<T>, found: impl fmt::Display) -> Result<Nesting, E> {
        let place = self.elements.len();
        if place >= self.count {
            return Err(too_many(self.shape, self.count));
        }
        match element {
            Some(element) => {
                self.elements.push(element);
                Ok(Nesting::Element)
            }
            None => Err(E::custom(format_args!("element {place} is {found}, which is not {}", T::DATATYPE.name()))),
        }
    }
}

fn too_many<E: Error>(shape: &[i64], count: usize) -> E {
    E::custom(format_args!("the data has more elements than the {count} of shape {shape:?}"))
}

impl<'de, T: Element> DeserializeSeed<'de> for Level<'_, T> {
    type Value = Nesting;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Nesting, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Element> Visitor<'de> for Level<'_, T> {
    type Value = Nesting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {} elements", T::DATATYPE.name())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Nesting, E> {
        self.add(T::from_bool(value), value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Nesting, E> {
        self.add(T::from_integer(value.into()), value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Nesting, E> {
        self.add(T::from_integer(value.into()), value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Nesting, E> {
        self.add(T::from_float(value), format_args!("{value:?}"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Nesting, E> {
        match numbers::infinity(value) {
            Some(number) if T::DATATYPE == Datatype::Bytes => self.add(None, number),
            Some(number) => self.add(T::from_text(number), number),
            None => self.add(T::from_text(value), "text"),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Nesting, E> {
        match self.missing {
            Some(missing) => {
                missing.push(self.elements.len());
                Level { missing: None, ..self }.add(Some(T::default()), "null")
            }
            None => self.add(T::from_null(), "null"),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Nesting, A::Error> {
        self.add(None, "an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Nesting, A::Error> {
        let Self { elements, mut missing, shape, depth, count } = self;
        let (mut arrays, mut scalars) = (0_usize, 0_usize);
        loop {
            let missing = missing.as_deref_mut();
            let next = Level { elements: &mut *elements, missing, shape, depth: depth + 1, count };
            match items.next_element_seed(next)? {
                Some(Nesting::Array) => arrays += 1,
                Some(Nesting::Element) => scalars += 1,
                None => break,
            }
        }
        let length = arrays + scalars;
        let here = shape.get(depth).and_then(|&length| usize::try_from(length).ok());
        let fits = if arrays > 0 {
            scalars == 0 && depth + 1 < shape.len() && here == Some(length)
        } else {
            // Flat data, the innermost dimension, or an outer dimension of length 0.
            (depth == 0 && length == count) || (here == Some(length) && (length == 0 || depth + 1 == shape.len()))
        };
        if fits {
            return Ok(Nesting::Array);
        }
        Err(Error::custom(if depth == 0 && arrays == 0 {
            format!("the data has {length} elements, and shape {shape:?} needs {count}")
        } else {
            format!("the data is not nested as shape {shape:?} says: an array of {length} stands at depth {depth}")
        }))
    }
}

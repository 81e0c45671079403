//! The categories of features as XGBoost keeps them: of each column texts, as bytes and where each begins, or whole
//! numbers, or none.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, IgnoredAny, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Most bytes and numbers that are read together.
const MOST: usize = 4 << 20;

/// The file lists more categories than are read.
#[derive(Debug)]
pub(super) struct TooMany;

/// The categories of all columns in turn.
#[derive(Debug)]
pub(super) struct Categories(Result<Vec<Encoding>, TooMany>);

impl Default for Categories {
    fn default() -> Self {
        Self(Ok(Vec::new()))
    }
}

/// The part of the file that holds the categories.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Container {
    pub(super) enc: Categories,
}

/// The categories of one column.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Encoding {
    offsets: Numbers,
    values: Numbers,
}

/// Whole numbers.
#[derive(Debug, Default)]
struct Numbers {
    /// As many as are read.
    whole: Vec<i64>,
    /// There are others among them.
    others: bool,
    /// There are more.
    more: bool,
}

impl Categories {
    /// The lists by the names of their columns, as JSON; none when no column has any.
    ///
    /// # Errors
    /// There are too many to say which.
    pub(super) fn written(self, columns: Option<&[(String, String)]>) -> Result<Option<String>, TooMany> {
        let lists = self.0?.into_iter().enumerate().filter_map(|(at, encoding)| {
            let names = encoding.names().filter(|names| !names.is_empty())?;
            let column = match columns {
                Some(columns) => columns.get(at)?.0.clone(),
                None => format!("column {}", at + 1),
            };
            Some((column, Value::from(names)))
        });
        let lists: Map<String, Value> = lists.collect();
        Ok((!lists.is_empty()).then(|| Value::Object(lists).to_string()))
    }
}

impl Encoding {
    /// Numbers stay numbers.
    fn names(self) -> Option<Vec<Value>> {
        if self.offsets.others || self.values.others {
            return None;
        }
        let (offsets, values) = (self.offsets.whole, self.values.whole);
        if offsets.is_empty() {
            return Some(values.into_iter().map(Value::from).collect());
        }
        let bytes: Vec<u8> = values.iter().map(|byte| byte.to_le_bytes()[0]).collect();
        let name = |ends: &[i64]| {
            let (start, end) = (usize::try_from(ends[0]).ok()?, usize::try_from(ends[1]).ok()?);
            bytes.get(start..end).map(|name| Value::from(String::from_utf8_lossy(name).into_owned()))
        };
        offsets.windows(2).map(name).collect()
    }
}

impl<'de> Deserialize<'de> for Categories {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Categories;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the categories of columns")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Categories, A::Error> {
                let (mut encodings, mut kept) = (Vec::new(), 0);
                while let Some(encoding) = list.next_element::<Encoding>()? {
                    kept += encoding.offsets.whole.len() + encoding.values.whole.len() + 1;
                    if kept > MOST || encoding.offsets.more || encoding.values.more {
                        while list.next_element::<IgnoredAny>()?.is_some() {}
                        return Ok(Categories(Err(TooMany)));
                    }
                    encodings.push(encoding);
                }
                Ok(Categories(Ok(encodings)))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Numbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of whole numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Numbers, A::Error> {
                let mut numbers = Numbers::default();
                while let Some(Number(number)) = list.next_element()? {
                    match number.filter(|_| numbers.whole.len() < MOST) {
                        Some(number) => numbers.whole.push(number),
                        None => {
                            (numbers.others, numbers.more) = (number.is_none(), number.is_some());
                            while list.next_element::<IgnoredAny>()?.is_some() {}
                            break;
                        }
                    }
                }
                Ok(numbers)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// A number; none when it is not whole.
struct Number(Option<i64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl Visitor<'_> for One {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
                Ok(Number(Some(number)))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
                Ok(Number(i64::try_from(number).ok()))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Number, E> {
                Ok(Number(None))
            }
        }
        deserializer.deserialize_any(One)
    }
}

//! Reads an answer without keeping its values: their number is enough, however large it is.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// Most outputs that an answer may have.
pub(super) const MOST_OUTPUTS: usize = 1_000;

/// The answer of MLflow's scoring server.
#[derive(Deserialize)]
pub(super) struct Predictions {
    #[serde(default)]
    pub(super) predictions: Option<Values>,
}

/// The answer of the Open Inference Protocol.
#[derive(Deserialize)]
pub(super) struct Outputs {
    #[serde(default, deserialize_with = "few")]
    pub(super) outputs: Vec<Output>,
}

/// One output.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) datatype: String,
    pub(super) data: Values,
}

/// The number of values that are there, and of those that are missing; the values themselves are not kept.
#[derive(Clone, Copy, Default)]
pub(super) struct Values {
    there: u64,
    missing: u64,
}

impl Values {
    const THERE: Self = Self { there: 1, missing: 0 };
    const MISSING: Self = Self { there: 0, missing: 1 };

    /// True when there are values, and each of them is missing.
    pub(super) fn only_missing(self) -> bool {
        self.there == 0 && self.missing > 0
    }

    fn plus(self, other: Self) -> Self {
        Self { there: self.there + other.there, missing: self.missing + other.missing }
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Count)
    }
}

struct Count;

impl<'de> Visitor<'de> for Count {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Values, E> {
        Ok(Values::THERE)
    }

    fn visit_str<E>(self, word: &str) -> Result<Values, E> {
        Ok(if word == "NaN" { Values::MISSING } else { Values::THERE })
    }

    fn visit_unit<E>(self) -> Result<Values, E> {
        Ok(Values::MISSING)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Values, A::Error> {
        let mut sum = Values::default();
        while let Some(next) = values.next_element()? {
            sum = sum.plus(next);
        }
        Ok(sum)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Values, A::Error> {
        let mut sum = Values::default();
        while let Some((IgnoredAny, next)) = fields.next_entry()? {
            sum = sum.plus(next);
        }
        Ok(sum)
    }
}

/// A list of outputs that is not kept beyond its bound.
fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Output>, D::Error> {
    struct Few;
    impl<'de> Visitor<'de> for Few {
        type Value = Vec<Output>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of outputs")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut outputs = Vec::new();
            while let Some(output) = list.next_element()? {
                if outputs.len() == MOST_OUTPUTS {
                    return Err(de::Error::custom(format_args!("it has more than {MOST_OUTPUTS} outputs")));
                }
                outputs.push(output);
            }
            Ok(outputs)
        }
    }
    deserializer.deserialize_seq(Few)
}

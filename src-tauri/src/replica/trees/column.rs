//! One column of a file of trees: the number that stands for what a request sends of it.

use std::collections::HashMap;

use domain::model::Column;
use serde_json::Value;

use crate::replica::model::Data;
use crate::replica::protocol::quoted;

/// Categories are numbers below this; both libraries keep them in fewer bits.
const MOST_CATEGORIES: f64 = 16_777_216.0;
/// Whole numbers beyond this are not all different as floating-point numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Most categories that a sentence names.
const NAMED: usize = 20;

/// A reader of one column.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) name: String,
    pub(super) takes: Column,
    /// The place of each category, under its [`key`].
    categories: HashMap<String, f64>,
}

/// One element that was sent.
pub(super) enum SentValue<'a> {
    Missing,
    Whole(i128),
    Number(f64),
    Truth(bool),
    Text(&'a str),
}

impl Reader {
    pub(super) fn new(name: String, takes: Column) -> Self {
        let mut categories = HashMap::new();
        if let Column::Category(known) = &takes {
            for (place, category) in known.iter().enumerate() {
                categories.insert(key(category), place as f64);
            }
            // A number may also be written as text, as it stands in the file: it means the same category.
            for (place, category) in known.iter().enumerate().filter(|(_, category)| category.is_number()) {
                categories.entry(key(&Value::from(category.to_string()))).or_insert(place as f64);
            }
        }
        Self { name, takes, categories }
    }

    /// The number that stands for an element; else what is wrong with it.
    pub(super) fn number(&self, element: &SentValue<'_>, finite: bool) -> Result<f64, String> {
        match (&self.takes, element) {
            (_, SentValue::Missing) => Ok(f64::NAN),
            (_, SentValue::Number(number)) if number.is_nan() => Ok(f64::NAN),
            (Column::Number, SentValue::Whole(whole)) => Ok(*whole as f64),
            (Column::Number, SentValue::Number(number)) if finite && !(*number as f32).is_finite() => {
                Err(format!("{number:?}, and XGBoost takes finite numbers of 32 bits"))
            }
            (Column::Number, SentValue::Number(number)) => Ok(*number),
            (Column::Number, SentValue::Truth(truth)) => Ok(f64::from(u8::from(*truth))),
            (Column::Code, SentValue::Whole(whole)) if (0..MOST_CATEGORIES as i128).contains(whole) => {
                Ok(*whole as f64)
            }
            (Column::Code, SentValue::Number(number))
                if number.fract() == 0.0 && (0.0..MOST_CATEGORIES).contains(number) =>
            {
                Ok(*number)
            }
            (Column::Code, _) => Err(format!(
                "{}, which is not a category number: this column takes the whole numbers from 0 that were used in training",
                element.shown()
            )),
            (Column::Number, SentValue::Text(_)) => Err("text, which is not FP32".to_owned()),
            (Column::Category(known), _) => self.categories.get(&element.key()).copied().ok_or_else(|| {
                let known = shown(known);
                format!("{}, which is not a category of this column; its categories are {known}", element.shown())
            }),
        }
    }
}

impl SentValue<'_> {
    fn shown(&self) -> String {
        match self {
            Self::Missing => "null".to_owned(),
            Self::Whole(whole) => whole.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Text(text) => quoted(text),
        }
    }

    fn key(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Whole(whole) => whole_key(*whole),
            Self::Number(number) => key(&Value::from(*number)),
            Self::Truth(truth) => key(&Value::from(*truth)),
            Self::Text(text) => key(&Value::from(*text)),
        }
    }
}

/// The key that tells categories apart: a number from a text, but not 1 from 1.0.
fn key(category: &Value) -> String {
    match category {
        Value::Number(number) => match (number.as_i128(), number.as_f64().unwrap_or(f64::NAN)) {
            (Some(whole), _) => whole_key(whole),
            (None, float) if float.abs() > EXACT => format!("f{float}"),
            (None, float) => format!("n{}", float + 0.0), // -0 is 0.
        },
        Value::String(text) => format!("t{text}"),
        other => format!("o{other}"),
    }
}

fn whole_key(whole: i128) -> String {
    format!("n{whole}")
}

/// The categories as a sentence names them.
pub(super) fn shown(known: &[Value]) -> String {
    let words: Vec<String> = known.iter().take(NAMED).map(ToString::to_string).collect();
    let words: String = words.join(", ").chars().take(400).collect();
    match known.len().saturating_sub(NAMED) {
        0 => words,
        more => format!("{words} and {more} more"),
    }
}

/// The element at `place` of what was sent.
pub(super) fn element<'a>(
    data: &'a Data,
    place: usize,
    missing: &mut std::iter::Peekable<std::vec::IntoIter<usize>>,
) -> SentValue<'a> {
    if missing.next_if_eq(&place).is_some() {
        return SentValue::Missing;
    }
    match data {
        Data::Bool(data) => SentValue::Truth(data[place]),
        Data::Bytes(data) => SentValue::Text(&data[place]),
        Data::Fp16(data) => SentValue::Number(data[place].to_f64()),
        Data::Bf16(data) => SentValue::Number(data[place].to_f64()),
        Data::Fp32(data) => SentValue::Number(data[place].into()),
        Data::Fp64(data) => SentValue::Number(data[place]),
        Data::Uint8(data) => SentValue::Whole(data[place].into()),
        Data::Uint16(data) => SentValue::Whole(data[place].into()),
        Data::Uint32(data) => SentValue::Whole(data[place].into()),
        Data::Uint64(data) => SentValue::Whole(data[place].into()),
        Data::Int8(data) => SentValue::Whole(data[place].into()),
        Data::Int16(data) => SentValue::Whole(data[place].into()),
        Data::Int32(data) => SentValue::Whole(data[place].into()),
        Data::Int64(data) => SentValue::Whole(data[place].into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_are_told_apart_however_large() {
        let id = 1_700_000_000_000_000_001_i64;
        let known = json!([id, id + 2, 10, 0.5]).as_array().cloned().unwrap();
        let reader = Reader::new("id".to_owned(), Column::Category(known));
        let place = |element: SentValue<'_>| reader.number(&element, true).ok();
        let whole = |number: i64| SentValue::Whole(number.into());
        let near = id.to_string();
        for (element, expected) in [
            (whole(id), Some(0.0)),
            (whole(id + 2), Some(1.0)),
            (whole(id + 1), None),
            (SentValue::Number(id as f64), None),
            (SentValue::Text(&near), Some(0.0)),
            (whole(10), Some(2.0)),
            (SentValue::Number(10.0), Some(2.0)),
            (SentValue::Number(0.5), Some(3.0)),
        ] {
            assert_eq!(place(element), expected);
        }
    }
}

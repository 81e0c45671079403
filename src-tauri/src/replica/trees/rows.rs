//! The rows that a request sends to a file of trees, a number for each column in the order of the file.
//!
//! One input for each column, of shape [n] or [n, 1], under the column's name and in any order; or a single tensor
//! [n, columns] called `data`, of any name where the file names no columns. Inputs that the model does not know are left
//! aside when all that it needs is there. An element that is null is missing, in every datatype.

use std::collections::HashMap;

use domain::model::{Column, Dimension, Format, Signature, UNNAMED};
use serde_json::Value;

use crate::replica::model::{Data, Datatype, Input, LoadError};
use crate::replica::protocol::{Refusal, Sent, SentInput, list, quoted};

/// Categories are numbers below this; both libraries keep them in fewer bits.
const MOST_CATEGORIES: f64 = 16_777_216.0;
/// Whole numbers beyond this are not all different as floating-point numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Most categories that a sentence names.
const NAMED: usize = 20;

/// Rows of numbers, one after another.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) count: usize,
    pub(super) values: Vec<f64>,
}

/// What the columns of a file take.
#[derive(Debug)]
pub(super) struct Table {
    columns: Columns,
    /// Infinities, and numbers that 32 bits cannot hold, are refused by the library.
    finite: bool,
}

#[derive(Debug)]
enum Columns {
    /// Those that the file itself names, in its order.
    Named { readers: Vec<Reader>, places: HashMap<String, usize> },
    /// So many numbers. The library calls each by `start` and its place; versions of before were asked like this.
    Unnamed { width: usize, start: &'static str, reader: Reader },
}

/// How one column is read.
#[derive(Debug)]
struct Reader {
    name: String,
    takes: Column,
    /// Place of each category by what [`key`] makes of it.
    categories: HashMap<String, f64>,
}

/// One element that was sent.
enum Element<'a> {
    Missing,
    Whole(i128),
    Number(f64),
    Truth(bool),
    Text(&'a str),
}

impl Table {
    /// What the file says of its columns. One row is to fit into `most` bytes.
    ///
    /// # Errors
    /// Its categories cannot be told apart, or it has more columns than a request can hold.
    pub(super) fn of(signature: &Signature, most: usize) -> Result<Self, LoadError> {
        let boosted = signature.format != Format::LightgbmText;
        let width = match signature.inputs.as_slice() {
            [only] if only.name.is_empty() => only.shape.as_ref().and_then(|shape| match shape.last()? {
                Dimension::Fixed(width) => Some(*width),
                _ => None,
            }),
            _ => None,
        };
        let columns = match width {
            Some(width) => {
                // In its shortest form, a number takes a byte.
                let fits = usize::try_from(width).ok().filter(|width| *width <= most);
                let width = fits.ok_or_else(|| {
                    let why = format!("it has {width} columns, and a request of {most} bytes, the limit, holds no row");
                    LoadError::Refused(why)
                })?;
                let start = if boosted { "f" } else { "Column_" };
                Columns::Unnamed { width, start, reader: Reader::new(UNNAMED.to_owned(), Column::Number) }
            }
            None => {
                let takes = signature.tree_columns().map_err(|ambiguous| LoadError::Refused(ambiguous.to_string()))?;
                let names = signature.inputs.iter().map(|input| input.name.clone());
                let readers: Vec<_> = names.zip(takes).map(|(name, takes)| Reader::new(name, takes)).collect();
                let places = readers.iter().enumerate().map(|(place, reader)| (reader.name.clone(), place)).collect();
                Columns::Named { readers, places }
            }
        };
        Ok(Self { columns, finite: boosted })
    }

    /// Number of columns.
    pub(super) fn width(&self) -> usize {
        match &self.columns {
            Columns::Named { readers, .. } => readers.len(),
            Columns::Unnamed { width, .. } => *width,
        }
    }

    fn reader(&self, place: usize) -> &Reader {
        match &self.columns {
            Columns::Named { readers, .. } => &readers[place],
            Columns::Unnamed { reader, .. } => reader,
        }
    }

    /// The place of the column `name`.
    fn place(&self, name: &str) -> Option<usize> {
        match &self.columns {
            Columns::Named { places, .. } => places.get(name).copied(),
            Columns::Unnamed { width, start, .. } => {
                let number = name.strip_prefix(start)?;
                number.parse().ok().filter(|place: &usize| place < width && *number == place.to_string())
            }
        }
    }

    /// Inputs as the protocol describes them.
    pub(super) fn inputs(&self) -> Vec<Input> {
        let input = |name: &str, datatype: &str, width: usize| Input {
            name: name.to_owned(),
            datatype: Datatype::of_name(datatype).unwrap_or(Datatype::Fp32),
            shape: Some(vec![-1, i64::try_from(width).unwrap_or(i64::MAX)]),
        };
        match &self.columns {
            Columns::Named { readers, .. } => {
                readers.iter().map(|reader| input(&reader.name, reader.takes.datatype(), 1)).collect()
            }
            Columns::Unnamed { width, .. } => vec![input(UNNAMED, "FP32", *width)],
        }
    }

    /// The rows of a request.
    ///
    /// # Errors
    /// A sentence about the first thing that does not fit.
    pub(super) fn rows(&self, sent: &mut Sent<'_>) -> Result<Rows, Refusal> {
        let rows = match sent.inputs() {
            [only] if self.is_whole(only) => self.whole(sent)?,
            _ => self.by_column(sent)?,
        };
        sent.nothing_left()?;
        Ok(rows)
    }

    /// True if a single input holds all columns.
    fn is_whole(&self, only: &SentInput<'_>) -> bool {
        let named = matches!(self.columns, Columns::Named { .. });
        self.place(only.name()).is_none() && (!named || only.name() == UNNAMED)
    }

    fn whole(&self, sent: &mut Sent<'_>) -> Result<Rows, Refusal> {
        let width = self.width();
        let name = sent.inputs()[0].name().to_owned();
        let refuse = |why: String| Refusal::bad_request(format!("input {}: {why}", quoted(&name)));
        if sent.inputs()[0].datatype() == "BYTES" {
            return Err(refuse("datatype \"BYTES\" was given, and the model takes FP32".to_owned()));
        }
        let (data, missing) = sent.values(0, |_| Ok(vec![-1, i64::try_from(width).unwrap_or(i64::MAX)]))?;
        let mut missing = missing.into_iter().peekable();
        let length = data.len();
        let mut values = Vec::with_capacity(length);
        for place in 0..length {
            let element = element(&data, place, &mut missing);
            let column = self.reader(place % width);
            if let (Column::Category(known), "BYTES") = (&column.takes, column.takes.datatype()) {
                let known = shown(known);
                return Err(refuse(format!(
                    "its column {} takes {known}, which a tensor of numbers cannot hold; send an input for each column",
                    quoted(&column.name)
                )));
            }
            let number = column.number(&element, self.finite);
            values.push(number.map_err(|why| refuse(format!("element {place} is {why}")))?);
        }
        Ok(Rows { count: length.checked_div(width).unwrap_or(0), values })
    }

    fn by_column(&self, sent: &mut Sent<'_>) -> Result<Rows, Refusal> {
        let width = self.width();
        let mut columns: HashMap<usize, Vec<f64>> = HashMap::with_capacity(width.min(sent.inputs().len()));
        let mut unknown = None;
        let mut rows: Option<(usize, String)> = None;
        for index in 0..sent.inputs().len() {
            let name = sent.inputs()[index].name().to_owned();
            let Some(place) = self.place(&name) else {
                sent.skip(index)?;
                unknown.get_or_insert(name);
                continue;
            };
            let refuse = |why: String| Refusal::bad_request(format!("input {}: {why}", quoted(&name)));
            if columns.contains_key(&place) {
                return Err(Refusal::bad_request(format!("input {} is given twice", quoted(&name))));
            }
            let column = self.reader(place);
            let takes_text = matches!(column.takes, Column::Category(_));
            if sent.inputs()[index].datatype() == "BYTES" && !takes_text {
                let takes = column.takes.datatype();
                return Err(refuse(format!("datatype \"BYTES\" was given, and the model takes {takes}")));
            }
            let (data, missing) = sent.values(index, |given| match given {
                [_] => Ok(vec![-1]),
                _ => Ok(vec![-1, 1]),
            })?;
            let mut missing = missing.into_iter().peekable();
            let number = |place| {
                let number = column.number(&element(&data, place, &mut missing), self.finite);
                number.map_err(|why| refuse(format!("element {place} is {why}")))
            };
            let numbers = (0..data.len()).map(number).collect::<Result<Vec<f64>, _>>()?;
            match &rows {
                Some((count, first)) if *count != numbers.len() => {
                    return Err(refuse(format!(
                        "it has {} rows, and input {} has {count}",
                        numbers.len(),
                        quoted(first)
                    )));
                }
                _ => rows = Some((numbers.len(), name)),
            }
            columns.insert(place, numbers);
        }
        if let Some(lacking) = (0..width).find(|place| !columns.contains_key(place)) {
            return Err(Refusal::bad_request(self.lacks(lacking, unknown.as_deref())));
        }
        let count = rows.map_or(0, |(count, _)| count);
        let mut values = vec![0.0; count * width];
        for (place, numbers) in columns {
            for (row, number) in numbers.into_iter().enumerate() {
                values[row * width + place] = number;
            }
        }
        Ok(Rows { count, values })
    }

    /// What is wrong with a request that lacks the column at `lacking`.
    fn lacks(&self, lacking: usize, unknown: Option<&str>) -> String {
        let (takes, name) = match &self.columns {
            Columns::Named { readers, .. } => {
                (list(readers.iter().map(|reader| &reader.name)), readers[lacking].name.clone())
            }
            Columns::Unnamed { width, start, .. } => {
                (format!("one tensor of shape [-1, {width}], where -1 is any length"), format!("{start}{lacking}"))
            }
        };
        match unknown {
            Some(unknown) => format!("the model has no input {}; it takes {takes}", quoted(unknown)),
            None => format!("input {} is missing: the model needs {takes}", quoted(&name)),
        }
    }
}

impl Reader {
    fn new(name: String, takes: Column) -> Self {
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
    fn number(&self, element: &Element<'_>, finite: bool) -> Result<f64, String> {
        match (&self.takes, element) {
            (_, Element::Missing) => Ok(f64::NAN),
            (_, Element::Number(number)) if number.is_nan() => Ok(f64::NAN),
            (Column::Number, Element::Whole(whole)) => Ok(*whole as f64),
            (Column::Number, Element::Number(number)) if finite && !(*number as f32).is_finite() => {
                Err(format!("{number:?}, and XGBoost takes finite numbers of 32 bits"))
            }
            (Column::Number, Element::Number(number)) => Ok(*number),
            (Column::Number, Element::Truth(truth)) => Ok(f64::from(u8::from(*truth))),
            (Column::Code, Element::Whole(whole)) if (0..MOST_CATEGORIES as i128).contains(whole) => Ok(*whole as f64),
            (Column::Code, Element::Number(number))
                if number.fract() == 0.0 && (0.0..MOST_CATEGORIES).contains(number) =>
            {
                Ok(*number)
            }
            (Column::Code, _) => Err(format!(
                "{}, which is not a category number: this column takes the whole numbers from 0 that were used in training",
                element.shown()
            )),
            (Column::Number, Element::Text(_)) => Err("text, which is not FP32".to_owned()),
            (Column::Category(known), _) => self.categories.get(&element.key()).copied().ok_or_else(|| {
                let known = shown(known);
                format!("{}, which is not a category of this column; its categories are {known}", element.shown())
            }),
        }
    }
}

impl Element<'_> {
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

/// What tells categories apart: a number from a text, and not 1 from 1.0.
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
fn shown(known: &[Value]) -> String {
    let words: Vec<String> = known.iter().take(NAMED).map(ToString::to_string).collect();
    let words: String = words.join(", ").chars().take(400).collect();
    match known.len().saturating_sub(NAMED) {
        0 => words,
        more => format!("{words} and {more} more"),
    }
}

fn element<'a>(
    data: &'a Data,
    place: usize,
    missing: &mut std::iter::Peekable<std::vec::IntoIter<usize>>,
) -> Element<'a> {
    if missing.next_if_eq(&place).is_some() {
        return Element::Missing;
    }
    match data {
        Data::Bool(data) => Element::Truth(data[place]),
        Data::Bytes(data) => Element::Text(&data[place]),
        Data::Fp16(data) => Element::Number(data[place].to_f64()),
        Data::Bf16(data) => Element::Number(data[place].to_f64()),
        Data::Fp32(data) => Element::Number(data[place].into()),
        Data::Fp64(data) => Element::Number(data[place]),
        Data::Uint8(data) => Element::Whole(data[place].into()),
        Data::Uint16(data) => Element::Whole(data[place].into()),
        Data::Uint32(data) => Element::Whole(data[place].into()),
        Data::Uint64(data) => Element::Whole(data[place].into()),
        Data::Int8(data) => Element::Whole(data[place].into()),
        Data::Int16(data) => Element::Whole(data[place].into()),
        Data::Int32(data) => Element::Whole(data[place].into()),
        Data::Int64(data) => Element::Whole(data[place].into()),
    }
}

#[cfg(test)]
mod tests {
    use domain::model::{Field, ValueKind, whole_table};
    use serde_json::json;

    use super::*;

    fn boosted(inputs: Vec<Field>, categories: &Value) -> Signature {
        let metadata = [("categories".to_owned(), categories.to_string())].into();
        Signature { format: Format::XgboostJson, inputs, metadata, ..Signature::default() }
    }

    #[test]
    fn whole_numbers_are_told_apart_however_large() {
        let id = 1_700_000_000_000_000_001_i64;
        let column = Field {
            name: "id".to_owned(),
            kind: ValueKind::Column,
            datatype: "c".to_owned(),
            shape: None,
            required: true,
            meaning: None,
        };
        let table = Table::of(&boosted(vec![column], &json!({ "id": [id, id + 2, 10, 0.5] })), 1 << 20).unwrap();
        let place = |element: Element<'_>| table.reader(0).number(&element, true).ok();
        let whole = |number: i64| Element::Whole(number.into());
        let near = id.to_string();
        for (element, expected) in [
            (whole(id), Some(0.0)),
            (whole(id + 2), Some(1.0)),
            (whole(id + 1), None),
            (Element::Number(id as f64), None),
            (Element::Text(&near), Some(0.0)),
            (whole(10), Some(2.0)),
            (Element::Number(10.0), Some(2.0)),
            (Element::Number(0.5), Some(3.0)),
        ] {
            assert_eq!(place(element), expected);
        }
    }

    #[test]
    fn columns_without_names_take_no_memory_and_a_row_fits_into_a_request() {
        let table = |width| Table::of(&boosted(vec![whole_table(width)], &json!({})), 1 << 24);
        let error = table(u64::MAX).unwrap_err().to_string();
        assert!(error.contains("18446744073709551615 columns, and a request of 16777216 bytes"), "{error}");
        let table = table(1 << 24).unwrap();
        assert!(matches!(table.columns, Columns::Unnamed { width: 16_777_216, .. }));
        for (name, place) in [("f0", Some(0)), ("f16777215", Some(16_777_215)), ("f16777216", None), ("f01", None)] {
            assert_eq!(table.place(name), place, "{name}");
        }
        assert_eq!(
            table.lacks(7, None),
            "input \"f7\" is missing: the model needs one tensor of shape [-1, 16777216], where -1 is any length"
        );
    }
}

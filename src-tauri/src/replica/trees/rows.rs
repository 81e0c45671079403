//! The rows that a request sends to a file of trees, a number for each column in the order of the file.
//!
//! One input for each column, of shape [n] or [n, 1], under the column's name and in any order; or a single tensor
//! [n, columns] called `data`, of any name where the file names no columns. Inputs that the model does not know are left
//! aside when all that it needs is there. An element that is null is missing, in every datatype.

use std::collections::HashMap;

use domain::model::{Ambiguous, Column, Format, Signature, UNNAMED};
use serde_json::Value;

use crate::replica::model::{Data, Datatype, Input};
use crate::replica::protocol::{Refusal, Sent, SentInput, list, quoted};

/// Categories are numbers below this; both libraries keep them in fewer bits.
const MOST_CATEGORIES: f64 = 16_777_216.0;
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
    /// In the order of the file.
    columns: Vec<Reader>,
    places: HashMap<String, usize>,
    /// Whether the file itself names them.
    named: bool,
    /// Infinities, and numbers that 32 bits cannot hold, are refused by the library.
    finite: bool,
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
    Number(f64),
    Truth(bool),
    Text(&'a str),
}

impl Table {
    /// What the file says of its columns.
    ///
    /// # Errors
    /// When its categories cannot be told apart.
    pub(super) fn of(signature: &Signature) -> Result<Self, Ambiguous> {
        let boosted = signature.format != Format::LightgbmText;
        let table = match signature.inputs.as_slice() {
            [only] if only.name.is_empty() => only.shape.as_ref().and_then(|shape| match shape.last()? {
                domain::model::Dimension::Fixed(width) => usize::try_from(*width).ok(),
                _ => None,
            }),
            _ => None,
        };
        let columns: Vec<Reader> = match table {
            // As the libraries themselves call them; versions of before were asked like this.
            Some(width) => {
                let start = if boosted { "f" } else { "Column_" };
                (0..width).map(|place| Reader::new(format!("{start}{place}"), Column::Number)).collect()
            }
            None => {
                let names = signature.inputs.iter().map(|input| input.name.clone());
                names.zip(signature.tree_columns()?).map(|(name, takes)| Reader::new(name, takes)).collect()
            }
        };
        let places = columns.iter().enumerate().map(|(place, column)| (column.name.clone(), place)).collect();
        Ok(Self { columns, places, named: table.is_none(), finite: boosted })
    }

    /// Inputs as the protocol describes them.
    pub(super) fn inputs(&self) -> Vec<Input> {
        let input = |name: &str, datatype: &str, width: usize| Input {
            name: name.to_owned(),
            datatype: Datatype::of_name(datatype).unwrap_or(Datatype::Fp32),
            shape: Some(vec![-1, i64::try_from(width).unwrap_or(i64::MAX)]),
        };
        if self.named {
            self.columns.iter().map(|column| input(&column.name, column.takes.datatype(), 1)).collect()
        } else {
            vec![input(UNNAMED, "FP32", self.columns.len())]
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

    /// Whether a single input holds all columns.
    fn is_whole(&self, only: &SentInput<'_>) -> bool {
        !self.places.contains_key(only.name()) && (!self.named || only.name() == UNNAMED)
    }

    fn whole(&self, sent: &mut Sent<'_>) -> Result<Rows, Refusal> {
        let width = self.columns.len();
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
            let column = &self.columns[place % width];
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
        let mut columns: Vec<Option<Vec<f64>>> = self.columns.iter().map(|_| None).collect();
        let mut unknown = None;
        let mut rows: Option<(usize, String)> = None;
        for index in 0..sent.inputs().len() {
            let name = sent.inputs()[index].name().to_owned();
            let Some(&place) = self.places.get(&name) else {
                sent.skip(index)?;
                unknown.get_or_insert(name);
                continue;
            };
            let refuse = |why: String| Refusal::bad_request(format!("input {}: {why}", quoted(&name)));
            if columns[place].is_some() {
                return Err(Refusal::bad_request(format!("input {} is given twice", quoted(&name))));
            }
            let column = &self.columns[place];
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
            columns[place] = Some(numbers);
        }
        let lacking = self.columns.iter().zip(&columns).find(|(_, sent)| sent.is_none());
        if let Some((column, _)) = lacking {
            return Err(Refusal::bad_request(self.lacks(&column.name, unknown.as_deref())));
        }
        let (count, width) = (rows.map_or(0, |(count, _)| count), self.columns.len());
        let mut values = vec![0.0; count * width];
        for (place, numbers) in columns.into_iter().flatten().enumerate() {
            for (row, number) in numbers.into_iter().enumerate() {
                values[row * width + place] = number;
            }
        }
        Ok(Rows { count, values })
    }

    /// What is wrong with a request that lacks the column `lacking`.
    fn lacks(&self, lacking: &str, unknown: Option<&str>) -> String {
        let takes = if self.named {
            list(self.columns.iter().map(|column| &column.name))
        } else {
            format!("one tensor of shape [-1, {}], where -1 is any length", self.columns.len())
        };
        match unknown {
            Some(unknown) => format!("the model has no input {}; it takes {takes}", quoted(unknown)),
            None => format!("input {} is missing: the model needs {takes}", quoted(lacking)),
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
            (Column::Number, Element::Number(number)) if finite && !(*number as f32).is_finite() => {
                Err(format!("{number:?}, and XGBoost takes finite numbers of 32 bits"))
            }
            (Column::Number, Element::Number(number)) => Ok(*number),
            (Column::Number, Element::Truth(truth)) => Ok(f64::from(u8::from(*truth))),
            (Column::Code, Element::Number(number))
                if number.fract() == 0.0 && (0.0..MOST_CATEGORIES).contains(number) =>
            {
                Ok(*number)
            }
            (Column::Code, _) => Err(format!(
                "{}, which is no category: the model takes the numbers that it was trained with, whole and from 0",
                element.shown()
            )),
            (Column::Number, Element::Text(_)) => Err("text, which is not FP32".to_owned()),
            (Column::Category(known), _) => {
                self.categories.get(&element.key()).copied().ok_or_else(|| {
                    format!("{}, which is no category of it; it takes {}", element.shown(), shown(known))
                })
            }
        }
    }
}

impl Element<'_> {
    fn shown(&self) -> String {
        match self {
            Self::Missing => "null".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Text(text) => quoted(text),
        }
    }

    fn key(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Number(number) => key(&Value::from(*number)),
            Self::Truth(truth) => key(&Value::from(*truth)),
            Self::Text(text) => key(&Value::from(*text)),
        }
    }
}

/// What tells categories apart: a number from a text, and not 1 from 1.0.
fn key(category: &Value) -> String {
    match category {
        Value::Number(number) => format!("n{}", number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => format!("t{text}"),
        other => format!("o{other}"),
    }
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
        Data::Uint8(data) => Element::Number(data[place].into()),
        Data::Uint16(data) => Element::Number(data[place].into()),
        Data::Uint32(data) => Element::Number(data[place].into()),
        Data::Uint64(data) => Element::Number(data[place] as f64),
        Data::Int8(data) => Element::Number(data[place].into()),
        Data::Int16(data) => Element::Number(data[place].into()),
        Data::Int32(data) => Element::Number(data[place].into()),
        Data::Int64(data) => Element::Number(data[place] as f64),
    }
}

//! The rows that a request sends to a file of trees, a number for each column in the order of the file.
//!
//! One input for each column, of shape [n] or [n, 1], under the column's name and in any order; or a single tensor
//! [n, columns] called `data`, of any name where the file names no columns. Inputs that the model does not know are left
//! aside when all that it needs is there. An element that is null is missing, in every datatype.

use std::collections::HashMap;

use domain::model::{Column, Dimension, Format, Signature, UNNAMED};

use super::column::{Reader, element, shown};
use crate::replica::model::{Datatype, LoadError, ModelInput};
use crate::replica::protocol::{InferenceRefusal, Sent, SentInput, list, quoted};

/// Rows of numbers, one after another.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) count: usize,
    pub(super) values: Vec<f64>,
}

/// The columns of a file, and the values that they take.
#[derive(Debug)]
pub(super) struct Table {
    columns: Columns,
    /// Infinities, and numbers that 32 bits cannot hold, are refused by the library.
    finite: bool,
}

#[derive(Debug)]
enum Columns {
    /// The columns that the file itself names, in its order.
    Named { readers: Vec<Reader>, places: HashMap<String, usize> },
    /// So many numbers. The library calls each by `start` and its place; versions of before were asked like this.
    Unnamed { width: usize, start: &'static str, reader: Reader },
}

impl Table {
    /// The columns as the file states them. One row is to fit into `most` bytes.
    ///
    /// # Errors
    /// The categories cannot be told apart, or there are more columns than a request can hold.
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
    pub(super) fn inputs(&self) -> Vec<ModelInput> {
        let input = |name: &str, datatype: &str, width: usize| ModelInput {
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
    pub(super) fn rows(&self, sent: &mut Sent<'_>) -> Result<Rows, InferenceRefusal> {
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

    fn whole(&self, sent: &mut Sent<'_>) -> Result<Rows, InferenceRefusal> {
        let width = self.width();
        let name = sent.inputs()[0].name().to_owned();
        let refuse = |why: String| InferenceRefusal::bad_request(format!("input {}: {why}", quoted(&name)));
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

    fn by_column(&self, sent: &mut Sent<'_>) -> Result<Rows, InferenceRefusal> {
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
            let refuse = |why: String| InferenceRefusal::bad_request(format!("input {}: {why}", quoted(&name)));
            if columns.contains_key(&place) {
                return Err(InferenceRefusal::bad_request(format!("input {} is given twice", quoted(&name))));
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
            return Err(InferenceRefusal::bad_request(self.lacks(lacking, unknown.as_deref())));
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

    /// The sentence about a request that lacks the column at `lacking`.
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

#[cfg(test)]
mod tests {
    use domain::model::whole_table;

    use super::*;

    #[test]
    fn columns_without_names_take_no_memory_and_a_row_fits_into_a_request() {
        let signature =
            |width| Signature { format: Format::XgboostJson, inputs: vec![whole_table(width)], ..Signature::default() };
        let table = |width| Table::of(&signature(width), 1 << 24);
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

//! The answer to a request as a table that people read: a line for each row, a column for each output or class.

use serde::Deserialize;
use serde_json::Value;

use super::value::text;
use crate::compat::answer::{cut, said};

/// Most rows of an answer that are shown.
const MOST_ROWS: usize = 100;
/// Most columns that one output is spread over; a wider one is shown in one cell.
const MOST_COLUMNS: usize = 64;
/// Most values that are shown in one cell.
const MOST_IN_CELL: usize = 12;
/// Most characters of a cell.
const LONGEST: usize = 400;
/// Digits of a number that are shown.
const DIGITS: usize = 6;

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerColumn {
    /// The output that it belongs to.
    pub output: String,
    /// The class, or the place, that it is about; none where the output has one value in each row.
    pub part: Option<String>,
}

/// A cell of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerCell {
    /// The text that is shown.
    pub text: String,
    /// It is the greatest probability of its output in this row.
    pub is_greatest: bool,
}

/// An answer as a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerTable {
    /// Its columns.
    pub columns: Vec<AnswerColumn>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<AnswerCell>>,
    /// The number of further rows, which are not shown.
    pub more_rows: usize,
}

/// One output, row by row.
struct Output {
    name: String,
    /// The classes that its values are about.
    classes: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// The table of an answer, whose classes are these where the answer does not name them; none where it is written in no
/// way that is known.
pub fn table(body: &str, classes: &[String]) -> Option<AnswerTable> {
    let body: Value = serde_json::from_str(body).ok()?;
    let outputs = tensors(&body).or_else(|| predictions(&body))?;
    let outputs: Vec<_> = outputs.into_iter().map(|output| with_classes(output, classes)).collect();
    let rows = outputs.iter().map(|output| output.rows.len()).max().filter(|rows| *rows > 0)?;
    let columns = outputs.iter().flat_map(columns).collect();
    let row = |row: usize| outputs.iter().flat_map(|output| cells(output, row)).collect();
    let shown = rows.min(MOST_ROWS);
    Some(AnswerTable { columns, rows: (0..shown).map(row).collect(), more_rows: rows - shown })
}

/// The sentence of an answer that is none: `status` is not one of success. `from_model`: a replica gave it, and not the
/// gateway by itself.
pub fn refusal(status: u16, body: &str, from_model: bool) -> String {
    let who = if from_model { "The model answered" } else { "No replica answered: the gateway says" };
    match said(body.as_bytes()) {
        empty if empty.is_empty() => format!("{who} status {status}."),
        words => format!("{who} (status {status}): {words}"),
    }
}

#[derive(Deserialize)]
struct Tensor {
    name: String,
    #[serde(default)]
    shape: Vec<u64>,
    data: Value,
    #[serde(default)]
    parameters: Value,
}

/// The outputs of an answer in the words of the Open Inference Protocol.
fn tensors(body: &Value) -> Option<Vec<Output>> {
    let outputs: Vec<Tensor> = Deserialize::deserialize(body.get("outputs")?).ok()?;
    let output = |tensor: Tensor| {
        let mut data = Vec::new();
        flatten(tensor.data, &mut data);
        let rows = tensor.shape.first().and_then(|rows| usize::try_from(*rows).ok()).unwrap_or(1).max(1);
        let width = data.len().div_ceil(rows).max(1);
        // They travel as JSON text.
        let labels = tensor.parameters["class_labels"].as_str().and_then(|text| serde_json::from_str(text).ok());
        Output {
            name: tensor.name,
            classes: labels.unwrap_or_default(),
            rows: data.chunks(width).map(<[Value]>::to_vec).collect(),
        }
    };
    Some(outputs.into_iter().map(output).collect())
}

/// The outputs of an answer of MLflow's scoring server.
fn predictions(body: &Value) -> Option<Vec<Output>> {
    let predictions = body.get("predictions")?;
    let named = |name: &str, rows: Vec<Vec<Value>>| Output { name: name.to_owned(), classes: Vec::new(), rows };
    let row = |value: &Value| {
        let mut flat = Vec::new();
        flatten(value.clone(), &mut flat);
        flat
    };
    match predictions {
        Value::Object(outputs) => {
            let output = |(name, values): (&String, &Value)| match values {
                Value::Array(items) => named(name, items.iter().map(row).collect()),
                other => named(name, vec![row(other)]),
            };
            Some(outputs.iter().map(output).collect())
        }
        Value::Array(items) => match items.first() {
            Some(Value::Object(first)) => {
                let column = |name: &String| named(name, items.iter().map(|item| row(&item[name])).collect());
                Some(first.keys().map(column).collect())
            }
            _ => Some(vec![named("prediction", items.iter().map(row).collect())]),
        },
        other => Some(vec![named("prediction", vec![row(other)])]),
    }
}

/// The same with the classes of the signature, where its values are so many numbers.
fn with_classes(output: Output, classes: &[String]) -> Output {
    let fits = |row: &Vec<Value>| row.len() == classes.len() && row.iter().all(Value::is_number);
    let takes = output.classes.is_empty() && classes.len() > 1 && output.rows.iter().all(fits);
    if takes { Output { classes: classes.to_vec(), ..output } } else { output }
}

fn width(output: &Output) -> usize {
    output.rows.iter().map(Vec::len).max().unwrap_or(0)
}

fn columns(output: &Output) -> Vec<AnswerColumn> {
    let column = |part: Option<String>| AnswerColumn { output: output.name.clone(), part };
    let width = width(output);
    if output.classes.len() == width && width <= MOST_COLUMNS {
        return output.classes.iter().map(|class| column(Some(class.clone()))).collect();
    }
    match width {
        2..=MOST_COLUMNS => (1..=width).map(|place| column(Some(place.to_string()))).collect(),
        _ => vec![column(None)],
    }
}

fn cells(output: &Output, row: usize) -> Vec<AnswerCell> {
    let (width, columns) = (width(output), columns(output).len());
    let plain = |text: String| AnswerCell { text: cut(&text, LONGEST), is_greatest: false };
    let Some(values) = output.rows.get(row) else { return vec![plain(String::new()); columns] };
    if width > MOST_COLUMNS {
        let first: Vec<_> = values.iter().take(MOST_IN_CELL).map(shown).collect();
        return vec![plain(format!("{}, … ({} values)", first.join(", "), values.len()))];
    }
    let shares = if output.classes.len() == width { shares(values) } else { None };
    let Some(shares) = shares else {
        let missing = columns.saturating_sub(values.len());
        let empty = std::iter::repeat_n(plain(String::new()), missing);
        return values.iter().map(|value| plain(shown(value))).chain(empty).collect();
    };
    let greatest = shares.iter().copied().fold(0.0, f64::max);
    let cell = |share: &f64| AnswerCell { text: format!("{:.1} %", share * 100.0), is_greatest: *share >= greatest };
    shares.iter().map(cell).collect()
}

/// The values as probabilities: each from 0 to 1, and 1 together.
fn shares(values: &[Value]) -> Option<Vec<f64>> {
    let shares: Vec<f64> = values.iter().map(Value::as_f64).collect::<Option<_>>()?;
    let all = shares.iter().all(|share| (-1e-6..=1.0 + 1e-6).contains(share));
    (all && (shares.iter().sum::<f64>() - 1.0).abs() < 0.01).then_some(shares)
}

/// A value as people read it: no more digits than tell something.
fn shown(value: &Value) -> String {
    match value.as_f64() {
        _ if value.is_null() => "missing".to_owned(),
        Some(number) if value.is_f64() && number != 0.0 => {
            let before = number.abs().log10().floor();
            if !(-4.0..15.0).contains(&before) {
                return format!("{number:e}");
            }
            // Between -4 and 14, so that nothing is cut off.
            let digits = (DIGITS as i32 - 1 - before as i32).max(0);
            let text = format!("{number:.*}", usize::try_from(digits).unwrap_or(0));
            match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text,
            }
        }
        _ => text(value),
    }
}

fn flatten(value: Value, into: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| flatten(item, into)),
        other => into.push(other),
    }
}

//! The body of a request, made of what somebody has typed.

use serde_json::{Map, Value, json};

use super::form::{Dialect, FieldFault, FieldKind, FormField, FormInput, InputForm, TypedRows, WhenEmpty};
use super::list::{Elements, elements};
use super::value::value;
use crate::model::UNNAMED;

/// One input with its values, row by row.
struct Sent<'a> {
    input: &'a FormInput,
    shape: Vec<u64>,
    data: Vec<Value>,
}

impl InputForm {
    /// The body of the request that `typed` makes.
    ///
    /// # Errors
    /// Each field with a text that cannot be used.
    pub fn request(&self, typed: &TypedRows) -> Result<Value, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let sent: Vec<Sent<'_>> = self.inputs.iter().filter_map(|input| self.sent(input, typed, &mut faults)).collect();
        let parameters = self.parameters.iter().filter_map(|input| self.sent(input, typed, &mut faults));
        let parameters: Map<String, Value> = parameters
            .map(|sent| (sent.input.name.clone(), sent.data.into_iter().next().unwrap_or_default()))
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut body = match self.dialect {
            Dialect::OpenInference => json!({ "inputs": sent.into_iter().map(tensor).collect::<Vec<_>>() }),
            Dialect::MlflowTable => json!({ "dataframe_split": split(&sent, typed.0.len()) }),
            Dialect::MlflowTensors => json!({ "inputs": named(sent) }),
        };
        if let Some(body) = body.as_object_mut().filter(|_| !parameters.is_empty()) {
            body.insert("params".to_owned(), Value::Object(parameters));
        }
        Ok(body)
    }

    /// The values of an input; none when it is left out.
    fn sent<'a>(&self, input: &'a FormInput, typed: &TypedRows, faults: &mut Vec<FieldFault>) -> Option<Sent<'a>> {
        let rows = if input.by_rows { typed.0.len() } else { 1 };
        let is_empty = |row: usize, field: &FormField| typed.text(row, &field.name).trim().is_empty();
        let all_empty = (0..rows).all(|row| input.fields.iter().all(|field| is_empty(row, field)));
        if all_empty && input.when_empty == WhenEmpty::LeftOut {
            return None;
        }
        let (mut data, mut lengths) = (Vec::new(), None::<Vec<u64>>);
        for row in 0..rows {
            for field in &input.fields {
                let read = self.one(input, field, typed.text(row, &field.name));
                let read = read.and_then(|read| match &lengths {
                    Some(known) if *known != read.lengths => Err("Each row needs as many values.".to_owned()),
                    _ => Ok(read),
                });
                match read {
                    Ok(read) => {
                        lengths = Some(read.lengths);
                        data.extend(read.data);
                    }
                    Err(problem) => faults.push(FieldFault { row, field: field.name.clone(), problem }),
                }
            }
        }
        let inner = match lengths {
            Some(lengths) if is_list(input) => lengths,
            _ => input.lengths.iter().map(|length| length.unwrap_or(1)).collect(),
        };
        let first = input.by_rows.then_some(rows as u64);
        Some(Sent { input, shape: first.into_iter().chain(inner).collect(), data })
    }

    /// The elements of one field.
    fn one(&self, input: &FormInput, field: &FormField, text: &str) -> Result<Elements, String> {
        let single = |value: Value| Elements { lengths: Vec::new(), data: vec![value] };
        if text.trim().is_empty() {
            return match (input.when_empty, self.dialect) {
                (WhenEmpty::Missing, _) | (WhenEmpty::LeftOut, Dialect::MlflowTable) => Ok(single(Value::Null)),
                (WhenEmpty::LeftOut, _) => Err("Fill this in everywhere, or nowhere.".to_owned()),
                (WhenEmpty::Refused, _) => Err("Fill this in.".to_owned()),
            };
        }
        match field.kind {
            FieldKind::List => elements(text, &input.datatype, &input.lengths),
            _ => value(text, field, &input.datatype).map(single),
        }
    }
}

fn is_list(input: &FormInput) -> bool {
    input.fields.iter().any(|field| field.kind == FieldKind::List)
}

fn tensor(sent: Sent<'_>) -> Value {
    let name = if sent.input.name.is_empty() { UNNAMED } else { &sent.input.name };
    json!({ "name": name, "shape": sent.shape, "datatype": sent.input.datatype, "data": sent.data })
}

/// A table of one value for each column in each row.
fn split(sent: &[Sent<'_>], rows: usize) -> Value {
    let row = |row: usize| sent.iter().map(|column| column.data.get(row).cloned().unwrap_or_default()).collect();
    let mut table = Map::new();
    if sent.iter().all(|column| !column.input.name.is_empty()) {
        table.insert("columns".to_owned(), sent.iter().map(|column| column.input.name.as_str()).collect());
    }
    table.insert("data".to_owned(), Value::Array((0..rows).map(row).collect()));
    Value::Object(table)
}

/// Tensors as nested lists, by name where they have names.
fn named(mut sent: Vec<Sent<'_>>) -> Value {
    let nested = |sent: Sent<'_>| nest(sent.data, &sent.shape);
    if let [one] = sent.as_slice()
        && one.input.name.is_empty()
    {
        return sent.pop().map_or(Value::Null, nested);
    }
    Value::Object(sent.into_iter().map(|sent| (sent.input.name.clone(), nested(sent))).collect())
}

/// Elements in lists of these lengths.
fn nest(data: Vec<Value>, shape: &[u64]) -> Value {
    let mut level = data;
    for length in shape.iter().skip(1).rev() {
        let length = usize::try_from(*length).unwrap_or(usize::MAX).max(1);
        level = level.chunks(length).map(|chunk| Value::Array(chunk.to_vec())).collect();
    }
    match shape {
        [] => level.into_iter().next().unwrap_or_default(),
        _ => Value::Array(level),
    }
}

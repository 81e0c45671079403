//! An example request as the texts that somebody would type to make it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::form::{Dialect, FieldKind, FormInput, InputForm, TypedRows, WhenEmpty};
use super::value::text;
use crate::model::UNNAMED;

impl InputForm {
    /// The texts that make `body`; none where this form does not make such a request.
    pub fn texts(&self, body: &Value) -> Option<TypedRows> {
        let mut columns: Vec<(&FormInput, Vec<Value>)> = Vec::new();
        for (place, input) in self.inputs.iter().enumerate() {
            if let Some(values) = self.values(body, place, input) {
                columns.push((input, values));
            } else if input.when_empty == WhenEmpty::Refused {
                return None;
            }
        }
        let rows = self.rows_of(body, &columns)?;
        let mut typed = vec![BTreeMap::new(); rows];
        for (input, values) in columns {
            let times = if input.by_rows { rows } else { 1 };
            let each = values.len().checked_div(times).filter(|each| each * times == values.len())?;
            for (row, values) in values.chunks(each.max(1)).enumerate().take(times) {
                for (place, field) in input.fields.iter().enumerate() {
                    let shown = match field.kind {
                        FieldKind::List => values.iter().map(text).collect::<Vec<_>>().join(", "),
                        FieldKind::Json => values.get(place)?.to_string(),
                        _ => text(values.get(place)?),
                    };
                    typed.get_mut(row)?.insert(field.name.clone(), shown);
                }
            }
        }
        let sent = body.get("params").and_then(Value::as_object);
        for (name, value) in sent.into_iter().flatten().filter(|(name, _)| self.is_parameter(name)) {
            typed.first_mut()?.insert(name.clone(), text(value));
        }
        let typed = TypedRows(typed);
        // What cannot be sent as it is typed is no example.
        self.request(&typed).is_ok().then_some(typed)
    }

    fn is_parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
    }

    /// The values of an input, one after the other.
    fn values(&self, body: &Value, place: usize, input: &FormInput) -> Option<Vec<Value>> {
        let mut flat = Vec::new();
        match self.dialect {
            Dialect::OpenInference => {
                let name = if input.name.is_empty() { UNNAMED } else { &input.name };
                let tensor = body.get("inputs")?.as_array()?.iter().find(|sent| sent["name"] == *name)?;
                flatten(tensor.get("data")?, &mut flat);
            }
            Dialect::MlflowTable => {
                let table = body.get("dataframe_split")?;
                let place = match table.get("columns").and_then(Value::as_array) {
                    Some(columns) => columns.iter().position(|column| *column == *input.name)?,
                    None => place,
                };
                for row in table.get("data")?.as_array()? {
                    flat.push(row.get(place)?.clone());
                }
            }
            Dialect::MlflowTensors => {
                let inputs = body.get("inputs")?;
                flatten(if input.name.is_empty() { inputs } else { inputs.get(&input.name)? }, &mut flat);
            }
        }
        Some(flat)
    }

    /// The number of rows in an example.
    fn rows_of(&self, body: &Value, columns: &[(&FormInput, Vec<Value>)]) -> Option<usize> {
        let (first, values) = columns.iter().find(|(input, _)| input.by_rows).or(columns.first())?;
        let told = match self.dialect {
            _ if !first.by_rows => 1,
            Dialect::MlflowTable => values.len(),
            Dialect::OpenInference => {
                let name = if first.name.is_empty() { UNNAMED } else { &first.name };
                let tensor = body.get("inputs")?.as_array()?.iter().find(|sent| sent["name"] == *name)?;
                usize::try_from(tensor.get("shape")?.get(0)?.as_u64()?).ok()?
            }
            Dialect::MlflowTensors => {
                let inputs = body.get("inputs")?;
                let tensor = if first.name.is_empty() { inputs } else { inputs.get(&first.name)? };
                tensor.as_array()?.len()
            }
        };
        let most = usize::try_from(self.most_rows).unwrap_or(usize::MAX);
        (1..=most).contains(&told).then_some(told)
    }
}

fn flatten(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, into)),
        other => into.push(other.clone()),
    }
}

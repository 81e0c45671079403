//! The columns, tensors and parameters of an MLflow signature.

use std::collections::HashSet;
use std::fmt::Write;

use domain::model::{Dimension, Field, Parameter, ValueKind};
use serde_json::Value;

use crate::packages::listing::scalar;

/// Deepest type of a column that is written out.
const DEEPEST: usize = 16;

/// The inputs or outputs: a list, which MLflow writes as JSON in a text.
pub(super) fn fields(value: &Value) -> Result<Vec<Field>, String> {
    let fields = list(value)?.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    match fields.iter().find(|field| !field.name.is_empty() && !seen.insert(field.name.as_str())) {
        Some(twice) => Err(format!("its signature has two columns called \"{}\"", twice.name.escape_debug())),
        None => Ok(fields),
    }
}

/// The parameters.
pub(super) fn parameters(value: &Value) -> Result<Vec<Parameter>, String> {
    let parameter = |value: &Value| {
        let name = value.get("name").and_then(Value::as_str).ok_or("a parameter has no name")?;
        // Releases before 2.6 said dtype.
        let datatype = value.get("type").or_else(|| value.get("dtype"));
        Ok(Parameter {
            name: name.to_owned(),
            datatype: datatype.map(|datatype| written(datatype, value, 0)).transpose()?.unwrap_or_default(),
            default: value.get("default").cloned().unwrap_or_default(),
            shape: value.get("shape").filter(|shape| !shape.is_null()).map(shape).transpose()?,
        })
    };
    list(value)?.iter().map(parameter).collect()
}

fn list(value: &Value) -> Result<Vec<Value>, String> {
    let parsed = match value {
        Value::String(text) => {
            // Python writes numbers that JSON has no words for.
            let parsed = serde_json::from_str(text).or_else(|_| serde_json::from_str(&quoted(text)));
            parsed.map_err(|fault| format!("its signature is not JSON: {fault}"))?
        }
        other => other.clone(),
    };
    match parsed {
        Value::Array(items) => Ok(items),
        _ => Err("its signature is not a list".to_owned()),
    }
}

/// JSON with `NaN`, `Infinity` and `-Infinity` as texts.
fn quoted(text: &str) -> String {
    let (mut written, mut rest, mut within) = (String::with_capacity(text.len()), text, false);
    while let Some(letter) = rest.chars().next() {
        let number = ["NaN", "Infinity", "-Infinity"].into_iter().find(|number| !within && rest.starts_with(number));
        let (taken, put) = match (number, letter) {
            (Some(number), _) => (number.len(), format!("\"{number}\"")),
            (None, '\\') if within => {
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
                (end, rest[..end].to_owned())
            }
            (None, letter) => {
                within ^= letter == '"';
                (letter.len_utf8(), letter.to_string())
            }
        };
        written.push_str(&put);
        rest = &rest[taken..];
    }
    written
}

fn field(value: &Value) -> Result<Field, String> {
    // Columns of a table without names of its own are called 0, 1, 2 and so on, as numbers.
    let name = value.get("name").and_then(scalar).unwrap_or_default();
    let datatype = value.get("type").ok_or("a column of its signature has no type")?;
    // `optional` is what releases before 2.8 said.
    let optional = value.get("optional").and_then(Value::as_bool).unwrap_or(false);
    let required = value.get("required").and_then(Value::as_bool).unwrap_or(!optional);
    if datatype == "tensor" {
        let spec = value.get("tensor-spec").ok_or("a tensor of its signature has no tensor-spec")?;
        let datatype = spec.get("dtype").and_then(Value::as_str).ok_or("a tensor of its signature has no dtype")?;
        let shape = spec.get("shape").map(shape).transpose()?;
        return Ok(Field {
            name,
            kind: ValueKind::Tensor,
            datatype: datatype.to_owned(),
            shape,
            required,
            meaning: None,
        });
    }
    let datatype = written(datatype, value, 0)?;
    Ok(Field { name, kind: ValueKind::Column, datatype, shape: None, required, meaning: None })
}

fn shape(value: &Value) -> Result<Vec<Dimension>, String> {
    let length = |length: &Value| match length.as_i64() {
        Some(length) => Ok(u64::try_from(length).map_or(Dimension::Unknown, Dimension::Fixed)),
        None => Err("a shape in its signature holds something that is no whole number".to_owned()),
    };
    value.as_array().ok_or("a shape in its signature is no list")?.iter().map(length).collect()
}

/// A type as it is written out: `double`, `array(double)`, `map(long)`, `object(id: long, note?: string)`.
fn written(datatype: &Value, holder: &Value, depth: usize) -> Result<String, String> {
    if depth > DEEPEST {
        return Err("a type in its signature nests more than 16 deep".to_owned());
    }
    // A type is a word beside its parts, or an object with both.
    let (word, holder) = match datatype {
        Value::String(word) => (word.as_str(), holder),
        Value::Object(inner) => (inner.get("type").and_then(Value::as_str).unwrap_or_default(), datatype),
        _ => ("", holder),
    };
    let part = |key: &str| match holder.get(key) {
        Some(part) => written(part, part, depth + 1),
        None => Ok("any".to_owned()),
    };
    match word {
        "" => Err("a type in its signature is no word".to_owned()),
        "array" => Ok(format!("array({})", part("items")?)),
        "map" => Ok(format!("map({})", part("values")?)),
        "object" => {
            let mut text = String::from("object(");
            for (place, (name, property)) in
                holder.get("properties").and_then(Value::as_object).into_iter().flatten().enumerate()
            {
                let comma = if place > 0 { ", " } else { "" };
                let required = property.get("required").and_then(Value::as_bool).unwrap_or(true);
                let mark = if required { "" } else { "?" };
                let inner = written(property, property, depth + 1)?;
                let _ = write!(text, "{comma}{name}{mark}: {inner}");
            }
            text.push(')');
            Ok(text)
        }
        word => Ok(word.to_owned()),
    }
}

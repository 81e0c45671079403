//! One typed text as a value, and a value as the text that somebody would type.

use serde_json::{Number, Value};

use super::form::{FieldKind, FormField};

/// Largest number that single precision holds.
const MOST_FP32: f64 = f32::MAX as f64;
/// Largest number that half precision holds.
const MOST_FP16: f64 = 65_504.0;

impl FormField {
    /// The texts that can be chosen.
    pub fn texts(&self) -> Vec<String> {
        self.options.iter().map(text).collect()
    }
}

/// The value that `text` stands for in a field whose elements have this type.
///
/// # Errors
/// A sentence that says what to write.
pub(super) fn value(text: &str, field: &FormField, datatype: &str) -> Result<Value, String> {
    let trimmed = text.trim();
    match field.kind {
        FieldKind::Text => Ok(Value::from(text)),
        FieldKind::Number => number(trimmed, datatype),
        FieldKind::Integer => integer(trimmed, datatype),
        FieldKind::YesNo => yes_no(trimmed),
        FieldKind::Choice => {
            let chosen = field.options.iter().find(|option| self::text(option) == text);
            chosen.cloned().ok_or_else(|| "Choose one of the list.".to_owned())
        }
        FieldKind::List | FieldKind::Json => {
            serde_json::from_str(trimmed).map_err(|error| format!("This is no JSON: {error}."))
        }
    }
}

/// One element of a tensor of this type.
pub(super) fn element(text: &str, datatype: &str) -> Result<Value, String> {
    match datatype {
        "BYTES" => Ok(Value::from(text)),
        "BOOL" => yes_no(text),
        "FP16" | "BF16" | "FP32" | "FP64" => number(text, datatype),
        _ => integer(text, datatype),
    }
}

/// The text that somebody would type for a value.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

fn number(text: &str, datatype: &str) -> Result<Value, String> {
    let looks_german = text.contains(',') && !text.contains('.') && text.replacen(',', ".", 1).parse::<f64>().is_ok();
    if looks_german {
        return Err(format!("Write {} with a point.", text.replacen(',', ".", 1)));
    }
    let read = text.parse::<f64>().ok().filter(|number| number.is_finite());
    let number = read.ok_or_else(|| "Write a number, such as 0.5.".to_owned())?;
    let most = match datatype {
        "FP32" | "BF16" => MOST_FP32,
        "FP16" => MOST_FP16,
        _ => f64::MAX,
    };
    if number.abs() > most {
        return Err(format!("This number is too large for the model: at most {most:e}."));
    }
    // A whole number stays one, with all of its digits.
    let whole = text.parse::<i64>().ok().map(Number::from);
    Ok(whole.or_else(|| Number::from_f64(number)).map_or(Value::Null, Value::Number))
}

fn integer(text: &str, datatype: &str) -> Result<Value, String> {
    let (least, most) = range(datatype);
    let number = match text.strip_prefix('+').unwrap_or(text).parse::<i128>() {
        Ok(number) => number,
        Err(_) if text.parse::<f64>().is_ok() => return Err("Write a whole number, without a point.".to_owned()),
        Err(_) => return Err("Write a whole number, such as 1.".to_owned()),
    };
    if !(least..=most).contains(&number) {
        return Err(format!("Write a whole number from {least} to {most}."));
    }
    let small = i64::try_from(number).map(Number::from);
    let number = small.or_else(|_| u64::try_from(number).map(Number::from));
    number.map(Value::Number).map_err(|_| format!("Write a whole number from {least} to {most}."))
}

/// The whole numbers that a type holds.
fn range(datatype: &str) -> (i128, i128) {
    match datatype {
        "UINT8" => (0, u8::MAX.into()),
        "UINT16" => (0, u16::MAX.into()),
        "UINT32" => (0, u32::MAX.into()),
        "UINT64" => (0, u64::MAX.into()),
        "INT8" => (i8::MIN.into(), i8::MAX.into()),
        "INT16" => (i16::MIN.into(), i16::MAX.into()),
        "INT32" => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}

fn yes_no(text: &str) -> Result<Value, String> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(Value::Bool(true)),
        "no" | "false" => Ok(Value::Bool(false)),
        _ => Err("Choose yes or no.".to_owned()),
    }
}

//! A list of values that was typed into one field: with commas between them, one in a line, or nested.

use serde_json::Value;

use super::value::element;

/// The elements of one field, one after the other, and the lengths of their dimensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Elements {
    pub(super) lengths: Vec<u64>,
    pub(super) data: Vec<Value>,
}

/// The elements of a tensor with these lengths, where `None` is any length.
///
/// # Errors
/// A sentence that says what to write.
pub(super) fn elements(text: &str, datatype: &str, lengths: &[Option<u64>]) -> Result<Elements, String> {
    let trimmed = text.trim();
    let read = if trimmed.starts_with('[') {
        let list: Value =
            serde_json::from_str(trimmed).map_err(|error| format!("This list cannot be read: {error}."))?;
        let mut read = Elements { lengths: Vec::new(), data: Vec::new() };
        nested(&list, datatype, 0, &mut read)?;
        read
    } else {
        // Texts may hold spaces and commas.
        let is_end = |c: char| if datatype == "BYTES" { c == '\n' } else { c == ',' || c == ';' || c.is_whitespace() };
        let words = trimmed.split(is_end).map(str::trim).filter(|word| !word.is_empty());
        let data: Vec<Value> = words.enumerate().map(|(at, word)| one(word, datatype, at)).collect::<Result<_, _>>()?;
        Elements { lengths: vec![data.len() as u64], data }
    };
    fitted(read, lengths)
}

fn one(word: &str, datatype: &str, at: usize) -> Result<Value, String> {
    element(word, datatype).map_err(|problem| format!("Value {}: {problem}", at + 1))
}

fn nested(list: &Value, datatype: &str, depth: usize, read: &mut Elements) -> Result<(), String> {
    let uneven = || "The inner lists are not all of the same length.".to_owned();
    let Value::Array(items) = list else {
        if depth != read.lengths.len() {
            return Err(uneven());
        }
        let text = match list {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let element = one(&text, datatype, read.data.len())?;
        read.data.push(element);
        return Ok(());
    };
    let length = items.len() as u64;
    match read.lengths.get(depth) {
        Some(known) if *known != length => return Err(uneven()),
        Some(_) => {}
        // Below elements, there is no further dimension.
        None if !read.data.is_empty() => return Err(uneven()),
        None => read.lengths.push(length),
    }
    items.iter().try_for_each(|item| nested(item, datatype, depth + 1, read))
}

/// The same with the lengths that are asked for.
fn fitted(read: Elements, lengths: &[Option<u64>]) -> Result<Elements, String> {
    let count = read.data.len() as u64;
    let is_flat = read.lengths.len() == 1;
    let fits = |read: &Elements| {
        read.lengths.len() == lengths.len()
            && read.lengths.iter().zip(lengths).all(|(is, asked)| asked.is_none_or(|asked| asked == *is))
    };
    if fits(&read) {
        return Ok(read);
    }
    if !is_flat {
        return Err(format!("Write lists of the lengths {}.", words(lengths)));
    }
    let known: u64 = lengths.iter().flatten().product();
    let open = lengths.iter().filter(|length| length.is_none()).count();
    match open {
        0 if count == known => Ok(Elements { lengths: lengths.iter().flatten().copied().collect(), data: read.data }),
        0 => Err(format!("Write {known} values, with commas between them; these are {count}.")),
        1 if known > 0 && count > 0 && count.is_multiple_of(known) => {
            let found = lengths.iter().map(|length| length.unwrap_or(count / known)).collect();
            Ok(Elements { lengths: found, data: read.data })
        }
        1 => Err(format!("The number of values must be a multiple of {known}; these are {count}.")),
        _ => Err(format!("Write nested lists of the lengths {}, such as [[1, 2], [3, 4]].", words(lengths))),
    }
}

fn words(lengths: &[Option<u64>]) -> String {
    let word = |length: &Option<u64>| length.map_or_else(|| "any".to_owned(), |length| length.to_string());
    lengths.iter().map(word).collect::<Vec<_>>().join(" × ")
}

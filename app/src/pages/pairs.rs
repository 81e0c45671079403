//! `KEY=value` lines of a text field.

use std::collections::BTreeMap;

/// `KEY=value` lines, or which line is none.
pub(crate) fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(i, line)| match line.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
            _ => Err(format!("line {}: write KEY=value", i + 1)),
        })
        .collect()
}

/// The lines that [`pairs`] reads.
pub(crate) fn lines_of(pairs: &BTreeMap<String, String>) -> String {
    pairs.iter().map(|(key, value)| format!("{key}={value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_read_back_and_a_line_that_is_none_is_named() {
        let read = pairs("A=1\n\n B =x=y\n").unwrap();
        assert_eq!(read.get("B").map(String::as_str), Some("x=y"));
        assert_eq!(pairs(&lines_of(&read)), Ok(read));
        assert_eq!(pairs("A=1\nnonsense"), Err("line 2: write KEY=value".to_owned()));
    }
}

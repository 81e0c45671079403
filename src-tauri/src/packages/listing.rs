//! Reads the ways in which people write a list of names into a property: JSON, Python, commas, lines.

use std::iter::Peekable;
use std::str::Chars;

/// A list, or pairs of a map in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Listing {
    /// One name after the other.
    List(Vec<String>),
    /// Names under keys.
    Map(Vec<(String, String)>),
}

impl Listing {
    /// The listing that `text` holds: a JSON or Python list or map, else names with commas between them.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with(['[', '{', '(']) {
            return serde_json::from_str(text).ok().and_then(|value| Self::of(&value)).or_else(|| python(text));
        }
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        names.iter().all(|name| !name.is_empty()).then_some(Self::List(names))
    }

    /// The listing that a JSON value holds.
    pub(super) fn of(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Array(items) => items.iter().map(scalar).collect::<Option<_>>().map(Self::List),
            serde_json::Value::Object(pairs) => {
                let pair = |(key, value): (&String, _)| Some((key.clone(), scalar(value)?));
                pairs.iter().map(pair).collect::<Option<_>>().map(Self::Map)
            }
            _ => None,
        }
    }

    /// The names in the order of their index: of a map, those whose keys, or whose values, are 0, 1, 2 and so on.
    /// None when two are the same.
    pub(super) fn names(self) -> Option<Vec<String>> {
        let names = match self {
            Self::List(names) => names,
            Self::Map(pairs) => {
                let (keys, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
                ordered(&keys, &values).or_else(|| ordered(&values, &keys))?
            }
        };
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        (!names.is_empty() && distinct.len() == names.len()).then_some(names)
    }
}

/// `names`, each at the place that its number says.
fn ordered(numbers: &[String], names: &[String]) -> Option<Vec<String>> {
    let mut places = vec![None; names.len()];
    for (number, name) in numbers.iter().zip(names) {
        let place = places.get_mut(number.parse::<usize>().ok()?)?;
        if place.replace(name.clone()).is_some() {
            return None;
        }
    }
    places.into_iter().collect()
}

/// A text, number or truth value as text.
pub(super) fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// The listing in a text that `repr` of a flat list, tuple, set or dict gives.
fn python(text: &str) -> Option<Listing> {
    let mut letters = text.chars().peekable();
    let close = match letters.next()? {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        _ => return None,
    };
    let (mut names, mut pairs) = (Vec::new(), Vec::new());
    loop {
        blanks(&mut letters);
        if letters.peek() == Some(&close) {
            letters.next();
            break;
        }
        let item = literal(&mut letters)?;
        blanks(&mut letters);
        if letters.peek() == Some(&':') && close == '}' {
            letters.next();
            blanks(&mut letters);
            pairs.push((item, literal(&mut letters)?));
            blanks(&mut letters);
        } else {
            names.push(item);
        }
        match letters.next()? {
            ',' => {}
            end if end == close => break,
            _ => return None,
        }
    }
    blanks(&mut letters);
    match (letters.next(), names.is_empty(), pairs.is_empty()) {
        (None, false, true) => Some(Listing::List(names)),
        (None, true, false) => Some(Listing::Map(pairs)),
        _ => None,
    }
}

fn blanks(letters: &mut Peekable<Chars<'_>>) {
    while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
}

/// A quoted text, or a word as numbers are.
fn literal(letters: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut text = String::new();
    let Some(quote) = letters.next_if(|letter| matches!(letter, '\'' | '"')) else {
        while let Some(letter) = letters.next_if(|letter| letter.is_alphanumeric() || "._+-".contains(*letter)) {
            text.push(letter);
        }
        return (!text.is_empty()).then_some(text);
    };
    loop {
        match letters.next()? {
            letter if letter == quote => return Some(text),
            '\\' => text.push(escaped(letters)?),
            letter => text.push(letter),
        }
    }
}

fn escaped(letters: &mut Peekable<Chars<'_>>) -> Option<char> {
    let digits = match letters.next()? {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' => return Some('\r'),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        itself @ ('\\' | '\'' | '"') => return Some(itself),
        _ => return None,
    };
    let mut number = 0_u32;
    for _ in 0..digits {
        number = number.checked_mul(16)?.checked_add(letters.next()?.to_digit(16)?)?;
    }
    char::from_u32(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Option<String> {
        Listing::read(text).and_then(Listing::names).map(|names| names.join("|"))
    }

    #[test]
    fn every_way_to_write_a_list_is_read() {
        for text in [
            r#"["a", "b c"]"#,
            "['a', 'b c']",
            "('a', 'b c',)",
            "a, b c",
            r#"{"0": "a", "1": "b c"}"#,
            "{1: 'b c', 0: 'a'}",
            r#"{"b c": 1, "a": 0}"#,
        ] {
            assert_eq!(names(text).as_deref(), Some("a|b c"), "{text}");
        }
        assert_eq!(names(r"['it\'s', 'caf\xe9', '\u00e9']").as_deref(), Some("it's|caf\u{e9}|\u{e9}"));
        assert_eq!(names("[0, 1, -1]").as_deref(), Some("0|1|-1"));
    }

    #[test]
    fn what_is_no_list_gives_no_names() {
        for text in ["", "[", "['a'", "{0: 'a', 2: 'b'}", "['a', 'a']", "a,,b", "['a'] b", "[['a']]", r"['\ud800']"] {
            assert_eq!(names(text), None, "{text}");
        }
    }
}

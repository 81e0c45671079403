//! Numbers that JSON does not have and that writers of JSON use all the same, Python's among them: `NaN` is read as `null`,
//! and `Infinity` and `-Infinity` as texts that nobody else sends.

/// The first character of the text that stands for an infinity: no text that means something begins like this.
const MARK: char = '\0';

/// The same JSON with something else in the place of such numbers; none when it holds none.
pub(super) fn rewritten(json: &[u8]) -> Option<Vec<u8>> {
    const WORDS: [(&str, &str); 3] =
        [("NaN", "null"), ("Infinity", r#""\u0000Infinity""#), ("-Infinity", r#""\u0000-Infinity""#)];
    let (mut text, mut escaped, mut at, mut copied) = (false, false, 0, 0);
    let mut made = Vec::new();
    while let Some(&byte) = json.get(at) {
        if text {
            (text, escaped) = match byte {
                b'"' if !escaped => (false, false),
                b'\\' => (true, !escaped),
                _ => (true, false),
            };
        } else if byte == b'"' {
            text = true;
        } else if let Some((word, place)) = WORDS.iter().find(|(word, _)| json[at..].starts_with(word.as_bytes())) {
            made.extend_from_slice(&json[copied..at]);
            made.extend_from_slice(place.as_bytes());
            at += word.len();
            copied = at;
            continue;
        }
        at += 1;
    }
    made.extend_from_slice(&json[copied..]);
    (copied > 0).then_some(made)
}

/// The infinity that a text stands for.
pub(super) fn infinity(text: &str) -> Option<&str> {
    text.strip_prefix(MARK).filter(|word| ["Infinity", "-Infinity"].contains(word))
}

#[cfg(test)]
mod tests {
    use super::rewritten;
    use crate::replica::model::Element;
    use crate::replica::protocol::elements;

    #[test]
    fn only_what_stands_outside_of_texts_is_changed() {
        let changed = |json: &str| rewritten(json.as_bytes()).map(|made| String::from_utf8(made).unwrap());
        for (json, made) in [
            (r#"{"a":[NaN,1,-Infinity,Infinity]}"#, Some(r#"{"a":[null,1,"\u0000-Infinity","\u0000Infinity"]}"#)),
            (r#"{"NaN":"NaN, \"NaN\\","b":NaN}"#, Some(r#"{"NaN":"NaN, \"NaN\\","b":null}"#)),
            (r#"{"NaN":"Infinity"}"#, None),
            ("", None),
            ("\"NaN", None),
        ] {
            assert_eq!(changed(json).as_deref(), made, "{json}");
        }
    }

    /// The outcome of reading a list of elements that JSON has no words for.
    fn read<T: Element + std::fmt::Debug>(data: &str) -> Result<String, String> {
        let made = String::from_utf8(rewritten(data.as_bytes()).unwrap()).unwrap();
        let read: Result<Vec<T>, _> = elements::read(&made, &[2], 2, None);
        read.map(|elements| format!("{elements:?}")).map_err(|error| error.to_string())
    }

    #[test]
    fn such_a_number_is_no_text() {
        assert_eq!(read::<f32>("[NaN,-Infinity]").unwrap(), "[NaN, -inf]");
        for (data, words) in [
            ("[NaN,\"a\"]", "element 0 is null, which is not BYTES"),
            ("[\"Infinity\",-Infinity]", "element 1 is -Infinity, which is not BYTES"),
        ] {
            let refused = read::<String>(data).unwrap_err();
            assert!(refused.starts_with(words), "{refused}");
        }
        let refused = read::<i64>("[7,Infinity]").unwrap_err();
        assert!(refused.starts_with("element 1 is Infinity, which is not INT64"), "{refused}");
    }
}

//! Numbers that JSON does not have and that writers of JSON use all the same, Python's among them: `NaN`, `Infinity` and
//! `-Infinity` become the texts that stand for them.

/// The same JSON with texts for such numbers; none when it holds none.
pub(super) fn as_texts(json: &[u8]) -> Option<Vec<u8>> {
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
        } else if let Some(word) =
            ["NaN", "Infinity", "-Infinity"].iter().find(|word| json[at..].starts_with(word.as_bytes()))
        {
            made.extend_from_slice(&json[copied..at]);
            made.extend([b"\"", word.as_bytes(), b"\""].concat());
            at += word.len();
            copied = at;
            continue;
        }
        at += 1;
    }
    made.extend_from_slice(&json[copied..]);
    (copied > 0).then_some(made)
}

#[cfg(test)]
mod tests {
    use super::as_texts;

    #[test]
    fn only_what_stands_outside_of_texts_is_changed() {
        let changed = |json: &str| as_texts(json.as_bytes()).map(|made| String::from_utf8(made).unwrap());
        for (json, made) in [
            (r#"{"a":[NaN,1,-Infinity,Infinity]}"#, Some(r#"{"a":["NaN",1,"-Infinity","Infinity"]}"#)),
            (r#"{"NaN":"NaN, \"NaN\\","b":NaN}"#, Some(r#"{"NaN":"NaN, \"NaN\\","b":"NaN"}"#)),
            (r#"{"NaN":"Infinity"}"#, None),
            ("", None),
            ("\"NaN", None),
        ] {
            assert_eq!(changed(json).as_deref(), made, "{json}");
        }
    }
}

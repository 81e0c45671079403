//! Colours and other commands to a terminal, which programs write among their text.

use std::borrow::Cow;

const ESCAPE: char = '\u{1b}';

/// `text` without commands to a terminal.
pub fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains(ESCAPE) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != ESCAPE {
            plain.push(c);
            continue;
        }
        match rest.next() {
            // Ends at its first letter, as in `ESC [ 31 m`.
            Some('[') => drop(rest.find(|c| ('@'..='~').contains(c))),
            // Ends with a bell, or with another escape and a backslash.
            Some(']') => {
                if rest.find(|c| matches!(c, '\u{7}' | '\u{1b}')) == Some(ESCAPE) {
                    let _ = rest.next();
                }
            }
            _ => {}
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_is_left() {
        for (text, plain) in [
            ("plain", "plain"),
            ("\u{1b}[32m INFO\u{1b}[0m up", " INFO up"),
            ("\u{1b}[1;31mred\u{1b}[m", "red"),
            ("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\.", "link."),
            ("cut \u{1b}[31", "cut "),
            ("end\u{1b}", "end"),
        ] {
            assert_eq!(without_escapes(text), plain, "{text:?}");
        }
    }
}

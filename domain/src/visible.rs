//! Characters that are not seen, or make others be seen elsewhere than they stand: what is shown to people holds none.

use std::borrow::Cow;

/// The character that is shown in place of one.
const INSTEAD: char = '\u{fffd}';

/// True when a character formats text without being seen: marks of writing direction, widths of none, fillers, line and
/// paragraph separators, tags.
pub fn formats(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// True when `text` holds a character that formats it or controls a terminal: no name does.
pub fn hides(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || formats(c))
}

/// `text` without what formats it.
pub fn unformatted(text: &str) -> Cow<'_, str> {
    replaced(text, formats)
}

/// `text` without what formats it or controls a terminal, except tabs and ends of lines.
pub fn shown(text: &str) -> Cow<'_, str> {
    replaced(text, |c| formats(c) || c.is_control() && c != '\t' && c != '\n')
}

fn replaced(text: &str, wrong: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().any(&wrong) {
        Cow::Owned(text.chars().map(|c| if wrong(c) { INSTEAD } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_is_shown_and_every_script_is() {
        for hidden in
            ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{61c}', '\u{2028}', '\u{e0041}', '\u{ad}', '\u{2060}']
        {
            let text = format!("iris{hidden}v1");
            assert_eq!(shown(&text), "iris\u{fffd}v1", "{hidden:?}");
            assert_eq!(unformatted(&text), "iris\u{fffd}v1");
            assert!(hides(&text));
        }
        for control in ['\u{1b}', '\0', '\r', '\u{7f}', '\u{9b}'] {
            assert_eq!(shown(&control.to_string()), "\u{fffd}");
            assert_eq!(unformatted(&control.to_string()), control.to_string());
        }
        for text in ["größe", "日本語", "שלום", "مرحبا", "🙂", "a\tb\n", "naïve—x"] {
            assert!(matches!(shown(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        assert!(!hides("שלום") && hides("a\tb"));
    }
}

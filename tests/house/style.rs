//! Colours, durations, sizes and layers are named once, in `style/tokens.css`.

use crate::sources::{Source, ending, none};

#[test]
fn only_the_tokens_hold_raw_values() {
    let mut faults = Vec::new();
    let sheets: Vec<_> = ending(".css").into_iter().filter(|s| s.path.starts_with("style/")).collect();
    assert!(sheets.iter().any(|s| s.path == "style/tokens.css"), "there are no tokens");
    for sheet in sheets.iter().filter(|sheet| sheet.path != "style/tokens.css") {
        for (number, declaration) in declarations(sheet) {
            if let Some(what) = raw(declaration) {
                faults.push(format!("{}:{number}: a raw {what} in `{declaration}`", sheet.path));
            }
        }
    }
    none("these belong into style/tokens.css:", &faults);
}

/// `property: value`, wherever several stand in a line.
fn declarations(sheet: &Source) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(sheet.text.lines());
    let pieces = lines.flat_map(|(number, line)| line.split(['{', '}', ';']).map(move |piece| (number, piece.trim())));
    pieces.filter(|(_, piece)| piece.contains(": ") && !piece.starts_with('@') && !piece.starts_with("/*"))
}

/// The raw value in a declaration, if there is one.
fn raw(declaration: &str) -> Option<&'static str> {
    let (property, value) = declaration.split_once(": ")?;
    let property = property.trim();
    let functions = ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch(", "hwb("];
    let colours = ["white", "black", "red", "green", "blue", "gray", "grey", "orange", "yellow", "purple"];
    let words = || value.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')')).filter(|w| !w.is_empty());
    let number = |text: &str| text.parse::<f64>().is_ok_and(|number| number != 0.0);
    let hex = |word: &str| {
        let digits = word.strip_prefix('#').unwrap_or_default();
        digits.len() >= 3 && digits.chars().all(|c| c.is_ascii_hexdigit())
    };
    if functions.iter().any(|f| value.starts_with(f) || value.contains(&format!(" {f}"))) || words().any(hex) {
        return Some("colour");
    }
    if words().any(|word| colours.contains(&word)) {
        return Some("colour");
    }
    if words().any(|w| w.strip_suffix("ms").or_else(|| w.strip_suffix('s')).is_some_and(number)) {
        return Some("duration");
    }
    if property == "z-index" && number(value) {
        return Some("layer");
    }
    // The least there is, as the head of the tokens says.
    let least = |word: &str| ["1px", "-1px"].contains(&word);
    let length = |word: &str| ["px", "rem", "pt"].iter().any(|unit| word.strip_suffix(unit).is_some_and(number));
    words().any(|word| length(word) && !least(word)).then_some("size")
}

#[test]
fn raw_values_are_recognised() {
    for (declaration, what) in [
        ("color: #fff", Some("colour")),
        ("border: var(--hair) solid rgb(1 2 3)", Some("colour")),
        ("background: white", Some("colour")),
        ("white-space: nowrap", None),
        ("animation: breathe 200ms ease", Some("duration")),
        ("transition: color .2s", Some("duration")),
        ("animation: breathe var(--pulse) ease", None),
        ("z-index: 10", Some("layer")),
        ("z-index: var(--layer-menu)", None),
        ("font-size: 13px", Some("size")),
        ("font-size: 0.92em", None),
        ("width: 96px", Some("size")),
        ("width: calc(100% - 3px)", Some("size")),
        ("clip-path: inset(50%)", None),
        ("height: 1px", None),
    ] {
        assert_eq!(raw(declaration), what, "{declaration}");
    }
}

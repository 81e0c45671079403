//! Pieces of a request, as the sentences of an answer repeat them.

/// Longest piece of a request that an answer repeats.
const ECHO: usize = 80;

/// A piece of a request as an answer repeats it.
pub(in crate::replica) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(ECHO).collect();
    format!("\"{}\"", short.escape_debug())
}

/// Names as a sentence lists them.
pub(in crate::replica) fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let mut names = names.map(|name| format!("\"{name}\""));
    let shown: Vec<String> = names.by_ref().take(20).collect();
    match names.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

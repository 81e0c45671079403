//! The lines of the palette that somebody has taken of late, in this browser.

use leptos::prelude::*;

use crate::state::State;

/// As many are remembered.
const MOST: usize = 8;

/// The texts of the lines, the last one first.
pub(super) fn recent(state: State) -> Vec<String> {
    let kept = storage().and_then(|storage| storage.get_item(&key(state)).ok().flatten());
    kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Remembers a line.
pub(super) fn remember(state: State, text: &str) {
    let kept = with(recent(state), text);
    if let (Some(storage), Ok(written)) = (storage(), serde_json::to_string(&kept)) {
        let _ = storage.set_item(&key(state), &written);
    }
}

fn with(mut kept: Vec<String>, text: &str) -> Vec<String> {
    kept.retain(|known| known != text);
    kept.insert(0, text.to_owned());
    kept.truncate(MOST);
    kept
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Several people may use the same browser.
fn key(state: State) -> String {
    let person = untrack(|| state.session().map(|session| session.id.to_string())).unwrap_or_default();
    format!("changeover-recent {person}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_comes_first_and_each_once() {
        let mut kept = Vec::new();
        for text in ["a", "b", "a"] {
            kept = with(kept, text);
        }
        assert_eq!(kept, ["a", "b"]);
        let many = (0..20).fold(Vec::new(), |kept, at| with(kept, &at.to_string()));
        assert_eq!((many.len(), many[0].as_str()), (MOST, "19"));
    }
}

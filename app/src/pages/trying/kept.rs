//! What was typed, kept for as long as the tab is open: it is there again after the page was loaded anew.

use domain::id::DeploymentName;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn key(name: &DeploymentName, what: &str) -> String {
    format!("changeover.try.{what}.{name}")
}

/// What was kept for a deployment; none where nothing was, or it is of another form.
pub(super) fn kept<T: DeserializeOwned>(name: &DeploymentName, what: &str) -> Option<T> {
    let storage = window().session_storage().ok()??;
    serde_json::from_str(&storage.get_item(&key(name, what)).ok()??).ok()
}

/// Keeps it, where there is room.
pub(super) fn keep<T: Serialize>(name: &DeploymentName, what: &str, value: &T) {
    if let (Ok(Some(storage)), Ok(text)) = (window().session_storage(), serde_json::to_string(value)) {
        let _ = storage.set_item(&key(name, what), &text);
    }
}

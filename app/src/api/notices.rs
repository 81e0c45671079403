//! What the person who looks at the page is told of.

use domain::notice::NoticePreferences;
use domain::wire::{NoticesView, ReadNotices};

use super::Failure;

/// Notices before `before`, newest first; unread ones alone, or all.
pub(crate) async fn list(unread: bool, before: Option<u64>) -> Result<NoticesView, Failure> {
    let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
    super::get(&format!("/notices?limit=50&unread={unread}{before}")).await
}

/// The newest notice, and how many were not read.
pub(crate) async fn newest() -> Result<NoticesView, Failure> {
    super::get("/notices?limit=1&unread=true").await
}

/// Marks notices as read.
pub(crate) async fn read(which: &ReadNotices) -> Result<(), Failure> {
    super::tell("/notices/read", which).await
}

/// What the person does not want to be told of.
pub(crate) async fn preferences() -> Result<NoticePreferences, Failure> {
    super::get("/notices/preferences").await
}

/// Changes what the person does not want to be told of.
pub(crate) async fn save_preferences(choices: &NoticePreferences) -> Result<(), Failure> {
    super::put("/notices/preferences", choices).await
}

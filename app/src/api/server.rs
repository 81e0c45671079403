//! The server itself: the settings that it was started with.

use domain::wire::SettingsView;

use super::Failure;

/// Its settings, for administrators.
pub(crate) async fn settings() -> Result<SettingsView, Failure> {
    super::get("/settings").await
}

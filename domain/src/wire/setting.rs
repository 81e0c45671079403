//! The settings of a server, as an administrator reads them.

use serde::{Deserialize, Serialize};

words! {
    /// Where a setting was written.
    pub enum SettingSource {
        /// As a flag of the command, or as an environment variable.
        Command = "command",
        /// In `changeover.toml`.
        File = "file",
        /// Nowhere: the default holds.
        Default = "default",
    }
}

/// The settings that a server was started with. They change when it is started again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsView {
    /// The version of the program.
    pub version: String,
    /// The settings file, whether it is there or not.
    pub file: String,
    /// Each setting there is.
    pub settings: Vec<SettingView>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingView {
    /// Its key in the file; the flag is the same with `-` for `_`.
    pub name: String,
    /// A sentence about what it decides.
    pub meaning: String,
    /// What was written, without passwords and secrets; none: the default holds.
    pub value: Option<String>,
    /// What holds when nothing is written, in words; none: nothing does.
    pub default: Option<String>,
    /// Where it was written.
    pub source: SettingSource,
}

//! Signing in at an identity provider: going there, and coming back. Each secret is kept from being printed.

use serde::{Deserialize, Serialize};

use crate::provider::Errand;
use crate::secret::Secret;

/// The identity provider that lets people in, where one is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderView {
    /// Its name, for people to read; none where no provider is configured.
    pub name: Option<String>,
    /// The address at which one signs out there too, where that is known.
    pub sign_out: Option<String>,
}

/// Goes to the identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartErrand {
    /// What for. `link` and `again` are for somebody who is signed in.
    pub errand: Errand,
    /// With `join`: the part of the invitation's link behind the `#`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Secret>,
    /// The path that the page lies under, where a proxy puts it under one: the cookie is sent there only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// The way to the identity provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrandStarted {
    /// The address to which the browser goes, within ten minutes.
    pub location: String,
}

/// Comes back from the identity provider, with what it gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FinishErrand {
    /// The code that is traded for what the provider says of somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
    /// What was given along on the way there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Secret>,
    /// The provider, as it names itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The reason why the provider gave no code, in a word of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The path that the page lies under, where a proxy puts it under one: the cookie is sent there only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// Somebody who came back, and is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrandDone {
    /// What they went for.
    pub errand: Errand,
}

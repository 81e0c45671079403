//! Signing in and joining; sessions and passwords. Each secret is kept from being printed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::SessionId;
use crate::principal::ServerRole;
use crate::secret::Secret;
use crate::session::SignInMethod;

/// Signs in: by the server's token, by address and password, or by a link that was made on the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The server's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
    /// The person's e-mail address, with `password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The person's password, with `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The part behind the `#` of a link that `changeover admin link` made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_link: Option<Secret>,
    /// The path that the page lies under, where a proxy puts it under one: the cookie is sent there only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// Shows once more who somebody is who has signed in already: by their password, or the local person by the server's
/// token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reauthenticate {
    /// The person's password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The server's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// Asks what an invitation is for, without using it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeekInvitation {
    /// The part of the link behind the `#`.
    pub secret: Secret,
}

/// An invitation as the person is greeted with it who has its link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Greeting {
    /// The name that they were invited under.
    pub name: Option<String>,
    /// The address that they were invited under.
    pub email: Option<String>,
    /// The name of the person who invited them.
    pub inviter: String,
    /// The role on the server that they will have.
    pub role: ServerRole,
    /// The time at which the invitation ends.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
}

/// Accepts an invitation: the person is made, and signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptInvitation {
    /// The part of the link behind the `#`.
    pub secret: Secret,
    /// Their name: 1 to 120 characters.
    pub name: String,
    /// Their e-mail address, by which they sign in; nobody else's here.
    pub email: String,
    /// Their password: 12 to 200 characters.
    pub password: Secret,
    /// The path that the page lies under, where a proxy puts it under one: the cookie is sent there only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// Gives oneself a password. All other sessions end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPassword {
    /// The password before, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Secret>,
    /// The password from now on: 12 to 200 characters.
    pub new: Secret,
}

/// A session of the person who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Names it.
    pub id: SessionId,
    /// The time at which it began.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The time of its last request, to the minute.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_seen: Timestamp,
    /// The time at which it ends without a further request.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// The way in which they signed in.
    pub with: SignInMethod,
    /// The browser, as it calls itself.
    pub user_agent: Option<String>,
    /// The session through which this was asked.
    pub is_this: bool,
}

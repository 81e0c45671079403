//! People, invitations, groups, services and API tokens.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::caller::Scope;
use crate::id::{DeploymentId, InvitationId, TokenId};
use crate::principal::{PrincipalId, PrincipalKind, ServerRole};
use crate::secret::Secret;
use crate::wire::TryAnswer;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonView {
    /// Names them for good.
    pub id: PrincipalId,
    /// Their name.
    pub name: String,
    /// Their e-mail address; shown to themselves and to administrators.
    pub email: Option<String>,
    /// Their role on the server.
    pub role: ServerRole,
    /// Nobody lets them in.
    pub disabled: bool,
    /// Their name and address were erased.
    pub erased: bool,
    /// The time since which they are there; none for the local person, who always was.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub since: Option<Timestamp>,
    /// They can sign in with a password; shown to themselves and to administrators.
    pub has_password: Option<bool>,
    /// They can sign in with an account at the identity provider; shown to themselves and to administrators.
    #[serde(default)]
    pub is_linked: Option<bool>,
    /// The time of their last request in a session that is open; shown to themselves and to administrators.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_seen: Option<Timestamp>,
}

/// Changes a person. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonChange {
    /// Their name: 1 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their role on the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<ServerRole>,
}

/// Changes what people know of oneself. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnChange {
    /// One's name: 1 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One's e-mail address, by which one signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Invites somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationForm {
    /// Their name, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their e-mail address, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The role on the server that they will have.
    pub role: ServerRole,
    /// The groups that they will belong to.
    pub groups: BTreeSet<PrincipalId>,
    /// The inviter's own name, as long as the local person has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_name: Option<String>,
    /// The inviter's own e-mail address, as long as the local person has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_email: Option<String>,
}

/// An invitation that nobody has accepted yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationView {
    /// Names it; no part of its link.
    pub id: InvitationId,
    /// The name of the person invited.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// The role on the server that they will have.
    pub role: ServerRole,
    /// The groups that they will belong to.
    pub groups: BTreeSet<PrincipalId>,
    /// The person who invited them.
    pub by: PrincipalId,
    /// The time at which it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The time at which it ends.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// The link, when it is made, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub link: Option<Secret>,
    /// What became of the mail with the link, when it is made, has an address, and mail is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed: Option<TryAnswer>,
}

/// Makes a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupForm {
    /// Its name: 1 to 120 characters.
    pub name: String,
    /// Its members, people and services.
    #[serde(default)]
    pub members: BTreeSet<PrincipalId>,
    /// Its members may use break-glass where they may change a deployment.
    #[serde(default)]
    pub breaks_glass: bool,
    /// The group at the identity provider that says who belongs to it, instead of `members`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_group: Option<String>,
}

/// Changes a group. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupChange {
    /// Its name: 1 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All of its members from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<BTreeSet<PrincipalId>>,
    /// Its members may use break-glass where they may change a deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks_glass: Option<bool>,
    /// The group at the identity provider that says who belongs to it: its members come with their next sign-in. Empty: from
    /// now on `members` says so, who stay as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_group: Option<String>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupView {
    /// Names it for good.
    pub id: PrincipalId,
    /// Its name.
    pub name: String,
    /// Its members.
    pub members: BTreeSet<PrincipalId>,
    /// Its members may use break-glass where they may change a deployment.
    #[serde(default)]
    pub breaks_glass: bool,
    /// The group at the identity provider that says who belongs to it; none where administrators do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_group: Option<String>,
}

/// Makes a service: a program that has API tokens only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceForm {
    /// Its name: 1 to 120 characters.
    pub name: String,
    /// Its role on the server.
    #[serde(default)]
    pub role: ServerRole,
}

/// Changes a service. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceChange {
    /// Its name: 1 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its role on the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<ServerRole>,
    /// Nobody lets it in: its tokens are revoked for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceView {
    /// Names it for good.
    pub id: PrincipalId,
    /// Its name.
    pub name: String,
    /// Its role on the server.
    pub role: ServerRole,
    /// Nobody lets it in.
    pub disabled: bool,
    /// The time since which it is there.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub since: Option<Timestamp>,
}

/// Somebody who can be named, in a grant for example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrincipalView {
    /// Names them for good.
    pub id: PrincipalId,
    /// Their kind.
    pub kind: PrincipalKind,
    /// Their name.
    pub name: String,
    /// Nobody lets them in.
    pub disabled: bool,
}

/// Makes an API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokenForm {
    /// Its name, by which people know it again: 1 to 120 characters.
    pub name: String,
    /// The part of its owner's rights that it carries.
    pub scopes: BTreeSet<Scope>,
    /// The deployments that it is for, by name or id; by default all of its owner's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployments: Option<BTreeSet<DeploymentId>>,
    /// Days until it ends: 1 to 365, by default 90.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 365))]
    pub expires_in_days: Option<u32>,
    /// A service that it is for, by an administrator; by default oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PrincipalId>,
}

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokenView {
    /// Names it; no part of it.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// The person or service whose it is.
    pub owner: PrincipalId,
    /// The part of its owner's rights that it carries.
    pub scopes: BTreeSet<Scope>,
    /// The deployments that it is for, by id; none when it is for all of its owner's.
    pub deployments: Option<BTreeSet<DeploymentId>>,
    /// The time at which it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// The time at which it ends.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// The time of its last use, to the minute.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_used: Option<Timestamp>,
    /// The token itself, when it is made, and never again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub token: Option<Secret>,
}

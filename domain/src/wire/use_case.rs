//! Use cases: changing and reading them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{FreezeId, PolicyId, UseCaseId};
use crate::principal::PrincipalId;

/// Changes what is said of a use case. What is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UseCaseChange {
    /// Its name: 1 to 120 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its purpose, at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A use case as others name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UseCaseName {
    /// Names it for good.
    pub id: UseCaseId,
    /// The name that people read.
    pub name: String,
}

/// A policy that is for a use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyName {
    /// Names it for good.
    pub id: PolicyId,
    /// The name that people read.
    pub name: String,
}

/// A freeze that is for a use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreezeName {
    /// Names it for good.
    pub id: FreezeId,
    /// The name that people read.
    pub name: String,
}

/// A use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UseCaseView {
    /// Names it for good.
    pub id: UseCaseId,
    /// The name that people read; another one may have it too.
    pub name: String,
    /// Its purpose.
    pub description: String,
    /// The person or service who made it.
    pub made_by: PrincipalId,
    /// The time at which it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub made_at: Timestamp,
    /// The number of its deployments that the caller may open.
    pub deployments: u32,
    /// The policies that name it.
    pub policies: Vec<PolicyName>,
    /// The freezes that name it, whether or not they hold now.
    pub freezes: Vec<FreezeName>,
    /// The caller may change and delete it.
    pub may_change: bool,
    /// The caller may take deployments out of it that they may link: nothing names it, or they could change what does.
    pub may_unlink: bool,
}

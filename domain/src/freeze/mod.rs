//! Freezes: times at which nothing is started, and what they are for.

mod occurrence;
mod times;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::deployment::Importance;
use crate::id::{DeploymentId, FreezeId, UseCaseId};
use crate::terms::{InvalidTerms, check_name, check_text};

pub use occurrence::{ClockChange, Occurrence, Preview};
pub use times::{FreezeHold, FreezeTimes, MOST_PREVIEWS, Weekday};

/// The deployments that a freeze is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FreezeScope {
    /// Every one.
    All,
    /// Those of an importance.
    Importance(BTreeSet<Importance>),
    /// Those that are named.
    Deployments(BTreeSet<DeploymentId>),
    /// Those that are linked to one of these use cases.
    UseCases(BTreeSet<UseCaseId>),
}

impl FreezeScope {
    /// True when it is for this one.
    pub fn holds(&self, one: Freezable<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Importance(levels) => levels.contains(&one.importance),
            Self::Deployments(named) => one.deployment.is_some_and(|id| named.contains(id)),
            Self::UseCases(named) => !named.is_disjoint(one.use_cases),
        }
    }

    /// True when it names the use case.
    pub fn names(&self, use_case: &UseCaseId) -> bool {
        matches!(self, Self::UseCases(named) if named.contains(use_case))
    }

    fn check(&self) -> Result<(), InvalidTerms> {
        let (field, count) = match self {
            Self::All => return Ok(()),
            Self::Importance(levels) => ("scope.importance", levels.len()),
            Self::Deployments(named) => ("scope.deployments", named.len()),
            Self::UseCases(named) => ("scope.use_cases", named.len()),
        };
        if !(1..=MOST_NAMED).contains(&count) {
            return Err(InvalidTerms::new(field, format!("name 1 to {MOST_NAMED}")));
        }
        Ok(())
    }
}

/// A deployment, as far as it decides which freezes are for it.
#[derive(Clone, Copy, Debug)]
pub struct Freezable<'a> {
    /// Its id; none while it is to be made.
    pub deployment: Option<&'a DeploymentId>,
    /// Its importance.
    pub importance: Importance,
    /// The use cases that it is linked to.
    pub use_cases: &'a BTreeSet<UseCaseId>,
}

/// Most deployments or use cases that a scope names.
pub const MOST_NAMED: usize = 1_000;

/// The terms of a freeze: what people decide about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreezeTerms {
    /// The name that people read, 1 to 120 characters.
    pub name: String,
    /// Says why nothing is started, at most 2,000 characters.
    #[serde(default)]
    pub reason: String,
    /// The deployments that it is for.
    pub scope: FreezeScope,
    /// The times at which it holds.
    pub when: FreezeTimes,
}

impl FreezeTerms {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), InvalidTerms> {
        check_name("name", &self.name)?;
        check_text("reason", &self.reason)?;
        self.scope.check()?;
        self.when.check()
    }
}

/// A freeze.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Freeze {
    /// Names it.
    pub id: FreezeId,
    /// The decisions of people about it.
    #[serde(deserialize_with = "stored")]
    pub terms: FreezeTerms,
}

/// Reads terms as they are stored. Before there were use cases, a scope could name them by any text, and held nothing by
/// it: those are left out.
fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FreezeTerms, D::Error> {
    let mut terms = serde_json::Value::deserialize(deserializer)?;
    if let Some(named) = terms.pointer_mut("/scope/use_cases").and_then(serde_json::Value::as_array_mut) {
        named.retain(|name| name.as_str().is_some_and(|name| name.parse::<UseCaseId>().is_ok()));
    }
    serde_json::from_value(terms).map_err(D::Error::custom)
}

impl Freeze {
    /// Tells whether it holds this one at `now`, and until when.
    pub fn holds(&self, one: Freezable<'_>, now: Timestamp) -> Option<FreezeHold> {
        self.terms.scope.holds(one).then(|| self.terms.when.holds_at(now)).flatten()
    }
}

#[cfg(test)]
mod tests;

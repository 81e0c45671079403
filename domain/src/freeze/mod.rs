//! Freezes: times at which nothing is started, and what they are for.

mod occurrence;
mod times;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::Importance;
use crate::id::{DeploymentId, FreezeId};
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
    /// Those of a use case. None has one yet, so nothing is held.
    UseCases(BTreeSet<String>),
}

impl FreezeScope {
    /// True when it is for this deployment, which has this importance.
    pub fn holds(&self, deployment: &DeploymentId, importance: Importance) -> bool {
        match self {
            Self::All => true,
            Self::Importance(levels) => levels.contains(&importance),
            Self::Deployments(named) => named.contains(deployment),
            Self::UseCases(_) => false,
        }
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
        match self {
            Self::UseCases(named) => named.iter().try_for_each(|name| check_name(field, name)),
            _ => Ok(()),
        }
    }
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
    pub terms: FreezeTerms,
}

impl Freeze {
    /// Tells whether it holds this deployment, which has this importance, at `now`, and until when.
    pub fn holds(&self, deployment: &DeploymentId, importance: Importance, now: Timestamp) -> Option<FreezeHold> {
        self.terms.scope.holds(deployment, importance).then(|| self.terms.when.holds_at(now)).flatten()
    }
}

#[cfg(test)]
mod tests;

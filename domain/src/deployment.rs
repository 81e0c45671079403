//! A deployment's words: status, operations, importance, what a failure does.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::compat::CheckRules;
use crate::id::{Actor, RevisionNumber};
use crate::strategy::Strategy;

words! {
    /// The status of a deployment (SAP-7).
    pub enum Status {
        /// Its first configuration is not running yet.
        Pending = "pending",
        /// A configuration runs.
        Running = "running",
        /// Its intended configuration cannot run; somebody must act.
        Dead = "dead",
        /// Its replicas are being stopped.
        Stopping = "stopping",
        /// It has no replicas, on purpose.
        Stopped = "stopped",
        /// Its target cannot be seen.
        Unknown = "unknown",
    }
}

words! {
    /// The status that a deployment is meant to reach (SAP-7).
    pub enum TargetStatus {
        /// To run.
        Running = "running",
        /// To have no replicas.
        Stopped = "stopped",
        /// To be gone.
        Deleted = "deleted",
    }
}

words! {
    /// An operation on a deployment (SAP-7).
    pub enum OperationKind {
        /// It was made.
        Create = "create",
        /// It was given a configuration.
        Update = "update",
        /// It is being removed.
        Delete = "delete",
        /// Its replicas are being taken away, and stay away (DR-12).
        Deactivate = "deactivate",
        /// It gets its replicas back.
        Activate = "activate",
        /// Every replica is being replaced by one like it.
        Relaunch = "relaunch",
    }
}

words! {
    /// The importance of a deployment (DR-6).
    #[derive(Default)]
    pub enum Importance {
        /// The most.
        Critical = "critical",
        /// Much.
        High = "high",
        /// Something.
        #[default]
        Moderate = "moderate",
        /// Little.
        Low = "low",
    }
}

impl Importance {
    /// Its place among the others, the least important first.
    pub fn rank(self) -> u8 {
        match self {
            Self::Low => 0,
            Self::Moderate => 1,
            Self::High => 2,
            Self::Critical => 3,
        }
    }
}

words! {
    /// The failure mode of a rollout (CO-3).
    #[derive(Default)]
    pub enum OnFailure {
        /// Every replica goes back to the revision before.
        #[default]
        Revert = "revert",
        /// The update stops; the survivors serve, and lost capacity is made up with the last good revision.
        Stop = "stop",
        /// Nothing is undone; the deployment is dead, and its error names the last configuration that ran (SAP-6).
        Dead = "dead",
    }
}

words! {
    /// The reasons for which a deployment is given a configuration (DR-1).
    pub enum Reason {
        /// The model predicts better.
        Accuracy = "accuracy",
        /// The data has moved away from what the model learned.
        DataDrift = "data_drift",
        /// The model in use makes errors.
        Errors = "errors",
        /// It was time.
        ScheduledRefresh = "scheduled_refresh",
        /// It answers faster.
        ScoringSpeed = "scoring_speed",
        /// The model in use is to be retired.
        Deprecation = "deprecation",
        /// Something else; the note says what.
        Other = "other",
    }
}

/// Words of people about a deployment (AZ-3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Its purpose.
    pub description: String,
    /// Words to find it by; an update replaces them all.
    pub tags: BTreeMap<String, String>,
    /// Facts about it; an update only adds.
    pub properties: BTreeMap<String, String>,
    /// The rules that a candidate has to pass beside the signature's.
    pub checks: CheckRules,
}

/// The terms of a deployment: what people decide about it, beside what it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Its importance.
    pub importance: Importance,
    /// Says what a failed rollout does.
    pub on_failure: OnFailure,
    /// The strategy of its rollouts unless they say otherwise.
    #[serde(default)]
    pub strategy: Strategy,
    /// Words of people about it.
    #[serde(default)]
    pub about: About,
}

/// Terms that change; the others stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsChange {
    /// Its importance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// Says what a failed rollout does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
    /// The strategy of its rollouts unless they say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// Words of people about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
}

impl Terms {
    /// The change that makes `wanted` of these.
    pub fn change_to(&self, wanted: Self) -> TermsChange {
        TermsChange {
            importance: differs(&self.importance, wanted.importance),
            on_failure: differs(&self.on_failure, wanted.on_failure),
            strategy: differs(&self.strategy, wanted.strategy),
            about: differs(&self.about, wanted.about),
        }
    }

    /// These after `change`.
    pub fn change(&mut self, change: &TermsChange) {
        let TermsChange { importance, on_failure, strategy, about } = change.clone();
        self.importance = importance.unwrap_or(self.importance);
        self.on_failure = on_failure.unwrap_or(self.on_failure);
        self.strategy = strategy.unwrap_or(self.strategy);
        self.about = about.unwrap_or_else(|| std::mem::take(&mut self.about));
    }
}

fn differs<T: PartialEq>(now: &T, wanted: T) -> Option<T> {
    (wanted != *now).then_some(wanted)
}

/// The operation that was last asked of a deployment, when and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LastOperation {
    /// The kind of the operation.
    pub kind: OperationKind,
    /// The time at which it was asked for.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The person or program that asked for it.
    pub actor: Actor,
    /// The earlier revision that an update went back to; `null` when it was no rollback.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
}

impl Status {
    /// The status of a deployment whose rollout failed and was not undone. One that answers is not dead, unless
    /// somebody chose that a failure leaves it so (SAP-6).
    pub fn after_failure(answers: bool, chosen: OnFailure) -> Self {
        if answers && chosen != OnFailure::Dead { Self::Running } else { Self::Dead }
    }
}

/// All that [`parse_ttl`] takes: 1 to 525,600 minutes, 8,760 hours or 365 days.
pub const TTL_PATTERN: &str = "^((\
    [1-9][0-9]{0,4}|[1-4][0-9]{5}|5[01][0-9]{4}|52[0-4][0-9]{3}|525[0-5][0-9]{2}|525600)m|(\
    [1-9][0-9]{0,2}|[1-7][0-9]{3}|8[0-6][0-9]{2}|87[0-5][0-9]|8760)h|(\
    [1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-5])d)$";

/// A time to live as written: `10m`, `24h`, `7d` (SAP-8). In seconds; 1 minute to 365 days.
pub fn parse_ttl(text: &str) -> Option<u32> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let count = &text[..text.len() - 1];
    if !count.starts_with(|first: char| first.is_ascii_digit() && first != '0') {
        return None;
    }
    let count: u32 = count.parse().ok()?;
    let total = count.checked_mul(seconds)?;
    (60..=365 * 86_400).contains(&total).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_live_is_a_number_and_a_unit() {
        assert_eq!(parse_ttl("10m"), Some(600));
        assert_eq!(parse_ttl("24h"), Some(86_400));
        assert_eq!(parse_ttl("7d"), Some(604_800));
        for bad in ["", "m", "10", "-1h", "+1h", "0m", "010m", "1s", "999d", "99999999999d", "ü"] {
            assert_eq!(parse_ttl(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_time_to_live_that_fits_the_pattern_is_taken(text in TTL_PATTERN.trim_matches(['^', '$'])) {
            proptest::prop_assert!(parse_ttl(&text).is_some(), "{text}");
        }
    }
}

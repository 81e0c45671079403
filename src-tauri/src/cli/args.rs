//! Arguments that several commands share.

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::Args;
use domain::deployment::{OnFailure, Reason};
use domain::strategy::{Amount, InvalidAmount, StrategyChange};
use serde_json::Value;

use super::text;

/// Pages of a list.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Paging {
    /// Most items to show
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Go on where a shown page ended
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Paging {
    /// As a query.
    pub(super) fn query(&self) -> Vec<(&'static str, String)> {
        let limit = self.limit.map(|limit| ("limit", limit.to_string()));
        limit.into_iter().chain(self.cursor.clone().map(|cursor| ("cursor", cursor))).collect()
    }
}

/// A surge as it is typed; none for `needed`.
#[derive(Clone, Copy, Debug)]
struct Surge(Option<Amount>);

impl FromStr for Surge {
    type Err = InvalidAmount;
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        if text == "needed" { Ok(Self(None)) } else { text.parse().map(|amount| Self(Some(amount))) }
    }
}

/// The strategy of a rollout, as options.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Strategy")]
pub(super) struct Moving {
    /// Replicas above the desired number, as 2, 25% or `needed` [default: the deployment's]
    #[arg(long, value_name = "X")]
    max_surge: Option<Surge>,
    /// Desired replicas that may be away, as 1 or 20% [default: the deployment's]
    #[arg(long, value_name = "X")]
    max_unavailable: Option<Amount>,
    /// Count a replica only after so long [default: the deployment's]
    #[arg(long, value_name = "SECONDS")]
    min_ready_seconds: Option<u32>,
    /// Fail after so long without progress [default: the deployment's]
    #[arg(long, value_name = "SECONDS")]
    progress_deadline_seconds: Option<u32>,
    /// Fail after so long in all [default: the deployment's]
    #[arg(long, value_name = "SECONDS")]
    total_deadline_seconds: Option<u32>,
    /// Fail after so many failed starts in a row [default: the deployment's]
    #[arg(long, value_name = "N")]
    start_failures: Option<u32>,
}

impl Moving {
    /// The options that were given; the rest is the deployment's.
    pub(super) fn strategy(&self) -> StrategyChange {
        StrategyChange {
            max_surge: self.max_surge.map(|Surge(amount)| amount),
            max_unavailable: self.max_unavailable,
            min_ready_seconds: self.min_ready_seconds,
            progress_deadline_seconds: self.progress_deadline_seconds,
            total_deadline_seconds: self.total_deadline_seconds.map(Some),
            start_failures: self.start_failures,
        }
    }

    /// The options that were given, for a request that is written by hand.
    pub(super) fn fields(&self) -> BTreeMap<&'static str, Value> {
        let number = |given: Option<u32>| given.map(Value::from);
        [
            ("max_surge", self.max_surge.map(|Surge(amount)| amount.map_or(Value::Null, Value::from))),
            ("max_unavailable", self.max_unavailable.map(Value::from)),
            ("min_ready_seconds", number(self.min_ready_seconds)),
            ("progress_deadline_seconds", number(self.progress_deadline_seconds)),
            ("total_deadline_seconds", number(self.total_deadline_seconds)),
            ("start_failures", number(self.start_failures)),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
        .collect()
    }
}

/// The failure mode of a rollout, and the override of a quarantine.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Failure")]
pub(super) struct Failing {
    /// revert, stop or dead [default: the deployment's]
    #[arg(long, value_name = "WORD", value_parser = text::from_word::<OnFailure>)]
    pub(super) on_failure: Option<OnFailure>,
    /// The reason to bring back content of a quarantined revision
    #[arg(long = "override", value_name = "TEXT")]
    pub(super) quarantine_override: Option<String>,
}

/// The reason for a change, as options.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reason")]
pub(super) struct ReasonArgs {
    /// The reason
    #[arg(long, value_name = "REASON", value_parser = text::from_word::<Reason>,
        help = "accuracy, data-drift, errors, scheduled-refresh,\nscoring-speed, deprecation or other")]
    pub(super) reason: Option<Reason>,
    /// A sentence about it
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
}

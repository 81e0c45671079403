//! The limits of a rollout: surge and unavailable, and the numbers that they come to for a number of replicas.
//!
//! Source: VX-1, RAY-3. Surge rounds up, unavailable rounds down, as in Kubernetes and Vertex AI.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most replicas that a deployment may have, and the largest count that a limit may name.
pub const MAX_REPLICAS: u32 = 1000;

/// A number of replicas, or a share of the desired number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Amount {
    /// A number of replicas, 0 to [`MAX_REPLICAS`].
    Count(u32),
    /// Percent of the desired number, 0 to 100; written `"25%"`.
    Percent(u8),
}

/// Limits that have a name, so that nobody needs numbers to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// One replica more first, none missing.
    Safe,
    /// Half of them at once, none more: quick, and capacity is missing meanwhile.
    Fast,
}

impl Preset {
    /// Surge and unavailable.
    pub fn limits(self) -> (Amount, Amount) {
        match self {
            Self::Safe => (Amount::Count(1), Amount::Count(0)),
            Self::Fast => (Amount::Count(0), Amount::Percent(50)),
        }
    }
}

/// Text or a number that is no [`Amount`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is neither a count from 0 to {MAX_REPLICAS} nor a percentage from \"0%\" to \"100%\"")]
pub struct InvalidAmount(String);

impl FromStr for Amount {
    type Err = InvalidAmount;
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let invalid = || InvalidAmount(format!("\"{}\"", text.chars().take(40).collect::<String>()));
        if let Some(percent) = text.strip_suffix('%') {
            let percent: u8 = percent.trim().parse().map_err(|_| invalid())?;
            if percent <= 100 { Ok(Self::Percent(percent)) } else { Err(invalid()) }
        } else {
            let count: u32 = text.trim().parse().map_err(|_| invalid())?;
            if count <= MAX_REPLICAS { Ok(Self::Count(count)) } else { Err(invalid()) }
        }
    }
}

impl TryFrom<Value> for Amount {
    type Error = InvalidAmount;
    fn try_from(value: Value) -> Result<Self, InvalidAmount> {
        match value {
            Value::String(text) => text.parse(),
            Value::Number(number) => number.to_string().parse().map_err(|_| InvalidAmount(number.to_string())),
            _ => Err(InvalidAmount("This".to_owned())),
        }
    }
}

impl From<Amount> for Value {
    fn from(amount: Amount) -> Value {
        match amount {
            Amount::Count(count) => Value::from(count),
            Amount::Percent(_) => Value::from(amount.to_string()),
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl Amount {
    fn is_zero(self) -> bool {
        matches!(self, Self::Count(0) | Self::Percent(0))
    }

    fn round_up(self, desired: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (u64::from(desired) * u64::from(percent)).div_ceil(100) as u32,
        }
    }

    fn round_down(self, desired: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => (u64::from(desired) * u64::from(percent) / 100) as u32,
        }
    }
}

/// The strategy by which a rollout moves replicas. A field that is not sent has its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Strategy {
    /// Number of replicas above the desired one that may run at a time. Default `null`, none; where `max_unavailable` comes
    /// out as none too, one, so that the default is never an outage (RAY-3).
    pub max_surge: Option<Amount>,
    /// Number of the desired replicas that may be away at a time. Default `"20%"` (RAY-3).
    pub max_unavailable: Amount,
    /// A replica counts only after it has stayed ready for so many seconds (CO-4). Default 0, at most 3,600.
    pub min_ready_seconds: u32,
    /// The rollout fails when so many seconds pass without one more replica having become available. Default 600, 1 to 86,400.
    pub progress_deadline_seconds: u32,
    /// The rollout fails so many seconds after its start, whatever its progress. Default none, 1 to 604,800.
    pub total_deadline_seconds: Option<u32>,
    /// The rollout fails when so many starts in a row failed without a replica having become ready. Default 3, 1 to 1,000.
    pub start_failures: u32,
}

impl Default for Strategy {
    fn default() -> Self {
        Self {
            max_surge: None,
            max_unavailable: Amount::Percent(20),
            min_ready_seconds: 0,
            progress_deadline_seconds: 600,
            total_deadline_seconds: None,
            start_failures: 3,
        }
    }
}

/// The differences of one rollout from its deployment's [`Strategy`]. A field that is not sent is inherited (VX-7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StrategyChange {
    /// See [`Strategy::max_surge`]; `null` takes the deployment's away.
    #[serde(deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Amount>))]
    pub max_surge: Option<Option<Amount>>,
    /// See [`Strategy::max_unavailable`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_unavailable: Option<Amount>,
    /// See [`Strategy::min_ready_seconds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ready_seconds: Option<u32>,
    /// See [`Strategy::progress_deadline_seconds`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_deadline_seconds: Option<u32>,
    /// See [`Strategy::total_deadline_seconds`]; `null` takes the deployment's away.
    #[serde(deserialize_with = "sent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub total_deadline_seconds: Option<Option<u32>>,
    /// See [`Strategy::start_failures`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_failures: Option<u32>,
}

/// Tells `null` from a field that is not there.
fn sent<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(input: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(input).map(Some)
}

impl From<Strategy> for StrategyChange {
    fn from(strategy: Strategy) -> Self {
        Self {
            max_surge: Some(strategy.max_surge),
            max_unavailable: Some(strategy.max_unavailable),
            min_ready_seconds: Some(strategy.min_ready_seconds),
            progress_deadline_seconds: Some(strategy.progress_deadline_seconds),
            total_deadline_seconds: Some(strategy.total_deadline_seconds),
            start_failures: Some(strategy.start_failures),
        }
    }
}

impl StrategyChange {
    /// `base` with what is sent here.
    #[must_use]
    pub fn on(&self, base: Strategy) -> Strategy {
        Strategy {
            max_surge: self.max_surge.unwrap_or(base.max_surge),
            max_unavailable: self.max_unavailable.unwrap_or(base.max_unavailable),
            min_ready_seconds: self.min_ready_seconds.unwrap_or(base.min_ready_seconds),
            progress_deadline_seconds: self.progress_deadline_seconds.unwrap_or(base.progress_deadline_seconds),
            total_deadline_seconds: self.total_deadline_seconds.unwrap_or(base.total_deadline_seconds),
            start_failures: self.start_failures.unwrap_or(base.start_failures),
        }
    }
}

/// The reasons for which a strategy cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StrategyError {
    /// Nothing could ever move (VX-1).
    #[error(
        "max_surge and max_unavailable are both 0, so no replica could ever be replaced; set at least one of them to 1 or more"
    )]
    BothZero,
    /// A duration or a count lies outside its range.
    #[error("{field} must be between {least} and {most}{unit}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// Lowest value.
        least: u32,
        /// Highest value.
        most: u32,
        /// The unit of the count, after a space; empty where the field's name says it.
        unit: &'static str,
    },
}

words! {
    /// A change that was made to the limits when they were resolved.
    pub enum Adjustment {
        /// The limits are as asked for.
        None = "none",
        /// Both came out as zero, so one replica may be away; the interface warns of the outage (VX-1).
        Forced = "forced",
        /// No replica may be away and nobody set a surge, so one replica more may run (RAY-3).
        Surged = "surged",
        /// More were allowed to be away than there are.
        Capped = "capped",
    }
}

/// A strategy's limits for one desired number of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Replicas above the desired number.
    pub surge: u32,
    /// Replicas that may be away.
    pub unavailable: u32,
    /// The change that made them usable.
    pub adjustment: Adjustment,
}

impl Limits {
    /// The most replicas that may run at a time.
    pub fn highest_total(&self, desired: u32) -> u32 {
        desired.saturating_add(self.surge)
    }

    /// The fewest replicas that must be available.
    pub fn lowest_available(&self, desired: u32) -> u32 {
        desired.saturating_sub(self.unavailable)
    }
}

impl Strategy {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// Both limits zero, or a duration or count out of range.
    pub fn check(&self) -> Result<(), StrategyError> {
        if self.max_surge.is_some_and(Amount::is_zero) && self.max_unavailable.is_zero() {
            return Err(StrategyError::BothZero);
        }
        for (field, value, least, most, unit) in [
            ("min_ready_seconds", self.min_ready_seconds, 0, 3_600, " seconds"),
            ("progress_deadline_seconds", self.progress_deadline_seconds, 1, 86_400, " seconds"),
            ("total_deadline_seconds", self.total_deadline_seconds.unwrap_or(1), 1, 604_800, " seconds"),
            ("start_failures", self.start_failures, 1, 1_000, ""),
        ] {
            if !(least..=most).contains(&value) {
                return Err(StrategyError::OutOfRange { field, least, most, unit });
            }
        }
        Ok(())
    }

    /// The limits for `desired` replicas: surge rounded up, unavailable rounded down and at most `desired`.
    /// When none may be unavailable and nobody set a surge, it is 1 (RAY-3); when a surge that somebody set comes out as
    /// zero too, one may be unavailable (VX-1).
    pub fn resolve(&self, desired: u32) -> Limits {
        let asked = self.max_unavailable.round_down(desired);
        let surge = self.max_surge.map(|amount| amount.round_up(desired));
        let (surge, unavailable, adjustment) = match (surge, asked) {
            (None, 0) => (1, 0, Adjustment::Surged),
            (Some(0), 0) => (0, 1.min(desired), Adjustment::Forced),
            (surge, asked) if asked > desired => (surge.unwrap_or(0), desired, Adjustment::Capped),
            (surge, asked) => (surge.unwrap_or(0), asked, Adjustment::None),
        };
        Limits { surge, unavailable, adjustment }
    }

    /// The surge in a word: `1`, `25%`, or that it is as much as is needed.
    pub fn surge_words(&self) -> String {
        self.max_surge.map_or_else(|| "as needed".to_owned(), |amount| amount.to_string())
    }
}

#[cfg(test)]
mod tests;

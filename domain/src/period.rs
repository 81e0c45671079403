//! A period as people write it: `10m`, `24h`, `7d`.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::deployment::parse_ttl;

/// A period of 1 minute to 365 days, written as a number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
pub struct Period(u32);

/// A text that is no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no period; write a number and a unit, 1m to 365d, for example 10m, 24h or 7d")]
pub struct InvalidPeriod(String);

/// Longest piece of a wrong text that the sentence repeats, in characters.
const ECHO: usize = 40;

impl Period {
    /// A number of days, of which a period has 1 to 365.
    pub(crate) const fn days(days: u8) -> Self {
        Self(days as u32 * 86_400)
    }

    /// Its length.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }

    /// The instant that lies a period after `at`, or the last one there is.
    pub fn after(self, at: Timestamp) -> Timestamp {
        at.checked_add(self.duration()).unwrap_or(Timestamp::MAX)
    }
}

impl FromStr for Period {
    type Err = InvalidPeriod;
    fn from_str(text: &str) -> Result<Self, InvalidPeriod> {
        parse_ttl(text).map(Self).ok_or_else(|| InvalidPeriod(text.chars().take(ECHO).collect()))
    }
}

impl TryFrom<String> for Period {
    type Error = InvalidPeriod;
    fn try_from(text: String) -> Result<Self, InvalidPeriod> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

impl fmt::Display for Period {
    /// Writes it in the largest unit of which it is a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds if seconds % 86_400 == 0 => write!(f, "{}d", seconds / 86_400),
            seconds if seconds % 3_600 == 0 => write!(f, "{}h", seconds / 3_600),
            seconds => write!(f, "{}m", seconds / 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_and_written_in_words() {
        for (text, seconds, written) in [
            ("1m", 60, "1m"),
            ("90m", 5_400, "90m"),
            ("120m", 7_200, "2h"),
            ("24h", 86_400, "1d"),
            ("36h", 129_600, "36h"),
            ("7d", 604_800, "7d"),
            ("365d", 31_536_000, "365d"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(period.duration().as_secs(), seconds, "{text}");
            assert_eq!(period.to_string(), written);
            assert_eq!(written.parse(), Ok(period));
            assert_eq!(serde_json::to_string(&period).unwrap(), format!("\"{written}\""));
        }
        for bad in ["", "0d", "366d", "7", "7 d", "1w", "-1d", &"9".repeat(10_000)] {
            let error = bad.parse::<Period>().unwrap_err().to_string();
            assert!(error.len() < 200 && error.contains("no period"), "{error}");
        }
        assert_eq!(Period::days(14), "14d".parse().unwrap());
        assert_eq!(Period::days(1).after(Timestamp::MAX), Timestamp::MAX);
    }
}

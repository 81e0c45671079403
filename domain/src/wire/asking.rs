//! Asking for a change: the time at which it is carried out, and what it overrides.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{FreezeId, PolicyId};

words! {
    /// The times for which a change is asked, but for one that is given.
    #[derive(Default)]
    pub enum ApplyWhen {
        /// At once; refused where a policy asks for approvals, or a freeze holds.
        #[default]
        Now = "now",
        /// As soon as all policies that apply are met, and no freeze holds.
        WhenApproved = "when_approved",
        /// When an owner says so, after all policies that apply are met.
        ByHand = "by_hand",
    }
}

/// A time at which a change is to be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplyAt {
    /// RFC 3339, or a local time such as `2026-12-06T22:00` with a zone.
    pub at: String,
    /// The IANA zone of a local time, such as `Europe/Berlin`.
    #[serde(default)]
    pub zone: Option<String>,
    /// The last time at which it may still start, in the same form; by default an hour after `at`.
    #[serde(default)]
    pub not_after: Option<String>,
}

/// When a change is carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Apply {
    /// In a word.
    When(ApplyWhen),
    /// At a time.
    At(ApplyAt),
}

/// Read by hand, so that a field that nobody knows is named by its path.
impl<'de> Deserialize<'de> for Apply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Apply;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"now\", \"when_approved\", \"by_hand\" or {\"at\": TIME}")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Apply, E> {
                word.parse().map(Apply::When).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Apply, A::Error> {
                ApplyAt::deserialize(MapAccessDeserializer::new(map)).map(Apply::At)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Apply {
    /// True for at once.
    pub fn is_now(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Apply {
    fn default() -> Self {
        Self::When(ApplyWhen::Now)
    }
}

/// Starts something although policies or freezes forbid it: once, with a reason, and everybody is told (CO-11).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BreakGlass {
    /// The reason, 10 to 2,000 characters.
    pub reason: String,
    /// The policies that it overrides; each must apply.
    #[serde(default)]
    pub policies: Vec<PolicyId>,
    /// The freezes that it overrides; each must hold.
    #[serde(default)]
    pub freezes: Vec<FreezeId>,
}

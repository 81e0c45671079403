//! The check rules of a deployment: its demands on a candidate beside the signature.

use serde::{Deserialize, Serialize};

use crate::id::ModelRef;

/// A rule that acts on uncertain predictions; it can only work when the model has what it looks at (DR-3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HumilityRule {
    /// Its title, as people read it.
    pub name: String,
    /// Features that it looks at.
    #[serde(default)]
    pub features: Vec<String>,
    /// Outputs that it looks at.
    #[serde(default)]
    pub outputs: Vec<String>,
}

/// The demands of a deployment on a candidate beside its signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CheckPolicy))]
pub struct CheckRules {
    /// Take what could not be verified for a warning, which needs a go-ahead (DR-2).
    pub not_verified_warns: bool,
    /// Refuse a candidate whose Python environment cannot be made as its package asks: another version of Python, or
    /// packages that are left out. Otherwise that is a warning.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub environment_must_fit: bool,
    /// Features that statistics are split by; a candidate must have them. At most 64.
    pub segment_attributes: Vec<String>,
    /// Rules that a candidate must support. At most 64.
    pub humility_rules: Vec<HumilityRule>,
    /// Models that run beside the one in use to be compared with it; none of them may replace it. At most 64.
    pub challengers: Vec<ModelRef>,
}

/// Most entries of a list, and longest name in characters.
const MOST: usize = 64;
const LONGEST: usize = 512;

impl CheckRules {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// A field and a sentence about it.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let long = |name: &String| name.is_empty() || name.chars().count() > LONGEST;
        if self.segment_attributes.len() > MOST || self.segment_attributes.iter().any(long) {
            return Err(("checks.segment_attributes", format!("at most {MOST} names of 1 to {LONGEST} characters")));
        }
        let wrong = |rule: &HumilityRule| {
            let mut named = rule.features.iter().chain(&rule.outputs);
            long(&rule.name) || rule.features.len() + rule.outputs.len() > MOST || named.any(long)
        };
        if self.humility_rules.len() > MOST || self.humility_rules.iter().any(wrong) {
            return Err((
                "checks.humility_rules",
                format!(
                    "at most {MOST} rules, each with a name and at most {MOST} features and outputs, in names of 1 to {LONGEST} characters"
                ),
            ));
        }
        if self.challengers.len() > MOST {
            return Err(("checks.challengers", format!("at most {MOST} models")));
        }
        Ok(())
    }
}

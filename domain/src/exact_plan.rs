//! The exact plan of a change: everything that a reviewer approves, and the hash by which they do (CO-7).
//!
//! Not in it are comments, tags, the number of replicas now and start-up times, or autoscaling would void approvals.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::canonical;
use crate::change_request::{ApplyMode, ApplyWord};
use crate::compat::{CheckRules, Report};
use crate::deployment::{Importance, OnFailure, Reason, TargetStatus};
use crate::id::{DeploymentId, Digest, RevisionNumber};
use crate::policy::GatedAction;
use crate::strategy::Strategy;

/// The form of the plan that is hashed.
const FORM: u32 = 2;

/// An exact plan. Equal plans do the same to the same deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExactPlan {
    /// The form: 2. Plans of form 1 were hashed from fewer fields, and are not kept.
    pub v: u32,
    /// The action.
    pub action: GatedAction,
    /// The deployment; none where it is to be made.
    pub deployment: Option<DeploymentId>,
    /// The state that the plan was made for; none where the deployment is to be made.
    pub base: Option<PlanBase>,
    /// The content that is rolled out; none where nothing is.
    #[serde(default)]
    pub to: Option<PlanGoal>,
    /// The strategy, with its deadlines; none where nothing is rolled out.
    #[serde(default)]
    pub strategy: Option<Strategy>,
    /// The failure mode; none where nothing is rolled out.
    #[serde(default)]
    pub on_failure: Option<OnFailure>,
    /// The reason, as a word.
    #[serde(default)]
    pub reason: Option<Reason>,
    /// A sentence about the reason.
    #[serde(default)]
    pub note: Option<String>,
    /// It goes ahead although the report or the rehearsal warns.
    #[serde(default)]
    pub accept_warnings: bool,
    /// The reason for which content that is known to be bad is rolled out all the same.
    #[serde(default)]
    pub quarantine_override: Option<String>,
    /// The hash of the deployment's check rules.
    #[serde(default)]
    pub checks_digest: Option<String>,
    /// The hash of the compatibility report: of each check and its outcome.
    #[serde(default)]
    pub report_digest: Option<String>,
    /// The old and the new value of each thing that is changed without a rollout.
    #[serde(default)]
    pub values: BTreeMap<String, ValueChange>,
    /// The time at which it is carried out.
    pub apply: PlanApply,
}

/// The state of a deployment that a plan was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanBase {
    /// The last good revision, which a failure goes back to.
    pub revision: Option<RevisionNumber>,
    /// The hash of the configuration in use.
    pub content_hash: String,
    /// The importance, by which policies are chosen.
    pub importance: Importance,
}

/// The content that a plan rolls out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanGoal {
    /// The hash of all of it. The configuration's id is not in the plan: equal content is the same plan.
    pub content_hash: String,
    /// The hash of what replicas are restarted for.
    pub code_hash: String,
    /// The digests of the model files that it binds, in its order.
    pub artifacts: Vec<Digest>,
}

/// A value before and after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueChange {
    /// The value before.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::any_value))]
    pub old: Value,
    /// The value after.
    #[cfg_attr(feature = "openapi", schema(schema_with = crate::openapi::any_value))]
    pub new: Value,
}

words! {
    /// The times at which a plan is carried out.
    pub enum PlanApplyMode {
        /// At once, without a request.
        Now = "now",
        /// As soon as it is approved.
        WhenApproved = "when_approved",
        /// When an owner says so.
        ByHand = "by_hand",
        /// At its time.
        At = "at",
    }
}

/// The time at which a plan is carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanApply {
    /// The way.
    pub mode: PlanApplyMode,
    /// The time itself, where it has one.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub at: Option<Timestamp>,
    /// The last instant at which it is started.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub not_after: Option<Timestamp>,
}

impl PlanApply {
    /// At once.
    pub fn now() -> Self {
        Self { mode: PlanApplyMode::Now, at: None, not_after: None }
    }
}

impl From<&ApplyMode> for PlanApply {
    fn from(mode: &ApplyMode) -> Self {
        let word = match mode.word() {
            ApplyWord::WhenApproved => PlanApplyMode::WhenApproved,
            ApplyWord::ByHand => PlanApplyMode::ByHand,
            ApplyWord::At => PlanApplyMode::At,
        };
        match mode {
            ApplyMode::At(time) => Self { mode: word, at: Some(time.at), not_after: Some(time.not_after) },
            ApplyMode::WhenApproved | ApplyMode::ByHand => Self { mode: word, at: None, not_after: None },
        }
    }
}

impl ExactPlan {
    /// A plan of `action` that changes nothing yet.
    pub fn new(
        action: GatedAction,
        deployment: Option<DeploymentId>,
        base: Option<PlanBase>,
        apply: PlanApply,
    ) -> Self {
        Self {
            v: FORM,
            action,
            deployment,
            base,
            to: None,
            strategy: None,
            on_failure: None,
            reason: None,
            note: None,
            accept_warnings: false,
            quarantine_override: None,
            checks_digest: None,
            report_digest: None,
            values: BTreeMap::new(),
            apply,
        }
    }

    /// True where it gives a deployment its replicas back.
    pub fn activates(&self) -> bool {
        self.values.get("target_status").is_some_and(|value| value.new == json!(TargetStatus::Running))
    }

    /// Its hash: SHA-256 of its canonical JSON, in hexadecimal.
    pub fn hash(&self) -> String {
        canonical::hash(&json!(self))
    }

    /// The fields in which `other` differs from it, each by its path such as `base.revision`, with its value here as the
    /// old one.
    pub fn changes(&self, other: &Self) -> BTreeMap<String, ValueChange> {
        let mut changes = BTreeMap::new();
        compare("", &json!(self), &json!(other), &mut changes);
        changes
    }

    /// The paths of the fields in which it differs from `other`, in the order of their names.
    pub fn moved(&self, other: &Self) -> Vec<String> {
        self.changes(other).into_keys().collect()
    }

    /// The things that somebody changed to make `after` of it, in words; none when it was only rebased, as the base and
    /// what the checks find move by themselves.
    pub fn edits(&self, after: &Self) -> Vec<String> {
        let by_itself = |path: &str| path.starts_with("base") || matches!(path, "checks_digest" | "report_digest");
        let mut moved = self.moved(after);
        moved.retain(|path| !by_itself(path));
        fields_in_words(&moved)
    }
}

fn compare(path: &str, old: &Value, new: &Value, changes: &mut BTreeMap<String, ValueChange>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for name in names {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let value = |side: &serde_json::Map<String, Value>| side.get(name).cloned().unwrap_or_default();
                compare(&inner, &value(a), &value(b), changes);
            }
        }
        (a, b) if a != b => {
            changes.insert(path.to_owned(), ValueChange { old: a.clone(), new: b.clone() });
        }
        _ => {}
    }
}

/// The things that these paths are of, in words, each once.
pub fn fields_in_words(paths: &[String]) -> Vec<String> {
    let mut fields: Vec<_> = paths.iter().map(|path| field_in_words(path)).collect();
    fields.dedup();
    fields
}

/// A field of a plan, named by its path, as people call it.
pub fn field_in_words(path: &str) -> String {
    let name = match path {
        "base.revision" => "last good revision",
        "base.content_hash" => "configuration in use",
        "base.importance" => "importance",
        "on_failure" => "failure mode",
        "accept_warnings" => "accepted warnings",
        "quarantine_override" => "reason for quarantined content",
        "checks_digest" => "check rules",
        "report_digest" => "outcome of the checks",
        "apply.mode" | "apply.at" => "start",
        "apply.not_after" => "last possible start",
        _ if path == "to" || path.starts_with("to.") => "content",
        _ => path.trim_start_matches("values."),
    };
    name.replace(['_', '.'], " ")
}

/// The hash of a deployment's check rules.
pub fn checks_digest(rules: &CheckRules) -> String {
    canonical::hash(&json!(rules))
}

/// The hash of a compatibility report: of each check with its outcome and the models, without sentences, times and
/// latencies.
pub fn report_digest(report: &Report) -> String {
    let checks: Vec<_> = report.checks.iter().map(|check| json!([check.check, check.outcome])).collect();
    canonical::hash(&json!({"current": report.current, "candidate": report.candidate, "checks": checks}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> ExactPlan {
        let base =
            PlanBase { revision: Some(RevisionNumber(1)), content_hash: "a".to_owned(), importance: Importance::High };
        let deployment = "d1".parse().ok();
        ExactPlan {
            note: Some("why".to_owned()),
            ..ExactPlan::new(GatedAction::Replace, deployment, Some(base), PlanApply::now())
        }
    }

    #[test]
    fn equal_content_on_two_deployments_has_two_hashes() {
        let other = ExactPlan { deployment: "d2".parse().ok(), ..plan() };
        assert_eq!(plan().hash(), plan().hash());
        assert_ne!(plan().hash(), other.hash());
        assert_eq!(plan().moved(&other), ["deployment"]);
    }

    #[test]
    fn every_field_counts_and_is_named_when_it_moves() {
        let base =
            PlanBase { revision: Some(RevisionNumber(2)), content_hash: "b".to_owned(), importance: Importance::Low };
        let time = Timestamp::from_second(9).ok();
        for (other, moved) in [
            (ExactPlan { base: Some(base), ..plan() }, vec!["base.content_hash", "base.importance", "base.revision"]),
            (ExactPlan { note: None, ..plan() }, vec!["note"]),
            (ExactPlan { accept_warnings: true, ..plan() }, vec!["accept_warnings"]),
            (ExactPlan { checks_digest: Some("c".to_owned()), ..plan() }, vec!["checks_digest"]),
            (ExactPlan { report_digest: Some("r".to_owned()), ..plan() }, vec!["report_digest"]),
            (ExactPlan { strategy: Some(Strategy::default()), ..plan() }, vec!["strategy"]),
            (
                ExactPlan { apply: PlanApply { mode: PlanApplyMode::At, at: time, not_after: time }, ..plan() },
                vec!["apply.at", "apply.mode", "apply.not_after"],
            ),
        ] {
            assert_ne!(plan().hash(), other.hash(), "{moved:?}");
            assert_eq!(plan().moved(&other), moved);
        }
    }

    #[test]
    fn a_change_has_both_values_and_its_field_a_name_for_people() {
        let after = ExactPlan {
            base: None,
            strategy: Some(Strategy::default()),
            values: BTreeMap::from([("owner".to_owned(), ValueChange { old: json!(null), new: json!("ada") })]),
            ..plan()
        };
        let changes = plan().changes(&after);
        assert_eq!(changes["base"].new, Value::Null);
        assert_eq!((&changes["strategy"].old, &changes["strategy"].new), (&Value::Null, &json!(Strategy::default())));
        assert_eq!(plan().edits(&after), ["strategy", "owner"]);
        assert_eq!(plan().edits(&ExactPlan { base: None, report_digest: Some("r".to_owned()), ..plan() }), [""; 0]);
        let named = ["base.revision", "to.artifacts", "apply.at", "strategy.max_surge", "values.owner", "note"];
        let names = ["last good revision", "content", "start", "strategy max surge", "owner", "note"];
        assert_eq!(named.map(field_in_words), names);
    }

    #[test]
    fn a_plan_that_was_stored_has_the_same_hash() {
        let stored: ExactPlan = serde_json::from_value(json!(plan())).unwrap();
        assert_eq!((stored.hash(), &stored), (plan().hash(), &plan()));
    }
}

//! The scope of a freeze, its form, and its checks.

use serde_json::{Value, json};

use super::*;
use crate::strict;

fn scope(json: Value) -> FreezeScope {
    serde_json::from_value(json).unwrap()
}

/// A deployment with its use cases.
struct Iris(DeploymentId, BTreeSet<UseCaseId>);

impl Iris {
    fn one(&self, importance: Importance) -> Freezable<'_> {
        Freezable { deployment: Some(&self.0), importance, use_cases: &self.1 }
    }
}

fn iris(use_cases: &[&str]) -> Iris {
    Iris("iris".parse().unwrap(), use_cases.iter().map(|id| id.parse().unwrap()).collect())
}

fn terms() -> Value {
    json!({
        "name": "Quarter end",
        "reason": "The books are closed.",
        "scope": {"importance": ["critical", "high"]},
        "when": {"once": {"from": "2026-09-28T18:00:00", "to": "2026-10-02T08:00:00", "zone": "Europe/Berlin"}},
    })
}

#[test]
fn a_scope_is_for_all_an_importance_or_deployments() {
    for (scope_json, importance, expected) in [
        (json!("all"), Importance::Low, true),
        (json!({"importance": ["critical", "high"]}), Importance::High, true),
        (json!({"importance": ["critical", "high"]}), Importance::Moderate, false),
        (json!({"deployments": ["iris", "wine"]}), Importance::Low, true),
        (json!({"deployments": ["wine"]}), Importance::Critical, false),
        (json!({"use_cases": ["fraud", "payments"]}), Importance::Low, true),
        (json!({"use_cases": ["payments"]}), Importance::Critical, false),
        (json!({"use_cases": ["iris"]}), Importance::Critical, false),
        (json!({"use_cases": []}), Importance::Critical, false),
    ] {
        let scope = scope(scope_json.clone());
        assert_eq!(scope.holds(iris(&["fraud"]).one(importance)), expected, "{scope_json} {importance}");
        let is_of_use_cases = scope_json["use_cases"].is_array();
        assert_eq!(scope.holds(iris(&[]).one(importance)), expected && !is_of_use_cases, "{scope_json} {importance}");
        assert_eq!(serde_json::to_value(&scope).unwrap(), scope_json);
    }
}

#[test]
fn a_freeze_holds_what_is_in_its_scope_while_it_holds() {
    let terms: FreezeTerms = serde_json::from_value(terms()).unwrap();
    assert_eq!(terms.check(), Ok(()));
    let freeze = Freeze { id: "q3".parse().unwrap(), terms };
    let (before, within) = ("2026-09-28T15:59:59.999Z".parse().unwrap(), "2026-09-28T16:00:00Z".parse().unwrap());
    let until = Some("2026-10-02T06:00:00Z".parse().unwrap());
    let iris = iris(&[]);
    assert_eq!(freeze.holds(iris.one(Importance::High), within), Some(FreezeHold { until }));
    assert_eq!(freeze.holds(iris.one(Importance::Low), within), None);
    assert_eq!(freeze.holds(iris.one(Importance::High), before), None);
    let new = Freezable { deployment: None, ..iris.one(Importance::High) };
    assert_eq!(freeze.holds(new, within), Some(FreezeHold { until }), "also of one that is to be made");
}

#[test]
fn what_is_received_is_read_strictly_and_what_is_stored_is_not() {
    let read = |json: &Value| strict::deserialize::<FreezeTerms, _>(json).map_err(|error| error.path().to_string());
    let sent = terms();
    assert_eq!(serde_json::to_value(read(&sent).unwrap()).unwrap(), sent);
    let mut later = terms();
    later["when"]["once"]["days_later"] = json!(2);
    assert!(read(&later).unwrap_err().starts_with("when"));
    assert!(serde_json::from_value::<FreezeTerms>(later).is_ok());
    let mut without = terms();
    without.as_object_mut().unwrap().remove("reason");
    assert_eq!(read(&without).unwrap().reason, "");
}

#[test]
fn what_cannot_be_used_is_refused_with_its_field() {
    let many: BTreeSet<String> = (0..=MOST_NAMED).map(|number| format!("d{number}")).collect();
    for (pointer, value, field) in [
        ("/name", json!("  "), "name"),
        ("/reason", json!("x".repeat(2_001)), "reason"),
        ("/scope", json!({"importance": []}), "scope.importance"),
        ("/scope", json!({"deployments": []}), "scope.deployments"),
        ("/scope", json!({"deployments": many}), "scope.deployments"),
        ("/scope", json!({"use_cases": []}), "scope.use_cases"),
        ("/when/once/zone", json!("Europe/Bonn"), "when.once.zone"),
    ] {
        let mut wrong = terms();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let wrong: FreezeTerms = serde_json::from_value(wrong).unwrap();
        assert_eq!(wrong.check().unwrap_err().field, field, "{pointer}");
    }
}

/// Use cases were once named by any text, by which nothing was held.
#[test]
fn a_stored_freeze_of_a_use_case_that_has_no_id_is_read_and_one_that_is_sent_is_refused() {
    let mut terms = terms();
    terms["scope"] = json!({"use_cases": ["fraud", "Fraud detection", ""]});
    let stored: Freeze = serde_json::from_value(json!({"id": "q3", "terms": terms})).unwrap();
    assert_eq!(stored.terms.scope, scope(json!({"use_cases": ["fraud"]})));
    assert!(serde_json::from_value::<FreezeTerms>(terms).is_err());
}

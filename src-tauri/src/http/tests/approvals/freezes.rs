//! Freezes, and break-glass, which overrides them and policies by name.

use axum::http::Method;
use serde_json::{Value, json};

use super::people::Team;

fn switch(name: &str) -> Value {
    json!({"name": name, "reason": "the books are closed", "scope": "all", "when": {"switch": {}}})
}

async fn turn_on(team: &Team) -> String {
    let view = team.post("local", "/freezes", switch("Year end")).await.is(201);
    assert_eq!(view["holds"], json!({"until": null}));
    view["freeze"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_asked_for_in_a_freeze_starts_by_itself_when_it_is_lifted() {
    let team = Team::new().await;
    let freeze = turn_on(&team).await;
    let set = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true});
    let refused = team.post("ada", "/deployments/iris/rollouts", set).await.refused(409, "frozen");
    assert_eq!(refused["freezes"][0]["name"], "Year end");
    let asked = team.ask(json!("when_approved")).await;
    assert_eq!((&asked["state"], &asked["waiting_for"]), (&json!("approved"), &json!("freeze")));
    team.post("ada", &format!("/freezes/{freeze}/lift"), json!({})).await.refused(403, "role_forbids");
    team.post("local", &format!("/freezes/{freeze}/lift"), json!({})).await.is(200);
    assert_eq!(team.request("ada", &asked).await["state"], "applied");
    team.post("local", &format!("/freezes/{freeze}/lift"), json!({})).await.refused(422, "nothing_to_change");
}

#[tokio::test]
async fn a_freeze_holds_what_starts_and_nothing_that_goes_back() {
    let team = Team::new().await;
    let set = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true});
    team.post("ada", "/deployments/iris/rollouts", set).await.is(202);
    team.rig.complete(2);
    turn_on(&team).await;
    for (method, path, body) in [
        (Method::POST, "/deployments/iris/relaunch", json!({})),
        (Method::POST, "/deployments", json!({"name": "wine", "configuration": {"models": ["iris@1"]}})),
        (Method::DELETE, "/deployments/iris", json!({})),
    ] {
        team.with("ada", method, path, body).await.refused(409, "frozen");
    }
    team.with("ada", Method::PATCH, "/deployments/iris", json!({"description": "said in a freeze"})).await.is(200);
    team.post("ada", "/deployments/iris/rollback", json!({})).await.is(202);
    team.rig.complete(3);
    team.post("ada", "/deployments/iris/deactivate", json!({})).await.is(202);
}

/// The revisions 1, 2 and 3 of iris, of which the third is in use, under a policy and a freeze.
async fn with_three(team: &Team) {
    for (number, model) in [(2, "iris@2"), (3, "iris@1")] {
        let set = json!({"set": {"models": [model], "replicas": number + 2}, "accept_warnings": true});
        team.post("ada", "/deployments/iris/rollouts", set).await.is(202);
        team.rig.complete(number);
    }
    team.policy(1).await;
    turn_on(team).await;
}

/// In an hour, as it is asked for.
fn in_an_hour(team: &Team) -> Value {
    json!({"at": (team.rig.now() + jiff::SignedDuration::from_hours(1)).to_string()})
}

/// The time comes, and everything is judged anew.
async fn strike(team: &Team) {
    tokio::time::advance(std::time::Duration::from_secs(3_601)).await;
    team.post("local", "/freezes", switch("Another one")).await.is(201);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_to_the_last_good_revision_passes_at_its_time_too() {
    let team = Team::new().await;
    with_three(&team).await;
    let asked = team.post("ada", "/deployments/iris/rollback", json!({"apply": in_an_hour(&team)})).await.is(202);
    assert_eq!(
        (&asked["state"], &asked["policies"], &asked["freezes"]),
        (&json!("scheduled"), &json!([]), &json!([])),
        "{asked}"
    );
    strike(&team).await;
    let applied = team.request("ada", &asked).await;
    assert_eq!((&applied["state"], &applied["ended"]["rollout"]), (&json!("applied"), &json!(4)), "{applied}");
    assert_eq!(team.get("ada", "/deployments/iris/rollouts/4").await.is(200)["rolled_back_to"], 2);
    team.verify().await;
}

#[tokio::test(start_paused = true)]
async fn a_rollback_to_what_is_not_the_last_good_revision_then_is_asked_about() {
    let team = Team::new().await;
    with_three(&team).await;
    let asked = async |to: Value| {
        let body = json!({"to": to, "apply": in_an_hour(&team)});
        team.post("ada", "/deployments/iris/rollback", body).await.is(202)
    };
    let further = asked(json!(1)).await;
    assert_eq!(further["state"], "open", "it goes back further");
    let cancel = format!("/change-requests/{}/cancel", further["id"].as_str().unwrap());
    team.post("ada", &cancel, json!({})).await.is(200);
    let last_good = asked(json!(2)).await;
    assert_eq!(last_good["state"], "scheduled");
    let bad = json!({"note": "it was bad all along"});
    team.post("ada", "/deployments/iris/revisions/2/quarantine", bad).await.is(200);
    strike(&team).await;
    let last_good = team.request("ada", &last_good).await;
    assert_eq!(last_good["state"], "open", "it is the last good one no more: {last_good}");
    let row = team.get("ada", "/deployments/iris").await.is(200);
    assert_eq!((&row["revision"], &row["rollout"]), (&json!(3), &json!(null)));
}

#[tokio::test]
async fn break_glass_names_what_it_overrides_and_stays_open_until_somebody_else_has_seen_it() {
    let team = Team::new().await;
    team.member("eve", domain::principal::ServerRole::Admin, false);
    let (policy, freeze) = (team.policy(1).await, turn_on(&team).await);
    let ask = |glass: Value| json!({"set": {"models": ["iris@2"]}, "accept_warnings": true, "break_glass": glass});
    let path = "/deployments/iris/rollouts";
    let reason = "the model answers nonsense";
    let all = json!({"reason": reason, "policies": [policy], "freezes": [freeze]});
    team.post("ada", path, ask(all.clone())).await.refused(403, "role_forbids");
    for (glass, code) in [
        (json!({"reason": "short", "policies": [policy], "freezes": [freeze]}), (422, "invalid_field")),
        (json!({"reason": reason}), (422, "unknown_override")),
        (json!({"reason": reason, "policies": ["nobody"], "freezes": [freeze]}), (422, "unknown_override")),
        (json!({"reason": reason, "policies": [policy]}), (409, "frozen")),
        (json!({"reason": reason, "freezes": [freeze]}), (409, "approval_required")),
    ] {
        team.post("local", path, ask(glass)).await.refused(code.0, code.1);
    }
    let started = team.post("local", path, ask(all)).await.is(202);
    let used = team.get("local", "/break-glass?open=true").await.is(200)["items"][0].clone();
    assert_eq!((&used["id"], &used["reason"]), (&started["break_glass"], &json!(reason)));
    let id = used["id"].as_str().unwrap();
    team.post("local", &format!("/break-glass/{id}/acknowledge"), json!({})).await.refused(403, "own_request");
    team.post("ada", &format!("/break-glass/{id}/acknowledge"), json!({})).await.refused(403, "role_forbids");
    team.post("bob", &format!("/break-glass/{id}/acknowledge"), json!({})).await.refused(404, "not_found");
    assert_eq!(team.get("eve", "/change-requests/counts").await.is(200)["to_acknowledge"], 1);
    team.post("eve", &format!("/break-glass/{id}/acknowledge"), json!({})).await.is(200);
    assert_eq!(team.get("local", "/break-glass?open=true").await.is(200)["items"], json!([]));
    team.verify().await;
}

#[tokio::test]
async fn terms_that_cannot_be_used_are_told_by_their_field() {
    let team = Team::new().await;
    for (path, terms) in [
        ("/freezes", json!({"name": "", "scope": "all", "when": {"switch": {}}})),
        (
            "/freezes",
            json!({"name": "x", "scope": "all", "when": {"weekly": {"days": ["monday"], "from": "22:00", "to": "06:00", "zone": "Nowhere"}}}),
        ),
        ("/policies", json!({"name": "x", "actions": [], "importance": "any", "approvals": 1})),
        ("/policies", json!({"name": "x", "actions": ["replace"], "importance": "any", "approvals": 0})),
        (
            "/policies",
            json!({"name": "x", "actions": ["replace"], "importance": "any", "approvals": 1, "reviewers": ["p-zzzzzzzzzzzzzzzzzzzzzzzzzz"]}),
        ),
    ] {
        team.post("local", path, terms.clone()).await.refused(422, "invalid_field");
        team.post("ada", path, terms).await.refused(403, "role_forbids");
    }
}

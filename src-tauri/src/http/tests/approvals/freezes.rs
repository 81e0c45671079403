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

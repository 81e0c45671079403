//! Use cases: who sees them, who links deployments to them, and what their policies and freezes hold.

use axum::http::Method;
use domain::principal::ServerRole;
use serde_json::{Value, json};

use super::people::{RISK, Team, id};
use crate::http::tests::rig::Reply;

/// A use case that somebody makes.
async fn made(team: &Team, by: &str, name: &str) -> String {
    let view = team.post(by, "/use-cases", json!({"name": name, "description": "what belongs to it"})).await.is(201);
    view["id"].as_str().unwrap().to_owned()
}

async fn link(team: &Team, by: &str, use_case: &str, deployment: &str) -> Reply {
    team.with(by, Method::PUT, &format!("/use-cases/{use_case}/deployments/{deployment}"), json!({})).await
}

async fn unlink(team: &Team, by: &str, use_case: &str, deployment: &str) -> Reply {
    team.with(by, Method::DELETE, &format!("/use-cases/{use_case}/deployments/{deployment}"), json!({})).await
}

/// A policy of one approval of Risk, for replacements in a use case.
async fn policy(team: &Team, use_case: &str) -> String {
    let terms = json!({"name": "Two eyes", "actions": ["replace"], "importance": "any", "use_cases": [use_case],
                       "reviewers": [RISK], "approvals": 1});
    let view = team.post("local", "/policies", terms).await.is(201);
    view["policy"]["id"].as_str().unwrap().to_owned()
}

async fn freeze(team: &Team, use_case: &str) -> String {
    let terms = json!({"name": "Audit", "scope": {"use_cases": [use_case]}, "when": {"switch": {}}});
    let view = team.post("local", "/freezes", terms).await.is(201);
    view["freeze"]["id"].as_str().unwrap().to_owned()
}

/// Another person's deployment, which ada does not see.
async fn of_mallory(team: &Team) {
    team.member("mallory", ServerRole::Editor, false);
    let body = json!({"name": "secret", "default_access": "none", "configuration": {"models": ["iris@1"]}});
    team.post("mallory", "/deployments", body).await.is(202);
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect()
}

fn update() -> Value {
    json!({"set": {"models": ["iris@2"]}, "accept_warnings": true})
}

#[tokio::test]
async fn deployments_are_linked_listed_and_taken_out_and_deleting_leaves_them() {
    let team = Team::new().await;
    let (fraud, other) = (made(&team, "ada", "Fraud").await, made(&team, "ada", "Fraud").await);
    let view = link(&team, "ada", &fraud, "iris").await.is(200);
    assert_eq!(view["use_cases"], json!([{"id": fraud, "name": "Fraud"}]));
    link(&team, "ada", &fraud, "iris").await.is(200);
    let linked: Vec<_> = history(&team, "use_case_linked").await;
    assert_eq!(linked.len(), 1, "it was linked once: {linked:?}");
    assert_eq!(linked[0]["event"], json!({"kind": "use_case_linked", "use_case": fraud}));
    for path in [format!("/use-cases/{fraud}/deployments"), format!("/deployments?use_case={fraud}")] {
        assert_eq!(names(&team.get("ada", &path).await.is(200)), ["iris"], "{path}");
    }
    for path in [format!("/use-cases/{other}/deployments"), format!("/deployments?use_case={other}")] {
        assert_eq!(names(&team.get("ada", &path).await.is(200)), [""; 0], "{path}");
    }
    unlink(&team, "ada", &other, "iris").await.refused(422, "nothing_to_change");
    let path = format!("/use-cases/{fraud}");
    let renamed = team.with("ada", Method::PATCH, &path, json!({"name": "Fraud detection"})).await.is(200);
    assert_eq!((&renamed["name"], &renamed["description"]), (&json!("Fraud detection"), &json!("what belongs to it")));
    for wrong in [json!({"name": ""}), json!({"name": "a\u{202e}b"}), json!({"description": "x".repeat(2_001)})] {
        team.with("ada", Method::PATCH, &path, wrong).await.refused(422, "invalid_field");
    }
    team.with("ada", Method::DELETE, &path, json!({})).await.is(200);
    team.get("ada", &path).await.refused(404, "not_found");
    let iris = team.get("ada", "/deployments/iris").await.is(200);
    assert_eq!((&iris["use_cases"], &iris["status"]), (&json!([]), &json!("running")));
    team.verify().await;
}

async fn history(team: &Team, kind: &str) -> Vec<Value> {
    let page = team.get("local", &format!("/history?kind={kind}")).await.is(200);
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_use_case_that_holds_only_what_one_may_not_see_is_not_there() {
    let team = Team::new().await;
    of_mallory(&team).await;
    let fraud = made(&team, "ada", "Fraud").await;
    link(&team, "ada", &fraud, "iris").await.is(200);
    policy(&team, &fraud).await;
    freeze(&team, &fraud).await;
    let path = format!("/use-cases/{fraud}");
    for path in [
        path.clone(),
        format!("{path}/deployments"),
        format!("/deployments?use_case={fraud}"),
        format!("/history?use_case={fraud}"),
    ] {
        team.get("mallory", &path).await.refused(404, "not_found");
    }
    for (method, path, body) in [
        (Method::PATCH, path.clone(), json!({"name": "mine"})),
        (Method::DELETE, path.clone(), json!({})),
        (Method::PUT, format!("{path}/deployments/secret"), json!({})),
        (Method::DELETE, format!("{path}/deployments/secret"), json!({})),
        (Method::PUT, format!("{path}/deployments/iris"), json!({})),
    ] {
        let reply = team.with("mallory", method.clone(), &path, body).await;
        reply.refused(404, "not_found");
    }
    assert_eq!(names(&team.get("mallory", "/use-cases").await.is(200)), [""; 0]);
    for path in ["/policies", "/freezes", "/history"] {
        let told = team.get("mallory", path).await.is(200).to_string();
        assert!(!told.contains("Fraud"), "{path}: {told}");
    }
    // An administrator links what is hers to it: she sees it with that, and no more.
    link(&team, "local", &fraud, "secret").await.is(200);
    let seen = team.get("mallory", &path).await.is(200);
    assert_eq!((&seen["name"], &seen["deployments"]), (&json!("Fraud"), &json!(1)));
    assert_eq!(team.get("local", &path).await.is(200)["deployments"], 2);
    assert_eq!(names(&team.get("mallory", &format!("{path}/deployments")).await.is(200)), ["secret"]);
    assert_eq!(names(&team.get("ada", &format!("{path}/deployments")).await.is(200)), ["iris"]);
    let told = team.get("mallory", &format!("/history?use_case={fraud}&limit=1000")).await.is(200);
    let secret = team.get("mallory", "/deployments/secret").await.is(200)["id"].clone();
    assert!(told["items"].as_array().unwrap().iter().all(|entry| entry["deployment"] == secret), "{told}");
    // A consumer is told nothing of it.
    let consumer = json!({"principal": id("cy"), "role": "consumer"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", consumer).await.is(200);
    assert_eq!(team.get("cy", "/deployments/iris").await.is(200)["use_cases"], json!([]));
    team.get("cy", &path).await.refused(404, "not_found");
    // Whoever made it sees it, also when it holds nothing that they may open.
    let mine = made(&team, "mallory", "Mine").await;
    link(&team, "local", &mine, "iris").await.is(200);
    assert_eq!(team.get("mallory", &format!("/use-cases/{mine}")).await.is(200)["deployments"], 0);
}

#[tokio::test]
async fn what_a_rule_holds_is_linked_by_its_owners_and_taken_out_by_who_may_change_the_rule() {
    let team = Team::new().await;
    team.member("eve", ServerRole::Editor, false);
    let user = json!({"principal": id("eve"), "role": "user"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", user).await.is(200);
    let viewer = json!({"principal": id("cy"), "role": "owner"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", viewer).await.is(200);
    team.post("cy", "/use-cases", json!({"name": "x"})).await.refused(403, "role_forbids");
    let fraud = made(&team, "eve", "Fraud").await;
    // Nothing names it: a user links, with an editor's role on the server.
    link(&team, "eve", &fraud, "iris").await.is(200);
    unlink(&team, "cy", &fraud, "iris").await.refused(403, "role_forbids");
    unlink(&team, "eve", &fraud, "iris").await.is(200);
    let rule = policy(&team, &fraud).await;
    let refused = link(&team, "eve", &fraud, "iris").await.refused(403, "role_forbids");
    assert_eq!((&refused["role"], &refused["policies"][0]["name"]), (&json!("owner"), &json!("Two eyes")));
    // Its maker sees it; so do those who open what is linked.
    link(&team, "local", &fraud, "iris").await.is(200);
    for who in ["eve", "ada"] {
        let refused = unlink(&team, who, &fraud, "iris").await.refused(403, "role_forbids");
        assert_eq!((&refused["server_role"], &refused["policies"][0]["id"]), (&json!("admin"), &json!(rule)));
        assert!(!team.get(who, &format!("/use-cases/{fraud}")).await.is(200)["may_unlink"].as_bool().unwrap());
    }
    team.with("ada", Method::PATCH, &format!("/use-cases/{fraud}"), json!({"name": "x"}))
        .await
        .refused(403, "role_forbids");
    let refused = team.with("eve", Method::DELETE, &format!("/use-cases/{fraud}"), json!({})).await;
    let refused = refused.refused(409, "use_case_in_use");
    assert_eq!(refused["detail"], "The policy Two eyes is for the use case Fraud. Change or delete that first.");
    unlink(&team, "local", &fraud, "iris").await.is(200);
    link(&team, "ada", &fraud, "iris").await.refused(404, "not_found");
    link(&team, "local", &fraud, "iris").await.is(200);
    // A freeze does the same, also when it is over.
    team.with("local", Method::DELETE, &format!("/policies/{rule}"), json!({})).await.is(200);
    let audit = freeze(&team, &fraud).await;
    team.post("local", &format!("/freezes/{audit}/lift"), json!({})).await.is(200);
    unlink(&team, "ada", &fraud, "iris").await.refused(403, "role_forbids");
    team.with("local", Method::DELETE, &format!("/freezes/{audit}"), json!({})).await.is(200);
    unlink(&team, "ada", &fraud, "iris").await.is(200);
    team.verify().await;
}

#[tokio::test]
async fn a_policy_of_a_use_case_judges_open_requests_when_they_come_under_it() {
    let team = Team::new().await;
    let fraud = made(&team, "ada", "Fraud").await;
    policy(&team, &fraud).await;
    let matched = async || {
        let question = json!({"deployment": "iris", "action": "replace"});
        team.post("ada", "/policies/match", question).await.is(200)["policies"][0].clone()
    };
    let free = matched().await;
    assert_eq!(free["applies"], false);
    assert!(free["why"].as_str().unwrap().contains("use case"), "{free}");
    let asked = team.ask(json!("by_hand")).await;
    assert_eq!(asked["state"], "approved", "nobody is asked about it: {asked}");
    link(&team, "ada", &fraud, "iris").await.is(200);
    assert_eq!(matched().await["applies"], true);
    assert_eq!(team.request("ada", &asked).await["state"], "open");
    let refused = team.post("ada", "/deployments/iris/rollouts", update()).await.refused(409, "approval_required");
    assert_eq!(refused["policies"][0]["name"], "Two eyes");
    // Whoever reviews it sees the deployment meanwhile, and the use case with it.
    assert_eq!(team.get("bob", &format!("/use-cases/{fraud}")).await.is(200)["deployments"], 1);
    unlink(&team, "local", &fraud, "iris").await.is(200);
    assert_eq!(team.request("ada", &asked).await["state"], "approved");
    team.get("bob", &format!("/use-cases/{fraud}")).await.refused(404, "not_found");
    link(&team, "ada", &fraud, "iris").await.is(200);
    let asked = team.request("ada", &asked).await;
    team.review("bob", &asked, "approved").await.is(200);
    let apply = format!("/change-requests/{}/apply", asked["id"].as_str().unwrap());
    team.post("ada", &apply, json!({})).await.is(200);
    team.verify().await;
}

#[tokio::test]
async fn a_freeze_of_a_use_case_holds_what_is_linked_to_it() {
    let team = Team::new().await;
    let fraud = made(&team, "ada", "Fraud").await;
    let audit = freeze(&team, &fraud).await;
    assert_eq!(team.get("ada", &format!("/freezes/{audit}")).await.is(200)["deployments"], json!([]));
    link(&team, "ada", &fraud, "iris").await.is(200);
    let shown = team.get("ada", &format!("/freezes/{audit}")).await.is(200);
    assert_eq!((&shown["deployments"], &shown["use_cases"][0]["name"]), (&json!(["iris"]), &json!("Fraud")));
    team.post("ada", "/deployments/iris/rollouts", update()).await.refused(409, "frozen");
    let asked = team.ask(json!("when_approved")).await;
    assert_eq!(asked["waiting_for"], "freeze");
    // The administrator takes it out: what waited begins.
    unlink(&team, "local", &fraud, "iris").await.is(200);
    assert_eq!(team.request("ada", &asked).await["state"], "applied");
    team.verify().await;
}

#[tokio::test]
async fn rules_name_use_cases_that_are_there() {
    let team = Team::new().await;
    let fraud = made(&team, "ada", "Fraud").await;
    let policy = |use_case: &str, actions: Value| json!({"name": "x", "actions": actions, "importance": "any", "use_cases": [use_case], "approvals": 1});
    for terms in [policy("gone", json!(["replace"])), policy(&fraud, json!(["create", "replace"]))] {
        let refused = team.post("local", "/policies", terms).await.refused(422, "invalid_field");
        assert_eq!(refused["field"], "use_cases");
    }
    for named in [json!(["gone"]), json!([]), json!(["Not an id"])] {
        let terms = json!({"name": "x", "scope": {"use_cases": named}, "when": {"switch": {}}});
        let refused = team.post("local", "/freezes", terms).await.refused(422, "invalid_field");
        assert!(refused["field"].as_str().unwrap().starts_with("scope"), "{refused}");
    }
    assert_eq!(team.get("local", "/policies").await.is(200)["items"], json!([]));
    let named = team.post("local", "/policies", policy(&fraud, json!(["replace"]))).await.is(201);
    assert_eq!(named["sentence"], "Replacing on any importance in Fraud needs 1 approval of administrators");
}

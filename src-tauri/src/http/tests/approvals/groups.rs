//! Deleting groups: not while a policy names them, and with the roles that they were given.

use axum::http::Method;
use serde_json::{Value, json};

use super::people::{RISK, Team, id};

async fn delete(team: &Team) -> super::super::rig::Reply {
    team.with("local", Method::DELETE, &format!("/groups/{RISK}"), Value::Null).await
}

#[tokio::test]
async fn one_that_a_policy_names_is_not_deleted() {
    let team = Team::new().await;
    let juniors = json!({"name": "Juniors ask", "importance": "any", "actions": ["replace"], "requesters": [RISK],
                         "reviewers": [id("ada")], "approvals": 1, "active": false});
    let juniors = team.post("local", "/policies", juniors).await.is(201)["policy"]["id"].clone();
    let refused = delete(&team).await.refused(409, "group_in_use");
    assert_eq!(refused["policies"], json!([{"id": juniors, "name": "Juniors ask"}]));
    let risk = team.policy(1).await;
    let told = delete(&team).await.refused(409, "group_in_use")["detail"].as_str().unwrap().to_owned();
    assert!(told.contains("policies") && told.contains("Juniors ask") && told.contains("Risk"), "{told}");
    for policy in [risk.as_str(), juniors.as_str().unwrap()] {
        team.with("local", Method::DELETE, &format!("/policies/{policy}"), Value::Null).await.is(200);
    }
    assert_eq!(delete(&team).await.status, 204);
    delete(&team).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_roles_of_one_go_with_it() {
    let team = Team::new().await;
    let path = "/deployments/iris/access";
    team.with("ada", Method::PATCH, path, json!({"principal": RISK, "role": "user"})).await.is(200);
    team.get("bob", "/deployments/iris").await.is(200);
    assert_eq!(delete(&team).await.status, 204);
    let grants = team.get("ada", path).await.is(200)["grants"].clone();
    let named: Vec<_> = grants.as_array().unwrap().iter().map(|grant| grant["principal"].clone()).collect();
    assert_eq!(named, [json!(id("ada"))]);
    team.get("bob", "/deployments/iris").await.refused(404, "not_found");
    team.verify().await;
}

#[tokio::test]
async fn one_without_which_a_deployment_has_no_owner_is_not_deleted() {
    let team = Team::new().await;
    let path = "/deployments/iris/access";
    let alone = json!({"grants": [{"principal": RISK, "role": "owner"}]});
    team.with("local", Method::PUT, path, alone).await.is(200);
    assert_eq!(delete(&team).await.refused(409, "last_owner")["deployments"], json!(["iris"]));
    team.with("local", Method::PATCH, path, json!({"principal": id("ada"), "role": "owner"})).await.is(200);
    assert_eq!(delete(&team).await.status, 204);
}

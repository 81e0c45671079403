//! The questions that a request answers: what it would need, and what was changed from one version to the next.

use axum::http::Method;
use domain::exact_plan::ExactPlan;
use serde_json::{Value, json};

use super::people::{RISK, Team, id};

#[tokio::test]
async fn somebody_elses_change_can_be_matched_with_the_policies() {
    let team = Team::new().await;
    let terms = json!({"name": "Risk asks", "actions": ["replace"], "importance": "any", "requesters": [RISK],
                       "reviewers": [RISK], "approvals": 1});
    team.post("local", "/policies", terms).await.is(201);
    let matched = async |requester: Value| {
        let asked = json!({"deployment": "iris", "action": "replace", "requester": requester});
        team.post("ada", "/policies/match", asked).await
    };
    let hers = matched(Value::Null).await.is(200);
    assert_eq!((&hers["policies"][0]["applies"], &hers["needs"]), (&json!(false), &json!([])));
    let his = matched(json!(id("bob"))).await.is(200);
    assert_eq!((&his["policies"][0]["applies"], &his["needs"][0]["can_still"]), (&json!(true), &json!([id("cy")])));
    let nobody = matched(json!(id("nobody"))).await.refused(422, "invalid_field");
    assert_eq!(nobody["field"], "requester");
}

#[tokio::test]
async fn each_version_of_a_request_can_be_compared_with_the_others() {
    let team = Team::new().await;
    team.policy(1).await;
    let request = team.ask(json!("when_approved")).await;
    let path = format!("/change-requests/{}", request["id"].as_str().unwrap());
    let edit =
        json!({"rollout": {"set": {"models": ["iris@2"], "replicas": 5}, "accept_warnings": true, "note": "more"}});
    team.with("ada", Method::PATCH, &path, edit).await.is(200);

    let view = team.request("bob", &request).await;
    let versions = view["versions"].as_array().unwrap();
    let plans: Vec<ExactPlan> =
        versions.iter().map(|version| serde_json::from_value(version["plan"].clone()).unwrap()).collect();
    for (version, plan) in versions.iter().zip(&plans) {
        assert_eq!(version["plan_hash"], json!(plan.hash()));
    }
    assert_eq!(plans[0].edits(&plans[1]), ["note", "content"]);
    let [was, becomes] = [0, 1].map(|n| versions[n]["configuration"].as_str().unwrap());
    let diff = team.get("bob", &format!("/deployments/iris/configurations/{becomes}/diff?against={was}")).await.is(200);
    let fields: Vec<_> = diff["differences"].as_array().unwrap().iter().map(|found| found["field"].clone()).collect();
    assert_eq!(fields, [json!("replicas")]);
    let list = team.get("bob", "/change-requests").await.is(200);
    assert_eq!(list["items"][0]["versions"][0].get("plan"), None, "lists are short");
}

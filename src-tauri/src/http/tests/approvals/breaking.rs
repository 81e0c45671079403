//! Break-glass by a group that was allowed to: its members override where they may change something, and nowhere else.

use axum::http::Method;
use domain::principal::ServerRole;
use serde_json::json;

use super::people::{Team, id};

#[tokio::test]
async fn a_group_that_may_break_glass_overrides_what_its_members_may_change() {
    let team = Team::new().await;
    let policy = team.policy(1).await;
    let replace = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true,
                         "break_glass": {"reason": "It answers nonsense", "policies": [policy]}});
    let offered = json!({"deployment": "iris", "action": "replace"});
    let overrides = async |who: &str| {
        let answer = team.post(who, "/policies/match", offered.clone()).await.is(200);
        (answer["may_break_glass"].clone(), team.get(who, "/session").await.is(200)["may_break_glass"].clone())
    };
    team.post("ada", "/deployments/iris/rollouts", replace.clone()).await.refused(403, "role_forbids");
    assert_eq!(overrides("ada").await, (json!(false), json!(false)));

    team.member("dan", ServerRole::Editor, false);
    let duty = json!({"name": "Duty", "members": [id("ada"), id("dan")], "breaks_glass": true});
    let duty = team.post("local", "/groups", duty).await.is(201);
    assert_eq!(overrides("ada").await, (json!(true), json!(true)));
    // Who may not change it overrides nothing: it is not even there for them.
    team.post("dan", "/deployments/iris/rollouts", replace.clone()).await.refused(404, "not_found");
    let started = team.post("ada", "/deployments/iris/rollouts", replace.clone()).await.is(202);
    assert_eq!(started["number"], 2);

    team.rig.complete(2);
    let path = format!("/groups/{}", duty["id"].as_str().unwrap());
    team.with("local", Method::PATCH, &path, json!({"breaks_glass": false})).await.is(200);
    let back = json!({"set": {"models": ["iris@1"]}, "accept_warnings": true, "break_glass": replace["break_glass"]});
    team.post("ada", "/deployments/iris/rollouts", back).await.refused(403, "role_forbids");
    team.verify().await;
}

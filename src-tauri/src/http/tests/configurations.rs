//! Configurations that are made before their deployment.

use domain::event::Event;
use serde_json::{Value, json};

use super::rig::{Rig, rig};

/// A configuration of `iris@1` without a deployment.
async fn made(rig: &Rig) -> Value {
    rig.register("iris", "iris-v1.onnx").await.is(201);
    let made = rig.post("/configurations", json!({"name": "first", "models": ["iris@1"], "replicas": 2})).await;
    let view = made.is(201);
    assert_eq!(made.header("location"), format!("/api/v1/configurations/{}", view["id"].as_str().unwrap()));
    view
}

async fn listed(rig: &Rig, path: &str) -> Vec<Value> {
    let items = rig.get(path).await.is(200)["items"].as_array().unwrap().clone();
    items.into_iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn a_configuration_can_be_made_before_its_deployment() {
    let rig = rig();
    let made = made(&rig).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!((&made["in_use"], &made["revisions"]), (&json!(false), &json!([])));
    assert_eq!(rig.get(&format!("/configurations/{id}")).await.is(200), made);
    assert_eq!(listed(&rig, "/configurations").await, [id]);

    // Two deployments are given the same one.
    for name in ["iris", "other"] {
        let deployment = rig.post("/deployments", json!({"name": name, "configuration": id})).await.is(202);
        assert_eq!((&deployment["configuration"], &deployment["replicas"]["desired"]), (&json!(id), &json!(2)));
        let own = format!("/deployments/{name}/configurations");
        assert_eq!(listed(&rig, &own).await, [id]);
        let shown = rig.get(&format!("{own}/{id}")).await.is(200);
        assert_eq!((&shown["in_use"], &shown["revisions"]), (&json!(true), &json!([1])));
    }
    // One that exists may be given it later.
    rig.complete(1);
    rig.post("/deployments/iris/rollouts", json!({"set": {"replicas": 3}})).await.is(202);
    rig.complete(2);
    rig.post("/deployments/iris/rollouts", json!({"configuration": id})).await.is(202);
    assert_eq!(rig.get("/history/verify").await.is(200)["intact"], true);
    rig.store.rebuild().unwrap();
    assert_eq!(rig.get(&format!("/configurations/{id}")).await.is(200), made, "folded from the journal");
}

#[tokio::test]
async fn it_stays_when_a_deployment_is_deleted() {
    let rig = rig();
    let made = made(&rig).await;
    let id = made["id"].as_str().unwrap();
    rig.post("/deployments", json!({"name": "iris", "configuration": id})).await.is(202);
    let own = rig.post("/deployments/iris/configurations", json!({"models": ["iris@1"]})).await.is(201);
    rig.write(|writing, id| {
        let name = "iris".parse().unwrap();
        writing.append(Some(id), Event::DeploymentDeleted { name }).unwrap();
    });
    assert_eq!(listed(&rig, "/configurations").await, [id]);
    rig.get(&format!("/configurations/{id}")).await.is(200);
    let own = format!("/configurations/{}", own["id"].as_str().unwrap());
    rig.get(&own).await.refused(404, "not_found");
    rig.post("/deployments", json!({"name": "iris", "configuration": id})).await.is(202);
}

#[tokio::test]
async fn only_one_without_a_deployment_can_be_named() {
    let rig = rig();
    rig.running().await;
    let own = rig.get("/deployments/iris").await.is(200)["configuration"].clone();
    for id in [own, json!("nothing")] {
        let body = json!({"name": "other", "configuration": id});
        let problem = rig.post("/deployments", body).await.refused(422, "unknown_configuration");
        assert_eq!(problem["configuration"], id);
    }
    let wrong = json!({"name": "other", "configuration": {"replicaz": 1}});
    assert_eq!(rig.post("/deployments", wrong).await.refused(422, "unknown_field")["field"], "configuration.replicaz");
    rig.post("/deployments", json!({"name": "other", "configuration": 7})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_model_that_was_deleted_meanwhile_is_missed() {
    let rig = rig();
    let made = made(&rig).await;
    let request = super::rig::request("DELETE", "/models/iris/versions/1").body(axum::body::Body::empty()).unwrap();
    rig.send(request).await.is(200);
    let body = json!({"name": "iris", "configuration": made["id"]});
    rig.post("/deployments", body).await.refused(422, "unknown_model");
}

//! Deleting model versions: only those that no deployment could run, and their files only when nobody has them.

use axum::http::Method;
use domain::id::DeploymentId;
use serde_json::{Value, json};

use super::models::kept;
use super::rig::{Reply, Rig, rig};

async fn delete(rig: &Rig, version: u32, if_match: Option<&str>) -> Reply {
    let headers: Vec<_> = if_match.iter().map(|tag| ("if-match", *tag)).collect();
    rig.with(Method::DELETE, &format!("/models/iris/versions/{version}"), &headers, json!({})).await
}

#[tokio::test]
async fn a_version_that_nobody_needs_goes_and_its_number_is_not_used_again() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    let second = rig.register("iris", "iris-v2.onnx").await;
    delete(&rig, 2, Some("\"other\"")).await.refused(412, "precondition_failed");
    let tag = rig.get("/models/iris/versions/2").await;
    assert_eq!(delete(&rig, 2, Some(tag.header("etag"))).await.is(200), second.json());
    assert_eq!(kept(&rig), 1);
    rig.get("/models/iris/versions/2").await.refused(404, "not_found");
    rig.get("/models/iris/versions/2/artifact").await.refused(404, "not_found");
    delete(&rig, 2, None).await.refused(404, "not_found");
    assert_eq!(rig.get("/models/iris").await.is(200)["latest_version"], 1);
    assert_eq!(rig.register("iris", "iris-v2.onnx").await.is(201)["version"], 3);

    for version in [1, 3] {
        delete(&rig, version, None).await.is(200);
    }
    assert_eq!((rig.get("/models").await.is(200)["items"].clone(), kept(&rig)), (json!([]), 0));
    assert_eq!(rig.register("iris", "iris-v1.onnx").await.is(201)["version"], 4);
    let history = rig.get("/history?limit=100").await.is(200);
    assert!(history.to_string().contains("model_deleted"), "{history}");
}

#[tokio::test]
async fn a_file_stays_while_a_version_has_it() {
    let rig = rig();
    for version in [1, 2] {
        assert_eq!(rig.register("iris", "iris-v1.onnx").await.is(201)["version"], version);
    }
    rig.register("rose", "iris-v1.onnx").await.is(201);
    for version in [1, 2] {
        delete(&rig, version, None).await.is(200);
        assert_eq!(kept(&rig), 1);
    }
    assert_eq!(rig.live.forgotten.lock().unwrap().len(), 0);
    assert_eq!(rig.get("/models/rose/versions/1/artifact").await.status, 200);
    let last = rig.with(Method::DELETE, "/models/rose/versions/1", &[], json!({})).await.is(200);
    assert_eq!(kept(&rig), 0);
    let forgotten: Vec<_> = rig.live.forgotten.lock().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(json!(forgotten), json!([last["digest"]]));
}

#[tokio::test]
async fn a_version_stays_while_a_deployment_could_run_it() {
    let rig = rig();
    rig.running().await;
    let refused = delete(&rig, 1, None).await.refused(409, "model_in_use");
    assert_eq!(refused["deployments"], json!(["iris"]));
    assert_eq!(refused["revisions"], json!([{"deployment": "iris", "revision": 1, "in_use": true}]));

    rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}, "accept_warnings": true}))
        .await
        .is(202);
    delete(&rig, 1, None).await.refused(409, "model_in_use");
    delete(&rig, 2, None).await.refused(409, "model_in_use");
    rig.complete(2);
    let refused = delete(&rig, 1, None).await.refused(409, "model_in_use");
    let first = rig.get("/models/iris/versions/1").await.is(200);
    assert_eq!((&first["in_use_by"], &first["restorable_by"]), (&json!([]), &json!(["iris"])), "it is said before");
    let second = rig.get("/models/iris/versions/2").await.is(200);
    assert_eq!((&second["in_use_by"], &second["restorable_by"]), (&json!(["iris"]), &json!([])));
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("revision 1 of iris") && !detail.contains("in use by"), "{detail}");
    assert_eq!(refused["revisions"][0]["in_use"], false);

    rig.with(Method::DELETE, "/deployments/iris/revisions/1", &[], json!({})).await.is(200);
    delete(&rig, 1, None).await.is(200);
    assert_eq!(kept(&rig), 1);
    // A configuration still names it, and cannot be rolled out any more.
    let configurations = rig.get("/deployments/iris/configurations").await.is(200);
    let first = configurations["items"].as_array().unwrap().last().unwrap()["id"].clone();
    let refused = rig.post("/deployments/iris/rollouts", json!({"configuration": first})).await;
    assert_eq!(refused.refused(422, "unknown_model")["model"], "iris@1");
}

#[tokio::test]
async fn a_deleted_version_is_not_offered_as_a_newer_one() {
    let rig = rig();
    rig.running().await;
    let newer = async || rig.get("/deployments/iris").await.is(200)["newer_model_versions"].clone();
    assert_eq!(newer().await, json!(["iris@2"]));
    delete(&rig, 2, None).await.is(200);
    assert_eq!(newer().await, json!([]));
}

#[tokio::test]
async fn a_version_stays_while_it_is_checked() {
    let rig = rig();
    rig.running().await;
    rig.post("/deployments/iris/checks", json!({"set": {"models": ["iris@2"]}})).await.is(202);
    delete(&rig, 2, None).await.refused(409, "model_in_use");
    let check = rig.store.read(|reading| reading.open_checks()).unwrap()[0].clone();
    let trial: Value = json!({"loads": {"result": "worked"}, "answers": {"result": "worked"}, "memory_bytes": null, "startup_ms": null});
    let report = json!({"verdict": "compatible", "checks": []});
    rig.write(|writing, id: &DeploymentId| {
        let ended = domain::event::Event::CheckEnded {
            id: check.id,
            trial: serde_json::from_value(trial).unwrap(),
            report: serde_json::from_value(report).unwrap(),
        };
        writing.append(Some(id), ended).unwrap();
    });
    delete(&rig, 2, None).await.is(200);
}

#[tokio::test]
async fn the_tables_can_be_made_again_after_a_deletion() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    rig.register("iris", "iris-v2.onnx").await.is(201);
    delete(&rig, 2, None).await.is(200);
    let before = rig.get("/models").await.is(200);
    rig.store.rebuild().unwrap();
    assert_eq!(rig.get("/models").await.is(200), before);
    assert_eq!(rig.register("iris", "iris-v2.onnx").await.is(201)["version"], 3);
}

//! Registering, reading and downloading models.

use std::fs;

use axum::body::Body;
use domain::event::Event;
use domain::id::ModelVersion;
use domain::model::{RegisteredModel, Tried};
use serde_json::{Value, json};

use super::rig::{Rig, model_file, request, rig, rig_with};
use crate::api::Bounds;

/// The files that are kept.
pub(super) fn kept(rig: &Rig) -> usize {
    let count = |folder| fs::read_dir(rig.folder.path().join("artifacts").join(folder)).unwrap().count();
    assert_eq!((count("incoming"), count("scratch")), (0, 0));
    count("sha256")
}

#[tokio::test]
async fn a_file_becomes_the_next_version_with_its_signature() {
    let rig = rig();
    let meta = json!({"name": "iris", "tags": {"team": "a"}, "description": "Flowers"}).to_string();
    let file = model_file("iris-v1.onnx");
    let reply = rig.upload(&[], &[("meta", meta.as_bytes()), ("file", &file)]).await;
    let first = reply.is(201);
    assert_eq!(reply.header("location"), "/api/v1/models/iris/versions/1");
    assert!(reply.header("etag").starts_with('"'));
    assert_eq!((&first["name"], &first["version"], &first["size"]), (&json!("iris"), &json!(1), &json!(file.len())));
    assert_eq!((&first["tags"]["team"], &first["registered_by"]), (&json!("a"), &json!("local")));
    assert!(!first["signature"]["inputs"].as_array().unwrap().is_empty());
    assert_eq!(first["in_use_by"], json!([]));

    // The parts may come in the other order.
    let second = rig.upload(&[], &[("file", &model_file("iris-v2.onnx")), ("meta", br#"{"name":"iris"}"#)]).await;
    assert_eq!(second.is(201)["version"], 2);

    let list = rig.get("/models").await.is(200);
    assert_eq!(list["items"][0]["latest_version"], 2);
    assert_eq!(list["items"][0]["versions"][1], first);
    assert_eq!(rig.get("/models/iris").await.is(200), list["items"][0]);
    assert_eq!(rig.get("/models/iris/versions/1").await.is(200), first);
    assert_eq!(kept(&rig), 2);
}

/// What cannot be loaded is registered, says so, and takes nobody's place before somebody has accepted that.
#[tokio::test]
async fn a_version_says_whether_it_can_be_loaded() {
    let rig = rig();
    rig.running().await;
    assert_eq!(rig.get("/models/iris/versions/2").await.is(200)["loads"], json!({"result": "worked"}));
    let problem = "No Op registered for Nope".to_owned();
    *rig.live.loads.lock().unwrap() = Some(Tried::Failed { problem });
    let broken = rig.register("iris", "iris-v3-unknown-operator.onnx").await.is(201);
    assert_eq!(broken["loads"], json!({"result": "failed", "problem": "No Op registered for Nope"}));
    assert_eq!(rig.get("/models/iris/versions/3").await.is(200)["loads"], broken["loads"]);

    let compared = rig.post("/compat", json!({"current": "iris@1", "candidate": "iris@3"})).await.is(200);
    assert_eq!(compared["verdict"], "unreadable");
    let update = json!({"set": {"models": ["iris@3"]}});
    let refused = rig.post("/deployments/iris/rollouts", update.clone()).await.refused(422, "warnings_not_accepted");
    assert!(refused["detail"].as_str().unwrap().contains("could not be loaded when it was registered: No Op"));
    let mut accepted = update;
    accepted["accept_warnings"] = json!(true);
    rig.post("/deployments/iris/rollouts", accepted).await.is(202);

    // What no library here loads is not called loadable.
    let meta = json!({"name": "own", "kind": "custom", "custom": {"command": ["serve"]}}).to_string();
    let own = rig.upload(&[], &[("meta", meta.as_bytes()), ("file", b"anything")]).await.is(201);
    assert_eq!(own["loads"]["result"], "not_tried");
}

#[tokio::test]
async fn a_version_says_which_deployments_use_it() {
    let rig = rig();
    rig.running().await;
    let used = |version| {
        let rig = &rig;
        async move { rig.get(&format!("/models/iris/versions/{version}")).await.is(200)["in_use_by"].clone() }
    };
    assert_eq!((used(1).await, used(2).await), (json!(["iris"]), json!([])));
    rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}})).await.is(202);
    assert_eq!((used(1).await, used(2).await), (json!(["iris"]), json!(["iris"])), "both, while it rolls");
    rig.complete(2);
    assert_eq!((used(1).await, used(2).await), (json!([]), json!(["iris"])));
}

#[tokio::test]
async fn the_file_is_given_back_as_it_came_and_only_if_it_is_whole() {
    let rig = rig();
    let digest = rig.register("iris", "iris-v1.onnx").await.is(201)["digest"].as_str().unwrap().to_owned();
    let reply = rig.get("/models/iris/versions/1/artifact").await;
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &model_file("iris-v1.onnx")[..]));
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"iris-1.onnx\"");
    assert_eq!(reply.header("etag"), format!("\"{digest}\""));
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());

    let path = rig.folder.path().join("artifacts/sha256").join(&digest);
    let mut bytes = fs::read(&path).unwrap();
    bytes[20] ^= 1;
    fs::write(&path, bytes).unwrap();
    let request = request("GET", "/models/iris/versions/1/artifact").body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(rig.router.clone(), request).await.unwrap();
    let body = http_body_util::BodyExt::collect(response.into_body()).await;
    assert!(body.is_err(), "a changed file must break off");

    fs::remove_file(&path).unwrap();
    rig.get("/models/iris/versions/1/artifact").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_file_that_cannot_be_a_model_is_refused_with_the_reason_and_not_kept() {
    let rig = rig();
    let whole = model_file("iris-v2.onnx");
    for (file, reason) in [
        (&b""[..], "empty"),
        (b"PK\x03\x04 this is a zip file", "cut short"),
        (b"{\"json\": true}", "not a model"),
        (&whole[..whole.len() / 2], "cut short"),
        (&model_file("weights-elsewhere.onnx"), "weights"),
    ] {
        let reply = rig.upload(&[], &[("meta", br#"{"name":"iris"}"#), ("file", file)]).await;
        let problem = reply.refused(422, "package_unreadable");
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
        assert_eq!(kept(&rig), 0);
    }
    assert_eq!(rig.get("/models").await.is(200)["items"], json!([]));
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_and_not_kept() {
    let file = model_file("iris-v2.onnx");
    let limit = file.len() as u64;
    let rig = rig_with(Bounds { model_bytes: limit, ..Bounds::default() });
    rig.register("iris", "iris-v2.onnx").await.is(201);
    let larger = [&file[..], b"x"].concat();
    for parts in [
        [("meta", &br#"{"name":"iris"}"#[..]), ("file", &larger[..])],
        [("file", &larger[..]), ("meta", &br#"{"name":"iris"}"#[..])],
    ] {
        let problem = rig.upload(&[], &parts).await.refused(413, "package_too_large");
        assert!(problem["detail"].as_str().unwrap().contains(&limit.to_string()), "{problem}");
        assert_eq!(kept(&rig), 1);
    }
}

#[tokio::test]
async fn a_wrong_registration_is_refused_by_name_and_nothing_is_kept() {
    let rig = rig();
    let file = model_file("iris-v1.onnx");
    let meta = |text: &'static str| vec![("meta", text.as_bytes()), ("file", &file[..])];
    type Parts<'a> = Vec<(&'a str, &'a [u8])>;
    let cases: Vec<(Parts<'_>, u16, &str, Value)> = vec![
        (meta(r#"{"name":"Iris"}"#), 422, "invalid_field", json!("name")),
        (meta(r#"{"nam":"iris"}"#), 422, "unknown_field", json!("nam")),
        (meta(r#"{"name":"iris""#), 400, "malformed_request", json!(null)),
        (meta(r#"{}"#), 422, "invalid_field", json!("name")),
        (vec![("file", &file[..])], 422, "invalid_field", json!("meta")),
        (vec![("meta", br#"{"name":"iris"}"#)], 422, "invalid_field", json!("file")),
        (vec![("more", b"x"), ("file", &file)], 422, "unknown_field", json!("more")),
        (vec![("file", &file), ("file", &file)], 400, "malformed_request", json!(null)),
    ];
    for (parts, status, code, field) in cases {
        let problem = rig.upload(&[], &parts).await.refused(status, code);
        assert_eq!(problem["field"], field, "{problem}");
        assert_eq!(kept(&rig), 0, "{problem}");
    }
    let long = json!({"name": "iris", "description": "x".repeat(2_001)}).to_string();
    rig.upload(&[], &[("meta", long.as_bytes()), ("file", &file)]).await.refused(422, "invalid_field");
    let huge = json!({"name": "iris", "description": "x".repeat(300_000)}).to_string();
    rig.upload(&[], &[("meta", huge.as_bytes()), ("file", &file)]).await.refused(413, "body_too_large");
    let text = request("POST", "/models").header("content-type", "text/plain").body(Body::from("x")).unwrap();
    rig.send(text).await.refused(415, "unsupported_media_type");
    let cut = super::rig::form(&[("meta", br#"{"name":"iris"}"#), ("file", &file)]);
    let cut = Body::from(cut[..cut.len() - 200].to_vec());
    let request = request("POST", "/models").header("content-type", super::rig::form_type()).body(cut).unwrap();
    rig.send(request).await.refused(400, "malformed_request");
    assert_eq!(kept(&rig), 0);
}

#[tokio::test]
async fn what_is_not_registered_is_not_found() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    for path in [
        "/models/rose",
        "/models/iris/versions/2",
        "/models/iris/versions/0",
        "/models/iris/versions/x",
        "/models/Iris",
        "/models/..%2f..",
        "/models/iris/versions/2/artifact",
        "/models/rose/versions/1",
    ] {
        rig.get(path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn models_are_listed_in_pages() {
    let rig = rig();
    for name in ["a", "b", "b2", "c"] {
        rig.register(name, "iris-v1.onnx").await.is(201);
    }
    let names = |list: &Value| {
        let items = list["items"].as_array().unwrap();
        items.iter().map(|model| model["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = rig.get("/models?limit=3").await.is(200);
    assert_eq!((names(&first), &first["next_cursor"]), (vec!["a".into(), "b".into(), "b2".into()], &json!("b2")));
    let rest = rig.get("/models?limit=3&cursor=b2").await.is(200);
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec!["c".into()], &json!(null)));
    assert_eq!(names(&rig.get("/models?q=B").await.is(200)), ["b", "b2"]);
}

#[tokio::test]
async fn of_many_versions_a_list_shows_the_newest_and_those_in_use() {
    let rig = rig();
    rig.running().await;
    let first = rig.store.read(|reading| reading.model(&"iris@1".parse().unwrap())).unwrap().unwrap();
    rig.write(|writing, _| {
        for version in 3..=300 {
            let model = Box::new(RegisteredModel { version: ModelVersion(version), ..first.clone() });
            writing.append(None, Event::ModelRegistered { model }).unwrap();
        }
    });
    let numbers = |model: &Value| {
        let versions = model["versions"].as_array().unwrap();
        versions.iter().map(|version| version["version"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let list = rig.get("/models").await.is(200);
    let expected: Vec<u64> = (281..=300).rev().chain([1]).collect();
    assert_eq!(numbers(&list["items"][0]), expected);
    assert_eq!((&list["items"][0]["version_count"], &list["items"][0]["latest_version"]), (&json!(300), &json!(300)));

    assert_eq!(numbers(&rig.get("/models/iris").await.is(200)).len(), 300);
    let page = rig.get("/models/iris?before=4&limit=2").await.is(200);
    assert_eq!((numbers(&page), &page["version_count"]), (vec![3, 2], &json!(300)));
    assert_eq!(page["latest_version"], 300);
    rig.get("/models/iris?before=1").await.refused(404, "not_found");
    rig.get("/models/iris?limit=0").await.refused(422, "invalid_field");
}

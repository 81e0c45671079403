//! Wrong input: a clear error that names what is wrong, and nothing done.

use axum::body::Body;
use serde_json::{Value, json};

use super::rig::{request, rig, rig_with};
use crate::api::Bounds;

#[tokio::test]
async fn a_wrong_deployment_is_refused_by_field_and_nothing_is_made() {
    let rig = rig();
    rig.deployed().await;
    let before = rig.get("/history").await.is(200);
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "rose", "configuration": {"models": ["iris@1"]}, "strategy": {}});
        *body
            .pointer_mut(field.rsplit_once('/').unwrap().0)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .entry(field.rsplit_once('/').unwrap().1)
            .or_insert(Value::Null) = value;
        body
    };
    for (field, value, code, named) in [
        ("/name", json!("iris"), "name_taken", "name"),
        ("/name", json!(""), "invalid_field", "name"),
        ("/name", json!("Rose"), "invalid_field", "name"),
        ("/name", json!("a/b"), "invalid_field", "name"),
        ("/name", json!("x".repeat(64)), "invalid_field", "name"),
        ("/name", json!(7), "invalid_field", "name"),
        ("/name", json!(null), "invalid_field", "name"),
        ("/target", json!("moon"), "invalid_field", "target"),
        ("/importance", json!("very"), "invalid_field", "importance"),
        ("/ttl", json!("1s"), "invalid_field", "ttl"),
        ("/on_failure", json!("cry"), "invalid_field", "on_failure"),
        ("/on_failurr", json!("revert"), "unknown_field", "on_failurr"),
        ("/configuration", json!(null), "invalid_field", "configuration"),
        ("/configuration/replicas", json!(0), "invalid_field", "configuration.replicas"),
        ("/configuration/replicas", json!(-1), "invalid_field", "configuration.replicas"),
        ("/configuration/replicas", json!(10_000), "invalid_field", "configuration.replicas"),
        ("/configuration/replicas", json!(1.5), "invalid_field", "configuration.replicas"),
        ("/configuration/replicaz", json!(3), "unknown_field", "configuration.replicaz"),
        ("/configuration/models", json!(["iris@9"]), "unknown_model", "models"),
        ("/configuration/models", json!(["iris"]), "invalid_field", "configuration.models[0]"),
        ("/configuration/models", json!([]), "invalid_field", "models"),
        ("/configuration/scoring_timeout_ms", json!(0), "invalid_field", "scoring_timeout_ms"),
        ("/strategy/max_surge", json!("101%"), "invalid_field", "strategy.max_surge"),
        ("/strategy/max_unavailable", json!("-5%"), "invalid_field", "strategy.max_unavailable"),
        ("/strategy", json!({"max_surge": 0, "max_unavailable": 0}), "invalid_field", "strategy"),
        ("/strategy/progress_deadline_seconds", json!(0), "invalid_field", "strategy"),
    ] {
        let reply = rig.post("/deployments", with(field, value.clone())).await;
        let status = if code == "name_taken" { 409 } else { 422 };
        let problem = reply.refused(status, code);
        assert_eq!(problem["field"], named, "{field} {value}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(named.rsplit('.').next().unwrap()), "{problem}");
    }
    assert_eq!(rig.get("/history").await.is(200), before);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_by_line_and_column() {
    let rig = rig();
    let send = |body: &'static str| {
        let rig = &rig;
        async move {
            let request = request("POST", "/deployments").header("content-type", "application/json; charset=utf-8");
            rig.send(request.body(Body::from(body)).unwrap()).await
        }
    };
    let problem = send("{\n\"name\": iris\n}").await.refused(400, "malformed_request");
    assert_eq!((&problem["line"], &problem["column"]), (&json!(2), &json!(9)));
    for body in ["[]", "null", "{", "{}}", "\u{1F600}", "\"x\""] {
        send(body).await.refused(400, "malformed_request");
    }
    send("").await.refused(422, "invalid_field");
    send("{\"name\":\"a\",\"name\":\"b\"}").await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_body_of_another_type_or_too_large_is_refused() {
    let rig = rig_with(Bounds { body_bytes: 1_000, ..Bounds::default() });
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let request = request("POST", "/deployments").header("content-type", kind).body(Body::from("{}")).unwrap();
        rig.send(request).await.refused(415, "unsupported_media_type");
    }
    for size in [1_001, 100_000] {
        let problem = rig.post("/deployments", json!("x".repeat(size))).await.refused(413, "body_too_large");
        assert!(problem["detail"].as_str().unwrap().contains("1000"), "{problem}");
    }
    let endless =
        futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(bytes::Bytes::from_static(&[b' '; 4096])));
    let request = request("POST", "/deployments").header("content-type", "application/json");
    let reply = rig.send(request.body(Body::from_stream(endless)).unwrap()).await;
    reply.refused(413, "body_too_large");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let rig = rig();
    for path in ["/nothing", "/deployments/iris/nothing", "//api", "//api/", "//api/v2/models", "/deployments/"] {
        rig.get(path).await.refused(404, "not_found");
    }
    for (method, path) in [("PUT", "/deployments"), ("DELETE", "/models"), ("POST", "//healthz"), ("POST", "/history")]
    {
        let reply = rig.send(request(method, path).body(Body::empty()).unwrap()).await;
        reply.refused(405, "method_not_allowed");
        assert!(reply.header("allow").contains("GET"), "{method} {path}: {reply:?}");
    }
    rig.send(request("POST", "//page").body(Body::empty()).unwrap()).await.refused(405, "method_not_allowed");
    rig.get("/deployments/iris").await.refused(404, "not_found");
    rig.get("/deployments/%ff").await.refused(404, "not_found");
    rig.get("/history/verify?x=1").await.refused(422, "unknown_field");
    let problem = rig.post("/deployments/iris/rollouts?dry_run=true", json!({})).await.refused(422, "unknown_field");
    assert_eq!(problem["field"], "dry_run");
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    async fn fails() -> axum::response::Response {
        panic!("the secret");
    }
    let router = axum::Router::new()
        .route("/", axum::routing::get(fails))
        .layer(axum::middleware::from_fn(crate::http::problem::catch_panics));
    let rig = super::rig::Rig { router, ..rig() };
    let reply = rig.get("//").await;
    let problem = reply.refused(500, "internal");
    assert!(!problem.to_string().contains("secret"), "{problem}");
}

#[tokio::test]
async fn a_fault_of_the_server_is_told_to_its_log_alone() {
    let rig = rig();
    rig.deployed().await;
    let broken = rusqlite::Connection::open(rig.folder.path().join("changeover.db")).unwrap();
    broken.execute("UPDATE deployments SET record = '{\"secret\":1}'", []).unwrap();
    let problem = rig.get("/deployments/iris").await.refused(500, "internal");
    assert!(!problem.to_string().contains("secret") && !problem.to_string().contains("record"), "{problem}");
}

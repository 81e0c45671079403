//! API tokens: a part of their owner's rights as they are now, for a time.

use std::time::Duration;

use serde_json::{Value, json};

use super::door::Who;
use super::rig::{Rig, rig};

async fn issue(rig: &Rig, who: &Who, body: Value) -> (Who, String) {
    let made = rig.by(who, "POST", "/tokens", body).await.is(201);
    (Who::bearer(made["token"].as_str().unwrap()), made["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn one_carries_its_scopes_and_no_more() {
    let rig = rig();
    rig.running().await;
    let (ada, _) = rig.person("ada", "editor").await;
    let (reads, _) = issue(&rig, &ada, json!({"name": "r", "scopes": ["read", "predict"]})).await;
    let (deploys, _) = issue(&rig, &ada, json!({"name": "d", "scopes": ["deploy", "read", "predict"]})).await;
    let (predicts, _) = issue(&rig, &ada, json!({"name": "p", "scopes": ["predict"]})).await;
    rig.read_by(&reads, "/deployments/iris").await.is(200);
    rig.read_by(&reads, "/people").await.is(200);
    rig.read_by(&predicts, "/people").await.refused(403, "token_scope");
    let rose = json!({"name": "rose", "configuration": {"models": ["iris@1"]}});
    rig.by(&reads, "POST", "/deployments", rose.clone()).await.refused(403, "token_scope");
    rig.by(&deploys, "POST", "/deployments", rose).await.is(202);
    for (method, path, body) in [
        ("POST", "/tokens", json!({"name": "x", "scopes": ["read"]})),
        ("GET", "/sessions", Value::Null),
        ("DELETE", "/sessions", Value::Null),
        ("PATCH", "/me", json!({"name": "x"})),
        ("PUT", "/me/deployments-page", json!({"views": []})),
        ("GET", "/me/deployments-page", Value::Null),
        ("POST", "/me/password", json!({"new": "a long enough one"})),
        ("POST", "/session/reauthenticate", json!({"password": "x"})),
        ("POST", "/deployments/iris/rollouts/1/dismiss", json!({})),
    ] {
        rig.by(&reads, method, path, body).await.refused(403, "token_scope");
    }
    let session = rig.read_by(&reads, "/session").await.is(200);
    assert_eq!((&session["through"], &session["name"]), (&json!("token"), &json!("ada")));
}

#[tokio::test]
async fn one_for_some_deployments_sees_no_others() {
    let rig = rig();
    let iris = rig.running().await;
    rig.post("/deployments", json!({"name": "rose", "configuration": {"models": ["iris@1"]}})).await.is(202);
    let body = json!({"name": "i", "scopes": ["read", "predict", "admin"], "deployments": ["iris"]});
    let made = rig.post("/tokens", body).await.is(201);
    assert_eq!(made["deployments"], json!([iris["id"]]));
    let token = Who::bearer(made["token"].as_str().unwrap());
    rig.read_by(&token, "/deployments/iris").await.is(200);
    rig.read_by(&token, "/deployments/rose").await.refused(404, "not_found");
    let listed = rig.read_by(&token, "/deployments").await.is(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    rig.post("/tokens", json!({"name": "i", "scopes": ["read"], "deployments": ["lily"]}))
        .await
        .refused(404, "not_found");
}

#[tokio::test(start_paused = true)]
async fn one_ends_by_time_by_hand_and_counts_as_much_as_its_owner_does() {
    let rig = rig();
    rig.running().await;
    let (ada, ada_id) = rig.person("ada", "editor").await;
    let (eve, _) = rig.person("eve", "editor").await;
    let (day, day_id) = issue(&rig, &ada, json!({"name": "d", "scopes": ["read"], "expires_in_days": 1})).await;
    let (long, long_id) = issue(&rig, &ada, json!({"name": "l", "scopes": ["deploy", "read", "predict"]})).await;
    rig.read_by(&day, "/session").await.is(200);
    tokio::time::advance(Duration::from_secs(86_400 + 60)).await;
    rig.read_by(&day, "/session").await.refused(401, "unauthenticated");
    let listed = rig.read_by(&ada, "/tokens").await.is(200);
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["id"]), (1, &json!(long_id)));
    assert!(listed["items"][0].get("token").is_none());

    // A demoted owner's token is as good as they are from then on.
    rig.by(&Who::local(), "PATCH", &format!("/people/{ada_id}"), json!({"role": "viewer"})).await.is(200);
    let rose = json!({"name": "rose", "configuration": {"models": ["iris@1"]}});
    rig.by(&long, "POST", "/deployments", rose).await.refused(403, "role_forbids");
    rig.read_by(&long, "/deployments/iris").await.is(200);

    for id in [&day_id, &long_id] {
        rig.by(&eve, "DELETE", &format!("/tokens/{id}"), Value::Null).await.refused(404, "not_found");
        rig.by(&long, "DELETE", &format!("/tokens/{id}"), Value::Null).await.refused(403, "token_scope");
    }
    assert_eq!(rig.by(&ada, "DELETE", &format!("/tokens/{long_id}"), Value::Null).await.status, 204);
    rig.read_by(&long, "/session").await.refused(401, "unauthenticated");
    assert_eq!(rig.read_by(&eve, "/tokens").await.is(200)["items"], json!([]));
}

#[tokio::test]
async fn a_typo_is_told_from_a_wrong_one_and_counts_for_nothing() {
    let rig = rig();
    let made = rig.post("/tokens", json!({"name": "x", "scopes": ["read"]})).await.is(201);
    let token = made["token"].as_str().unwrap();
    for n in 0..30 {
        let mut typo = token.to_owned().into_bytes();
        let place = 4 + n;
        typo[place] = if typo[place] == b'0' { b'1' } else { b'0' };
        let who = Who::bearer(std::str::from_utf8(&typo).unwrap());
        let refused = rig.read_by(&who, "/session").await.refused(401, "unauthenticated");
        assert!(refused["detail"].as_str().unwrap().contains("missing or wrong"), "{refused}");
    }
    let wrong = Who::bearer(&domain::sign_in::write_token(&[7; 32]));
    let refused = rig.read_by(&wrong, "/session").await.refused(401, "unauthenticated");
    assert!(!refused["detail"].as_str().unwrap().contains("missing or wrong"), "{refused}");
}

#[tokio::test]
async fn what_is_asked_for_is_bounded() {
    let rig = rig();
    for (body, field) in [
        (json!({"name": "", "scopes": ["read"]}), "name"),
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "x", "scopes": ["everything"]}), "scopes[0]"),
        (json!({"name": "x", "scopes": ["read"], "expires_in_days": 0}), "expires_in_days"),
        (json!({"name": "x", "scopes": ["read"], "expires_in_days": 366}), "expires_in_days"),
        (json!({"name": "x", "scopes": ["read"], "deployments": []}), "deployments"),
        (json!({"name": "x", "scopes": ["read"], "owner": "everyone"}), "owner"),
        (json!({"name": "x", "scopes": ["read"], "owner": "s-01hzx3k9d0q4w8r2t6y1v5b7n3"}), "owner"),
    ] {
        assert_eq!(rig.post("/tokens", body).await.refused(422, "invalid_field")["field"], field);
    }
    let body = json!({"name": "x", "scopes": ["read"]});
    for _ in 0..100 {
        rig.post("/tokens", body.clone()).await.is(201);
    }
    assert_eq!(rig.post("/tokens", body).await.refused(422, "invalid_field")["field"], "owner");
}

#[tokio::test]
async fn a_repeat_with_the_same_key_makes_one_and_shows_it_once() {
    let rig = rig();
    let post = async || {
        let body = json!({"name": "x", "scopes": ["read"]});
        rig.with(axum::http::Method::POST, "/tokens", &[("idempotency-key", "k")], body).await
    };
    let first = post().await.is(201);
    let again = post().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.is(201)["id"].clone(), again.json().get("token")), (first["id"].clone(), None));
    assert_eq!(rig.get("/tokens").await.is(200)["items"].as_array().unwrap().len(), 1);
}

//! Keys and tokens: made once, made anew, and nowhere else than where they are asked for.

use axum::http::Method;
use domain::credential::{self, Rejected};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::rig::{Rig, rig};

const KEYS: &str = "/deployments/iris/keys";
const TOKENS: &str = "/deployments/iris/tokens";

fn keys(answer: &Value) -> (String, String) {
    let key = |name: &str| answer[name].as_str().unwrap().to_owned();
    (key("primary"), key("secondary"))
}

async fn nowhere(rig: &Rig, secrets: &[&str]) {
    for path in ["/history", "/history/export", "/deployments/iris?include=revisions,replicas", "//metrics"] {
        let shown = rig.get(path).await;
        assert_eq!(shown.status, 200);
        let shown = String::from_utf8(shown.body.to_vec()).unwrap();
        for secret in secrets {
            assert!(!shown.contains(secret), "{path} shows a secret: {shown}");
        }
    }
}

#[tokio::test]
async fn keys_stay_until_one_is_made_anew_and_stand_nowhere_else() {
    let rig = rig();
    rig.running().await;
    let reply = rig.get(KEYS).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let (primary, secondary) = keys(&reply.is(200));
    assert!(primary.len() == 64 && secondary.len() == 64 && primary != secondary);
    assert_eq!(keys(&rig.get(KEYS).await.is(200)), (primary.clone(), secondary.clone()), "made once");

    let anew = rig.post(&format!("{KEYS}/primary/regenerate"), json!({})).await.is(200);
    let (new, same) = keys(&anew);
    assert!(new != primary && same == secondary);
    assert_eq!(keys(&rig.get(KEYS).await.is(200)), (new.clone(), secondary.clone()));
    let (_, other) = keys(&rig.post(&format!("{KEYS}/secondary/regenerate"), json!({})).await.is(200));
    assert_ne!(other, secondary);

    nowhere(&rig, &[&primary, &secondary, &new, &other]).await;
    let history = rig.get("/history?limit=2").await.is(200);
    let kinds: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["key_regenerated", "key_regenerated"], "{history}");
    assert!(rig.get("/history/verify").await.is(200)["intact"].as_bool().unwrap());
    rig.post(&format!("{KEYS}/third/regenerate"), json!({})).await.refused(404, "not_found");
    rig.get("/deployments/none/keys").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_repeated_request_makes_a_key_anew_once() {
    let rig = rig();
    rig.running().await;
    let path = format!("{KEYS}/primary/regenerate");
    let send = || rig.with(Method::POST, &path, &[("idempotency-key", "k")], json!({}));
    let (first, _) = keys(&send().await.is(200));
    assert_eq!(keys(&send().await.is(200)).0, first);
    assert_eq!(keys(&rig.get(KEYS).await.is(200)).0, first);
    // A token too is given once more as long as it is worth something; and none of it is kept twice.
    let issue = || rig.with(Method::POST, TOKENS, &[("idempotency-key", "t")], json!({}));
    let token = issue().await.is(201);
    let again = issue().await;
    assert_eq!((again.is(201), again.header("idempotency-replayed")), (token.clone(), "true"));
    for (key, secret) in [("k", first.as_str()), ("t", token["token"].as_str().unwrap())] {
        let kept = rig.store.read(|reading| reading.answer(&"local".parse().unwrap(), key)).unwrap().unwrap();
        assert!(!kept.body.contains(secret), "{kept:?}");
    }
    assert_eq!(rig.with(Method::DELETE, TOKENS, &[], json!({})).await.status, 204);
    issue().await.refused(412, "precondition_failed");
    // Another deployment of the same name has other keys.
    rig.write(|writing, id| {
        let name = "iris".parse().unwrap();
        writing.append(Some(id), domain::event::Event::DeploymentDeleted { name }).unwrap();
    });
    rig.post("/deployments", json!({"name": "iris", "configuration": {"models": ["iris@1"]}})).await.is(202);
    send().await.refused(412, "precondition_failed");
}

#[tokio::test]
async fn a_token_is_signed_for_its_deployment_until_all_are_revoked() {
    let rig = rig();
    let id = rig.running().await["id"].as_str().unwrap().parse().unwrap();
    let secret = || rig.store.read(|reading| reading.secrets(&id)).unwrap().unwrap().tokens;
    let made = rig.post(TOKENS, json!({"ttl": "10m"})).await.is(201);
    let token = made["token"].as_str().unwrap().to_owned();
    let expires_at: Timestamp = made["expires_at"].as_str().unwrap().parse().unwrap();
    let ahead = expires_at.as_second() - Timestamp::now().as_second();
    assert!((590..=600).contains(&ahead), "{made}");
    assert_eq!(credential::verify_token(secret().as_bytes(), &token, Timestamp::now().as_second()), Ok(()));
    let hour = rig.post(TOKENS, json!({})).await.is(201)["expires_at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(hour > expires_at);

    let before = secret();
    let revoked = rig.with(Method::DELETE, TOKENS, &[], json!({})).await;
    assert_eq!(revoked.status, 204);
    assert_eq!(credential::verify_token(secret().as_bytes(), &token, 0), Err(Rejected::NotSigned));
    nowhere(&rig, &[&token, &before, &secret()]).await;

    for ttl in ["1s", "0m", "366d", "soon", ""] {
        let refused = rig.post(TOKENS, json!({ "ttl": ttl })).await.refused(422, "invalid_field");
        assert_eq!(refused["field"], "ttl");
    }
}

#[tokio::test]
async fn a_deployment_that_is_gone_leaves_no_secret() {
    let rig = rig();
    let id = rig.running().await["id"].as_str().unwrap().parse().unwrap();
    rig.get(KEYS).await.is(200);
    let kept = || rig.store.read(|reading| reading.secrets(&id)).unwrap().is_some();
    assert!(kept());
    rig.store.rebuild().unwrap();
    assert!(kept(), "the journal does not cover them");
    rig.with(Method::DELETE, "/deployments/iris", &[], json!({})).await.is(202);
    rig.get(KEYS).await.refused(409, "operation_in_progress");
    rig.write(|writing, id| {
        let name = "iris".parse().unwrap();
        writing.append(Some(id), domain::event::Event::DeploymentDeleted { name }).unwrap();
    });
    assert!(!kept());
}

//! People, groups and services: who sees what of them, who changes them, and who stays.

use axum::http::Method;
use serde_json::{Value, json};

use super::door::{Who, password};
use super::rig::{Rig, rig};

fn named<'a>(list: &'a Value, id: &str) -> &'a Value {
    list["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap()
}

#[tokio::test]
async fn everybody_sees_names_and_only_administrators_the_rest() {
    let rig = rig();
    let (ada, ada_id) = rig.person("ada", "editor").await;
    let (_, eve_id) = rig.person("eve", "viewer").await;
    let list = rig.read_by(&ada, "/people").await.is(200);
    let (own, other) = (named(&list, &ada_id), named(&list, &eve_id));
    assert_eq!((&own["email"], &own["has_password"]), (&json!("ada@example.org"), &json!(true)));
    assert!(own["last_seen"].is_string() && own["since"].is_string());
    assert_eq!((&other["name"], &other["role"], &other["disabled"]), (&json!("eve"), &json!("viewer"), &json!(false)));
    assert_eq!(
        (&other["email"], &other["has_password"], &other["last_seen"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let list = rig.read_by(&Who::local(), "/people").await.is(200);
    assert_eq!(named(&list, &eve_id)["email"], "eve@example.org");
    assert_eq!(named(&list, "local")["name"], "Lou");
    let all = rig.read_by(&ada, "/principals").await.is(200);
    assert_eq!(
        (&named(&all, &eve_id)["kind"], &named(&all, "everyone")["kind"]),
        (&json!("person"), &json!("everyone"))
    );
    assert!(!all.to_string().contains('@'), "{all}");
}

/// Every way in which a person could make more of themselves, or of others.
const CHANGES: &[(&str, &str, &str)] = &[
    ("PATCH", "/people/{own}", r#"{"role": "admin"}"#),
    ("PATCH", "/people/{other}", r#"{"role": "viewer"}"#),
    ("POST", "/people/{other}/disable", "{}"),
    ("POST", "/people/{other}/enable", "{}"),
    ("POST", "/people/{other}/erase", "{}"),
    ("GET", "/invitations", ""),
    ("POST", "/invitations", r#"{"role": "admin"}"#),
    ("DELETE", "/invitations/x", ""),
    ("POST", "/groups", r#"{"name": "Mine"}"#),
    ("PATCH", "/groups/{group}", r#"{"members": ["{own}"]}"#),
    ("DELETE", "/groups/{group}", ""),
    ("POST", "/services", r#"{"name": "Mine", "role": "admin"}"#),
    ("PATCH", "/services/{service}", r#"{"role": "admin"}"#),
    ("POST", "/tokens", r#"{"name": "x", "scopes": ["read"], "owner": "{service}"}"#),
];

#[tokio::test]
async fn nobody_but_an_administrator_changes_people_groups_and_services() {
    let rig = rig();
    let (ada, own) = rig.person("ada", "editor").await;
    let (_, other) = rig.person("eve", "admin").await;
    let group = rig.by(&Who::local(), "POST", "/groups", json!({"name": "Risk"})).await.is(201);
    let service = rig.by(&Who::local(), "POST", "/services", json!({"name": "Robot"})).await.is(201);
    let scopes = json!({"name": "all", "scopes": ["read", "predict", "deploy", "share", "admin"]});
    let token = rig.by(&Who::local(), "POST", "/tokens", scopes).await.is(201)["token"].clone();
    let token = Who::bearer(token.as_str().unwrap());
    let fill = |text: &str| {
        let text = text.replace("{own}", &own).replace("{other}", &other);
        text.replace("{group}", group["id"].as_str().unwrap()).replace("{service}", service["id"].as_str().unwrap())
    };
    for (method, path, body) in CHANGES {
        let body = serde_json::from_str(&fill(body)).unwrap_or_default();
        let body: Value = body;
        rig.by(&ada, method, &fill(path), body.clone()).await.refused(403, "role_forbids");
        // An administrator's API token neither, whatever it carries.
        rig.by(&token, method, &fill(path), body).await.refused(403, "token_scope");
    }
    assert_eq!(rig.read_by(&ada, "/session").await.is(200)["server_role"], "editor");
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once_with_all_that_they_had() {
    let rig = rig();
    let (ada, id) = rig.person("ada", "admin").await;
    let token = rig.by(&ada, "POST", "/tokens", json!({"name": "x", "scopes": ["read"]})).await.is(201);
    let token = Who::bearer(token["token"].as_str().unwrap());
    let invited = rig.by(&ada, "POST", "/invitations", json!({})).await.is(201);
    rig.read_by(&token, "/people").await.is(200);
    rig.by(&ada, "POST", &format!("/people/{id}/disable"), json!({})).await.refused(409, "status_forbids_update");
    rig.by(&Who::local(), "POST", &format!("/people/{id}/erase"), json!({}))
        .await
        .refused(409, "status_forbids_update");
    let disabled = rig.by(&Who::local(), "POST", &format!("/people/{id}/disable"), json!({})).await.is(200);
    assert_eq!((&disabled["disabled"], &disabled["last_seen"]), (&json!(true), &Value::Null));
    for who in [&ada, &token] {
        rig.read_by(who, "/session").await.refused(401, "unauthenticated");
    }
    let sign_in = json!({"email": "ada@example.org", "password": password("ada")});
    rig.by(&Who::nobody(), "POST", "/session", sign_in.clone()).await.refused(401, "unauthenticated");
    let secret = invited["link"].as_str().unwrap().rsplit_once('#').unwrap().1;
    rig.by(&Who::nobody(), "POST", "/invitations/peek", json!({"secret": secret}))
        .await
        .refused(410, "invitation_used");
    let history = rig.read_by(&Who::local(), "/history?limit=4").await.is(200);
    let kinds: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["invitation_withdrawn", "token_revoked", "sessions_ended", "member_changed"]);

    rig.by(&Who::local(), "POST", &format!("/people/{id}/enable"), json!({})).await.is(200);
    for who in [&ada, &token] {
        rig.read_by(who, "/session").await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn who_is_erased_is_known_by_nothing_but_their_id() {
    let rig = rig();
    let (_, id) = rig.person("ada", "editor").await;
    let erase = format!("/people/{id}/erase");
    rig.by(&Who::local(), "POST", &format!("/people/{id}/disable"), json!({})).await.is(200);
    let erased = rig.by(&Who::local(), "POST", &erase, json!({})).await.is(200);
    assert_eq!(
        (&erased["name"], &erased["email"], &erased["erased"]),
        (&json!("erased person"), &Value::Null, &json!(true))
    );
    let last = rig.store.read(|reading| reading.last_seq()).unwrap();
    rig.by(&Who::local(), "POST", &erase, json!({})).await.is(200);
    assert_eq!(rig.store.read(|reading| reading.last_seq()).unwrap(), last, "there is nothing more to erase");
    rig.by(&Who::local(), "POST", &format!("/people/{id}/enable"), json!({}))
        .await
        .refused(409, "status_forbids_update");
    rig.by(&Who::local(), "PATCH", &format!("/people/{id}"), json!({"name": "Ada"}))
        .await
        .refused(409, "status_forbids_update");
    assert!(rig.store.read(|reading| reading.verify_history()).unwrap().intact);
    rig.store.checkpoint().unwrap();
    for file in std::fs::read_dir(rig.folder.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let content = std::fs::read(&path).unwrap();
            assert!(!content.windows(7).any(|part| part == b"ada@exa"), "{} still knows them", path.display());
        }
    }
    // The address is free again.
    rig.person("ada", "viewer").await;
}

#[tokio::test]
async fn the_last_administrator_who_can_sign_in_stays() {
    let rig = rig();
    let (ada, id) = rig.person("ada", "admin").await;
    rig.by(&ada, "PATCH", "/people/local", json!({"role": "viewer"})).await.is(200);
    rig.by(&Who::local(), "GET", "/invitations", Value::Null).await.refused(403, "role_forbids");
    let own = format!("/people/{id}");
    assert!(
        rig.by(&ada, "PATCH", &own, json!({"role": "editor"})).await.refused(409, "last_admin")["detail"].is_string()
    );
    let (eve, _) = rig.person_by(&ada, "eve", "admin").await;
    rig.by(&eve, "PATCH", &own, json!({"role": "editor"})).await.is(200);
    rig.by(&ada, "GET", "/invitations", Value::Null).await.refused(403, "role_forbids");
}

#[tokio::test]
async fn groups_and_services_are_kept_by_administrators() {
    let rig = rig();
    let (_, ada) = rig.person("ada", "viewer").await;
    let local = Who::local();
    let service = rig.by(&local, "POST", "/services", json!({"name": "Robot", "role": "editor"})).await.is(201);
    let robot = service["id"].as_str().unwrap();
    let group = rig.by(&local, "POST", "/groups", json!({"name": " Risk ", "members": [ada, robot]})).await.is(201);
    assert_eq!(group["name"], "Risk");
    let path = format!("/groups/{}", group["id"].as_str().unwrap());
    for (body, status, code) in [
        (json!({"name": "Risk"}), 409, "name_taken"),
        (json!({"name": ""}), 422, "invalid_field"),
        (json!({"name": "x", "members": ["everyone"]}), 422, "invalid_field"),
        (json!({"name": "x", "members": [group["id"]]}), 422, "invalid_field"),
        (json!({"name": "x", "members": ["p-01hzx3k9d0q4w8r2t6y1v5b7n3"]}), 422, "invalid_field"),
    ] {
        rig.by(&local, "POST", "/groups", body).await.refused(status, code);
    }
    assert_eq!(rig.by(&local, "PATCH", &path, json!({"members": [ada]})).await.is(200)["members"], json!([ada]));
    let last = rig.store.read(|reading| reading.last_seq()).unwrap();
    rig.by(&local, "PATCH", &path, json!({"name": "Risk"})).await.is(200);
    assert_eq!(rig.store.read(|reading| reading.last_seq()).unwrap(), last, "nothing changed");
    assert_eq!(rig.by(&local, "DELETE", &path, Value::Null).await.status, 204);
    rig.by(&local, "DELETE", &path, Value::Null).await.refused(404, "not_found");

    let token = json!({"name": "x", "scopes": ["read"], "owner": robot});
    let token = rig.by(&local, "POST", "/tokens", token).await.is(201);
    let token = Who::bearer(token["token"].as_str().unwrap());
    assert_eq!(rig.read_by(&token, "/session").await.is(200)["name"], "Robot");
    let path = format!("/services/{robot}");
    assert_eq!(
        rig.by(&local, "PATCH", &path, json!({"disabled": true, "role": "viewer"})).await.is(200)["role"],
        "viewer"
    );
    rig.read_by(&token, "/session").await.refused(401, "unauthenticated");
    rig.by(&local, "PATCH", &path, json!({"disabled": false, "name": "Robot 2"})).await.is(200);
    rig.read_by(&token, "/session").await.refused(401, "unauthenticated");
    assert_eq!(rig.read_by(&local, "/services").await.is(200)["items"][0]["name"], "Robot 2");
    rig.by(&local, "PATCH", &format!("/people/{robot}"), json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn alone_nobody_is_asked_anything() {
    let rig: Rig = rig();
    let session = rig.get("/session").await.is(200);
    assert_eq!(
        (&session["alone"], &session["through"], &session["id"]),
        (&json!(true), &json!("machine"), &json!("local"))
    );
    assert_eq!((&session["server_role"], &session["signed_in_at"]), (&json!("admin"), &Value::Null));
    rig.with(Method::PATCH, "/me", &[], json!({"name": "Lou"})).await.is(200);
    assert_eq!(rig.get("/me").await.is(200)["name"], "Lou");
    assert_eq!(rig.get("/session").await.is(200)["alone"], true);
}

//! Invitations: one link, once, for 72 hours; all of a person or nothing of them.

use std::time::Duration;

use domain::session::SignInMethod;
use serde_json::{Value, json};

use super::door::{Who, joining};
use super::rig::{Rig, rig};

async fn accept(rig: &Rig, secret: &str, name: &str) -> super::rig::Reply {
    rig.by(&Who::nobody(), "POST", "/invitations/accept", joining(secret, name)).await
}

fn kinds(history: &Value) -> Vec<&str> {
    history["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_first_one_asks_for_the_inviters_own_name() {
    let rig = rig();
    for (body, field) in [
        (json!({"role": "viewer"}), "own_name"),
        (json!({"own_name": "Lou"}), "own_email"),
        (json!({"own_name": "\u{202e}", "own_email": "lou@example.org"}), "own_name"),
        (json!({"own_name": "Lou", "own_email": "lou"}), "own_email"),
        (json!({"own_name": "Lou", "own_email": "lou@example.org", "name": " "}), "name"),
        (json!({"own_name": "Lou", "own_email": "lou@example.org", "email": "x"}), "email"),
        (json!({"own_name": "Lou", "own_email": "lou@example.org", "groups": ["everyone"]}), "groups"),
    ] {
        let refused = rig.by(&Who::local(), "POST", "/invitations", body).await.refused(422, "invalid_field");
        assert_eq!(refused["field"], field);
    }
    // What was refused has named nobody.
    assert_eq!(rig.read_by(&Who::local(), "/me").await.is(200)["name"], "local");
    let body = json!({"name": "Ada", "role": "editor", "own_name": "Lou", "own_email": "lou@example.org"});
    let made = rig.by(&Who::local(), "POST", "/invitations", body).await.is(201);
    assert!(made["link"].as_str().unwrap().starts_with("http://127.0.0.1:7070/join#"), "{made}");
    assert_eq!(rig.read_by(&Who::local(), "/me").await.is(200)["name"], "Lou");
    assert_eq!(rig.read_by(&Who::local(), "/session").await.is(200)["alone"], true, "nobody has come yet");
    rig.by(&Who::local(), "POST", "/invitations", json!({})).await.is(201);
}

#[tokio::test]
async fn it_makes_a_person_with_role_groups_and_a_session_and_is_used_up() {
    let rig = rig();
    let group = rig.by(&Who::local(), "POST", "/groups", json!({"name": "Risk"})).await.is(201)["id"].clone();
    let body = json!({"name": "Ada", "email": "ada@work.example", "role": "editor", "groups": [group],
                      "own_name": "Lou", "own_email": "lou@example.org"});
    let made = rig.by(&Who::local(), "POST", "/invitations", body).await.is(201);
    let secret = made["link"].as_str().unwrap().rsplit_once('#').unwrap().1.to_owned();
    let listed = rig.read_by(&Who::local(), "/invitations").await.is(200);
    assert_eq!((&listed["items"][0]["id"], listed["items"][0].get("link")), (&made["id"], None));
    for _ in 0..2 {
        let greeting = rig.by(&Who::nobody(), "POST", "/invitations/peek", json!({"secret": secret})).await.is(200);
        assert_eq!(
            (&greeting["inviter"], &greeting["name"], &greeting["role"]),
            (&json!("Lou"), &json!("Ada"), &json!("editor"))
        );
    }
    let joined = accept(&rig, &secret, "ada").await;
    let (ada, id) = (Who::came_in(&joined), joined.json()["id"].clone());
    let session = rig.read_by(&ada, "/session").await.is(200);
    assert_eq!(
        (&session["name"], &session["server_role"], &session["alone"]),
        (&json!("ada"), &json!("editor"), &json!(false))
    );
    assert_eq!((&session["through"], &session["has_password"]), (&json!("session"), &json!(true)));
    assert_eq!(rig.read_by(&ada, "/groups").await.is(200)["items"][0]["members"], json!([id]));
    accept(&rig, &secret, "eve").await.refused(410, "invitation_used");
    rig.by(&Who::nobody(), "POST", "/invitations/peek", json!({"secret": secret}))
        .await
        .refused(410, "invitation_used");

    let history = rig.read_by(&Who::local(), "/history").await.is(200);
    assert_eq!(kinds(&history)[..3], ["signed_in", "group_changed", "member_added"]);
    assert!(history["items"].as_array().unwrap()[..3].iter().all(|entry| entry["actor"] == id), "{history}");
    assert_eq!(history["items"][0]["event"]["with"], SignInMethod::Invitation.as_str());
    for known in ["Ada", "ada@", "lou@", "Lou"] {
        assert!(!history.to_string().contains(known), "the journal knows {known}");
    }
    rig.by(&ada, "POST", "/invitations", json!({})).await.refused(403, "role_forbids");
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_and_uses_nothing_up() {
    let rig = rig();
    rig.person("ada", "viewer").await;
    let secret = rig.invite("viewer").await;
    let before = rig.store.read(|reading| reading.last_seq()).unwrap();
    for (body, status, code) in [
        (
            json!({"secret": secret, "name": "Eve", "email": "ADA@example.org", "password": "a long enough one"}),
            409,
            "name_taken",
        ),
        (
            json!({"secret": secret, "name": "", "email": "eve@example.org", "password": "a long enough one"}),
            422,
            "invalid_field",
        ),
        (
            json!({"secret": secret, "name": "Eve", "email": "eve", "password": "a long enough one"}),
            422,
            "invalid_field",
        ),
        (
            json!({"secret": secret, "name": "Eve", "email": "eve@example.org", "password": "short"}),
            422,
            "invalid_field",
        ),
        (
            json!({"secret": "00", "name": "Eve", "email": "eve@example.org", "password": "a long enough one"}),
            410,
            "invitation_used",
        ),
    ] {
        rig.by(&Who::nobody(), "POST", "/invitations/accept", body).await.refused(status, code);
    }
    assert_eq!(rig.store.read(|reading| reading.last_seq()).unwrap(), before);
    assert_eq!(rig.read_by(&Who::local(), "/people").await.is(200)["items"].as_array().unwrap().len(), 2);
    Who::came_in(&accept(&rig, &secret, "eve").await);
}

#[tokio::test(start_paused = true)]
async fn it_ends_by_time_by_being_taken_back_and_with_whoever_made_it() {
    let rig = rig();
    let late = rig.invite("viewer").await;
    tokio::time::advance(Duration::from_secs(72 * 3_600)).await;
    accept(&rig, &late, "ada").await.refused(410, "invitation_used");
    let secret = rig.invite("viewer").await;
    let listed = rig.read_by(&Who::local(), "/invitations").await.is(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let path = format!("/invitations/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(rig.by(&Who::local(), "DELETE", &path, Value::Null).await.status, 204);
    rig.by(&Who::local(), "DELETE", &path, Value::Null).await.refused(404, "not_found");
    accept(&rig, &secret, "ada").await.refused(410, "invitation_used");

    let (boss, id) = rig.person("boss", "admin").await;
    let made = rig.by(&boss, "POST", "/invitations", json!({"role": "admin"})).await.is(201);
    let secret = made["link"].as_str().unwrap().rsplit_once('#').unwrap().1.to_owned();
    rig.by(&Who::local(), "PATCH", &format!("/people/{id}"), json!({"role": "editor"})).await.is(200);
    accept(&rig, &secret, "ada").await.refused(410, "invitation_used");
}

#[tokio::test]
async fn a_repeat_with_the_same_key_invites_nobody_twice_and_shows_no_link() {
    let rig = rig();
    let body = json!({"name": "Ada", "own_name": "Lou", "own_email": "lou@example.org"});
    let key = [("idempotency-key", "k")];
    let post = || rig.with(axum::http::Method::POST, "/invitations", &key, body.clone());
    let first = post().await.is(201);
    let again = post().await;
    assert_eq!((again.is(201)["id"].clone(), again.header("idempotency-replayed")), (first["id"].clone(), "true"));
    assert!(again.json().get("link").is_none() && first["link"].is_string());
    assert_eq!(rig.read_by(&Who::local(), "/invitations").await.is(200)["items"].as_array().unwrap().len(), 1);
}

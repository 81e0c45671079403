//! Passwords, links that were made on the machine, and showing again who one is.

use std::time::Duration;

use serde_json::json;

use super::door::{Who, password};
use super::rig::{Rig, rig};
use crate::api::MadeSecret;
use crate::commands::make_admin_link;
use crate::store::tables::admin_links::AdminLinkRow;

async fn sign_in(rig: &Rig, name: &str, password: &str) -> super::rig::Reply {
    let body = json!({"email": format!("{name}@example.org"), "password": password});
    rig.by(&Who::nobody(), "POST", "/session", body).await
}

#[tokio::test(start_paused = true)]
async fn a_password_signs_in_and_another_one_ends_the_other_sessions() {
    let rig = rig();
    let (ada, id) = rig.person("ada", "viewer").await;
    let elsewhere = Who::came_in(&sign_in(&rig, "ada", &password("ada")).await);
    assert_eq!(rig.read_by(&elsewhere, "/session").await.is(200)["id"], id);
    let change = |current: Option<&str>, new: &str| json!({"current": current, "new": new});
    let path = "/me/password";
    let refused = rig.by(&ada, "POST", path, change(None, "another long one")).await.refused(422, "invalid_field");
    assert_eq!(refused["field"], "current");
    rig.by(&ada, "POST", path, change(Some("wrong"), "another long one")).await.refused(401, "unauthenticated");
    tokio::time::advance(Duration::from_secs(1)).await;
    let short = rig.by(&ada, "POST", path, change(Some(&password("ada")), "short")).await;
    assert_eq!(short.refused(422, "invalid_field")["field"], "new");
    assert_eq!(rig.by(&ada, "POST", path, change(Some(&password("ada")), "another long one")).await.status, 204);
    rig.read_by(&ada, "/session").await.is(200);
    rig.read_by(&elsewhere, "/session").await.refused(401, "unauthenticated");
    sign_in(&rig, "ada", &password("ada")).await.refused(401, "unauthenticated");
    tokio::time::advance(Duration::from_secs(1)).await;
    Who::came_in(&sign_in(&rig, "ada", "another long one").await);
}

#[tokio::test]
async fn the_local_person_signs_in_with_a_password_once_they_have_an_address() {
    let rig = rig();
    let new = json!({"new": "the password of lou"});
    let refused = rig.by(&Who::local(), "POST", "/me/password", new.clone()).await.refused(422, "invalid_field");
    assert_eq!(refused["field"], "email");
    rig.by(&Who::local(), "PATCH", "/me", json!({"email": "lou@example.org"})).await.refused(422, "invalid_field");
    let me = json!({"name": "Lou", "email": "lou@example.org"});
    assert_eq!(rig.by(&Who::local(), "PATCH", "/me", me).await.is(200)["email"], "lou@example.org");
    assert_eq!(rig.by(&Who::local(), "POST", "/me/password", new).await.status, 204);
    let session = sign_in(&rig, "lou", "the password of lou").await.is(200);
    assert_eq!((&session["id"], &session["has_password"]), (&json!("local"), &json!(true)));
}

#[tokio::test(start_paused = true)]
async fn what_is_dangerous_wants_a_young_sign_in() {
    let rig = rig();
    let (ada, _) = rig.person("ada", "admin").await;
    let token = json!({"name": "a", "scopes": ["read"]});
    rig.by(&ada, "POST", "/tokens", token.clone()).await.is(201);
    tokio::time::advance(Duration::from_secs(15 * 60 + 1)).await;
    rig.by(&ada, "POST", "/tokens", token.clone()).await.refused(401, "reauthentication_needed");
    rig.by(&ada, "POST", "/invitations", json!({})).await.refused(401, "reauthentication_needed");
    rig.by(&ada, "PATCH", "/me", json!({"email": "x@example.org"})).await.refused(401, "reauthentication_needed");
    rig.by(&ada, "PATCH", "/me", json!({"name": "Ada"})).await.is(200);
    let path = "/session/reauthenticate";
    rig.by(&ada, "POST", path, json!({"password": "wrong"})).await.refused(401, "unauthenticated");
    rig.by(&ada, "POST", path, json!({"token": super::rig::TOKEN})).await.refused(401, "unauthenticated");
    rig.by(&ada, "POST", path, json!({})).await.refused(422, "invalid_field");
    rig.by(&ada, "POST", "/tokens", token.clone()).await.refused(401, "reauthentication_needed");
    tokio::time::advance(Duration::from_secs(1)).await;
    let session = rig.by(&ada, "POST", path, json!({"password": password("ada")})).await.is(200);
    assert_eq!(session["name"], "Ada");
    rig.by(&ada, "POST", "/tokens", token).await.is(201);

    // The local person shows the server's token; who comes with it is never asked.
    let lou = rig.by(&Who::nobody(), "POST", "/session", json!({"token": super::rig::TOKEN})).await;
    let lou = Who::came_in(&lou);
    tokio::time::advance(Duration::from_secs(15 * 60 + 1)).await;
    rig.by(&lou, "POST", "/invitations", json!({})).await.refused(401, "reauthentication_needed");
    rig.by(&lou, "POST", path, json!({"token": super::rig::TOKEN})).await.is(200);
    rig.by(&lou, "POST", "/invitations", json!({})).await.is(201);
    rig.by(&Who::local(), "POST", "/invitations", json!({})).await.is(201);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_made_on_the_machine_signs_an_administrator_in_once() {
    let rig = rig();
    let (_, ada) = rig.person("ada", "admin").await;
    rig.person("eve", "editor").await;
    let make = |named: Option<&'static str>| {
        let made = MadeSecret::plain().unwrap();
        let actor = "local".parse().unwrap();
        let now = rig.now();
        let link = rig.store.write(&actor, now, |writing| make_admin_link(writing, named, made.hash));
        link.map(|link: AdminLinkRow| (link.person.to_string(), made.text.reveal().to_owned()))
    };
    let enter =
        async |secret: String| rig.by(&Who::nobody(), "POST", "/session", json!({ "admin_link": secret })).await;
    assert!(make(Some("eve@example.org")).unwrap_err().detail.contains(&ada));
    let (person, secret) = make(Some("ada@example.org")).unwrap();
    assert_eq!(person, ada);
    let entered = enter(secret.clone()).await;
    assert_eq!(entered.is(200)["id"], ada);
    enter(secret).await.refused(401, "unauthenticated");
    let (person, late) = make(None).unwrap();
    assert_eq!(person, "local");
    tokio::time::advance(Duration::from_secs(15 * 60)).await;
    enter(late).await.refused(401, "unauthenticated");
    let (_, first) = make(None).unwrap();
    let (_, second) = make(None).unwrap();
    enter(first).await.refused(401, "unauthenticated");
    Who::came_in(&enter(second).await);
    // Who is no administrator any more does not come in by it.
    let (_, secret) = make(Some("ada@example.org")).unwrap();
    rig.by(&Who::local(), "PATCH", &format!("/people/{ada}"), json!({"role": "editor"})).await.is(200);
    enter(secret).await.refused(401, "unauthenticated");
    let history = rig.read_by(&Who::local(), "/history?kind=admin_link_made").await.is(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 5);
}

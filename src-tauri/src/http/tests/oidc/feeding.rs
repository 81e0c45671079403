//! What the provider gives and takes: the role of an administrator, and membership in the groups that it feeds.

use std::time::Duration;

use axum::http::Method;
use domain::id::Actor;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::super::door::{Who, joining};
use super::rig::{Door, allowing, id_of, somebody, vouched_by};

async fn group(door: &Door, body: Value) -> String {
    door.rig.by(&Who::local(), "POST", "/groups", body).await.is(201)["id"].as_str().unwrap().to_owned()
}

async fn members(door: &Door, id: &str) -> Vec<String> {
    let groups = door.rig.read_by(&Who::local(), "/groups").await.is(200);
    let groups = groups["items"].as_array().unwrap().clone();
    let found = groups.iter().find(|group| group["id"] == id).unwrap()["members"].as_array().unwrap().clone();
    found.iter().map(|member| member.as_str().unwrap().to_owned()).collect()
}

async fn change(door: &Door, id: &str, body: Value) -> super::super::rig::Reply {
    door.rig.with(Method::PATCH, &format!("/groups/{id}"), &[], body).await
}

#[tokio::test]
async fn groups_that_the_provider_feeds_are_told_with_each_sign_in() {
    let door = vouched_by(allowing(), false);
    let risk = group(&door, json!({"name": "Risk", "provider_group": "/teams/risk"})).await;
    let own = group(&door, json!({"name": "risk"})).await;
    let ada = Who::came_in(&door.signs_in(somebody("ada", &["ml", "/teams/risk", "risk"])).await);
    let id = id_of(&door.rig, &ada).await;
    assert_eq!(members(&door, &risk).await, std::slice::from_ref(&id));
    assert!(members(&door, &own).await.is_empty(), "its name alone is nothing");
    let history = door.rig.read_by(&Who::local(), "/history").await.is(200);
    let entries = history["items"].as_array().unwrap();
    let fed = entries.iter().find(|entry| entry["kind"] == "group_changed").unwrap();
    assert_eq!(fed["actor"], Actor::server().as_str(), "by nobody who belongs to it: {fed}");

    let before = door.kinds().await.len();
    door.signs_in(somebody("ada", &["ml", "/teams/risk"])).await.is(200);
    assert_eq!(door.kinds().await.len(), before + 1, "nothing has changed");
    door.signs_in(somebody("ada", &["ml"])).await.is(200);
    assert!(members(&door, &risk).await.is_empty());
}

#[tokio::test]
async fn nobody_else_says_who_belongs_to_them() {
    let door = vouched_by(allowing(), false);
    let (_, bob) = door.rig.person("bob", "viewer").await;
    let risk = group(&door, json!({"name": "Risk", "members": [bob]})).await;
    let both = json!({"name": "x", "members": [bob], "provider_group": "x"});
    let refused = door.rig.by(&Who::local(), "POST", "/groups", both).await;
    assert_eq!(refused.refused(422, "invalid_field")["field"], "members");
    change(&door, &risk, json!({"provider_group": "x\u{202e}"})).await.refused(422, "invalid_field");
    // Who was put into it by hand does not stay in what the provider feeds.
    let fed = change(&door, &risk, json!({"provider_group": " risk "})).await.is(200);
    assert_eq!((&fed["provider_group"], &fed["members"]), (&json!("risk"), &json!([])));
    let refused = change(&door, &risk, json!({"members": [bob]})).await.refused(422, "invalid_field");
    assert_eq!(refused["field"], "members");
    change(&door, &risk, json!({"name": "Risk people", "members": []})).await.is(200);
    let invited = json!({"role": "viewer", "groups": [risk]});
    let refused = door.rig.by(&Who::local(), "POST", "/invitations", invited).await.refused(422, "invalid_field");
    assert_eq!(refused["field"], "groups");
    let ada = Who::came_in(&door.signs_in(somebody("ada", &["ml", "risk"])).await);
    let id = id_of(&door.rig, &ada).await;
    // Taken back, its members stay and are the administrator's.
    let own = change(&door, &risk, json!({"provider_group": ""})).await.is(200);
    assert_eq!((own.get("provider_group"), &own["members"]), (None, &json!([id])));
    door.signs_in(somebody("ada", &["ml"])).await.is(200);
    assert_eq!(members(&door, &risk).await, [id]);
    change(&door, &risk, json!({"members": [bob]})).await.is(200);
}

#[tokio::test]
async fn an_invitation_to_a_group_that_is_fed_meanwhile_puts_nobody_into_it() {
    let door = vouched_by(allowing(), false);
    door.rig.person("bob", "viewer").await;
    let risk = group(&door, json!({"name": "Risk"})).await;
    let made = door.rig.by(&Who::local(), "POST", "/invitations", json!({"groups": [risk]})).await.is(201);
    let secret = made["link"].as_str().unwrap().rsplit_once('#').unwrap().1.to_owned();
    change(&door, &risk, json!({"provider_group": "risk"})).await.is(200);
    // With a password, of whom the provider says nothing.
    door.rig.by(&Who::nobody(), "POST", "/invitations/accept", joining(&secret, "eve")).await.is(200);
    assert!(members(&door, &risk).await.is_empty());
}

#[tokio::test]
async fn administrators_come_and_go_with_the_group_that_makes_them() {
    let door = vouched_by(allowing(), false);
    let ada = Who::came_in(&door.signs_in(somebody("ada", &["ml", "chiefs"])).await);
    let id = id_of(&door.rig, &ada).await;
    assert_eq!(door.role(&id).await, "admin");
    door.rig.by(&ada, "POST", "/groups", json!({"name": "Theirs"})).await.is(201);
    // With the next sign-in, also for the session that goes on.
    door.signs_in(somebody("ada", &["ml"])).await.is(200);
    assert_eq!(door.role(&id).await, "viewer");
    door.rig.by(&ada, "POST", "/groups", json!({"name": "More"})).await.refused(403, "role_forbids");
    // A role that was given by hand comes back, and one that was given by hand stays.
    door.rig.with(Method::PATCH, &format!("/people/{id}"), &[], json!({"role": "editor"})).await.is(200);
    door.signs_in(somebody("ada", &["chiefs"])).await.is(200);
    assert_eq!(door.role(&id).await, "admin");
    door.signs_in(somebody("ada", &[])).await.is(200);
    assert_eq!(door.role(&id).await, "editor");
    door.rig.with(Method::PATCH, &format!("/people/{id}"), &[], json!({"role": "admin"})).await.is(200);
    door.signs_in(somebody("ada", &[])).await.is(200);
    assert_eq!(door.role(&id).await, "admin");
}

#[tokio::test]
async fn the_last_administrator_who_comes_in_stays_one() {
    let door = vouched_by(allowing(), true);
    let ada = Who::came_in(&door.signs_in(somebody("ada", &["ml", "chiefs"])).await);
    let id = id_of(&door.rig, &ada).await;
    // The server's own token lets nobody in, so nobody else does.
    door.signs_in(somebody("ada", &["ml"])).await.is(200);
    assert_eq!(door.role(&id).await, "admin");
    let refused = door.rig.with(Method::PATCH, &format!("/people/{id}"), &[], json!({"role": "viewer"})).await;
    refused.refused(409, "last_admin");
    let bob = Who::came_in(&door.signs_in(somebody("bob", &["ml", "chiefs"])).await);
    door.signs_in(somebody("ada", &["ml"])).await.is(200);
    assert_eq!(door.role(&id).await, "viewer");
    assert_eq!(door.role(&id_of(&door.rig, &bob).await).await, "admin");
}

#[tokio::test]
async fn unlinking_takes_what_the_provider_gave() {
    let door = vouched_by(allowing(), false);
    let (ada, id) = door.rig.person("ada", "editor").await;
    let risk = group(&door, json!({"name": "Risk", "provider_group": "risk"})).await;
    door.says(Ok(somebody("7", &["chiefs", "risk"])));
    door.visits(Some(&ada), json!({"errand": "link"})).await.is(200);
    assert_eq!((door.role(&id).await.as_str(), members(&door, &risk).await), ("admin", vec![id.clone()]));
    assert_eq!(door.rig.by(&ada, "DELETE", "/me/identity", Value::Null).await.status, 204);
    assert_eq!((door.role(&id).await.as_str(), members(&door, &risk).await.len()), ("editor", 0));
}

/// Somebody with a password besides, whom the provider makes an administrator and puts into a group.
async fn given(door: &Door, name: &str, sub: &str) -> (Who, String) {
    let (who, id) = door.rig.person(name, "editor").await;
    door.says(Ok(somebody(sub, &["chiefs", "risk"])));
    door.visits(Some(&who), json!({"errand": "link"})).await.is(200);
    (who, id)
}

#[tokio::test(start_paused = true)]
async fn what_the_provider_gave_lapses_twelve_hours_after_it_told_of_somebody_last() {
    let door = vouched_by(allowing(), false);
    let risk = group(&door, json!({"name": "Risk", "provider_group": "risk"})).await;
    let end = CancellationToken::new();
    tokio::spawn(door.rig.api.clone().lapse(end.clone()));
    let _end = end.drop_guard();
    let hours = async |hours: u64| tokio::time::sleep(Duration::from_secs(hours * 3_600)).await;
    hours(5).await;
    let (ada, id) = given(&door, "ada", "7").await;
    let (_, bob) = given(&door, "bob", "8").await;
    door.rig.by(&ada, "POST", "/groups", json!({"name": "Theirs"})).await.is(201);
    hours(6).await;
    // Bob shows himself once more.
    door.signs_in(somebody("8", &["chiefs", "risk"])).await.is(200);
    hours(5).await;
    assert_eq!(door.role(&id).await, "admin", "for eleven hours");
    hours(2).await;
    assert_eq!((door.role(&id).await.as_str(), door.role(&bob).await.as_str()), ("editor", "admin"));
    assert_eq!(members(&door, &risk).await, std::slice::from_ref(&bob));
    door.rig.by(&ada, "POST", "/groups", json!({"name": "More"})).await.refused(403, "role_forbids");
    let before = door.kinds().await.len();
    hours(48).await;
    assert_eq!(door.role(&bob).await, "editor");
    assert_eq!(door.kinds().await.len(), before + 2, "of Bob, and nothing again of Ada");
    // They are let in all the same, and have it again then.
    door.signs_in(somebody("7", &["chiefs", "risk"])).await.is(200);
    assert_eq!((door.role(&id).await.as_str(), members(&door, &risk).await), ("admin", vec![id.clone()]));
}

#[tokio::test(start_paused = true)]
async fn the_last_administrator_does_not_lapse_while_nobody_else_could_come_in() {
    let door = vouched_by(allowing(), true);
    let ada = Who::came_in(&door.signs_in(somebody("ada", &["ml", "chiefs"])).await);
    let id = id_of(&door.rig, &ada).await;
    let end = CancellationToken::new();
    tokio::spawn(door.rig.api.clone().lapse(end.clone()));
    let _end = end.drop_guard();
    let hours = async |hours: u64| tokio::time::sleep(Duration::from_secs(hours * 3_600)).await;
    hours(30).await;
    assert_eq!(door.role(&id).await, "admin");
    Who::came_in(&door.signs_in(somebody("bob", &["ml", "chiefs"])).await);
    hours(11).await;
    assert_eq!(door.role(&id).await, "viewer");
}

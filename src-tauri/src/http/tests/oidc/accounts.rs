//! The person whom an account lets in: by issuer and subject, and by nothing else.

use std::time::Duration;

use domain::provider::{Admission, Newcomers, Vouched};
use serde_json::{Value, json};

use super::super::door::{Who, joining, password};
use super::rig::{Door, allowing, id_of, somebody, vouched_by};
use crate::api::Unvouched;

const ALL: fn() -> Admission = || Admission { newcomers: Newcomers::Allowed, ..Admission::default() };

fn with_email(sub: &str, email: &str) -> Vouched {
    Vouched { email: Some(email.to_owned()), ..somebody(sub, &["ml"]) }
}

/// Somebody who has a password and signs in with it.
async fn by_password(door: &Door, name: &str) -> Who {
    let body = json!({"email": format!("{name}@example.org"), "password": password(name)});
    Who::came_in(&door.rig.by(&Who::nobody(), "POST", "/session", body).await)
}

#[tokio::test]
async fn a_newcomer_who_is_allowed_becomes_a_viewer_and_is_known_again() {
    let door = vouched_by(allowing(), false);
    door.signs_in(somebody("eve", &["others"])).await.refused(403, "not_let_in");
    let ada = Who::came_in(&door.signs_in(with_email("ada", "ada@example.org")).await);
    let session = door.rig.read_by(&ada, "/session").await.is(200);
    assert_eq!((&session["name"], &session["server_role"]), (&json!("ada at Example"), &json!("viewer")));
    assert_eq!((&session["has_password"], &session["is_linked"]), (&json!(false), &json!(true)));
    let me = door.rig.read_by(&ada, "/me").await.is(200);
    assert_eq!((&me["email"], &me["is_linked"]), (&json!("ada@example.org"), &json!(true)));
    let listed = door.rig.read_by(&ada, "/sessions").await.is(200);
    assert_eq!(listed["items"][0]["with"], "provider");
    // What the provider says later of name and address changes nobody, and makes nobody else.
    let again = Who::came_in(&door.signs_in(with_email("ada", "boss@example.org")).await);
    assert_eq!(id_of(&door.rig, &again).await, id_of(&door.rig, &ada).await);
    assert_eq!(door.rig.read_by(&again, "/me").await.is(200)["email"], "ada@example.org");
    // Another one with the same name at the provider is another one.
    let mut twin = with_email("ada2", "twin@example.org");
    twin.name = Some("ada at Example".to_owned());
    let twin = Who::came_in(&door.signs_in(twin).await);
    assert_ne!(id_of(&door.rig, &twin).await, id_of(&door.rig, &ada).await);

    assert_eq!(door.kinds().await[..3], ["signed_in", "identity_linked", "member_added"]);
    let history = door.rig.read_by(&Who::local(), "/history").await.is(200).to_string();
    for known in ["ada at Example", "ada@example.org", "login.example", "\"ada2\""] {
        assert!(!history.contains(known), "the journal knows {known}");
    }
}

#[tokio::test]
async fn an_address_or_a_name_of_an_administrator_makes_nobody_one() {
    let door = vouched_by(ALL(), false);
    let (_, boss) = door.rig.person("boss", "admin").await;
    // The address, verified: told to link, and not let in as anybody.
    for email in ["boss@example.org", "BOSS@Example.org"] {
        let refused = door.signs_in(with_email("eve", email)).await.refused(409, "name_taken");
        assert!(refused["detail"].as_str().unwrap().contains("link the account on your own page"), "{refused}");
    }
    // Not verified, so not said: somebody without an address. The name and the subject are those of the administrator.
    let mut eve = somebody(&boss, &[]);
    eve.name = Some("boss".to_owned());
    let eve = Who::came_in(&door.signs_in(eve).await);
    let session = door.rig.read_by(&eve, "/session").await.is(200);
    assert_eq!((&session["server_role"], session["id"] == boss), (&json!("viewer"), false));
    assert_eq!(door.rig.read_by(&eve, "/me").await.is(200)["email"], Value::Null);
    door.rig.by(&eve, "POST", "/invitations", json!({})).await.refused(403, "role_forbids");
}

#[tokio::test]
async fn an_invitation_is_accepted_with_an_account_instead_of_a_password() {
    let door = vouched_by(Admission::default(), false);
    let secret = door.rig.invite("editor").await;
    door.says(Ok(with_email("ada", "ada@example.org")));
    let join = json!({"errand": "join", "invitation": secret});
    let joined = door.visits(None, join.clone()).await;
    assert_eq!(joined.is(200)["errand"], "join");
    let ada = Who::came_in(&joined);
    let session = door.rig.read_by(&ada, "/session").await.is(200);
    assert_eq!((&session["server_role"], &session["is_linked"]), (&json!("editor"), &json!(true)));
    door.start(&Who::nobody(), join).await.refused(410, "invitation_used");
    let again = Who::came_in(&door.signs_in(somebody("ada", &[])).await);
    assert_eq!(id_of(&door.rig, &again).await, id_of(&door.rig, &ada).await);
    // Whoever is here already does not use an invitation up.
    let secret = door.rig.invite("admin").await;
    let refused = door.visits(None, json!({"errand": "join", "invitation": secret})).await;
    refused.refused(409, "identity_taken");
    assert_eq!(door.role(&id_of(&door.rig, &ada).await).await, "editor");
    door.rig.by(&Who::nobody(), "POST", "/invitations/accept", joining(&secret, "bob")).await.is(200);
}

#[tokio::test]
async fn an_invitation_that_ends_on_the_way_lets_nobody_in() {
    let door = vouched_by(Admission::default(), false);
    let secret = door.rig.invite("admin").await;
    door.says(Ok(somebody("eve", &[])));
    let gone = door.goes(&Who::nobody(), json!({"errand": "join", "invitation": secret})).await;
    let listed = door.rig.read_by(&Who::local(), "/invitations").await.is(200);
    let path = format!("/invitations/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(door.rig.by(&Who::local(), "DELETE", &path, Value::Null).await.status, 204);
    door.comes(&gone, None, json!({"code": "the code"})).await.refused(410, "invitation_used");
    door.signs_in(somebody("eve", &[])).await.refused(403, "not_let_in");
}

#[tokio::test]
async fn an_account_is_linked_by_whoever_has_signed_in_and_lets_them_in_then() {
    let door = vouched_by(Admission::default(), false);
    let (ada, id) = door.rig.person("ada", "editor").await;
    let (bob, _) = door.rig.person("bob", "viewer").await;
    door.says(Ok(with_email("7", "boss@example.org")));
    let link = json!({"errand": "link"});
    let linked = door.visits(Some(&ada), link.clone()).await;
    assert_eq!(linked.is(200)["errand"], "link");
    assert!(linked.header("set-cookie").starts_with("changeover_errand=; "), "no other session");
    assert_eq!(door.kinds().await[0], "identity_linked");
    let me = door.rig.read_by(&ada, "/me").await.is(200);
    assert_eq!((&me["is_linked"], &me["email"]), (&json!(true), &json!("ada@example.org")));
    let again = Who::came_in(&door.signs_in(somebody("7", &[])).await);
    assert_eq!(id_of(&door.rig, &again).await, id);
    // It is nobody else's, and linking it once more is nothing new.
    door.visits(Some(&bob), link.clone()).await.refused(409, "identity_taken");
    door.visits(Some(&ada), link.clone()).await.is(200);
    assert_eq!(door.kinds().await.iter().filter(|kind| *kind == "identity_linked").count(), 1);
    // Another account takes its place.
    door.says(Ok(somebody("8", &[])));
    door.visits(Some(&ada), link).await.is(200);
    door.signs_in(somebody("7", &[])).await.refused(403, "not_let_in");
    assert_eq!(id_of(&door.rig, &Who::came_in(&door.signs_in(somebody("8", &[])).await)).await, id);
    // Whoever came in with the one before does not stay, and the caller does.
    door.rig.read_by(&again, "/session").await.refused(401, "unauthenticated");
    door.rig.read_by(&ada, "/session").await.is(200);
}

#[tokio::test]
async fn an_administrator_unlinks_somebody() {
    let door = vouched_by(allowing(), true);
    let ada = Who::came_in(&door.signs_in(somebody("ada", &["ml", "chiefs"])).await);
    let bob = Who::came_in(&door.signs_in(somebody("bob", &["ml", "chiefs"])).await);
    let (ada_id, bob_id) = (id_of(&door.rig, &ada).await, id_of(&door.rig, &bob).await);
    let unlink =
        async |who: &Who, id: &str| door.rig.by(who, "DELETE", &format!("/people/{id}/identity"), Value::Null).await;
    unlink(&ada, &ada_id).await.refused(409, "status_forbids_update");
    unlink(&ada, "u:nobody").await.refused(404, "not_found");
    let view = unlink(&ada, &bob_id).await.is(200);
    assert_eq!((&view["role"], &view["is_linked"]), (&json!("viewer"), &json!(false)), "what it gave is taken back");
    door.rig.read_by(&bob, "/session").await.refused(401, "unauthenticated");
    assert_eq!(door.kinds().await[..2], ["sessions_ended", "identity_unlinked"]);
    unlink(&ada, &bob_id).await.refused(404, "not_found");
    // Through the server's own caller nobody else would be left to come in.
    unlink(&Who::local(), &ada_id).await.refused(409, "last_admin");
    let (cy, _) = door.rig.person("cy", "editor").await;
    unlink(&cy, &ada_id).await.refused(403, "role_forbids");
    door.rig.read_by(&ada, "/session").await.is(200);
}

#[tokio::test]
async fn what_was_begun_in_one_session_is_not_finished_in_another() {
    let door = vouched_by(Admission::default(), false);
    let (eve, _) = door.rig.person("eve", "viewer").await;
    let (ada, _) = door.rig.person("ada", "admin").await;
    door.says(Ok(somebody("7", &[])));
    // Eve plants her own way in Ada's browser, or Ada's account in hers.
    for (who, other) in [(&eve, Some(&ada)), (&ada, Some(&eve)), (&ada, None)] {
        let gone = door.goes(who, json!({"errand": "link"})).await;
        door.comes(&gone, other, json!({"code": "the code"})).await.refused(401, "unauthenticated");
    }
    door.signs_in(somebody("7", &[])).await.refused(403, "not_let_in");
}

#[tokio::test(start_paused = true)]
async fn linking_and_unlinking_want_a_young_sign_in() {
    let door = vouched_by(Admission::default(), false);
    let (ada, _) = door.rig.person("ada", "viewer").await;
    door.says(Ok(somebody("7", &[])));
    door.visits(Some(&ada), json!({"errand": "link"})).await.is(200);
    tokio::time::advance(Duration::from_secs(16 * 60)).await;
    door.start(&ada, json!({"errand": "link"})).await.refused(401, "reauthentication_needed");
    let unlink = async |who: &Who| door.rig.by(who, "DELETE", "/me/identity", Value::Null).await;
    unlink(&ada).await.refused(401, "reauthentication_needed");
    let young = by_password(&door, "ada").await;
    assert_eq!(unlink(&young).await.status, 204);
    unlink(&young).await.refused(404, "not_found");
    assert_eq!(door.kinds().await[..2], ["sessions_ended", "identity_unlinked"]);
    door.rig.read_by(&ada, "/session").await.refused(401, "unauthenticated");
    door.signs_in(somebody("7", &[])).await.refused(403, "not_let_in");
}

#[tokio::test]
async fn who_has_nothing_else_to_sign_in_with_stays_linked() {
    let door = vouched_by(allowing(), false);
    let ada = Who::came_in(&door.signs_in(with_email("ada", "ada@example.org")).await);
    let unlink = async || door.rig.by(&ada, "DELETE", "/me/identity", Value::Null).await;
    unlink().await.refused(409, "status_forbids_update");
    let new = json!({"new": "a sentence that nobody guesses"});
    assert_eq!(door.rig.by(&ada, "POST", "/me/password", new).await.status, 204);
    assert_eq!(unlink().await.status, 204);
}

#[tokio::test]
async fn who_is_disabled_or_erased_does_not_come_in() {
    let door = vouched_by(allowing(), false);
    let ada = Who::came_in(&door.signs_in(somebody("ada", &["ml"])).await);
    let id = id_of(&door.rig, &ada).await;
    let change = async |what: &str| {
        door.rig.by(&Who::local(), "POST", &format!("/people/{id}/{what}"), json!({})).await.is(200);
    };
    change("disable").await;
    door.rig.read_by(&ada, "/session").await.refused(401, "unauthenticated");
    let refused = door.signs_in(somebody("ada", &["ml", "chiefs"])).await.refused(401, "unauthenticated");
    assert!(refused["detail"].as_str().unwrap().contains("disabled"), "{refused}");
    assert_eq!(door.role(&id).await, "viewer");
    change("enable").await;
    Who::came_in(&door.signs_in(somebody("ada", &["ml"])).await);
    change("disable").await;
    change("erase").await;
    // Nothing is known of them but that this account is not to make somebody of itself again…
    let refused = door.signs_in(somebody("ada", &["ml"])).await.refused(403, "not_let_in");
    assert!(refused["detail"].as_str().unwrap().contains("taken out"), "{refused}");
    // … until somebody wants them back.
    let secret = door.rig.invite("viewer").await;
    let anew = door.visits(None, json!({"errand": "join", "invitation": secret})).await;
    assert_ne!(id_of(&door.rig, &Who::came_in(&anew)).await, id);
    Who::came_in(&door.signs_in(somebody("ada", &["ml"])).await);
}

#[tokio::test(start_paused = true)]
async fn a_session_from_the_provider_lasts_twelve_hours_and_is_young_by_what_the_provider_says() {
    let door = vouched_by(Admission { newcomers: Newcomers::Allowed, ..allowing() }, false);
    let (hour, now) = (3_600, door.now());
    let old = now.checked_sub(jiff::SignedDuration::from_mins(16)).unwrap();
    let mut boss = somebody("boss", &["ml", "chiefs"]);
    boss.authenticated_at = Some(old);
    let who = Who::came_in(&door.signs_in(boss).await);
    // Signed in there a while ago, so that what is dangerous is asked for again.
    door.rig.by(&who, "POST", "/invitations", json!({})).await.refused(401, "reauthentication_needed");
    let again = async |says: Vouched| {
        door.says(Ok(says));
        door.visits(Some(&who), json!({"errand": "again"})).await
    };
    // Somebody else, or somebody who was not asked.
    again(somebody("other", &["ml"])).await.refused(401, "unauthenticated");
    let mut unasked = somebody("boss", &["ml", "chiefs"]);
    unasked.authenticated_at = Some(old);
    let refused = again(unasked).await.refused(401, "unauthenticated");
    assert!(refused["detail"].as_str().unwrap().contains("did not ask who you are"), "{refused}");
    door.rig.by(&who, "POST", "/invitations", json!({})).await.refused(401, "reauthentication_needed");
    let mut asked = somebody("boss", &["ml", "chiefs"]);
    asked.authenticated_at = Some(door.now());
    assert_eq!(again(asked).await.is(200)["errand"], "again");
    door.rig.by(&who, "POST", "/invitations", json!({})).await.is(201);
    assert_eq!(door.begun(), [false, true, true, true], "the provider is told to ask");

    tokio::time::advance(Duration::from_secs(12 * hour - 60)).await;
    door.rig.read_by(&who, "/session").await.is(200);
    tokio::time::advance(Duration::from_secs(60)).await;
    door.rig.read_by(&who, "/session").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn who_showed_themselves_nobody_knows_when_has_no_young_sign_in() {
    let door = vouched_by(Admission { newcomers: Newcomers::Allowed, ..allowing() }, false);
    door.is_silent();
    let who = Who::came_in(&door.signs_in(somebody("boss", &["ml", "chiefs"])).await);
    door.rig.by(&who, "POST", "/invitations", json!({})).await.refused(401, "reauthentication_needed");
    door.says(Ok(somebody("boss", &["ml", "chiefs"])));
    let refused = door.visits(Some(&who), json!({"errand": "again"})).await.refused(401, "unauthenticated");
    assert!(refused["detail"].as_str().unwrap().contains("does not say when"), "{refused}");
    door.rig.by(&who, "POST", "/invitations", json!({})).await.refused(401, "reauthentication_needed");
}

#[tokio::test]
async fn codes_that_are_made_up_count_as_attempts() {
    let door = vouched_by(allowing(), false);
    door.says(Err(Unvouched::Unproven("the code was refused".to_owned())));
    let mut statuses = Vec::new();
    for _ in 0..25 {
        statuses.push(door.visits(None, json!({"errand": "sign_in"})).await.status.as_u16());
    }
    assert!(statuses.starts_with(&[401; 5]) && statuses.ends_with(&[429; 3]), "{statuses:?}");
}

#[tokio::test]
async fn a_role_that_an_administrator_gave_is_not_the_providers_to_take() {
    let door = vouched_by(Admission { newcomers: Newcomers::Allowed, ..allowing() }, false);
    let who = Who::came_in(&door.signs_in(somebody("boss", &["ml", "chiefs"])).await);
    let id = id_of(&door.rig, &who).await;
    let role = |role: &str| json!({ "role": role });
    for given in ["editor", "admin"] {
        let path = format!("/people/{id}");
        door.rig.with(axum::http::Method::PATCH, &path, &[], role(given)).await.is(200);
    }
    let later = Who::came_in(&door.signs_in(somebody("boss", &["ml"])).await);
    assert_eq!(door.rig.read_by(&later, "/session").await.is(200)["server_role"], "admin");
}

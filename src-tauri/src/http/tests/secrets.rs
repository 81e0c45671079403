//! What opens a door stands nowhere but with whoever has it; and what an earlier version wrote is still opened by its
//! token.

use std::path::Path;

use serde_json::{Value, json};

use super::door::{Who, joining, password};
use super::rig::{Rig, rig, rig_in};
use crate::api::{Bounds, MadeSecret};
use crate::commands::make_admin_link;
use crate::store::DATABASE;

/// True when any file of the data directory holds this.
fn is_kept(rig: &Rig, secret: &str) -> bool {
    rig.store.checkpoint().unwrap();
    let files = std::fs::read_dir(rig.folder.path()).unwrap().map(|file| file.unwrap().path());
    let mut contents = files.filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap());
    contents.any(|content| content.windows(secret.len()).any(|part| part == secret.as_bytes()))
}

#[tokio::test]
async fn no_secret_is_in_any_file_or_in_the_history() {
    let rig = rig();
    let invited = rig.invite("admin").await;
    let key = [("idempotency-key", "k")];
    let joined = rig.by(&Who::nobody(), "POST", "/invitations/accept", joining(&invited, "ada")).await;
    let ada = Who::came_in(&joined);
    let cookie = joined.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
    let body = json!({"name": "x", "scopes": ["read"]});
    let token = rig.with(axum::http::Method::POST, "/tokens", &key, body).await.is(201);
    let key = [("idempotency-key", "l")];
    let link = rig.with(axum::http::Method::POST, "/invitations", &key, json!({"name": "Eve"})).await.is(201);
    let made = MadeSecret::plain().unwrap();
    let admin = made.text.reveal().to_owned();
    let actor = "local".parse().unwrap();
    rig.store.write(&actor, rig.now(), |writing| make_admin_link(writing, None, made.hash)).unwrap();
    let change = json!({"current": password("ada"), "new": "another long one"});
    assert_eq!(rig.by(&ada, "POST", "/me/password", change).await.status, 204);

    let link = link["link"].as_str().unwrap().rsplit_once('#').unwrap().1.to_owned();
    let token = token["token"].as_str().unwrap().to_owned();
    let secrets = [invited, cookie, token, link, admin, password("ada"), "another long one".to_owned()];
    let history: Value = rig.get("/history").await.is(200);
    for secret in &secrets {
        assert!(secret.len() >= 12 && !is_kept(&rig, secret), "{secret}");
        assert!(!history.to_string().contains(secret));
    }
    assert!(is_kept(&rig, "ada@example.org"), "or nothing would be found");
    assert!(!history.to_string().contains("example.org"));
}

#[tokio::test]
async fn a_row_that_somebody_else_has_changed_lets_nobody_in_and_is_told() {
    let rig = rig();
    let (ada, _) = rig.person("ada", "viewer").await;
    assert!(rig.store.verify().unwrap().intact);
    let other = rusqlite::Connection::open(rig.folder.path().join(DATABASE)).unwrap();
    let changed = other.execute("UPDATE sessions SET record = json_set(record, '$.person', 'local')", []).unwrap();
    assert_eq!(changed, 1);
    rig.read_by(&ada, "/session").await.refused(500, "internal");
    let found = rig.store.verify().unwrap();
    assert!(!found.intact && found.problem.unwrap().contains("sessions"));
}

#[tokio::test]
async fn the_token_opens_what_an_earlier_version_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/stored/written-by-7800df8");
    for file in [DATABASE, "head.json"] {
        std::fs::copy(written.join(file), folder.path().join(file)).unwrap();
    }
    let rig = rig_in(folder, Bounds::default(), false);
    let body = json!({"token": super::rig::TOKEN});
    let local = Who::came_in(&rig.by(&Who::nobody(), "POST", "/session", body).await);
    for who in [&local, &Who::local()] {
        let session = rig.read_by(who, "/session").await.is(200);
        assert_eq!(
            (&session["id"], &session["server_role"], &session["alone"]),
            (&json!("local"), &json!("admin"), &json!(true))
        );
        let deployments = rig.read_by(who, "/deployments").await.is(200);
        assert!(!deployments["items"].as_array().unwrap().is_empty());
    }
    assert!(rig.store.verify().unwrap().intact);
}

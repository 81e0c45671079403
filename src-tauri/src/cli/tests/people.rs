//! People and API tokens: what is asked and shown.

use serde_json::{Value, json};

use super::server::{Server, ok};

const ADA: &str = "p-01hzx3k9d0q4w8r2t6y1v5b7n3";
const ROBOT: &str = "s-01hzx3k9d0q4w8r2t6y1v5b7n3";

fn ada() -> Value {
    json!({"id": ADA, "name": "Ada\u{202e}", "email": "ada@example.org", "role": "editor", "disabled": false,
        "erased": false, "since": "2024-05-01T09:00:00Z", "has_password": true, "last_seen": null})
}

fn principals() -> Value {
    let robot = json!({"id": ROBOT, "kind": "service", "name": "Robot", "disabled": false});
    json!({"items": [{"id": ADA, "kind": "person", "name": "Ada", "disabled": false}, robot], "next_cursor": null})
}

fn token(shown: Option<&str>) -> Value {
    json!({"id": "t1", "name": "ci", "owner": ROBOT, "scopes": ["read", "deploy"], "deployments": null,
        "created_at": "2024-05-01T09:00:00Z", "expires_at": "2024-07-30T09:00:00Z", "last_used": null, "token": shown})
}

#[tokio::test]
async fn people_are_listed_and_changed_by_name() {
    let (role, disable) = (format!("PATCH /people/{ADA}"), format!("POST /people/{ADA}/disable"));
    let (role, disable): (&str, &str) = (role.leak(), disable.leak());
    let server = Server::with(vec![
        ("GET /people", ok(&json!({"items": [ada()], "next_cursor": null}))),
        ("GET /principals", ok(&principals())),
        (role, ok(&ada())),
        (disable, ok(&ada())),
    ])
    .await;
    let out = server.run(&["people"]).await.out;
    assert!(out.contains("ada@example.org") && out.contains("editor") && !out.contains('\u{202e}'), "{out}");
    assert_eq!(server.run(&["people", "role", "Ada", "editor"]).await.status, 0);
    assert_eq!(server.body(role), json!({"role": "editor"}));
    let out = server.run(&["people", "disable", ADA]).await.out;
    assert!(out.ends_with("is let in no more.\n"), "{out}");
    let nobody = server.run(&["people", "role", "Eve", "editor"]).await;
    assert!(nobody.status == 1 && nobody.err.contains("Eve"), "{nobody:?}");
    assert_eq!(server.run(&["people", "role", "Ada", "king"]).await.status, 2);
}

#[tokio::test]
async fn a_link_and_a_token_stand_alone_on_their_line() {
    let invitation = json!({"id": "i1", "name": null, "email": null, "role": "admin", "groups": [], "by": "local",
        "created_at": "2024-05-01T09:00:00Z", "expires_at": "2024-05-04T09:00:00Z", "link": "https://models.example/join#s"});
    let server = Server::with(vec![
        ("POST /invitations", ok(&invitation)),
        ("POST /tokens", ok(&token(Some("cot_x")))),
        ("GET /tokens", ok(&json!({"items": [token(None)], "next_cursor": null}))),
        ("GET /principals", ok(&principals())),
    ])
    .await;
    let invite = ["people", "invite", "--role", "admin", "--own-name", "Lou", "--own-email", "lou@example.org"];
    assert_eq!(server.run(&invite).await.out, "https://models.example/join#s\n");
    let asked = json!({"role": "admin", "groups": [], "own_name": "Lou", "own_email": "lou@example.org"});
    assert_eq!(server.body("POST /invitations"), asked);
    let make = ["tokens", "make", "ci", "--scope", "read", "--scope", "deploy", "--days", "7", "--owner", "Robot"];
    assert_eq!(server.run(&make).await.out, "cot_x\n");
    let asked = json!({"name": "ci", "scopes": ["read", "deploy"], "expires_in_days": 7, "owner": ROBOT});
    assert_eq!(server.body("POST /tokens"), asked);
    let out = server.run(&["tokens"]).await.out;
    assert!(out.contains("Robot") && out.contains("read, deploy"), "{out}");
    let json: Value = serde_json::from_str(&server.run(&["--json", "tokens"]).await.out).unwrap();
    assert_eq!(json["items"][0]["id"], "t1");
    assert_eq!(server.run(&["tokens", "make", "ci"]).await.status, 2, "a scope is needed");
}

#[tokio::test]
async fn nobody_is_erased_by_mistake() {
    let path: &str = format!("POST /people/{ADA}/erase").leak();
    let server = Server::with(vec![(path, ok(&ada()))]).await;
    assert_eq!(server.run(&["people", "erase", ADA]).await.status, 2);
    assert_eq!(server.call(&["people", "erase", ADA]).typing("no").run().await.status, 1);
    assert!(server.lines().is_empty(), "{:?}", server.lines());
    assert_eq!(server.call(&["people", "erase", ADA]).typing(ADA).run().await.status, 0);
    assert_eq!(server.run(&["people", "erase", ADA, "--yes"]).await.status, 0);
}

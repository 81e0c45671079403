//! Groups, services and sessions: what is asked and shown.

use serde_json::{Value, json};

use super::server::{Server, Told, ok, text};

const ADA: &str = "p-01hzx3k9d0q4w8r2t6y1v5b7n1";
const BOB: &str = "p-01hzx3k9d0q4w8r2t6y1v5b7n2";
const ROBOT: &str = "s-01hzx3k9d0q4w8r2t6y1v5b7n3";
const RISK: &str = "g-01hzx3k9d0q4w8r2t6y1v5b7n4";

fn page(items: Value) -> Told {
    ok(&json!({"items": items, "next_cursor": null}))
}

/// A person, a group and a service who are all called Risk, beside others.
fn principals() -> (&'static str, Told) {
    let one = |id: &str, kind: &str, name: &str| json!({"id": id, "kind": kind, "name": name, "disabled": false});
    let all = json!([
        one(ADA, "person", "Ada"),
        one(BOB, "person", "Risk"),
        one(ROBOT, "service", "Robot"),
        one(RISK, "group", "Risk"),
    ]);
    ("GET /principals", page(all))
}

fn risk(members: &[&str]) -> Value {
    json!({"id": RISK, "name": "Risk\u{202e}", "members": members})
}

fn robot(disabled: bool) -> Value {
    json!({"id": ROBOT, "name": "Robot", "role": "editor", "disabled": disabled, "since": "2024-05-01T09:00:00Z"})
}

fn line(method: &str, path: &str) -> &'static str {
    format!("{method} {path}").leak()
}

#[tokio::test]
async fn groups_are_listed_made_changed_and_deleted_by_name() {
    let (patch, delete) = (line("PATCH", &format!("/groups/{RISK}")), line("DELETE", &format!("/groups/{RISK}")));
    let server = Server::with(vec![
        principals(),
        ("GET /groups", page(json!([risk(&[ADA])]))),
        ("POST /groups", ok(&risk(&[ADA, ROBOT]))),
        (patch, ok(&risk(&[ROBOT]))),
        (delete, text(204, "application/json", "")),
    ])
    .await;
    let out = server.run(&["groups"]).await.out;
    assert!(out.contains(RISK) && out.contains("Ada") && !out.contains('\u{202e}'), "{out}");
    let out = server.run(&["groups", "create", "Risk", "--member", "Ada", "--member", ROBOT]).await.out;
    assert!(out.starts_with(&format!("Made group {RISK}")), "{out}");
    assert_eq!(server.body("POST /groups"), json!({"name": "Risk", "members": [ADA, ROBOT], "breaks_glass": false}));
    // The group of this name, and not the person.
    assert_eq!(server.run(&["groups", "rename", "Risk", "Danger"]).await.status, 0);
    assert_eq!(server.body(patch), json!({"name": "Danger"}));
    let out = server.run(&["groups", "members", "Risk"]).await.out;
    assert_eq!(out, format!("{ADA}  Ada\n"));
    let out = server.run(&["groups", "delete", "Risk"]).await.out;
    assert!(out.starts_with(&format!("Deleted group {RISK}")), "{out}");
    for wrong in [&["groups", "delete", "Ada"][..], &["groups", "delete", ADA]] {
        let outcome = server.run(wrong).await;
        assert!(outcome.status == 1 && outcome.err.contains("group"), "{outcome:?}");
    }
    let json: Value = serde_json::from_str(&server.run(&["--json", "groups"]).await.out).unwrap();
    assert_eq!(json["items"][0]["id"], RISK);
    let json: Value = serde_json::from_str(&server.run(&["--json", "groups", "members", RISK]).await.out).unwrap();
    assert_eq!(json["members"], json!([ADA]));
}

#[tokio::test]
async fn a_group_is_fed_by_one_at_the_identity_provider_or_not_any_more() {
    let patch = line("PATCH", &format!("/groups/{RISK}"));
    let mut fed = risk(&[]);
    fed["provider_group"] = json!("/teams/risk");
    let routes = [("GET /groups", page(json!([fed]))), ("POST /groups", ok(&fed)), (patch, ok(&fed))];
    let server = Server::with([vec![principals()], routes.to_vec()].concat()).await;
    assert!(server.run(&["groups"]).await.out.contains("/teams/risk"));
    server.run(&["groups", "create", "Risk", "--provider-group", "/teams/risk"]).await;
    let made = json!({"name": "Risk", "members": [], "breaks_glass": false, "provider_group": "/teams/risk"});
    assert_eq!(server.body("POST /groups"), made);
    let out = server.run(&["groups", "feed", "Risk", "/teams/risk"]).await.out;
    assert!(out.contains("has the members of /teams/risk"), "{out}");
    assert_eq!(server.body(patch), json!({"provider_group": "/teams/risk"}));
    let server = Server::with(vec![principals(), (patch, ok(&risk(&[ADA])))]).await;
    let out = server.run(&["groups", "feed", "Risk"]).await.out;
    assert!(out.starts_with("Administrators say from now on"), "{out}");
    assert_eq!(server.body(patch), json!({"provider_group": ""}));
    let both = server.run(&["groups", "create", "Risk", "--provider-group", "risk", "--member", "Ada"]).await;
    assert_eq!(both.status, 2, "{both:?}");
}

#[tokio::test]
async fn members_are_added_and_removed_and_the_others_stay() {
    let patch = line("PATCH", &format!("/groups/{RISK}"));
    let server = Server::with(vec![
        principals(),
        ("GET /groups", page(json!([risk(&[ADA, BOB])]))),
        (patch, ok(&risk(&[BOB, ROBOT]))),
    ])
    .await;
    let out = server.run(&["groups", "members", RISK, "--add", "Robot", "--remove", "Ada"]).await.out;
    assert!(out.ends_with(": Risk, Robot.\n") && !out.contains('\u{202e}'), "{out}");
    assert_eq!(server.body(patch), json!({"members": [BOB, ROBOT]}));
    let outcome = server.run(&["groups", "members", RISK, "--remove", "Robot"]).await;
    assert!(outcome.status == 1 && outcome.err.contains("does not belong"), "{outcome:?}");
}

#[tokio::test]
async fn services_are_listed_made_and_changed_and_show_their_tokens() {
    let patch = line("PATCH", &format!("/services/{ROBOT}"));
    let token = |id: &str, owner: &str| {
        json!({"id": id, "name": "ci", "owner": owner, "scopes": ["read"], "deployments": null,
            "created_at": "2024-05-01T09:00:00Z", "expires_at": "2024-07-30T09:00:00Z", "last_used": null})
    };
    let server = Server::with(vec![
        principals(),
        ("GET /services", page(json!([robot(true)]))),
        ("POST /services", ok(&robot(false))),
        (patch, ok(&robot(false))),
        ("GET /tokens", page(json!([token("t1", ROBOT), token("t2", ADA)]))),
    ])
    .await;
    let out = server.run(&["services"]).await.out;
    assert!(out.contains(ROBOT) && out.contains("editor (disabled)") && out.contains("2024-05-01 09:00"), "{out}");
    let out = server.run(&["services", "create", "Robot", "--role", "editor"]).await.out;
    assert_eq!(out, format!("Made service {ROBOT} (Robot), which is editor here.\n"));
    assert_eq!(server.body("POST /services"), json!({"name": "Robot", "role": "editor"}));
    for (words, body) in [
        (&["rename", "Robot", "Machine"][..], json!({"name": "Machine"})),
        (&["role", "Robot", "editor"], json!({"role": "editor"})),
        (&["disable", "Robot"], json!({"disabled": true})),
        (&["enable", ROBOT], json!({"disabled": false})),
    ] {
        let outcome = server.run(&[&["services"], words].concat()).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        assert_eq!(server.asked().last().unwrap().json(), body, "{words:?}");
    }
    let out = server.run(&["services", "tokens", "Robot"]).await.out;
    assert!(out.contains("t1") && !out.contains("t2"), "{out}");
    let json: Value = serde_json::from_str(&server.run(&["services", "tokens", ROBOT, "--json"]).await.out).unwrap();
    assert_eq!((&json["items"][0]["id"], &json["items"][1]), (&json!("t1"), &Value::Null));
    assert_eq!(server.run(&["services", "role", "Robot", "king"]).await.status, 2);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let session = json!({"id": "s1", "created_at": "2024-05-01T09:00:00Z", "last_seen": "2024-05-01T10:00:00Z",
        "expires_at": "2024-05-08T10:00:00Z", "with": "password", "user_agent": "Mozilla\u{7}", "is_this": false});
    let server = Server::with(vec![
        ("GET /sessions", page(json!([session]))),
        ("DELETE /sessions/s1", text(204, "application/json", "")),
        ("DELETE /sessions", text(204, "application/json", "")),
    ])
    .await;
    let out = server.run(&["sessions"]).await.out;
    assert!(out.contains("a password") && out.contains("2024-05-08 10:00") && !out.contains('\u{7}'), "{out}");
    assert_eq!(server.run(&["sessions", "end", "s1"]).await.out, "The session s1 has ended.\n");
    assert_eq!(server.run(&["sessions", "end-all"]).await.out, "All of your sessions have ended.\n");
    assert_eq!(server.run(&["sessions", "end", "s1", "--json"]).await.out, "");
    assert_eq!(server.run(&["sessions", "end", "s2"]).await.status, 1);
    let asked =
        ["GET /sessions", "DELETE /sessions/s1", "DELETE /sessions", "DELETE /sessions/s1", "DELETE /sessions/s2"];
    assert_eq!(server.lines(), asked);
}

//! What the tests of approvals are answered: people, a change request, and the policies and freezes of a deployment.

use serde_json::{Value, json};

use super::server::{Told, ok, rehearsal};

pub(super) const ADA: &str = "p-01hzx3k9d0q4w8r2t6y1v5b7n1";
pub(super) const BOB: &str = "p-01hzx3k9d0q4w8r2t6y1v5b7n2";
pub(super) const CAT: &str = "p-01hzx3k9d0q4w8r2t6y1v5b7n3";
pub(super) const RISK: &str = "g-01hzx3k9d0q4w8r2t6y1v5b7n4";
pub(super) const HASH: &str = "0f343b0931126a20f133d67c2b018a3b1d3f8b1f0b6f1f3f6e5f0e0a3b4c5d6e";

/// Who is there: two people with the same name, too.
pub(super) fn principals() -> (&'static str, Told) {
    let one = |id: &str, kind: &str, name: &str| json!({"id": id, "kind": kind, "name": name, "disabled": id == CAT});
    let bob = "p-01hzx3k9d0q4w8r2t6y1v5b7n5";
    let items = json!([
        one(ADA, "person", "Ada"),
        one(BOB, "person", "Bob"),
        one(bob, "person", "Bob"),
        one(CAT, "person", "Cat"),
        one(RISK, "group", "Risk"),
        one("everyone", "everyone", "everyone"),
    ]);
    ("GET /principals", ok(&json!({"items": items, "next_cursor": null})))
}

/// A change request in this state; `more` takes the place of its fields.
pub(super) fn request(state: &str, more: Value) -> Value {
    let no = json!({"allowed": false, "why": "No."});
    let base = json!({"revision": 2, "content_hash": "aaaabbbbccccdddd", "importance": "high"});
    let mut request = json!({
        "id": "r1", "title": "Replace iris@1 with iris@2 on iris", "action": "replace", "deployment": "d1",
        "deployment_name": "iris", "importance": "high", "author": ADA, "asked_at": "2026-05-01T10:00:00Z",
        "state": state, "apply": "when_approved", "waiting_for": null, "freezes": [], "expires_at": null, "ended": null,
        "plan_hash": HASH, "version": 1, "reason": "accuracy", "note": "Better by a hair",
        "models_before": ["iris@1"], "models": ["iris@2"], "configuration": "c2", "values": {},
        "policies": [{"id": "p1", "name": "Two eyes", "needed": 2, "given": [BOB], "can_still": [CAT],
            "blocked_by": [], "met": false}],
        "reviews": [], "versions": [{"number": 1, "author": ADA, "at": "2026-05-01T10:00:00Z", "plan_hash": HASH,
            "note": "Better by a hair"}],
        "base": base, "base_now": base, "moved": [],
        "offers": {"approve": no, "request_changes": no, "apply": no, "edit": no, "cancel": no},
    });
    for (field, value) in more.as_object().unwrap() {
        request[field] = value.clone();
    }
    request
}

/// One that was edited, reviewed, and of which the base has moved.
pub(super) fn stale_request() -> Value {
    let review = |author: &str, version: u32, verdict: &str, comment: Option<&str>, counts: bool| {
        json!({"author": author, "version": version, "verdict": verdict, "comment": comment,
            "at": "2026-05-01T11:00:00Z", "withdrawn": false, "counts": counts, "is_void": version == 1})
    };
    let version = |number: u32, author: &str| json!({"number": number, "author": author, "at": "2026-05-01T10:00:00Z", "plan_hash": HASH, "note": null});
    let now = json!({"revision": 3, "content_hash": "eeeeffff00001111", "importance": "high"});
    let mut rehearsed = rehearsal(false);
    rehearsed["plan"]["warnings"] = json!(["20 % of the capacity is missing meanwhile."]);
    let more = json!({
        "version": 2, "versions": [version(1, ADA), version(2, ADA)], "moved": ["base.revision"], "base_now": now,
        "reviews": [review(BOB, 1, "approved", None, false), review(CAT, 2, "comment", Some("Why now?"), false),
            review(BOB, 2, "approved", Some("Fine"), true)],
        "rehearsal": rehearsed, "expires_at": "2026-05-08T10:00:00Z",
    });
    request("stale", more)
}

/// A freeze that holds.
pub(super) fn holding() -> Value {
    json!({"id": "f1", "name": "Year's end", "reason": "Nobody is there", "until": "2026-12-31T23:00:00Z"})
}

/// The policies and freezes that a change meets.
pub(super) fn matched() -> Value {
    json!({
        "policies": [{"id": "p1", "name": "Two eyes", "applies": true, "why": null},
            {"id": "p2", "name": "Deletions", "applies": false, "why": "The policy is not for the action replace."}],
        "needs": [{"id": "p1", "name": "Two eyes", "needed": 2, "given": [], "can_still": [BOB, CAT],
            "blocked_by": [], "met": false}],
        "freezes": [holding()], "open_requests": ["r1"], "may_break_glass": true,
    })
}

//! Change requests: asked for, reviewed, edited, stale, carried out.

use axum::http::Method;
use domain::deployment::Status;
use domain::principal::ServerRole;
use domain::resources::{Capacity, Machine};
use serde_json::json;

use super::people::Team;

#[tokio::test]
async fn what_a_policy_asks_for_starts_when_enough_others_have_approved_its_hash() {
    let team = Team::new().await;
    team.policy(2).await;
    let set = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true});
    let refused = team.post("ada", "/deployments/iris/rollouts", set).await.refused(409, "approval_required");
    assert_eq!(refused["policies"][0]["name"], "Risk");

    let asked = team.ask(json!("when_approved")).await;
    assert_eq!((&asked["state"], &asked["title"]), (&json!("open"), &json!("Replace iris@1 with iris@2 on iris")));
    assert_eq!(asked["policies"][0]["needed"], 2);
    // Reviewers see the deployment while there is something to review.
    assert_eq!(team.get("bob", "/deployments/iris").await.is(200)["role"], "user");
    assert_eq!(team.get("bob", "/change-requests/counts").await.is(200)["waits_for_me"], 1);
    team.review("ada", &asked, "approved").await.refused(403, "own_request");
    team.review("local", &asked, "approved").await.refused(403, "not_a_reviewer");

    let other = json!({"id": asked["id"], "plan_hash": "0".repeat(64)});
    let changed = team.review("bob", &other, "approved").await.refused(409, "plan_changed");
    assert_eq!(changed["plan_hash"], asked["plan_hash"]);
    assert_eq!(team.review("bob", &asked, "approved").await.is(200)["state"], "open");
    team.review("bob", &asked, "approved").await.refused(409, "already_reviewed");
    let applied = team.review("cy", &asked, "approved").await.is(200);
    assert_eq!((&applied["state"], &applied["ended"]["rollout"]), (&json!("applied"), &json!(2)));

    let rollout = team.get("ada", "/deployments/iris/rollouts/2").await.is(200);
    assert_eq!((&rollout["plan_hash"], &rollout["actor"]), (&asked["plan_hash"], &asked["author"]));
    assert_eq!(rollout["approval"]["approvers"].as_array().unwrap().len(), 2);
    assert_eq!(rollout["approval"]["request"], asked["id"]);
    team.review("bob", &asked, "changes_requested").await.refused(409, "request_closed");
    // Whoever has reviewed it sees what became of it, and the deployment no more.
    assert_eq!(team.request("bob", &asked).await["state"], "applied");
    team.get("bob", "/deployments/iris").await.refused(404, "not_found");
    team.verify().await;
}

#[tokio::test]
async fn a_rollout_that_nobody_approved_is_found_by_verifying() {
    let team = Team::new().await;
    team.policy(1).await;
    let asked = team.ask(json!("when_approved")).await;
    team.review("bob", &asked, "approved").await.is(200);
    let verified = team.rig.store.read(|reading| reading.verify_history()).unwrap();
    assert!(verified.intact, "{verified:?}");
    // Somebody who can write the journal starts another content by the same approval.
    let started = |entry: &domain::event::Event| match entry {
        domain::event::Event::RolloutStarted { warrant, .. } if warrant.approval.is_some() => Some(entry.clone()),
        _ => None,
    };
    let entries = team.rig.store.read(|r| r.entries_after(domain::id::Seq(0), 1_000)).unwrap();
    let mut entries = entries.into_iter().filter_map(|written| started(&written.read().unwrap().entry.event));
    let mut forged = entries.next_back().unwrap();
    if let domain::event::Event::RolloutStarted { number, plan_hash, plan, .. } = &mut forged {
        *number = number.next();
        let plan = plan.as_mut().unwrap();
        plan.note = Some("forged".to_owned());
        *plan_hash = plan.hash();
    }
    team.rig.write(|writing, id| {
        writing.append(Some(id), forged.clone()).unwrap();
    });
    let verified = team.rig.store.read(|reading| reading.verify_history()).unwrap();
    assert!(!verified.intact && verified.problem.unwrap().contains("is not version 1 of change request"));
}

#[tokio::test]
async fn a_wish_for_changes_blocks_until_it_is_taken_back_and_an_edit_voids_approvals() {
    let team = Team::new().await;
    team.policy(1).await;
    let asked = team.ask(json!("by_hand")).await;
    let id = asked["id"].as_str().unwrap().to_owned();
    let nothing = json!({"verdict": "changes_requested", "plan_hash": asked["plan_hash"]});
    team.post("bob", &format!("/change-requests/{id}/reviews"), nothing).await.refused(422, "invalid_field");
    assert_eq!(team.review("bob", &asked, "changes_requested").await.is(200)["state"], "changes_requested");
    assert_eq!(team.review("cy", &asked, "approved").await.is(200)["state"], "changes_requested");
    let withdrawn = team.with("bob", Method::DELETE, &format!("/change-requests/{id}/reviews"), json!({})).await;
    assert_eq!(withdrawn.is(200)["state"], "approved");

    let edit = json!({"rollout": {"set": {"models": ["iris@2"], "replicas": 5}, "accept_warnings": true}});
    let edited = team.with("ada", Method::PATCH, &format!("/change-requests/{id}"), edit).await.is(200);
    assert_eq!((&edited["state"], &edited["version"]), (&json!("open"), &json!(2)));
    assert_ne!(edited["plan_hash"], asked["plan_hash"]);
    assert!(edited["reviews"].as_array().unwrap().iter().all(|review| review["is_void"] == true));
    team.review("cy", &asked, "approved").await.refused(409, "plan_changed");
    team.post("ada", &format!("/change-requests/{id}/apply"), json!({})).await.refused(409, "approval_required");

    assert_eq!(team.review("cy", &edited, "approved").await.is(200)["state"], "approved");
    team.post("bob", &format!("/change-requests/{id}/apply"), json!({})).await.refused(403, "role_forbids");
    let applied = team.post("ada", &format!("/change-requests/{id}/apply"), json!({})).await.is(200);
    assert_eq!(applied["state"], "applied");
    team.verify().await;
}

#[tokio::test]
async fn a_base_that_moves_makes_it_stale_and_a_rebase_asks_anew() {
    let team = Team::new().await;
    team.policy(1).await;
    let asked = team.ask(json!("by_hand")).await;
    let id = asked["id"].as_str().unwrap().to_owned();
    let importance = json!({"importance": "critical"});
    team.with("ada", Method::PATCH, "/deployments/iris", importance).await.is(200);
    // Judged when somebody reviews, also before the schedule has heard of it.
    team.review("bob", &asked, "approved").await.refused(409, "stale");
    let stale = team.request("ada", &asked).await;
    assert_eq!((&stale["moved"], &stale["offers"]["approve"]["allowed"]), (&json!(["base.importance"]), &json!(false)));
    let rebased = team.post("ada", &format!("/change-requests/{id}/rebase"), json!({})).await.is(200);
    assert_eq!((&rebased["state"], &rebased["version"]), (&json!("open"), &json!(2)));
    assert_eq!(team.review("bob", &rebased, "approved").await.is(200)["state"], "approved");
}

#[tokio::test]
async fn who_may_approve_is_judged_when_it_is_applied() {
    let team = Team::new().await;
    let policy = team.policy(1).await;
    let asked = team.ask(json!("by_hand")).await;
    let id = asked["id"].as_str().unwrap().to_owned();
    assert_eq!(team.review("bob", &asked, "approved").await.is(200)["state"], "approved");
    team.member("bob", ServerRole::Viewer, true);
    team.post("ada", &format!("/change-requests/{id}/apply"), json!({})).await.refused(409, "approval_required");
    team.member("bob", ServerRole::Viewer, false);
    // A policy that got stricter judges it anew, in the same transaction.
    let terms = json!({"name": "Risk", "actions": ["replace"], "importance": "any", "reviewers": [super::people::RISK],
                       "approvals": 2});
    team.with("local", Method::PUT, &format!("/policies/{policy}"), terms).await.is(200);
    assert_eq!(team.request("ada", &asked).await["state"], "open");
    assert_eq!(team.review("cy", &asked, "approved").await.is(200)["state"], "approved");
    team.member("ada", ServerRole::Viewer, false);
    team.post("ada", &format!("/change-requests/{id}/apply"), json!({})).await.refused(403, "role_forbids");
    team.post("local", &format!("/change-requests/{id}/apply"), json!({})).await.is(200);
    let ended = team.request("local", &asked).await;
    assert_eq!(
        (&ended["state"], &ended["ended"]["code"]),
        (&json!("failed"), &json!("role_forbids")),
        "by the author's rights"
    );
}

#[tokio::test]
async fn nothing_is_asked_for_that_nobody_could_approve() {
    let team = Team::new().await;
    team.policy(2).await;
    team.group(&["bob"]);
    let body = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true, "apply": "when_approved"});
    team.post("ada", "/deployments/iris/rollouts", body).await.refused(422, "reviewers_missing");
}

#[tokio::test]
async fn a_time_is_one_moment_that_has_not_passed() {
    let team = Team::new().await;
    for (apply, status, code) in [
        (json!({"at": "2020-01-01T00:00:00Z"}), 422, "time_in_past"),
        (json!({"at": "2031-10-26T02:30", "zone": "Europe/Berlin"}), 422, "ambiguous_time"),
        (json!({"at": "2031-03-30T02:30", "zone": "Europe/Berlin"}), 422, "ambiguous_time"),
        (json!({"at": "2031-03-30T12:30", "zone": "Mars/Olympus"}), 422, "unknown_zone"),
        (json!({"at": "2031-03-30T12:30"}), 422, "invalid_field"),
        (json!({"at": "2031-03-30T12:30Z", "not_after": "2031-03-30T12:00Z"}), 422, "invalid_field"),
        (json!("soon"), 422, "invalid_field"),
    ] {
        let body = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true, "apply": apply});
        let refused = team.post("ada", "/deployments/iris/rollouts", body.clone()).await.refused(status, code);
        if code == "ambiguous_time" {
            assert_eq!(refused["instants"].as_array().unwrap().len(), 2, "{body}");
        }
    }
    let asked = team.ask(json!({"at": "2031-03-30T12:30", "zone": "Europe/Berlin"})).await;
    assert_eq!(asked["state"], "scheduled");
    assert_eq!(asked["apply"]["at"]["at"], "2031-03-30T10:30:00Z");
    assert_eq!(asked["apply"]["at"]["not_after"], "2031-03-30T11:30:00Z");
}

#[tokio::test]
async fn a_rollback_to_the_last_good_revision_needs_nobody() {
    let team = Team::new().await;
    let set = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true});
    team.post("ada", "/deployments/iris/rollouts", set).await.is(202);
    team.rig.complete(2);
    team.policy(1).await;
    let rolled = team.post("ada", "/deployments/iris/rollback", json!({})).await.is(202);
    assert_eq!((&rolled["rolled_back_to"], &rolled["approval"]), (&json!(1), &json!(null)));
}

#[tokio::test]
async fn other_actions_are_asked_for_alike() {
    let team = Team::new().await;
    let terms = json!({"name": "All", "importance": "any", "reviewers": [super::people::RISK], "approvals": 1,
                       "actions": ["create", "delete", "importance", "settings", "status"]});
    team.post("local", "/policies", terms).await.is(201);
    let asked = json!({"apply": "when_approved"});
    for (method, path, body, title) in [
        (
            Method::PATCH,
            "/deployments/iris",
            json!({"importance": "low", "apply": "when_approved"}),
            "Change the importance of iris",
        ),
        (
            Method::PATCH,
            "/deployments/iris",
            json!({"description": "x", "apply": "when_approved"}),
            "Change the settings of iris",
        ),
        (Method::POST, "/deployments/iris/deactivate", asked.clone(), "Deactivate iris"),
    ] {
        let plain = body.as_object().unwrap().iter().filter(|(key, _)| *key != "apply");
        let plain: serde_json::Map<_, _> = plain.map(|(key, value)| (key.clone(), value.clone())).collect();
        team.with("ada", method.clone(), path, plain.into()).await.refused(409, "approval_required");
        let request = team.with("ada", method, path, body).await.is(202);
        assert_eq!(request["title"], title);
        let path = format!("/change-requests/{}", request["id"].as_str().unwrap());
        let rollout = json!({"rollout": {"set": {"models": ["iris@2"]}}});
        let refused = team.with("ada", Method::PATCH, &path, rollout).await.refused(422, "invalid_field");
        assert_eq!(refused["field"], "rollout", "{title}");
        assert_eq!(team.review("bob", &request, "approved").await.is(200)["state"], "applied", "{title}");
    }
    let row = team.get("ada", "/deployments/iris").await.is(200);
    assert_eq!(
        (&row["importance"], &row["description"], &row["target_status"]),
        (&json!("low"), &json!("x"), &json!("stopped"))
    );

    team.rig.write(|writing, id| {
        let stopped = domain::event::Event::StatusChanged { status: Status::Stopped, error: None };
        writing.append(Some(id), stopped).unwrap();
    });
    let request = team.post("ada", "/deployments/iris/activate", asked.clone()).await.is(202);
    assert_eq!(request["title"], "Activate iris");
    assert_eq!(team.review("bob", &request, "approved").await.is(200)["ended"]["rollout"], 2);
    team.verify().await;

    let new = json!({"name": "wine", "configuration": {"models": ["iris@1"]}, "apply": "when_approved"});
    let request = team.post("ada", "/deployments", new.clone()).await.is(202);
    assert_eq!(request["title"], "Create wine with iris@1");
    team.post("local", "/deployments", new).await.refused(409, "name_taken");
    team.get("ada", "/deployments/wine").await.refused(404, "not_found");
    assert_eq!(team.review("cy", &request, "approved").await.is(200)["state"], "applied");
    assert_eq!(team.get("ada", "/deployments/wine").await.is(200)["role"], "owner");

    let request = team.with("ada", Method::DELETE, "/deployments/wine", asked).await.is(202);
    assert_eq!(request["title"], "Delete wine");
    assert_eq!(team.review("cy", &request, "approved").await.is(200)["state"], "applied");
    assert_eq!(team.get("ada", "/deployments/wine").await.is(200)["target_status"], "deleted");
    team.verify().await;
}

/// What cannot be carried out leaves nothing of itself behind.
#[tokio::test]
async fn what_fails_when_it_is_carried_out_is_told_and_leaves_nothing() {
    let team = Team::new().await;
    let terms = json!({"name": "New ones", "importance": "any", "reviewers": [super::people::RISK], "approvals": 1,
                       "actions": ["create"]});
    team.post("local", "/policies", terms).await.is(201);
    let new = json!({"name": "wine", "apply": "when_approved",
                     "configuration": {"models": ["iris@1"], "replicas": 3, "resources": {"cpu": 2}}});
    let request = team.post("ada", "/deployments", new).await.is(202);
    let capacity = Capacity { cpu_milli: 1_000, ..Capacity::ENDLESS };
    *team.rig.live.machine.lock().unwrap() = Some(Machine { capacity, ..Machine::ENDLESS });
    let failed = team.review("bob", &request, "approved").await.is(200);
    assert_eq!((&failed["state"], &failed["ended"]["code"]), (&json!("failed"), &json!("insufficient_capacity")));
    team.get("local", "/deployments/wine").await.refused(404, "not_found");
    team.verify().await;
}

/// The author takes back what they asked for, also once they own the deployment no more.
#[tokio::test]
async fn an_author_cancels_their_own_request() {
    let team = Team::new().await;
    team.policy(1).await;
    let asked = team.ask(json!("by_hand")).await;
    let path = format!("/change-requests/{}", asked["id"].as_str().unwrap());
    team.post("bob", &format!("{path}/cancel"), json!({})).await.refused(403, "role_forbids");
    let other = json!({"principal": super::people::id("bob"), "role": "owner"});
    team.with("local", Method::PATCH, "/deployments/iris/access", other).await.is(200);
    let away = json!({"principal": super::people::id("ada"), "role": null});
    team.with("local", Method::PATCH, "/deployments/iris/access", away).await.is(200);
    team.post("ada", &format!("{path}/apply"), json!({})).await.refused(404, "not_found");
    assert_eq!(team.post("ada", &format!("{path}/cancel"), json!({})).await.is(200)["state"], "cancelled");
}

/// Policies are chosen by everybody who has written a version: an edit takes nobody out of a policy.
#[tokio::test]
async fn whoever_edits_what_another_one_asked_for_is_asked_about_too() {
    let team = Team::new().await;
    team.member("dee", ServerRole::Editor, false);
    let owner = json!({"principal": super::people::id("dee"), "role": "owner"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", owner).await.is(200);
    let juniors = json!({"name": "Juniors", "members": [super::people::id("dee")]});
    let juniors = team.post("local", "/groups", juniors).await.is(201)["id"].clone();
    let terms = json!({"name": "Juniors ask", "importance": "any", "actions": ["replace"], "requesters": [juniors],
                       "reviewers": [super::people::RISK], "approvals": 1});
    team.post("local", "/policies", terms).await.is(201);
    let asked = team.ask(json!("by_hand")).await;
    assert_eq!(asked["state"], "approved", "nobody has to approve what ada asks for");
    let path = format!("/change-requests/{}", asked["id"].as_str().unwrap());
    let edit = json!({"rollout": {"set": {"models": ["iris@2"], "replicas": 4}, "accept_warnings": true}});
    assert_eq!(team.with("dee", Method::PATCH, &path, edit).await.is(200)["state"], "open");
    team.post("dee", &format!("{path}/apply"), json!({})).await.refused(409, "approval_required");
    team.review("bob", &asked, "approved").await.refused(409, "plan_changed");
    let edited = team.request("bob", &asked).await;
    team.review("bob", &edited, "approved").await.is(200);
    team.post("ada", &format!("{path}/apply"), json!({})).await.is(200);
    let rollout = team.get("ada", "/deployments/iris/rollouts/2").await.is(200);
    assert_eq!(rollout["actor"], json!(super::people::id("dee")), "by the name of who wrote it");
    team.verify().await;
}

/// Whoever could review a request is told that it has ended, and not that there is none; for everybody else there is none.
#[tokio::test(start_paused = true)]
async fn a_reviewer_is_told_that_a_request_has_ended() {
    let team = Team::new().await;
    team.member("mallory", ServerRole::Editor, false);
    let terms = json!({"name": "Risk", "importance": "any", "actions": ["replace"], "reviewers": [super::people::RISK],
                       "approvals": 1, "expires": {"after": "1h", "action": "cancel"}});
    team.post("local", "/policies", terms).await.is(201);
    let by_hand = team.ask(json!("by_hand")).await;
    let path = format!("/change-requests/{}", by_hand["id"].as_str().unwrap());
    team.post("ada", &format!("{path}/cancel"), json!({})).await.is(200);
    for verdict in ["approved", "changes_requested", "comment"] {
        let refused = team.review("bob", &by_hand, verdict).await.refused(409, "request_closed");
        assert_eq!(refused["state"], "cancelled");
        team.review("mallory", &by_hand, verdict).await.refused(404, "not_found");
    }
    for (who, status, code) in [("bob", 409, "request_closed"), ("mallory", 404, "not_found")] {
        team.with(who, Method::DELETE, &format!("{path}/reviews"), json!({})).await.refused(status, code);
        team.post(who, &format!("{path}/cancel"), json!({})).await.refused(status, code);
    }
    team.get("bob", &path).await.refused(404, "not_found");

    // The time of one is over in the moment of the review, and nobody has heard of that.
    let asked = team.ask(json!("by_hand")).await;
    tokio::time::advance(std::time::Duration::from_secs(3_601)).await;
    assert_eq!(team.request("bob", &asked).await["state"], "open");
    team.review("bob", &asked, "approved").await.refused(409, "request_closed");
    team.review("bob", &asked, "comment").await.refused(409, "request_closed");
}

//! Who sees and does what: at every door, in lists, history, events and metrics.

use axum::http::Method;
use domain::principal::ServerRole;
use serde_json::{Value, json};

use super::people::{RISK, Team, id};

#[tokio::test]
async fn what_one_may_not_see_is_not_there_at_any_door() {
    let team = Team::new().await;
    let asked = {
        team.policy(1).await;
        team.ask(json!("by_hand")).await
    };
    let request = asked["id"].as_str().unwrap().to_owned();
    team.member("mallory", ServerRole::Editor, false);
    let configuration =
        team.get("ada", "/deployments/iris").await.is(200)["configuration"].as_str().unwrap().to_owned();
    for path in [
        "/deployments/iris".to_owned(),
        "/deployments/iris/access".to_owned(),
        "/deployments/iris/configurations".to_owned(),
        format!("/deployments/iris/configurations/{configuration}"),
        format!("/configurations/{configuration}"),
        "/deployments/iris/revisions".to_owned(),
        "/deployments/iris/rollouts".to_owned(),
        "/deployments/iris/rollouts/1".to_owned(),
        "/deployments/iris/checks".to_owned(),
        "/deployments/iris/logs".to_owned(),
        "/deployments/iris/records".to_owned(),
        "/deployments/iris/records/export".to_owned(),
        "/deployments/iris/records/1".to_owned(),
        "/deployments/iris/logs/download".to_owned(),
        "/deployments/iris/logs/replicas".to_owned(),
        "/deployments/iris/metrics".to_owned(),
        "/deployments/iris/keys".to_owned(),
        "/deployments/iris/client".to_owned(),
        "/history?deployment=iris".to_owned(),
        "/change-requests?deployment=iris".to_owned(),
        format!("/change-requests/{request}"),
    ] {
        team.get("mallory", &path).await.refused(404, "not_found");
    }
    let rollout = json!({"set": {"replicas": 2}});
    for (method, path, body) in [
        (Method::PATCH, "/deployments/iris", json!({"description": "mine"})),
        (Method::DELETE, "/deployments/iris", json!({})),
        (Method::POST, "/deployments/iris/rollouts", rollout.clone()),
        (Method::POST, "/deployments/iris/rehearse", rollout.clone()),
        (Method::POST, "/deployments/iris/checks", rollout.clone()),
        (Method::POST, "/deployments/iris/configurations", rollout),
        (Method::POST, "/deployments/iris/rollback", json!({})),
        (Method::POST, "/deployments/iris/rollouts/1/pause", json!({})),
        (Method::POST, "/deployments/iris/relaunch", json!({})),
        (Method::POST, "/deployments/iris/activate", json!({})),
        (Method::POST, "/deployments/iris/deactivate", json!({})),
        (Method::POST, "/deployments/iris/revisions/1/quarantine", json!({"note": "mine"})),
        (Method::DELETE, "/deployments/iris/revisions/1", json!({})),
        (Method::POST, "/deployments/iris/keys/primary/regenerate", json!({})),
        (Method::POST, "/deployments/iris/tokens", json!({})),
        (Method::POST, "/deployments/iris/clear-statistics", json!({"reason": "mine"})),
        (Method::PUT, "/deployments/iris/access", json!({"grants": []})),
        (Method::PATCH, "/deployments/iris/access", json!({"principal": id("mallory"), "role": "owner"})),
        (Method::POST, "/policies/match", json!({"deployment": "iris", "action": "replace"})),
        (Method::POST, "/compat", json!({"deployment": "iris", "candidate": "iris@2"})),
    ] {
        let reply = team.with("mallory", method.clone(), path, body).await;
        assert_eq!(reply.status, 404, "{method} {path}: {:?}", reply.body);
    }
    for (what, body) in [
        ("reviews", json!({"verdict": "approved", "plan_hash": asked["plan_hash"]})),
        ("apply", json!({})),
        ("cancel", json!({})),
        ("rebase", json!({})),
    ] {
        team.post("mallory", &format!("/change-requests/{request}/{what}"), body).await.refused(404, "not_found");
    }
    for path in ["/deployments", "/change-requests", "/break-glass"] {
        assert_eq!(team.get("mallory", path).await.is(200)["items"], json!([]), "{path}");
    }
    let history = team.get("mallory", "/history").await.is(200);
    let told = |entry: &Value| !entry["deployment"].is_null() || entry["kind"] == "member_changed";
    assert!(!history["items"].as_array().unwrap().iter().any(told), "{history}");
    let models = team.get("mallory", "/models/iris").await.is(200);
    assert_eq!(models["versions"][1]["in_use_by"], json!([]), "a model tells of no deployment");
    let metrics = team.get("mallory", "//metrics").await;
    assert!(!String::from_utf8_lossy(&metrics.body).contains("iris"));
    for path in ["/history/verify", "/history/export"] {
        team.get("mallory", path).await.refused(403, "role_forbids");
    }
}

#[tokio::test]
async fn a_consumer_sees_name_url_and_status() {
    let team = Team::new().await;
    let consumer = json!({"principal": id("bob"), "role": "consumer"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", consumer).await.is(200);
    team.post("ada", "/deployments/iris/relaunch", json!({})).await.is(202);
    team.rig.complete(2);
    let view = team.get("bob", "/deployments/iris").await.is(200);
    assert_eq!(
        (&view["name"], &view["status"], &view["role"]),
        (&json!("iris"), &json!("running"), &json!("consumer"))
    );
    assert_eq!((&view["models"], &view["configuration_name"]), (&json!([]), &json!("hidden")));
    let nothing = json!({"kind": "create", "at": "1970-01-01T00:00:00Z", "actor": "hidden", "rolled_back_to": null});
    assert_eq!((&view["target"], &view["last_operation"]), (&json!("hidden"), &nothing));
    assert_eq!(team.get("bob", "/deployments/iris/client").await.status, 200);
    for path in [
        "/deployments/iris/revisions",
        "/deployments/iris/logs",
        "/deployments/iris/records",
        "/deployments/iris/logs/download",
        "/deployments/iris/logs/replicas",
        "/history?deployment=iris",
    ] {
        team.get("bob", path).await.refused(403, "role_forbids");
    }
    let rows = team.get("bob", "/deployments?include=replicas").await.is(200);
    assert_eq!((rows["items"].as_array().unwrap().len(), &rows["items"][0]["replica_list"]), (1, &Value::Null));
}

/// Neither an order, nor a cursor, nor a filter tells a consumer what they are not shown.
#[tokio::test]
async fn a_list_tells_a_consumer_nothing_by_its_order_or_its_cursors() {
    let team = Team::new().await;
    for name in ["a-low", "z-low"] {
        let body = json!({"name": name, "importance": "low", "default_access": "none",
                          "configuration": {"models": ["iris@1"]}});
        team.post("ada", "/deployments", body).await.is(202);
    }
    let names = ["a-low", "iris", "z-low"];
    for name in names {
        let consumer = json!({"principal": id("bob"), "role": "consumer"});
        team.with("ada", Method::PATCH, &format!("/deployments/{name}/access"), consumer).await.is(200);
    }
    let listed = async |who: &str, query: &str| {
        let page = team.get(who, &format!("/deployments?{query}")).await.is(200);
        let items = page["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned());
        (items.collect::<Vec<_>>(), page["next_cursor"].as_str().map(str::to_owned))
    };
    for field in ["importance", "created_at", "last_operation"] {
        assert_ne!(listed("ada", &format!("sort={field}")).await.0, names, "{field}: it is an order of its own");
        // One page after the other, each of one.
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let (items, next) = listed("bob", &format!("sort={field}&limit=1{after}")).await;
            found.extend(items);
            cursor = next;
            let Some(cursor) = &cursor else { break };
            let value = cursor.split('.').next().unwrap();
            assert!(value == "0" || field == "importance" && value == "2", "{field}: {cursor}");
        }
        assert_eq!(found, names, "{field}");
        // Nor by a cursor that somebody made up: it comes before all or after all.
        for made_up in ["1.a", "1700000000000000.a", "99999999999999999.a"] {
            let (items, _) = listed("bob", &format!("sort={field}&cursor={made_up}")).await;
            assert!(items.is_empty() || items == names, "{field} {made_up}: {items:?}");
        }
    }
    assert_eq!(listed("bob", "importance=high").await.0, [""; 0]);
}

#[tokio::test]
async fn nobody_gives_more_than_they_have_not_even_to_themselves_or_their_group() {
    let team = Team::new().await;
    team.member("bob", ServerRole::Editor, false);
    let give = |principal: &str, role: Value| json!({"principal": principal, "role": role});
    let path = "/deployments/iris/access";
    team.with("ada", Method::PATCH, path, give(RISK, json!("user"))).await.is(200);
    for (principal, role) in [
        (id("bob").to_string(), json!("owner")),
        (RISK.to_owned(), json!("owner")),
        ("everyone".to_owned(), json!("owner")),
        (id("ada").to_string(), json!(null)),
        (id("ada").to_string(), json!("user")),
    ] {
        team.with("bob", Method::PATCH, path, give(&principal, role)).await.refused(403, "role_above_own");
    }
    team.with("bob", Method::PATCH, path, give(&id("cy").to_string(), json!("user"))).await.is(200);
    // A viewer reads, whatever their role on the deployment.
    team.with("cy", Method::PATCH, path, give("everyone", json!("consumer"))).await.refused(403, "role_forbids");
    let everything = json!({"grants": []});
    team.with("ada", Method::PUT, path, everything).await.refused(409, "last_owner");
    team.with("ada", Method::PATCH, path, give(&id("ada").to_string(), json!(null))).await.refused(409, "last_owner");
    team.with("ada", Method::PATCH, path, give(&id("bob").to_string(), json!("owner"))).await.is(200);
    team.with("ada", Method::PATCH, path, give(&id("ada").to_string(), json!(null))).await.is(200);
    team.get("ada", "/deployments/iris").await.refused(404, "not_found");
}

/// Two owners take each other's role at the same time: one of them stays.
#[tokio::test(flavor = "multi_thread")]
async fn two_owners_who_remove_each_other_leave_one() {
    let team = Team::new().await;
    team.member("bob", ServerRole::Editor, false);
    let path = "/deployments/iris/access";
    let both =
        json!({"grants": [{"principal": id("ada"), "role": "owner"}, {"principal": id("bob"), "role": "owner"}]});
    for round in 0..200 {
        team.with("local", Method::PUT, path, both.clone()).await.is(200);
        let away = |who: &str| json!({"principal": id(who), "role": null});
        let (a, b) = tokio::join!(
            team.with("ada", Method::PATCH, path, away("bob")),
            team.with("bob", Method::PATCH, path, away("ada")),
        );
        let done = [a.status, b.status].iter().filter(|status| **status == 200).count();
        assert_eq!(done, 1, "round {round}: {} {}", a.status, b.status);
        let access = team.get("local", path).await.is(200);
        assert_eq!(access["grants"].as_array().unwrap().len(), 1, "round {round}: {access}");
    }
}

/// Two hundred pairs of an approval of what was shown and an edit of it: nothing starts that was not approved.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_edited_while_it_is_approved_does_not_start() {
    let team = Team::new().await;
    team.policy(1).await;
    let mut applied = 0;
    for round in 0..200 {
        let asked = team.ask(json!("by_hand")).await;
        let id = asked["id"].as_str().unwrap().to_owned();
        let (request, edit) = (
            format!("/change-requests/{id}"),
            json!({"rollout": {"set": {"models": ["iris@2"], "replicas": 4}, "accept_warnings": true}}),
        );
        let (review, edited) =
            tokio::join!(team.review("bob", &asked, "approved"), team.with("ada", Method::PATCH, &request, edit));
        let now = team.request("ada", &asked).await;
        edited.is(200);
        assert!(review.status == 200 || review.status == 409, "round {round}: {}", review.status);
        assert_eq!((&now["state"], &now["version"]), (&json!("open"), &json!(2)), "round {round}");
        let applies = team.post("ada", &format!("{request}/apply"), json!({})).await;
        applied += u32::from(applies.status == 200);
        team.post("ada", &format!("{request}/cancel"), json!({})).await.is(200);
    }
    assert_eq!(applied, 0);
    assert_eq!(team.get("ada", "/deployments/iris").await.is(200)["revision"], 1);
}

/// What was refused for want of a role is answered anew under the same key once the role is there.
#[tokio::test]
async fn a_refusal_for_want_of_a_role_is_not_kept_under_its_key() {
    let team = Team::new().await;
    let deactivate = || team.keyed("bob", "/deployments/iris/deactivate", "one");
    let reader = json!({"principal": id("bob"), "role": "user"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", reader).await.is(200);
    deactivate().await.refused(403, "role_forbids");
    team.member("bob", ServerRole::Editor, false);
    let owner = json!({"principal": id("bob"), "role": "owner"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", owner).await.is(200);
    deactivate().await.is(202);
}

/// A reviewer reads what they review while they review it, and makes nothing lasting of that.
#[tokio::test]
async fn a_reviewer_reads_and_does_nothing_else() {
    let team = Team::new().await;
    team.member("bob", ServerRole::Editor, false);
    team.policy(1).await;
    let asked = team.ask(json!("by_hand")).await;
    team.get("bob", "/deployments/iris").await.is(200);
    let mine = json!({"principal": id("bob"), "role": "user"});
    team.with("bob", Method::PATCH, "/deployments/iris/access", mine).await.refused(403, "role_forbids");
    let check = json!({"set": {"models": ["iris@2"]}});
    team.post("bob", "/deployments/iris/checks", check).await.refused(403, "role_forbids");
    let path = format!("/change-requests/{}/cancel", asked["id"].as_str().unwrap());
    team.post("ada", &path, json!({})).await.is(200);
    team.get("bob", "/deployments/iris").await.refused(404, "not_found");
}

/// What is asked for, and what stands without a deployment, tells nobody of what they may not see.
#[tokio::test]
async fn what_stands_outside_of_deployments_tells_nothing_of_them() {
    let team = Team::new().await;
    team.member("mallory", ServerRole::Editor, false);
    let terms = json!({"name": "New ones", "importance": "any", "reviewers": [RISK], "approvals": 1, "actions": ["create", "replace"]});
    team.post("local", "/policies", terms).await.is(201);
    let new = json!({"name": "secret", "default_access": "none", "apply": "by_hand",
                     "configuration": {"models": ["iris@1"], "env": {"WHERE": "behind the shed"}}});
    let request = team.post("ada", "/deployments", new).await.is(202);
    let configuration = request["configuration"].as_str().unwrap();
    team.get("mallory", &format!("/configurations/{configuration}")).await.refused(404, "not_found");
    assert_eq!(team.get("mallory", "/configurations").await.is(200)["items"], json!([]));
    assert_eq!(team.get("ada", "/configurations").await.is(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(team.get("mallory", "/policies").await.is(200)["items"][0]["open_requests"], 0);
    assert_eq!(team.get("ada", "/policies").await.is(200)["items"][0]["open_requests"], 1);
    let told = team.get("mallory", "/history").await;
    assert!(!String::from_utf8_lossy(&told.body).contains("behind the shed"));
    let viewer = json!({"models": ["iris@1"]});
    team.post("cy", "/configurations", viewer).await.refused(403, "role_forbids");
    let iris = team.get("ada", "/deployments/iris").await.is(200)["id"].clone();
    let freeze = json!({"name": "Held", "scope": {"deployments": [iris]}, "when": {"switch": {}}});
    team.post("local", "/freezes", freeze).await.is(201);
    let seen = team.get("mallory", "/freezes").await.is(200);
    assert_eq!(seen["items"][0]["freeze"]["terms"]["scope"], json!({"deployments": []}));
    let refused =
        team.with("mallory", Method::DELETE, "/models/iris/versions/1", json!({})).await.refused(409, "model_in_use");
    assert_eq!(refused["deployments"], json!([]), "{refused}");
}

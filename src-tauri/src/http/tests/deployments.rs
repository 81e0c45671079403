//! Deployments, their configurations and revisions.

use axum::http::Method;
use domain::replica::{Intent, Observed};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::rig::{Rig, rig};

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_new_deployment_is_accepted_and_shown_as_it_will_be() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    let configuration = json!({"models": ["iris@1"], "replicas": 5, "env": {"A": "b"}});
    let body = json!({"name": "iris", "importance": "high", "ttl": "7d", "configuration": configuration});
    let reply = rig.post("/deployments", body).await;
    let made = reply.is(202);
    assert_eq!((reply.header("location"), reply.header("etag")), ("/api/v1/deployments/iris", "\"1\""));
    assert_eq!(made["url"], "http://127.0.0.1:7080/iris");
    assert_eq!((&made["status"], &made["target_status"]), (&json!("pending"), &json!("running")));
    assert_eq!((&made["revision"], &made["rollout"], &made["generation"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!((&made["importance"], &made["models"]), (&json!("high"), &json!(["iris@1"])));
    assert_eq!(made["replicas"], json!({"desired": 5, "ready": 0, "starting": 0, "draining": 0, "unready": 0}));
    assert_eq!((&made["operation"]["operation"], &made["operation"]["rollout"]), (&json!("create"), &json!(1)));
    assert_eq!(made["last_operation"]["kind"], "create");
    assert_eq!(made["traffic"]["requests_per_second"], 2.5);
    assert!(made["expires_at"].is_string());
    for list in ["replica_list", "revision_list"] {
        assert!(made.get(list).is_none(), "only when asked for");
    }

    let read = rig.get("/deployments/iris").await;
    assert_eq!((read.is(200), read.header("etag")), (made.clone(), "\"1\""));
    let by_id = rig.get(&format!("/deployments/{}", made["id"].as_str().unwrap())).await.is(200);
    assert_eq!(by_id, made);
}

#[tokio::test]
async fn replicas_and_revisions_are_shown_when_asked_for() {
    let rig = rig();
    rig.running().await;
    let since = Timestamp::now();
    rig.replica("r1", Intent::Run, Observed::Ready { since });
    rig.replica("r2", Intent::Run, Observed::Starting { since });
    rig.replica("r3", Intent::Drain { since }, Observed::Ready { since });
    rig.replica("r4", Intent::Run, Observed::Unknown);
    *rig.live.doing.lock().unwrap() = Some("building its environment".to_owned());
    let shown = rig.get("/deployments/iris?include=replicas,revisions").await.is(200);
    assert_eq!(shown["replica_list"][1]["doing"], "building its environment");
    assert_eq!(shown["replicas"], json!({"desired": 3, "ready": 1, "starting": 1, "draining": 1, "unready": 1}));
    let states: Vec<_> = shown["replica_list"].as_array().unwrap().iter().map(|r| &r["state"]).collect();
    assert_eq!(states, ["ready", "starting", "draining", "unknown"]);
    assert_eq!(shown["replica_list"][0]["in_flight"], 3);
    assert!(
        shown["replica_list"][0]["ready_since"].is_string() && shown["replica_list"][1].get("ready_since").is_none()
    );
    assert_eq!(shown["revision_list"][0]["state"], "in_use");
    assert_eq!(shown["newer_model_versions"], json!(["iris@2"]));
    assert_eq!(shown["last_running_configuration"], shown["configuration"]);
    assert_eq!((&shown["operation"], &shown["rollout"]), (&json!(null), &json!(null)));
    rig.get("/deployments/iris?include=everything").await.refused(422, "invalid_field");
    let list = rig.get("/deployments?include=replicas").await.is(200);
    assert_eq!(list["items"][0]["replica_list"], shown["replica_list"]);
}

async fn several() -> Rig {
    let rig = rig();
    rig.deployed().await;
    for (name, importance) in [("rose", "critical"), ("lily", "low"), ("lilac", "critical")] {
        let body = json!({"name": name, "importance": importance, "configuration": {"models": ["iris@1"]}});
        rig.post("/deployments", body).await.is(202);
    }
    rig.complete(1);
    rig
}

#[tokio::test]
async fn deployments_are_filtered_and_sorted() {
    let rig = several().await;
    for (query, expected) in [
        ("", vec!["iris", "lilac", "lily", "rose"]),
        ("?sort=-name", vec!["rose", "lily", "lilac", "iris"]),
        ("?q=LIL", vec!["lilac", "lily"]),
        ("?status=running", vec!["iris"]),
        ("?status=pending,dead&importance=critical,low", vec!["lilac", "lily", "rose"]),
        ("?sort=importance", vec!["lilac", "rose", "iris", "lily"]),
        ("?sort=status", vec!["lilac", "lily", "rose", "iris"]),
        ("?sort=created_at", vec!["iris", "rose", "lily", "lilac"]),
        ("?sort=-last_operation&limit=1", vec!["lilac"]),
        ("?q=nothing", vec![]),
    ] {
        let list = rig.get(&format!("/deployments{query}")).await.is(200);
        assert_eq!(names(&list), expected, "{query}");
    }
    for query in
        ["limit=0", "limit=1001", "limit=x", "limit=-1", "sort=colour", "status=fine", "cursor=x", "cursor=x.y"]
    {
        rig.get(&format!("/deployments?{query}")).await.refused(422, "invalid_field");
    }
    let problem = rig.get("/deployments?statuss=dead").await.refused(422, "unknown_field");
    assert_eq!(problem["field"], "statuss");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat_in_every_order() {
    let rig = several().await;
    for sort in ["name", "-name", "importance", "-importance", "status", "created_at", "-last_operation"] {
        let whole = rig.get(&format!("/deployments?sort={sort}")).await.is(200);
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = rig.get(&format!("/deployments?sort={sort}&limit=1{cursor}")).await.is(200);
            found.extend(page["items"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(json!(found), whole["items"], "{sort}");
    }
}

#[tokio::test]
async fn importance_is_changed_on_the_basis_of_what_was_read() {
    let rig = rig();
    rig.running().await;
    let patch = |tag: &'static str, body| {
        let rig = &rig;
        async move { rig.with(Method::PATCH, "/deployments/iris", &[("if-match", tag)], body).await }
    };
    let reply = patch("\"1\"", json!({"importance": "low"})).await;
    assert_eq!((reply.is(200)["importance"].clone(), reply.header("etag")), (json!("low"), "\"2\""));
    for old in ["\"1\"", "\"x\"", "W/\"2\"", "2", "\"1\", \"7\""] {
        patch(old, json!({"importance": "high"})).await.refused(412, "precondition_failed");
    }
    for fitting in ["*", "\"2\"", "\"1\", \"2\""] {
        assert_eq!(patch(fitting, json!({"importance": "low"})).await.is(200)["generation"], 2);
    }
    rig.with(Method::PATCH, "/deployments/iris", &[], json!({})).await.refused(422, "nothing_to_change");
    rig.with(Method::PATCH, "/deployments/iris", &[], json!({"name": "x"})).await.refused(422, "unknown_field");
    rig.with(Method::PATCH, "/deployments/rose", &[], json!({"importance": "low"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_deployment_is_removed_once_and_says_so_meanwhile() {
    let rig = rig();
    rig.running().await;
    let delete = |tag: &'static str| {
        let rig = &rig;
        async move { rig.with(Method::DELETE, "/deployments/iris", &[("if-match", tag)], json!({})).await }
    };
    delete("\"9\"").await.refused(412, "precondition_failed");
    let going = delete("\"1\"").await.is(202);
    assert_eq!((&going["target_status"], &going["status"]), (&json!("deleted"), &json!("stopping")));
    assert_eq!((&going["replicas"]["desired"], &going["operation"]["operation"]), (&json!(0), &json!("delete")));
    let problem = delete("*").await.refused(409, "operation_in_progress");
    assert_eq!((&problem["operation"], &problem["actor"]), (&json!("delete"), &json!("local")));
    assert!(problem["since"].is_string());
}

#[tokio::test]
async fn configurations_are_made_compared_and_listed() {
    let rig = rig();
    rig.running().await;
    let path = "/deployments/iris/configurations";
    let whole = rig.post(path, json!({"models": ["iris@2"], "name": "two"})).await;
    let two = whole.is(201);
    let id = two["id"].as_str().unwrap();
    assert_eq!(whole.header("location"), format!("/api/v1{path}/{id}"));
    assert_eq!((&two["in_use"], &two["revisions"], &two["replicas"]), (&json!(false), &json!([]), &json!(1)));
    assert_eq!(two["max_queue_ms"], 500, "every default is written out");
    let copy = rig.post(path, json!({"from": id, "set": {"replicas": 7, "name": "seven"}})).await.is(201);
    assert_eq!((&copy["models"], &copy["replicas"]), (&json!(["iris@2"]), &json!(7)));
    let used = rig.post(path, json!({"from": null, "set": {"env": {"A": "b"}}})).await.is(201);
    assert_eq!((&used["models"], &used["replicas"], &used["env"]["A"]), (&json!(["iris@1"]), &json!(3), &json!("b")));

    let read = rig.get(&format!("{path}/{id}")).await;
    assert_eq!(read.is(200), two);
    assert!(read.header("etag").len() > 10);
    let list = rig.get(path).await.is(200);
    let first = list["items"][3]["id"].as_str().unwrap();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][3]["in_use"]), (4, &json!(true)));
    assert_eq!(list["items"][3]["revisions"], json!([1]));
    assert_eq!(names(&rig.get(&format!("{path}?q=SEV")).await.is(200)), ["seven"]);
    let page = rig.get(&format!("{path}?limit=2")).await.is(200);
    let next = page["next_cursor"].as_str().unwrap();
    let rest = rig.get(&format!("{path}?limit=2&cursor={next}")).await.is(200);
    assert_eq!((&rest["items"][0], &rest["items"][1], &rest["next_cursor"]), (&two, &list["items"][3], &json!(null)));

    let diff = rig.get(&format!("{path}/{id}/diff?against={first}")).await.is(200);
    let fields: Vec<_> = diff["differences"].as_array().unwrap().iter().map(|d| d["field"].as_str().unwrap()).collect();
    assert!(fields.contains(&"models") && fields.contains(&"replicas"), "{diff}");
    rig.get(&format!("{path}/{id}/diff?against=none")).await.refused(422, "unknown_configuration");
    rig.get(&format!("{path}/{id}/diff")).await.refused(422, "invalid_field");
    rig.get(&format!("{path}/none")).await.refused(404, "not_found");
    rig.get(&format!("{path}?cursor=none")).await.refused(422, "invalid_field");
    rig.post(path, json!({"from": "none"})).await.refused(422, "unknown_configuration");
    rig.post(path, json!({"models": ["rose@1"]})).await.refused(422, "unknown_model");
    assert_eq!(rig.post(path, json!({"modelz": []})).await.refused(422, "unknown_field")["field"], "modelz");
    assert_eq!(rig.post(path, json!({"set": {}, "form": 1})).await.refused(422, "unknown_field")["field"], "form");
    let problem = rig.post(path, json!({"set": {"resources": {"cpus": 1}}})).await.refused(422, "unknown_field");
    assert_eq!(problem["field"], "set.resources.cpus");
}

#[tokio::test]
async fn configurations_of_another_deployment_are_not_shown() {
    let rig = several().await;
    let other = rig.get("/deployments/rose").await.is(200)["configuration"].as_str().unwrap().to_owned();
    let shown = rig.get(&format!("/deployments/rose/configurations/{other}")).await.is(200);
    rig.get(&format!("/deployments/iris/configurations/{other}")).await.refused(404, "not_found");
    let found = rig.get(&format!("/configurations/{other}")).await;
    assert_eq!((found.is(200), shown["in_use"].clone()), (shown, json!(true)));
    rig.get("/configurations/none").await.refused(404, "not_found");
}

#[tokio::test]
async fn all_that_needs_no_rollout_is_changed_together() {
    let rig = rig();
    rig.running().await;
    let patch = |body: Value| {
        let rig = &rig;
        async move { rig.with(Method::PATCH, "/deployments/iris", &[], body).await }
    };
    let first = json!({"on_failure": "stop", "strategy": {"max_surge": 1}, "description": "Sorts flowers",
        "tags": {"team": "a", "old": "b"}, "properties": {"one": "1"}});
    let changed = patch(first).await.is(200);
    assert_eq!((&changed["on_failure"], &changed["description"]), (&json!("stop"), &json!("Sorts flowers")));
    assert_eq!(
        (&changed["strategy"]["max_surge"], &changed["strategy"]["max_unavailable"]),
        (&json!(1), &json!("20%"))
    );
    let changed = patch(json!({"tags": {"team": "b"}, "properties": {"two": "2"}})).await.is(200);
    assert_eq!(changed["tags"], json!({"team": "b"}), "an update replaces tags");
    assert_eq!(changed["properties"], json!({"one": "1", "two": "2"}), "an update adds properties");
    assert_eq!((&changed["on_failure"], &changed["revision"]), (&json!("stop"), &json!(1)));
    let generation = changed["generation"].clone();
    for (body, field) in [
        (json!({"strategy": {"max_surge": 0, "max_unavailable": 0}}), "strategy"),
        (json!({"on_failure": "cry"}), "on_failure"),
        (json!({"tags": {"": "x"}}), "tags"),
        (json!({"description": "x".repeat(2_001)}), "description"),
    ] {
        assert_eq!(patch(body).await.refused(422, "invalid_field")["field"], field);
    }
    assert_eq!(rig.get("/deployments/iris").await.is(200)["generation"], generation);
}

#[tokio::test]
async fn revisions_are_listed_newest_first() {
    let rig = rig();
    rig.running().await;
    rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}, "reason": "accuracy"})).await.is(202);
    let list = rig.get("/deployments/iris/revisions").await.is(200);
    let items = list["items"].as_array().unwrap();
    assert_eq!((&items[0]["number"], &items[0]["state"]), (&json!(2), &json!("deploying")));
    assert_eq!((&items[0]["models"], &items[0]["reason"]), (&json!(["iris@2"]), &json!("accuracy")));
    assert_eq!((&items[1]["number"], &items[1]["state"]), (&json!(1), &json!("in_use")));
    let page = rig.get("/deployments/iris/revisions?limit=1").await.is(200);
    assert_eq!(page["next_cursor"], "2");
    assert_eq!(rig.get("/deployments/iris/revisions?limit=1&cursor=2").await.is(200)["items"][0], items[1]);
}

#[tokio::test]
async fn metrics_cover_the_window_asked_for() {
    let rig = rig();
    rig.deployed().await;
    assert_eq!(rig.get("/deployments/iris/metrics").await.is(200)["items"][0]["requests"], 300);
    for window in [1, 60, 31_622_400] {
        let answer = rig.get(&format!("/deployments/iris/metrics?window={window}")).await.is(200);
        assert_eq!(answer["items"][0]["requests"], window);
        assert_eq!(answer["items"][0].get("revision"), None);
        assert_eq!((&answer["step"], &answer["gauges"], &answer["gaps"]), (&json!(1), &json!([]), &json!([])));
    }
    let by_revision = rig.get("/deployments/iris/metrics?by=revision").await.is(200);
    assert_eq!(by_revision["items"][0]["revision"], 1);
    for query in ["window=0", "window=31622401", "window=x", "window=-1", "by=replica", "by="] {
        rig.get(&format!("/deployments/iris/metrics?{query}")).await.refused(422, "invalid_field");
    }
    rig.get("/deployments/iris/metrics?step=60").await.refused(422, "unknown_field");
    rig.get("/deployments/rose/metrics").await.refused(404, "not_found");
    *rig.live.no_metrics.lock().unwrap() = true;
    rig.get("/deployments/iris/metrics").await.is(500);
    rig.get("/deployments/iris").await.is(200);
}

#[tokio::test]
async fn the_requests_of_several_deployments_come_in_one_answer() {
    let rig = rig();
    let id = rig.deployed().await["id"].as_str().unwrap().to_owned();
    let items = async |ids: &str| rig.get(&format!("/traffic?deployments={ids}")).await.is(200)["items"].clone();
    let shown = items(&format!("{id},gone")).await;
    assert_eq!(shown.as_object().unwrap().keys().collect::<Vec<_>>(), [&id]);
    assert_eq!(shown[&id], rig.get("/deployments/iris").await.is(200)["traffic"]);
    assert_eq!(items("").await, json!({}));
    let many = (0..201).map(|n| format!("d{n}")).collect::<Vec<_>>().join(",");
    rig.get(&format!("/traffic?deployments={many}")).await.refused(422, "invalid_field");
}

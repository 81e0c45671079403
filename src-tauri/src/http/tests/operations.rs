//! Deactivate, activate, relaunch.

use axum::body::Body;
use axum::http::Method;
use domain::deployment::Status;
use domain::event::Event;
use domain::resources::{Capacity, Machine};
use serde_json::{Value, json};

use super::rig::{Reply, Rig, request, rig};

async fn ask(rig: &Rig, what: &str, tag: &str, body: Value) -> Reply {
    rig.with(Method::POST, &format!("/deployments/iris/{what}"), &[("if-match", tag)], body).await
}

/// Lets a deactivation of `iris` come to its end, as the engine would.
fn stop(rig: &Rig) {
    rig.write(|writing, id| {
        writing.append(Some(id), Event::StatusChanged { status: Status::Stopped, error: None }).unwrap();
    });
}

#[tokio::test]
async fn a_deployment_is_taken_down_and_brought_back_at_the_same_url() {
    let rig = rig();
    let url = rig.running().await["url"].clone();
    ask(&rig, "activate", "*", json!({})).await.refused(409, "status_forbids_update");
    ask(&rig, "deactivate", "\"9\"", json!({})).await.refused(412, "precondition_failed");
    let reply = ask(&rig, "deactivate", "\"1\"", json!({"note": "Summer"})).await;
    let going = reply.is(202);
    assert_eq!((reply.header("location"), reply.header("etag")), ("/api/v1/deployments/iris", "\"2\""));
    assert_eq!((&going["target_status"], &going["replicas"]["desired"]), (&json!("stopped"), &json!(0)));
    assert_eq!(going["operation"]["operation"], "deactivate");
    assert_eq!(going["last_operation"]["kind"], "deactivate");
    ask(&rig, "deactivate", "*", json!({})).await.refused(409, "operation_in_progress");
    stop(&rig);
    let update = rig.post("/deployments/iris/rollouts", json!({"set": {"replicas": 4}})).await;
    assert_eq!(update.refused(409, "status_forbids_update")["deployment_status"], "stopped");
    let back = ask(&rig, "activate", "*", json!({"note": "Autumn"})).await.is(202);
    assert_eq!((&back["target_status"], &back["url"]), (&json!("running"), &url));
    assert_eq!(back["operation"]["operation"], "activate");
    let rollout = rig.get("/deployments/iris/rollouts/2").await.is(200);
    assert_eq!((&rollout["kind"], &rollout["note"]), (&json!("activate"), &json!("Autumn")));
}

#[tokio::test]
async fn a_relaunch_is_a_rollout_to_the_configuration_in_use() {
    let rig = rig();
    let before = rig.running().await;
    // No body and no type are needed.
    let bare = request("POST", "/deployments/iris/relaunch").body(Body::empty()).unwrap();
    let deployment = rig.send(bare).await.is(202);
    assert_eq!(deployment["operation"]["operation"], "relaunch");
    assert_eq!((&deployment["configuration"], &deployment["revision"]), (&before["configuration"], &json!(2)));
    ask(&rig, "relaunch", "*", json!({})).await.refused(409, "operation_in_progress");
    rig.complete(2);
    ask(&rig, "relaunch", "*", json!({"strategy": {"max_surge": 1, "max_unavailable": 0}})).await.is(202);
    let rollout = rig.get("/deployments/iris/rollouts/3").await.is(200);
    assert_eq!((&rollout["kind"], &rollout["strategy"]["max_surge"]), (&json!("relaunch"), &json!(1)));
}

#[tokio::test]
async fn wrong_operations_are_refused_and_change_nothing() {
    let rig = rig();
    rig.running().await;
    let before = rig.get("/history").await.is(200);
    for what in ["activate", "deactivate", "relaunch"] {
        assert_eq!(ask(&rig, what, "*", json!({"why": 1})).await.refused(422, "unknown_field")["field"], "why");
        rig.post(&format!("/deployments/rose/{what}"), json!({})).await.refused(404, "not_found");
    }
    for what in ["deactivate", "relaunch"] {
        let long = json!({"note": "x".repeat(2_001)});
        assert_eq!(ask(&rig, what, "*", long).await.refused(422, "invalid_field")["field"], "note");
    }
    let strategy = json!({"strategy": {"max_surge": 1}});
    assert_eq!(ask(&rig, "deactivate", "*", strategy).await.refused(422, "invalid_field")["field"], "strategy");
    assert_eq!(rig.get("/history").await.is(200), before);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_operates_once() {
    let rig = rig();
    rig.running().await;
    let path = "/deployments/iris/relaunch";
    let first = rig.with(Method::POST, path, &[("idempotency-key", "k")], json!({})).await;
    first.is(202);
    let again = rig.with(Method::POST, path, &[("idempotency-key", "k")], json!({})).await;
    assert_eq!((again.is(202), again.header("idempotency-replayed")), (first.json(), "true"));
}

#[tokio::test]
async fn what_the_machine_cannot_do_is_rehearsed_as_that_and_refused() {
    let rig = rig();
    rig.running().await;
    let capacity = Capacity { cpu_milli: 300, memory_mb: 100_000, gpus: 0 };
    *rig.live.machine.lock().unwrap() =
        Some(Machine { capacity, limits_cpu: false, limits_memory: true, ..Machine::ENDLESS });
    let wanted = json!({"set": {"replicas": 4, "resources": {"cpu_limit": 2.0, "memory_gb_limit": 2.0}}});
    let rehearsed = rig.post("/deployments/iris/rehearse", wanted.clone()).await.is(200);
    let no_room = rehearsed["no_room"].as_str().unwrap();
    assert!(no_room.contains("0.4 CPU cores of 0.3"), "{no_room}");
    let not_enforced = rehearsed["not_enforced"].as_array().unwrap();
    assert!(not_enforced.len() == 1 && not_enforced[0].as_str().unwrap().starts_with("cpu_limit"), "{rehearsed}");
    assert_eq!(rehearsed["strategy"]["max_unavailable"], "20%", "the deployment's");
    let problem = rig.post("/deployments/iris/rollouts", wanted).await.refused(422, "insufficient_capacity");
    assert_eq!(problem["detail"], no_room);
    let fits = rig.post("/deployments/iris/rehearse", json!({"set": {"models": ["iris@2"]}})).await.is(200);
    assert_eq!((&fits["no_room"], &fits["quarantined"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn by_default_one_more_runs_and_where_it_has_no_room_a_person_is_asked() {
    let rig = rig();
    rig.running().await;
    let update = json!({"set": {"models": ["iris@2"]}});
    let rehearsed = rig.post("/deployments/iris/rehearse", update.clone()).await.is(200);
    let plan = &rehearsed["plan"];
    assert_eq!((&plan["lowest_available"], &plan["highest_total"]), (&json!(3), &json!(4)), "nobody set a surge");
    assert_eq!((&plan["warnings"], &rehearsed["needs_go_ahead"]), (&json!([]), &json!(null)));
    // The machine is full with the three that run.
    let since = jiff::Timestamp::now();
    for id in ["r1", "r2", "r3"] {
        rig.replica_of(id, domain::resources::Claim { cpu_milli: 100, memory_mb: 500, gpu_milli: 0 }, since);
    }
    let capacity = Capacity { cpu_milli: 300, memory_mb: 100_000, gpus: 0 };
    *rig.live.machine.lock().unwrap() = Some(Machine { capacity, ..Machine::ENDLESS });
    let rehearsed = rig.post("/deployments/iris/rehearse", update.clone()).await.is(200);
    let asks = rehearsed["needs_go_ahead"].as_str().unwrap();
    assert!(asks.contains("0.4 CPU cores of 0.3") && asks.contains("2 of 3 serve meanwhile"), "{asks}");
    assert!(rehearsed["plan"]["warnings"].as_array().unwrap().contains(&json!(asks)), "{rehearsed}");
    assert_eq!((&rehearsed["plan"]["lowest_available"], &rehearsed["no_room"]), (&json!(2), &json!(null)));
    for (path, body) in [("rollouts", update), ("relaunch", json!({}))] {
        let path = format!("/deployments/iris/{path}");
        let refused = rig.post(&path, body.clone()).await.refused(422, "warnings_not_accepted");
        assert!(refused["detail"].as_str().unwrap().contains(asks), "{refused}");
        let mut accepted = body;
        accepted["accept_warnings"] = json!(true);
        rig.post(&path, accepted).await.is(202);
        let number = rig.get("/deployments/iris").await.is(200)["rollout"].as_u64().unwrap();
        let rollout = rig.get(&format!("/deployments/iris/rollouts/{number}")).await.is(200);
        assert_eq!(rollout["strategy"]["max_surge"], 0, "it does not wait for room that there is not");
        rig.complete(u32::try_from(number).unwrap());
    }
    // Going back is never held up; who set a surge is told that it has no room.
    rig.post("/deployments/iris/rollback", json!({"to": 1})).await.is(202);
    rig.complete(4);
    let set = json!({"set": {"models": ["iris@2"]}, "strategy": {"max_surge": 1, "max_unavailable": 0}});
    rig.post("/deployments/iris/rollouts", set).await.refused(422, "insufficient_capacity");
    // Who set none gets what was said: one is away.
    let set = json!({"set": {"models": ["iris@2"]}, "strategy": {"max_surge": 0}});
    rig.post("/deployments/iris/rollouts", set).await.is(202);
}

#[tokio::test]
async fn replicas_can_be_taken_away_and_a_rollout_cancelled_in_every_phase() {
    for way in [&[][..], &["pause"], &["cancel"], &["pause", "cancel"]] {
        for last in ["cancel", "deactivate", "delete"] {
            let rig = rig();
            rig.running().await;
            rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}})).await.is(202);
            for what in way {
                rig.post(&format!("/deployments/iris/rollouts/2/{what}"), json!({})).await.is(200);
            }
            let said = format!("{last} after {way:?}");
            match last {
                "cancel" => {
                    let cancelled = rig.post("/deployments/iris/rollouts/2/cancel", json!({})).await.is(200);
                    assert_eq!(cancelled["phase"], "reverting", "{said}");
                    continue;
                }
                "delete" => rig.with(Method::DELETE, "/deployments/iris", &[], json!({})).await.is(202),
                _ => ask(&rig, "deactivate", "*", json!({})).await.is(202),
            };
            let shown = rig.get("/deployments/iris").await.is(200);
            assert_eq!((&shown["rollout"], &shown["operation"]["operation"]), (&json!(null), &json!(last)), "{said}");
            assert_eq!(rig.get("/deployments/iris/rollouts/2").await.is(200)["phase"], "superseded", "{said}");
            if last == "deactivate" {
                // What had run is what comes back, not what was on its way.
                stop(&rig);
                let back = ask(&rig, "activate", "*", json!({})).await.is(202);
                assert_eq!(back["models"], json!(["iris@1"]), "{said}");
                rig.with(Method::DELETE, "/deployments/iris", &[], json!({})).await.is(202);
            }
        }
    }
}

//! The cost of a change goes by the target of the deployment.

use domain::resources::{Capacity, Claim, Machine};
use domain::target::Traits;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::rig::{Rig, rig};

/// `iris` on this target with one replica, which takes all of the machine.
async fn running_on(target: &str) -> Rig {
    let rig = rig();
    rig.live.others.lock().unwrap().push(("cluster".parse().unwrap(), Traits::default()));
    rig.register("iris", "iris-v1.onnx").await.is(201);
    let body = json!({"name": "iris", "target": target, "configuration": {"models": ["iris@1"]}});
    assert_eq!(rig.post("/deployments", body).await.is(202)["target"], target);
    rig.complete(1);
    let capacity = Capacity { cpu_milli: 100, ..Capacity::ENDLESS };
    *rig.live.machine.lock().unwrap() = Some(Machine { capacity, ..Machine::ENDLESS });
    rig.replica_of("r1", Claim { cpu_milli: 100, ..Claim::default() }, Timestamp::now());
    rig
}

async fn impacts(rig: &Rig, set: &Value) -> (Value, Value) {
    let rehearsed = rig.post("/deployments/iris/rehearse", json!({ "set": set })).await.is(200);
    let used = rig.get("/deployments/iris").await.is(200)["configuration"].clone();
    let made = rig.post("/deployments/iris/configurations", json!({ "set": set })).await.is(201);
    let [made, used] = [&made["id"], &used].map(|id| id.as_str().unwrap().to_owned());
    let path = format!("/deployments/iris/configurations/{made}/diff?against={used}");
    let compared = rig.get(&path).await.is(200);
    (rehearsed["diff"][0]["impact"].clone(), compared["differences"][0]["impact"].clone())
}

#[tokio::test]
async fn a_target_that_cannot_reconfigure_replaces_the_replicas() {
    let set = json!({"user_config": {"batch_limit": 5}});
    let local = running_on("local").await;
    let in_place = json!("reconfigured_in_place");
    assert_eq!(impacts(&local, &set).await, (in_place.clone(), in_place));
    local.post("/deployments/iris/rollouts", json!({ "set": set })).await.is(202);

    let cluster = running_on("cluster").await;
    let restart = json!("rolling_restart");
    assert_eq!(impacts(&cluster, &set).await, (restart.clone(), restart));
    // A second replica has no room beside the one that is to be replaced.
    let refused = cluster.post("/deployments/iris/rollouts", json!({ "set": set })).await;
    refused.refused(422, "warnings_not_accepted");
}

#[tokio::test]
async fn a_session_knows_the_targets_and_their_abilities() {
    let rig = running_on("cluster").await;
    let abilities = |able: bool| json!({"counts_requests": able, "schedules": false, "reconfigures_in_place": able});
    let targets = rig.get("/session").await.is(200)["targets"].clone();
    assert_eq!(targets, json!({"local": abilities(true), "cluster": abilities(false)}));
}

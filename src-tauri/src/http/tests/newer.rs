//! The newer versions that a deployment is told of: none that failed there, none that is the same file.

use domain::event::Event;
use domain::id::RolloutNumber;
use domain::model::Tried;
use domain::receipt::Receipt;
use domain::rollout::{Cause, Phase, RolloutEvent};
use serde_json::{Value, json};

use super::rig::{Rig, rig};

async fn told_of(rig: &Rig) -> Value {
    let shown = rig.get("/deployments/iris").await.is(200)["newer_model_versions"].clone();
    let listed = rig.get("/deployments").await.is(200)["items"][0]["newer_model_versions"].clone();
    assert_eq!(shown, listed);
    shown
}

async fn condition_of(rig: &Rig) -> Value {
    rig.get("/deployments").await.is(200)["items"][0]["condition"].clone()
}

impl Rig {
    /// Lets a rollout of `iris` fail and go back, as the engine would.
    pub(super) fn go_back(&self, number: u32) {
        let cause = Cause::ProgressDeadline;
        let moves = [
            (RolloutEvent::Begin, Phase::Rolling, None),
            (RolloutEvent::Fail(cause), Phase::Reverting(cause), Some("It cannot be loaded.".to_owned())),
            (RolloutEvent::Settle, Phase::Reverted, None),
        ];
        self.write(|writing, id| {
            for (event, phase, problem) in moves {
                let (number, receipt) = (RolloutNumber(number), Receipt::default());
                writing
                    .append(Some(id), Event::RolloutMoved { number, event, phase, problem, receipt, blameless: false })
                    .unwrap();
            }
        });
    }

    pub(super) async fn updates(&self, set: Value) {
        self.post("/deployments/iris/rollouts", json!({"set": set, "accept_warnings": true})).await.is(202);
    }
}

#[tokio::test]
async fn a_version_that_failed_here_is_not_advertised_until_it_is_taken_for_good_again() {
    let rig = rig();
    rig.running().await;
    assert_eq!(told_of(&rig).await, json!(["iris@2"]));
    assert_eq!(condition_of(&rig).await, json!({"word": "running"}));
    rig.updates(json!({"models": ["iris@2"]})).await;
    assert_eq!(condition_of(&rig).await, json!({"word": "updating"}));
    rig.go_back(2);
    assert_eq!(told_of(&rig).await, json!([]));
    assert_eq!(condition_of(&rig).await, json!({"word": "update_failed", "why": "It cannot be loaded."}));
    // The same content under another number is as bad; something else is news, also when it is not the last one.
    rig.register("iris", "diabetes-v1.onnx").await.is(201);
    rig.register("iris", "iris-v2.onnx").await.is(201);
    assert_eq!(told_of(&rig).await, json!(["iris@3"]));
    let lifted = json!({"note": "The disk was full."});
    rig.with(http::Method::DELETE, "/deployments/iris/revisions/2/quarantine", &[], lifted).await.is(200);
    assert_eq!(told_of(&rig).await, json!(["iris@4"]));
}

#[tokio::test]
async fn a_file_that_is_the_same_byte_for_byte_is_no_news() {
    let rig = rig();
    rig.running().await;
    rig.register("iris", "iris-v1.onnx").await.is(201);
    assert_eq!(told_of(&rig).await, json!(["iris@2"]), "the version in between is something else");
    rig.updates(json!({"models": ["iris@2"]})).await;
    rig.complete(2);
    assert_eq!(told_of(&rig).await, json!(["iris@3"]), "it differs from what is in use now");
    rig.register("iris", "iris-v2.onnx").await.is(201);
    assert_eq!(told_of(&rig).await, json!(["iris@3"]));
}

#[tokio::test]
async fn settings_that_failed_do_not_make_a_version_bad_that_has_worked() {
    let rig = rig();
    rig.running().await;
    rig.updates(json!({"models": ["iris@2"]})).await;
    rig.complete(2);
    rig.updates(json!({"max_queue_ms": 9})).await;
    rig.go_back(3);
    rig.post("/deployments/iris/rollback", json!({"to": 1})).await.is(202);
    rig.complete(4);
    assert_eq!(told_of(&rig).await, json!(["iris@2"]));
}

#[tokio::test]
async fn a_version_that_could_not_be_loaded_is_no_news_where_one_is_used_that_could() {
    let rig = rig();
    rig.running().await;
    *rig.live.loads.lock().unwrap() = Some(Tried::Failed { problem: "No Op registered for Nope".to_owned() });
    rig.register("iris", "iris-v3-unknown-operator.onnx").await.is(201);
    assert_eq!(told_of(&rig).await, json!(["iris@2"]));
    rig.updates(json!({"models": ["iris@3"]})).await;
    rig.complete(2);
    rig.register("iris", "diabetes-v1.onnx").await.is(201);
    assert_eq!(told_of(&rig).await, json!(["iris@4"]), "another runtime loads it");
}

#[tokio::test]
async fn a_failed_update_is_news_until_whoever_looks_dismisses_it_and_again_when_it_happens_again() {
    let rig = rig();
    rig.running().await;
    let brief = async || rig.get("/deployments/iris").await.is(200)["newest_rollout"].clone();
    let word = async || condition_of(&rig).await["word"].clone();
    assert_eq!(brief().await, Value::Null, "what went well is no news");
    rig.updates(json!({"models": ["iris@2"]})).await;
    let begun = brief().await;
    let facts = json!([begun["number"], begun["phase"], begun["from_models"], begun["to_models"]]);
    assert_eq!(facts, json!([2, "pending", ["iris@1"], ["iris@2"]]));
    assert_eq!(json!([begun["from_revision"], begun["to_revision"]]), json!([1, 2]));
    let dismiss =
        async |number: u32| rig.post(&format!("/deployments/iris/rollouts/{number}/dismiss"), json!({})).await;
    dismiss(2).await.refused(409, "status_forbids_update");
    dismiss(7).await.refused(404, "not_found");
    rig.go_back(2);
    assert_eq!(word().await, "update_failed");
    dismiss(1).await.refused(409, "status_forbids_update");

    let shown = dismiss(2).await.is(200);
    assert_eq!(shown["newest_rollout"]["dismissed"], true);
    assert_eq!(word().await, "running");
    dismiss(2).await.is(200);
    // It is dismissed for whoever did it, and for nobody else.
    let other = rig.store.read(|reading| reading.page_preferences(&"everyone".parse().unwrap())).unwrap();
    assert_eq!(other, Default::default());
    // Another failure is news again.
    rig.updates(json!({"env": {"MODE": "other"}})).await;
    rig.go_back(3);
    assert_eq!(word().await, "update_failed");
}

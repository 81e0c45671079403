//! The models that a deployment has had in use, and what the registry says of a version: who would run it again, and where
//! it failed.

use serde_json::{Value, json};

use super::rig::{Rig, rig};

const PATH: &str = "/deployments/iris/model-history";

impl Rig {
    /// Updates `iris` to a version of its model, as rollout `number`.
    async fn updated(&self, version: u32, number: u32, note: &str) {
        let set = json!({"models": [format!("iris@{version}")]});
        let update = json!({"set": set, "reason": "accuracy", "note": note, "accept_warnings": true});
        self.post("/deployments/iris/rollouts", update).await.is(202);
        self.complete(number);
    }

    /// Each period as model, the operations at both ends, and the note that it ended with.
    async fn periods(&self) -> Vec<(String, String, Option<String>, Option<String>)> {
        let listed = self.get(PATH).await.is(200);
        assert_eq!(listed["next_cursor"], json!(null));
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let period = |period: &Value| {
            let (began, ended) = (&period["began"], &period["ended"]);
            let words = (text(&began["operation"]).unwrap(), text(&ended["operation"]), text(&ended["note"]));
            (text(&period["model"]).unwrap(), words.0, words.1, words.2)
        };
        listed["items"].as_array().unwrap().iter().map(period).collect()
    }
}

fn period(
    model: &str,
    began: &str,
    ended: Option<&str>,
    note: Option<&str>,
) -> (String, String, Option<String>, Option<String>) {
    (model.to_owned(), began.to_owned(), ended.map(str::to_owned), note.map(str::to_owned))
}

#[tokio::test]
async fn every_model_that_was_in_use_is_told_with_who_replaced_it_and_why() {
    let rig = rig();
    rig.deployed().await;
    assert_eq!(rig.periods().await, [], "nothing is in use before its rollout is complete");
    rig.complete(1);
    assert_eq!(rig.periods().await, [period("iris@1", "create", None, None)]);
    rig.updated(2, 2, "It sees more.").await;
    let listed = rig.get(PATH).await.is(200);
    let ended = &listed["items"][1]["ended"];
    assert_eq!(
        (&ended["actor"], &ended["reason"], &ended["rollout"]),
        (&json!("local"), &json!("accuracy"), &json!(2))
    );
    assert_eq!(listed["items"][0]["began"], *ended);

    // Other settings leave the model in use, and what fails never was.
    rig.post("/deployments/iris/rollouts", json!({"set": {"max_queue_ms": 9}})).await.is(202);
    rig.complete(3);
    rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@1"]}, "accept_warnings": true}))
        .await
        .is(202);
    rig.go_back(4);
    assert_eq!(
        rig.periods().await,
        [period("iris@2", "update", None, None), period("iris@1", "create", Some("update"), Some("It sees more."))]
    );

    rig.post("/deployments/iris/deactivate", json!({"note": "Nobody asks."})).await.is(202);
    assert_eq!(rig.periods().await[0], period("iris@2", "update", Some("deactivate"), Some("Nobody asks.")));
    rig.get("/deployments/rose/model-history").await.refused(404, "not_found");
}

#[tokio::test]
async fn it_is_told_of_more_rollouts_than_one_page_lists() {
    let rig = rig();
    rig.running().await;
    for number in 2..=25 {
        rig.updated(2 - number % 2, number, "Again.").await;
    }
    assert_eq!(rig.get("/deployments/iris/rollouts").await.is(200)["items"].as_array().unwrap().len(), 20);
    let told = rig.periods().await;
    assert_eq!(told.len(), 25, "{told:?}");
    assert_eq!(told[24], period("iris@1", "create", Some("update"), Some("Again.")));
}

#[tokio::test]
async fn a_version_says_which_deactivated_deployment_comes_back_with_it() {
    let rig = rig();
    rig.running().await;
    let told = async |version: u32| {
        let shown = rig.get(&format!("/models/iris/versions/{version}")).await.is(200);
        (shown["in_use_by"].clone(), shown["stopped_deployments"].clone())
    };
    assert_eq!(told(1).await, (json!(["iris"]), json!([])));
    rig.post("/deployments/iris/deactivate", json!({})).await.is(202);
    assert_eq!(told(1).await, (json!([]), json!(["iris"])));
    assert_eq!(told(2).await, (json!([]), json!([])));
}

#[tokio::test]
async fn a_version_says_where_it_is_known_to_be_bad() {
    let rig = rig();
    rig.running().await;
    let bad = async || rig.get("/models/iris/versions/2").await.is(200)["known_bad"].clone();
    assert_eq!(bad().await, json!([]));
    rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}})).await.is(202);
    rig.go_back(2);
    let found = bad().await;
    assert_eq!((&found[0]["deployment"], &found[0]["reason"]), (&json!("iris"), &json!("It cannot be loaded.")));
    assert!(found[0]["at"].is_string());
    assert_eq!(rig.get("/models").await.is(200)["items"][0]["versions"][0]["known_bad"], found);
    let lifted = json!({"note": "The disk was full."});
    rig.with(http::Method::DELETE, "/deployments/iris/revisions/2/quarantine", &[], lifted).await.is(200);
    assert_eq!(bad().await, json!([]));
}

#[tokio::test]
async fn a_model_says_which_version_comes_next() {
    let rig = rig();
    rig.running().await;
    assert_eq!(rig.get("/models/iris").await.is(200)["next_version"], 3);
    rig.with(http::Method::DELETE, "/models/iris/versions/2", &[], json!({})).await.is(200);
    let left = rig.get("/models/iris").await.is(200);
    assert_eq!((&left["latest_version"], &left["next_version"]), (&json!(1), &json!(3)));
}

//! The arrangements of a person on their pages: kept for them alone, within bounds.

use domain::page_preferences::{LONGEST_QUERY, MOST_VIEWS};
use serde_json::{Value, json};

use super::door::Who;
use super::rig::rig;

const PAGE: &str = "/me/deployments-page";

#[tokio::test]
async fn views_and_columns_are_kept_for_whoever_arranged_them() {
    let rig = rig();
    let (ada, _) = rig.person("ada", "viewer").await;
    let (bob, _) = rig.person("bob", "editor").await;
    let nothing = json!({"hidden": [], "views": []});
    assert_eq!(rig.read_by(&ada, PAGE).await.is(200), nothing);
    let newest = async || rig.read_by(&Who::local(), "/history?limit=1").await.is(200)["items"][0]["seq"].clone();
    let before = newest().await;
    let page = json!({"hidden": ["errors", "p95"], "views": [
        {"name": "Mine that fail", "query": "q=ada&status=attention&sort=-name"},
        {"name": "All", "query": ""},
    ]});
    let kept = rig.by(&ada, "PUT", PAGE, page.clone()).await.is(200);
    assert_eq!(kept["views"], page["views"]);
    assert_eq!(rig.read_by(&ada, PAGE).await.is(200), kept);
    assert_eq!(rig.read_by(&bob, PAGE).await.is(200), nothing, "nobody else has them");
    // Nothing of it is for the history.
    assert_eq!(newest().await, before);
    rig.by(&ada, "PUT", PAGE, nothing.clone()).await.is(200);
    assert_eq!(rig.read_by(&ada, PAGE).await.is(200), nothing);
}

#[tokio::test]
async fn dismissing_and_arranging_leave_each_other_alone() {
    let rig = rig();
    rig.running().await;
    rig.updates(json!({"models": ["iris@2"]})).await;
    rig.go_back(2);
    let page = json!({"hidden": [], "views": [{"name": "All", "query": ""}]});
    rig.by(&Who::local(), "PUT", PAGE, page.clone()).await.is(200);
    rig.post("/deployments/iris/rollouts/2/dismiss", json!({})).await.is(200);
    assert_eq!(rig.get(PAGE).await.is(200), page);
    rig.by(&Who::local(), "PUT", PAGE, json!({"hidden": ["errors"]})).await.is(200);
    assert_eq!(rig.get("/deployments/iris").await.is(200)["newest_rollout"]["dismissed"], true);
}

#[tokio::test]
async fn what_is_too_much_or_not_understood_is_refused_and_changes_nothing() {
    let rig = rig();
    let view = |name: &str, query: &str| json!({"name": name, "query": query});
    let many: Vec<Value> = (0..=MOST_VIEWS).map(|at| view(&format!("view {at}"), "")).collect();
    for views in [
        json!(many),
        json!([view("", "q=x")]),
        json!([view("a", "q=x"), view("A", "q=y")]),
        json!([view("a", "?q=x")]),
        json!([view("a", &"x".repeat(LONGEST_QUERY + 1))]),
    ] {
        rig.by(&Who::local(), "PUT", PAGE, json!({"views": views})).await.refused(422, "invalid_field");
    }
    rig.by(&Who::local(), "PUT", PAGE, json!({"shown": ["errors"]})).await.refused(422, "unknown_field");
    assert_eq!(rig.by(&Who::local(), "PUT", PAGE, json!({"hidden": ["colour"]})).await.status, 422);
    assert_eq!(rig.get(PAGE).await.is(200), json!({"hidden": [], "views": []}));
}

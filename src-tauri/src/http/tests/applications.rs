//! Applications: made by owners, read by whoever may predict, and gone with their deployment.

use axum::http::Method;
use domain::event::Event;
use serde_json::{Value, json};

use super::approvals::people::{Team, id};
use super::rig::rig;

const PATH: &str = "/deployments/iris/application";

fn terms(title: &str) -> Value {
    json!({"title": title, "introduction": "Measure a flower.",
           "fields": [{"name": "X 1", "label": "Sepal length", "hint": "in cm", "default": "5.1"}]})
}

#[tokio::test]
async fn it_is_made_changed_and_deleted_and_the_history_says_so() {
    let rig = rig();
    rig.running().await;
    rig.get(PATH).await.refused(404, "not_found");
    let put = async |terms: Value| rig.with(Method::PUT, PATH, &[], terms).await;
    let made = put(terms("Which iris?")).await.is(200);
    assert_eq!((&made["title"], &made["may_change"]), (&json!("Which iris?"), &json!(true)));
    assert_eq!(made["fields"], terms("")["fields"]);
    assert_eq!(rig.get(PATH).await.is(200), made);
    assert_eq!(rig.get("/deployments/iris").await.is(200)["application"], "Which iris?");
    put(terms("Which iris?")).await.is(200);
    let changed = put(terms("Which flower?")).await.is(200);
    assert_eq!((&changed["made_at"], &changed["title"]), (&made["made_at"], &json!("Which flower?")));
    assert_eq!(rig.with(Method::DELETE, PATH, &[], json!({})).await.is(200), changed);
    rig.with(Method::DELETE, PATH, &[], json!({})).await.refused(404, "not_found");
    assert_eq!(rig.get("/deployments/iris").await.is(200)["application"], Value::Null);

    let history = rig.get("/history?limit=3").await.is(200);
    let kinds: Vec<_> = history["items"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(
        kinds,
        ["application_deleted", "application_changed", "application_created"],
        "nothing for the same again"
    );
    assert!(rig.get("/history/verify").await.is(200)["intact"].as_bool().unwrap());
}

#[tokio::test]
async fn terms_that_nobody_could_read_are_refused() {
    let rig = rig();
    rig.running().await;
    for (wrong, code, field) in [
        (json!({"title": " "}), "invalid_field", "title"),
        (json!({"introduction": "x"}), "invalid_field", "title"),
        (json!({"title": "x", "introduction": "x".repeat(2_001)}), "invalid_field", "introduction"),
        (json!({"title": "x", "fields": [{"label": "y"}]}), "invalid_field", "fields"),
        (json!({"title": "x", "colour": "red"}), "unknown_field", "colour"),
    ] {
        let refused = rig.with(Method::PUT, PATH, &[], wrong.clone()).await.refused(422, code);
        assert_eq!(refused["field"], field, "{wrong}");
    }
    rig.get(PATH).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_owner_makes_it_and_a_consumer_reads_it() {
    let team = Team::new().await;
    let role = async |role: &str| {
        let given = json!({"principal": id("bob"), "role": role});
        team.with("ada", Method::PATCH, "/deployments/iris/access", given).await.is(200);
    };
    team.with("bob", Method::PUT, PATH, terms("Mine")).await.refused(404, "not_found");
    role("user").await;
    team.with("bob", Method::PUT, PATH, terms("Mine")).await.refused(403, "role_forbids");
    team.with("ada", Method::PUT, PATH, terms("Which iris?")).await.is(200);
    team.with("bob", Method::DELETE, PATH, json!({})).await.refused(403, "role_forbids");
    role("consumer").await;
    let read = team.get("bob", PATH).await.is(200);
    assert_eq!(
        (&read["title"], &read["may_change"], &read["made_by"]),
        (&json!("Which iris?"), &json!(false), &Value::Null)
    );
    assert_eq!(team.get("bob", "/deployments/iris").await.is(200)["application"], "Which iris?");
    team.get("cy", PATH).await.refused(404, "not_found");
}

#[tokio::test]
async fn it_is_gone_with_its_deployment() {
    let rig = rig();
    rig.running().await;
    rig.with(Method::PUT, PATH, &[], terms("Which iris?")).await.is(200);
    let id = rig.store.read(|reading| reading.deployments()).unwrap().remove(0).id;
    let there = || rig.store.read(|reading| reading.application(&id)).unwrap().is_some();
    assert!(there());
    rig.write(|writing, id| {
        writing.append(Some(id), Event::DeploymentDeleted { name: "iris".parse().unwrap() }).unwrap();
    });
    assert!(!there());
}

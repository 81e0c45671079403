//! Compatibility: comparing models, what a report allows, checks beside a deployment.

use axum::http::Method;
use domain::caller::Caller;
use domain::compat::{CheckStep, Report, Trial};
use domain::event::Event;
use domain::model::Tried;
use domain::resources::Machine;
use serde_json::{Value, json};

use super::rig::{Rig, rig};
use crate::commands::{Moment, check_report};

const ROLLOUTS: &str = "/deployments/iris/rollouts";
const CHECKS: &str = "/deployments/iris/checks";

/// Two running versions of iris, and files that may not replace them.
async fn with_others() -> Rig {
    let rig = rig();
    rig.running().await;
    rig.register("diabetes", "diabetes-v1.onnx").await.is(201);
    rig.register("iris", "iris-v1.onnx").await.is(201);
    rig
}

fn to(model: &str) -> Value {
    json!({"set": {"models": [model]}})
}

fn outcome<'a>(report: &'a Value, check: &str) -> Option<&'a str> {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|line| line["check"] == check).and_then(|line| line["outcome"].as_str())
}

#[tokio::test]
async fn two_models_are_compared_by_what_their_files_say() {
    let rig = with_others().await;
    let compare = |body: Value| rig.post("/compat", body);
    let fine = compare(json!({"current": "iris@1", "candidate": "iris@2"})).await.is(200);
    assert_eq!((&fine["verdict"], &fine["needs_go_ahead"]), (&json!("compatible"), &json!(false)), "{fine}");
    assert_eq!((&fine["current"], &fine["candidate"]), (&json!("iris@1"), &json!("iris@2")));
    let other = compare(json!({"current": "iris@1", "candidate": "diabetes@1"})).await.is(200);
    assert_eq!(other["verdict"], "incompatible");
    assert_eq!(outcome(&other, "input_removed"), Some("failed"), "{other}");
    let same = compare(json!({"current": "iris@1", "candidate": "iris@3"})).await.is(200);
    assert_eq!((&same["verdict"], outcome(&same, "same_file")), (&json!("compatible"), Some("passed")));
    // For a deployment an update to the same bytes warns, and what was not tried is said.
    let here = compare(json!({"candidate": "iris@3", "deployment": "iris"})).await.is(200);
    assert_eq!((&here["verdict"], outcome(&here, "same_file")), (&json!("warning"), Some("warning")));
    assert_eq!(outcome(&here, "model_loads"), Some("passed"), "it was loaded when it was registered");
    assert_eq!(outcome(&here, "sample_request"), Some("not_verified"));

    // So does the very version in use, asked about as a candidate.
    let used = compare(json!({"candidate": "iris@1", "deployment": "iris"})).await.is(200);
    assert_eq!((&used["verdict"], outcome(&used, "same_file")), (&json!("warning"), Some("warning")), "{used}");
    assert_eq!(used["current"], "iris@1");

    compare(json!({"current": "iris@1", "candidate": "iris@9"})).await.refused(422, "unknown_model");
    compare(json!({"candidate": "iris@2"})).await.refused(422, "invalid_field");
    compare(json!({"current": "iris", "candidate": "iris@2"})).await.refused(422, "invalid_field");
    compare(json!({"candidate": "iris@2", "deployment": "rose"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_rollout_begins_only_when_the_report_allows_it() {
    let rig = with_others().await;
    let before = rig.get("/history").await.is(200);
    let refused = rig.post(ROLLOUTS, to("diabetes@1")).await.refused(422, "incompatible");
    assert_eq!(refused["compatibility"]["verdict"], "incompatible");
    let mut forced = to("diabetes@1");
    forced["accept_warnings"] = json!(true);
    rig.post(ROLLOUTS, forced).await.refused(422, "incompatible");
    let refused = rig.post(ROLLOUTS, to("iris@3")).await.refused(422, "warnings_not_accepted");
    assert!(refused["detail"].as_str().unwrap().contains("byte for byte"), "{refused}");
    assert_eq!(rig.get("/history").await.is(200), before, "a refusal changes nothing");

    let mut accepted = to("iris@3");
    accepted["accept_warnings"] = json!(true);
    let started = rig.post(ROLLOUTS, accepted).await.is(202);
    assert_eq!(started["compatibility"]["verdict"], "warning", "the report is kept with the rollout");
    rig.complete(2);
    let shown = rig.get(&format!("{ROLLOUTS}/2")).await.is(200);
    assert_eq!(shown["compatibility"], started["compatibility"]);
}

#[tokio::test]
async fn what_only_scales_is_not_compared_and_going_back_is_never_held_up() {
    let rig = with_others().await;
    let rehearsed = rig.post("/deployments/iris/rehearse", json!({"set": {"replicas": 5}})).await.is(200);
    assert_eq!(rehearsed["compatibility"], json!(null));
    let rehearsed = rig.post("/deployments/iris/rehearse", to("iris@2")).await.is(200);
    assert_eq!(rehearsed["compatibility"]["verdict"], "compatible");
    rig.post(ROLLOUTS, to("iris@2")).await.is(202);
    rig.complete(2);
    // From now on iris@1 would be refused as a candidate, and still it can be gone back to.
    let policy = json!({"checks": {"challengers": ["iris@1"]}});
    rig.with(Method::PATCH, "/deployments/iris", &[], policy).await.is(200);
    rig.post(ROLLOUTS, to("iris@1")).await.refused(422, "incompatible");
    let back = rig.post("/deployments/iris/rollback", json!({"reason": "errors"})).await.is(202);
    assert_eq!(back["compatibility"]["verdict"], "incompatible", "it is recorded all the same");
}

#[tokio::test]
async fn a_deployment_asks_for_more_than_the_signature() {
    let rig = with_others().await;
    let set = async |checks: Value| {
        rig.with(Method::PATCH, "/deployments/iris", &[], json!({ "checks": checks })).await.is(200)
    };
    let rehearsed =
        async || rig.post("/deployments/iris/rehearse", to("iris@2")).await.is(200)["compatibility"].clone();
    set(json!({"humility_rules": [{"name": "unsure", "outputs": ["confidence"]}]})).await;
    assert_eq!(outcome(&rehearsed().await, "humility_rules"), Some("failed"));
    set(json!({"segment_attributes": ["region"]})).await;
    assert_eq!(outcome(&rehearsed().await, "segment_attributes"), Some("failed"), "its file names other columns");
    let view = set(json!({"not_verified_warns": true})).await;
    assert_eq!(view["checks"]["not_verified_warns"], true);
    let report = rehearsed().await;
    assert_eq!((&report["verdict"], &report["needs_go_ahead"]), (&json!("warning"), &json!(true)));
    rig.post(ROLLOUTS, to("iris@2")).await.refused(422, "warnings_not_accepted");
    let patch =
        async |checks: Value| rig.with(Method::PATCH, "/deployments/iris", &[], json!({ "checks": checks })).await;
    for (wrong, code, field) in [
        (json!({"segment_attributes": [""]}), "invalid_field", "checks.segment_attributes"),
        (json!([]), "invalid_field", "checks"),
        (json!([true, ["region"]]), "invalid_field", "checks"),
        (json!({"humility_rules": [["unsure"]]}), "invalid_field", "checks.humility_rules[0]"),
        (json!({"challengers": ["iris@2", "iris@99"]}), "unknown_model", "checks.challengers"),
    ] {
        assert_eq!(patch(wrong).await.refused(422, code)["field"], field);
    }
    assert_eq!(rig.get("/deployments/iris").await.is(200)["checks"], view["checks"], "a refusal changes nothing");

    // A challenger that has been deleted since is in nobody's way.
    set(json!({"challengers": ["iris@2", "iris@3"]})).await;
    rig.with(Method::DELETE, "/models/iris/versions/3", &[], json!({})).await.is(200);
    set(json!({"challengers": ["iris@3"]})).await;
    patch(json!({"challengers": ["iris@2", "iris@3"]})).await.is(200);
    set(json!({})).await;
    patch(json!({"challengers": ["iris@3"]})).await.refused(422, "unknown_model");
    let new = json!({"name": "rose", "configuration": {"models": ["iris@1"]}, "checks": {"challengers": ["iris@3"]}});
    rig.post("/deployments", new).await.refused(422, "unknown_model");
}

#[tokio::test]
async fn checks_are_listed_in_pages() {
    let rig = with_others().await;
    rig.post(CHECKS, to("iris@2")).await.is(202);
    let first = rig.store.read(|reading| reading.open_checks()).unwrap()[0].clone();
    rig.write(|writing, deployment| {
        for number in 1..=6 {
            let configuration = Box::new(first.configuration.clone());
            let id = format!("{}-{number}", first.id).parse().unwrap();
            writing.append(Some(deployment), Event::CheckStarted { id, configuration }).unwrap();
        }
    });
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for count in [3, 3, 1] {
        let page = rig.get(&format!("{CHECKS}?limit=3{cursor}")).await.is(200);
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), count);
        seen.extend(items.iter().map(|check| check["id"].as_str().unwrap().to_owned()));
        cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap_or_default());
    }
    let expected: Vec<_> = (1..=6).rev().map(|number| format!("{}-{number}", first.id)).collect();
    assert_eq!((seen, cursor.as_str()), ([expected, vec![first.id.to_string()]].concat(), "&cursor="));
    rig.get(&format!("{CHECKS}?cursor=")).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_check_is_asked_for_once_found_again_and_counts() {
    let rig = with_others().await;
    let reply = rig.post(CHECKS, to("iris@2")).await;
    let check = reply.is(202);
    let id = check["id"].as_str().unwrap().to_owned();
    assert_eq!(reply.header("location"), format!("/api/v1{CHECKS}/{id}"));
    assert_eq!((&check["step"], &check["trial"]), (&json!("queued"), &json!(null)));
    assert_eq!(outcome(&check["report"], "sample_request"), Some("not_verified"));
    assert_eq!(rig.post(CHECKS, to("iris@2")).await.is(202)["id"], id, "it is the same one");
    assert_eq!(rig.get("/deployments/iris").await.is(200)["generation"], 1, "the deployment is not touched");

    let ended = |problem: Option<&str>| {
        let loads = problem.map_or(Tried::Worked, |problem| Tried::Failed { problem: problem.to_owned() });
        let trial = Trial { loads, answers: Tried::Worked, memory_bytes: Some(900_000_000), startup_ms: Some(40) };
        let id = id.parse().unwrap();
        rig.write(|writing, deployment| {
            let caller = Caller::new("local".parse().unwrap());
            let moment = Moment { reading: writing.reading(), caller: &caller, machines: &Machine::ENDLESS };
            let row = moment.find("iris").unwrap();
            let check = writing.reading().check(&id).unwrap().unwrap();
            let report: Report = check_report(moment, &row, &check.configuration, Some(&trial)).unwrap();
            writing.append(Some(deployment), Event::CheckMoved { id: id.clone(), step: CheckStep::Asking }).unwrap();
            writing.append(Some(deployment), Event::CheckEnded { id, trial, report }).unwrap();
        });
    };
    let untried = rig.post("/deployments/iris/rehearse", to("iris@2")).await.is(200);
    ended(None);
    let shown = rig.get(&format!("{CHECKS}/{id}")).await.is(200);
    assert_eq!((&shown["step"], outcome(&shown["report"], "model_loads")), (&json!("ended"), Some("passed")));
    assert_eq!(outcome(&shown["report"], "memory"), Some("warning"), "0.9 GB where 0.5 GB are asked for");
    assert_eq!(rig.get(CHECKS).await.is(200)["items"][0], shown);
    // The same code in more replicas counts too; another model does not.
    let mut more = to("iris@2");
    more["set"]["replicas"] = json!(4);
    let rehearsed = rig.post("/deployments/iris/rehearse", more).await.is(200);
    assert_eq!(outcome(&rehearsed["compatibility"], "model_loads"), Some("passed"));
    // It is rehearsed with the start that was measured, not with the usual one.
    let measured = rig.post("/deployments/iris/rehearse", to("iris@2")).await.is(200);
    let took = |view: &Value| view["plan"]["duration_ms"].as_u64().unwrap();
    assert!(took(&measured) < took(&untried), "{measured}");
    rig.post(ROLLOUTS, to("iris@2")).await.refused(422, "warnings_not_accepted");
    ended(Some("it needs an operator that nobody knows."));
    let refused = rig.post(ROLLOUTS, to("iris@2")).await.refused(422, "incompatible");
    assert_eq!(refused["compatibility"]["verdict"], "unreadable");

    rig.get(&format!("{CHECKS}/none")).await.refused(404, "not_found");
    rig.post(CHECKS, to("iris@9")).await.refused(422, "unknown_model");
    rig.post(CHECKS, json!({"set": {"replica": 1}})).await.refused(422, "unknown_field");
    rig.get(&format!("{CHECKS}?limit=0")).await.refused(422, "invalid_field");
}

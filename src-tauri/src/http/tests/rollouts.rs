//! Rollouts: start, look, pause, resume, cancel, go back, rehearse.

use axum::http::Method;
use serde_json::{Value, json};

use super::rig::rig;

const PATH: &str = "/deployments/iris/rollouts";

fn to(version: u32) -> Value {
    json!({"set": {"models": [format!("iris@{version}")]}})
}

#[tokio::test]
async fn a_rollout_is_accepted_and_can_be_watched() {
    let rig = rig();
    rig.running().await;
    let body = json!({"set": {"models": ["iris@2"]}, "reason": "data_drift", "note": "Spring", "strategy": {"max_surge": "25%"}});
    let reply = rig.post(PATH, body).await;
    let started = reply.is(202);
    assert_eq!(reply.header("location"), format!("/api/v1{PATH}/2"));
    assert_eq!((&started["number"], &started["phase"]), (&json!(2), &json!("pending")));
    assert_eq!((&started["from_revision"], &started["to_revision"]), (&json!(1), &json!(2)));
    assert_eq!((&started["reason"], &started["note"]), (&json!("data_drift"), &json!("Spring")));
    assert_eq!(started["strategy"]["max_surge"], "25%");
    assert_eq!(started["deadline_at"], json!(null), "it has not begun");
    assert_eq!(started["receipt"]["answered"], 10, "what is counted but not recorded yet is shown");

    rig.write(|writing, id| {
        use domain::event::Event;
        use domain::id::RolloutNumber;
        use domain::receipt::Receipt;
        use domain::rollout::{Phase, RolloutEvent};
        use domain::step_kind::StepKind;
        let (number, receipt, problem) = (RolloutNumber(2), Receipt::default(), None);
        let (event, phase) = (RolloutEvent::Begin, Phase::Rolling);
        writing
            .append(Some(id), Event::RolloutMoved { number, event, phase, problem, receipt, blameless: false })
            .unwrap();
        let (rollout, step, reason) = (Some(RolloutNumber(2)), StepKind::Start.into(), "room above".to_owned());
        writing.append(Some(id), Event::StepTaken { rollout, step, replica: None, reason, stands: false }).unwrap();
    });
    let rolling = rig.get(&format!("{PATH}/2")).await.is(200);
    let steps: Vec<_> =
        rolling["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    assert_eq!(steps, ["begin", "start"]);
    assert!(rolling["deadline_at"].is_string());
    let place = json!({"old": null, "new": null, "comes": true});
    assert_eq!(rolling["picture"]["columns"], json!([place, place, place]), "a place for each that is to come");
    assert_eq!(rolling["picture"]["desired"], 3);
    assert!(rolling["picture"]["left_ms"].is_u64(), "{rolling:#}");
    let list = rig.get(PATH).await.is(200);
    assert_eq!(list["items"][0], rolling);
    assert!(list["items"][1].get("picture").is_none(), "it is over");
    assert_eq!(
        (&list["items"][1]["phase"], &list["items"][1]["receipt"]["answered"]),
        (&json!("completed"), &json!(0))
    );
    let page = rig.get(&format!("{PATH}?limit=1")).await.is(200);
    assert_eq!(page["next_cursor"], "2");
    assert_eq!(rig.get(&format!("{PATH}?limit=1&cursor=2")).await.is(200)["items"][0]["number"], 1);
    assert_eq!(rig.get("/deployments/iris").await.is(200)["operation"]["operation"], "update");
    rig.get(&format!("{PATH}/9")).await.refused(404, "not_found");
    rig.get(&format!("{PATH}/x")).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_must_not_be_rolled_out_is_refused_with_its_code() {
    let rig = rig();
    let deployment = rig.running().await;
    rig.post(PATH, json!({})).await.refused(422, "nothing_to_change");
    rig.post(PATH, json!({"set": {}})).await.refused(422, "nothing_to_change");
    rig.post(PATH, json!({"configuration": deployment["configuration"]})).await.refused(422, "configuration_in_use");
    rig.post(PATH, json!({"configuration": "none"})).await.refused(422, "unknown_configuration");
    rig.post(PATH, to(9)).await.refused(422, "unknown_model");
    rig.post("/deployments/rose/rollouts", to(2)).await.refused(404, "not_found");
    rig.with(Method::POST, PATH, &[("if-match", "\"7\"")], to(2)).await.refused(412, "precondition_failed");
    rig.with(Method::POST, PATH, &[("if-match", "\"1\"")], to(2)).await.is(202);
    let problem = rig.post(PATH, to(2)).await.refused(409, "operation_in_progress");
    assert_eq!(
        (&problem["operation"], &problem["actor"], &problem["rollout"]),
        (&json!("update"), &json!("local"), &json!(2))
    );
    assert!(problem["since"].is_string());
    rig.post(PATH, json!({"set": {"replicas": 4}, "on_top_of": 1})).await.refused(409, "no_rollout");
    let over = rig.post(PATH, json!({"set": {"replicas": 4}, "on_top_of": 2})).await.is(202);
    assert_eq!(over["number"], 3);
    assert_eq!(rig.get(&format!("{PATH}/2")).await.is(200)["phase"], "superseded");
}

#[tokio::test]
async fn equal_content_and_a_dry_run_change_nothing_and_say_so() {
    let rig = rig();
    rig.running().await;
    let before = rig.get("/history").await.is(200);
    let same = rig.post(PATH, to(1)).await.is(200);
    assert_eq!((&same["unchanged"], &same["diff"]), (&json!(true), &json!([])));
    let dry = json!({"set": {"models": ["iris@2"], "replicas": 5}, "dry_run": true});
    let rehearsed = rig.post(PATH, dry.clone()).await.is(200);
    assert_eq!((&rehearsed["unchanged"], &rehearsed["configuration"]["replicas"]), (&json!(false), &json!(5)));
    assert!(rehearsed["plan"]["steps"].as_array().unwrap().len() > 4);
    assert_eq!(rig.post("/deployments/iris/rehearse", dry).await.is(200), rehearsed);
    let wrong = json!({"set": {"models": ["iris@2"]}, "strategy": {"max_surge": 0, "max_unavailable": 0}});
    rig.post("/deployments/iris/rehearse", wrong).await.refused(422, "invalid_field");
    assert_eq!(rig.get("/history").await.is(200), before);
}

#[tokio::test]
async fn a_rollout_is_paused_resumed_and_cancelled() {
    let rig = rig();
    rig.running().await;
    rig.post(PATH, to(2)).await.is(202);
    let happens = |what: &'static str, tag: &'static str| {
        let rig = &rig;
        async move { rig.with(Method::POST, &format!("{PATH}/2/{what}"), &[("if-match", tag)], json!({})).await }
    };
    happens("pause", "\"1\"").await.refused(412, "precondition_failed");
    assert_eq!(happens("pause", "\"2\"").await.is(200)["phase"], "paused");
    assert_eq!(happens("pause", "*").await.refused(409, "rollout_forbids")["phase"], "paused");
    assert_eq!(happens("resume", "*").await.is(200)["phase"], "rolling");
    // No body and no type are needed to say what the path says.
    let bare = super::rig::request("POST", &format!("{PATH}/2/cancel")).body(axum::body::Body::empty()).unwrap();
    let cancelled = rig.send(bare).await.is(200);
    assert_eq!(cancelled["phase"], "reverting");
    assert_eq!(cancelled["steps"].as_array().unwrap().last().unwrap()["kind"], "cancel");
    rig.post(&format!("{PATH}/9/pause"), json!({})).await.refused(404, "not_found");
    rig.post(&format!("{PATH}/2/pause"), json!({"why": 1})).await.refused(422, "unknown_field");
}

#[tokio::test]
async fn a_rollback_is_a_rollout_to_what_worked_before() {
    let rig = rig();
    rig.running().await;
    let path = "/deployments/iris/rollback";
    rig.post(path, json!({})).await.refused(422, "no_earlier_revision");
    rig.post(PATH, to(2)).await.is(202);
    rig.complete(2);
    rig.post(path, json!({"to": 9})).await.refused(422, "no_earlier_revision");
    rig.with(Method::POST, path, &[("if-match", "\"1\"")], json!({})).await.refused(412, "precondition_failed");
    let back = rig.post(path, json!({"reason": "errors"})).await.is(202);
    assert_eq!((&back["number"], &back["to_revision"], &back["reason"]), (&json!(3), &json!(3), &json!("errors")));
    let deployment = rig.get("/deployments/iris").await.is(200);
    assert_eq!((&deployment["models"], &deployment["revision"]), (&json!(["iris@1"]), &json!(3)));
}

#[tokio::test]
async fn a_rollback_is_told_as_one_everywhere_apart_from_its_note() {
    let rig = rig();
    rig.running().await;
    rig.post(PATH, to(2)).await.is(202);
    rig.complete(2);
    let note = "p95 doubled since noon";
    let back = rig.post("/deployments/iris/rollback", json!({"note": note, "reason": "errors"})).await.is(202);
    assert_eq!((&back["rolled_back_to"], &back["kind"], &back["note"]), (&json!(1), &json!("update"), &json!(note)));
    rig.complete(3);
    let shown = rig.get("/deployments/iris?include=revisions").await.is(200);
    let last = &shown["last_operation"];
    assert_eq!((&last["kind"], &last["rolled_back_to"]), (&json!("update"), &json!(1)));
    assert_eq!(shown["revision_list"][0]["rolled_back_to"], 1);
    assert_eq!(shown["revision_list"][1]["rolled_back_to"], json!(null));
    let history = rig.get("/history?kind=rollout_started").await.is(200);
    let (rolled_back, updated) = (&history["items"][0], &history["items"][1]);
    assert_eq!(rolled_back["summary"], "Rolled back to revision 1 with rollout 3, as revision 3");
    assert_eq!((&rolled_back["event"]["rolled_back_to"], &rolled_back["event"]["note"]), (&json!(1), &json!(note)));
    assert_eq!(updated["summary"], "Started rollout 2 to revision 2");
    assert_eq!(updated["event"].get("rolled_back_to"), None, "as entries were written before");
    // A relaunch changes nothing of what was gone back to, and is no rollback itself.
    rig.post("/deployments/iris/relaunch", json!({})).await.is(202);
    rig.complete(4);
    let shown = rig.get("/deployments/iris?include=revisions").await.is(200);
    assert_eq!(shown["last_operation"]["rolled_back_to"], json!(null));
    assert_eq!(shown["revision_list"][0]["rolled_back_to"], 1);
}

#[tokio::test]
async fn a_second_rollback_in_a_row_wants_to_be_told_where_to() {
    let rig = rig();
    rig.running().await;
    rig.post(PATH, to(2)).await.is(202);
    rig.complete(2);
    let path = "/deployments/iris/rollback";
    rig.post(path, json!({})).await.is(202);
    // While it moves, and when it is over.
    rig.post(path, json!({"on_top_of": 3})).await.refused(422, "undoes_rollback");
    rig.complete(3);
    let refused = rig.post(path, json!({})).await.refused(422, "undoes_rollback");
    assert_eq!((&refused["revision"], &refused["rolled_back_to"]), (&json!(2), &json!(1)));
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("bring back revision 2 (iris@2)") && detail.contains("--to 2"), "{detail}");
    assert_eq!(rig.get("/deployments/iris").await.is(200)["revision"], 3, "nothing was changed");
    let back = rig.post(path, json!({"to": 2})).await.is(202);
    assert_eq!((&back["to_revision"], &back["rolled_back_to"]), (&json!(4), &json!(2)));
}

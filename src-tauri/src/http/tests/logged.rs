//! Lines of output by level, revision and place; those of replicas that are gone; a file of all.

use domain::event::Event;
use domain::id::RevisionNumber;
use domain::replica::{Intent, Observed, ReplicaRecord};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::logs::{lines, with_output, write};
use super::rig::Rig;

/// A replica of revision 2 that could not be started, was told to end, and is gone.
fn failed(rig: &Rig, id: &str) {
    let new = ReplicaRecord::new(id.parse().unwrap(), RevisionNumber(2), Timestamp::now());
    let exited = Observed::Exited { at: Timestamp::now() };
    let failed = ReplicaRecord { observed: exited, problem: Some("no operator Foo".to_owned()), ..new };
    let stopped = ReplicaRecord { intent: Intent::Stop { since: Timestamp::now() }, ..failed.clone() };
    rig.write(|writing, deployment| {
        let gone = Event::ReplicaForgotten { id: failed.id.clone() };
        let changed = |replica| Event::ReplicaChanged { replica };
        for event in [changed(failed), changed(stopped), gone] {
            writing.append(Some(deployment), event).unwrap();
        }
    });
}

#[tokio::test]
async fn lines_have_a_level_and_those_that_matter_are_chosen() {
    let rig = with_output().await;
    write(&rig, "r1", &["INFO:     up", "WARNING:root:old", "Traceback (most recent call last):", "  File \"x\""]);
    let page = rig.get("/deployments/iris/logs?replica=r1").await.is(200);
    let levels: Vec<_> = page["items"].as_array().unwrap().iter().map(|line| line["level"].clone()).collect();
    let nothing = Value::Null;
    let expected = json!([nothing, nothing, nothing, "info", "warning", "error", "error"]);
    assert_eq!(Value::Array(levels), expected);
    let errors = rig.get("/deployments/iris/logs?level=error").await.is(200);
    assert_eq!(lines(&errors), ["r1:Traceback (most recent call last):", "r1:  File \"x\""]);
    let both = rig.get("/deployments/iris/logs?level=warning&limit=2").await.is(200);
    assert_eq!(lines(&both).len(), 2);
    // What was not asked for counts for nothing when it is read on.
    write(&rig, "r2", &["fine", "ERROR gone"]);
    let since = format!("/deployments/iris/logs?level=error&since={}", errors["next_cursor"].as_str().unwrap());
    assert_eq!(lines(&rig.get(&since).await.is(200)), ["r2:ERROR gone"]);
    rig.get("/deployments/iris/logs?level=loud").await.refused(422, "invalid_field");
    rig.get("/deployments/iris/logs?requests=true&level=error").await.refused(422, "invalid_field");
}

#[tokio::test]
async fn earlier_lines_are_read_back_to_the_beginning_without_gap_or_repeat() {
    let rig = with_output().await;
    write(&rig, "r2", &["four", "ERROR five"]);
    let all = lines(&rig.get("/deployments/iris/logs").await.is(200));
    assert_eq!(all.len(), 8);
    for limit in 1..9 {
        let mut page = rig.get(&format!("/deployments/iris/logs?limit={limit}")).await.is(200);
        let mut found = lines(&page);
        while let Some(before) = page["earlier_cursor"].as_str() {
            assert!(found.len() <= all.len(), "{limit}: {found:?}");
            page = rig.get(&format!("/deployments/iris/logs?limit={limit}&before={before}")).await.is(200);
            found.splice(0..0, lines(&page));
        }
        assert_eq!(found, all, "{limit}");
    }
    let errors = rig.get("/deployments/iris/logs?level=error&limit=1").await.is(200);
    assert_eq!(lines(&errors), ["r2:ERROR five"]);
    for wrong in ["before=r1:1&since=r1:1", "before=r1:1&follow=true", "before=r1"] {
        rig.get(&format!("/deployments/iris/logs?{wrong}")).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn output_of_a_replica_that_failed_is_there_when_it_is_gone() {
    let rig = with_output().await;
    write(&rig, "r9", &["changeover replica: no operator Foo"]);
    failed(&rig, "r9");
    assert!(!lines(&rig.get("/deployments/iris/logs").await.is(200)).iter().any(|line| line.starts_with("r9")));
    for choice in ["replica=r9", "revision=2", "revision=2&level=error"] {
        let page = rig.get(&format!("/deployments/iris/logs?{choice}")).await.is(200);
        assert_eq!(lines(&page), ["r9:changeover replica: no operator Foo"], "{choice}");
        assert_eq!((&page["items"][0]["revision"], &page["items"][0]["level"]), (&json!(2), &json!("error")));
    }
    assert_eq!(lines(&rig.get("/deployments/iris/logs?revision=1").await.is(200)).len(), 6);

    let list = rig.get("/deployments/iris/logs/replicas").await.is(200);
    let told: Vec<_> = list["items"].as_array().unwrap().iter().map(|one| (&one["id"], &one["revision"])).collect();
    assert_eq!(told, [(&json!("r1"), &json!(1)), (&json!("r2"), &json!(1)), (&json!("r9"), &json!(2))]);
    let (there, gone) = (&list["items"][0], &list["items"][2]);
    assert_eq!((&there["state"], &there["ended_at"]), (&json!("unknown"), &Value::Null));
    assert_eq!((&gone["state"], &gone["problem"]), (&Value::Null, &json!("no operator Foo")));
    assert!(gone["ended_at"].is_string(), "{gone}");
    rig.get("/deployments/rose/logs/replicas").await.refused(404, "not_found");
}

#[tokio::test]
async fn the_last_lines_of_a_replica_that_is_gone_are_read_by_whoever_followed_it() {
    let rig = with_output().await;
    let first = rig.get("/deployments/iris/logs").await.is(200);
    let since = |page: &Value| format!("/deployments/iris/logs?since={}", page["next_cursor"].as_str().unwrap());
    write(&rig, "r2", &["its last"]);
    rig.write(|writing, deployment| {
        writing.append(Some(deployment), Event::ReplicaForgotten { id: "r2".parse().unwrap() }).unwrap();
    });
    let last = rig.get(&since(&first)).await.is(200);
    assert_eq!(lines(&last), ["r2:its last"]);
    let nothing = rig.get(&since(&last)).await.is(200);
    assert_eq!((lines(&nothing).len(), &nothing["next_cursor"]), (0, &json!("r1:3")), "it is not looked at any more");
}

#[tokio::test]
async fn everything_that_is_kept_is_downloaded_in_the_order_of_its_times() {
    let rig = with_output().await;
    write(&rig, "r2", &["ERROR no model"]);
    let reply = rig.get("/deployments/iris/logs/download").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-disposition"], "attachment; filename=\"iris.log\"");
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let whole: Vec<_> = text.lines().collect();
    assert_eq!(whole.len(), 7);
    assert_eq!(whole[0], "2026-01-01T00:00:00.000000Z  -        revision 1  r1  one");
    assert_eq!(whole[1], "2026-01-01T00:00:00.000000Z  -        revision 1  r2  one");
    assert_eq!(whole[6], "2026-01-01T00:00:03.000000Z  error    revision 1  r2  ERROR no model");
    let errors = rig.get("/deployments/iris/logs/download?replica=r2&level=error").await;
    assert_eq!(errors.headers["content-disposition"], "attachment; filename=\"iris-r2.log\"");
    assert_eq!(String::from_utf8_lossy(&errors.body).lines().count(), 1);
    rig.get("/deployments/iris/logs/download?replica=r8").await.refused(404, "not_found");
    rig.get("/deployments/iris/logs/download?q=x").await.refused(422, "unknown_field");
}

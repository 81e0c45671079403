//! The journal, read, verified and exported.

use serde_json::{Value, json};

use super::rig::rig;

fn kinds(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn what_happened_is_listed_newest_first_and_filtered() {
    let rig = rig();
    let deployment = rig.deployed().await;
    let list = rig.get("/history").await.is(200);
    let expected =
        ["rollout_started", "configuration_created", "deployment_created", "model_registered", "model_registered"];
    assert_eq!(kinds(&list), expected);
    assert_eq!(list["items"][0]["seq"], 5);
    for field in ["at", "actor", "summary", "hash", "deployment"] {
        assert!(list["items"][0][field].is_string(), "{field}");
    }
    assert_eq!(list["items"][0]["event"]["number"], 1);
    assert_eq!(kinds(&rig.get("/history?deployment=iris").await.is(200)), expected[..3]);
    assert_eq!(kinds(&rig.get("/history?kind=model_registered").await.is(200)), expected[3..]);
    let page = rig.get("/history?limit=4").await.is(200);
    assert_eq!(page["next_cursor"], "2");
    assert_eq!(rig.get("/history?limit=4&cursor=2").await.is(200)["items"][0], list["items"][4]);
    rig.get("/history?deployment=rose").await.refused(404, "not_found");
    rig.get("/history?cursor=x").await.refused(422, "invalid_field");

    // A deployment that is gone is found by its id.
    rig.write(|writing, id| {
        let name = "iris".parse().unwrap();
        writing.append(Some(id), domain::event::Event::DeploymentDeleted { name }).unwrap();
    });
    let id = deployment["id"].as_str().unwrap();
    assert_eq!(rig.get(&format!("/history?deployment={id}")).await.is(200)["items"][0]["kind"], "deployment_deleted");
    rig.get("/history?deployment=iris").await.refused(404, "not_found");
}

#[tokio::test]
async fn tampering_is_found() {
    let rig = rig();
    rig.deployed().await;
    let intact = rig.get("/history/verify").await.is(200);
    assert_eq!(
        (&intact["intact"], &intact["entries"], &intact["first_broken"]),
        (&json!(true), &json!(5), &json!(null))
    );
    let tamper = rusqlite::Connection::open(rig.folder.path().join("changeover.db")).unwrap();
    tamper
        .execute_batch(
            "DROP TRIGGER journal_is_not_changed; UPDATE journal SET event = CAST(x'FF' AS TEXT) WHERE seq = 3",
        )
        .unwrap();
    let broken = rig.get("/history/verify").await.is(200);
    assert_eq!((&broken["intact"], &broken["first_broken"]), (&json!(false), &json!(3)));
    // The others are listed, exported and told all the same.
    let list = rig.get("/history").await.is(200);
    assert_eq!(kinds(&list)[2], "unreadable", "{list}");
    assert_eq!(list["items"].as_array().unwrap().len(), 5);
    let export = rig.get("/history/export").await;
    let text = String::from_utf8(export.body.to_vec()).unwrap();
    assert_eq!(text.lines().count(), 6, "{text}");
    let events = rig.get("/events?after=0&wait=0").await.is(200);
    assert_eq!(kinds(&events)[2], "unreadable", "{events}");
}

#[tokio::test]
async fn the_whole_history_is_exported_oldest_first() {
    let rig = rig();
    rig.deployed().await;
    for _ in 0..1_200 {
        rig.write(|writing, id| {
            let status = domain::deployment::Status::Pending;
            writing.append(Some(id), domain::event::Event::StatusChanged { status, error: None }).unwrap();
        });
    }
    let reply = rig.get("/history/export").await;
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (end, lines) = lines.split_last().unwrap();
    assert_eq!(lines.len(), 1_205);
    assert!(lines.iter().enumerate().all(|(at, line)| line["seq"] == at + 1));
    let newest = rig.get("/history?limit=1").await.is(200);
    assert_eq!(lines.last().unwrap(), &newest["items"][0]);
    let head = json!({"seq": 1_205, "hash": newest["items"][0]["hash"]});
    assert_eq!(end, &json!({"end": {"after": {"seq": 0, "hash": "changeover"}, "head": head}}));
}

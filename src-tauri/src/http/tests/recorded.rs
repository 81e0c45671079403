//! What is kept of requests: looked through, opened and downloaded, by whoever may read logs.

use serde_json::{Value, json};

use super::rig::{Rig, rig};
use crate::api::RecordKind;

const RECORDS: &str = "/deployments/iris/records";

fn request(rig: &Rig, number: u32, status: u16, revision: u32, kept: bool) {
    let outcome = if status < 500 { "answered" } else { "failed" };
    let line = json!({
        "id": format!("{number:016x}"), "at": format!("2026-01-01T00:00:{number:02}Z"), "method": "POST",
        "path": "/v2", "status": status, "ms": 1.5, "bytes_in": 2, "bytes_out": 3, "revision": revision,
        "replica": "r1", "outcome": outcome, "kept": kept,
    });
    rig.live.records.lock().unwrap().push((RecordKind::Requests, line.to_string()));
}

fn prediction(rig: &Rig, number: u32, revision: u32) {
    let body = |text: Value| json!({"media_type": "application/json", "bytes": 9, "complete": true, "json": text});
    // The id comes first, as the gateway writes it.
    let rest = json!({
        "at": format!("2026-01-01T00:00:{number:02}Z"), "path": "/v2", "status": 200, "ms": 1.5, "revision": revision,
        "replica": "r1", "input": body(json!({"x": number})), "output": body(json!("=1+1")),
    });
    let line = format!("{{\"id\":\"{number:016x}\",{}", &rest.to_string()[1..]);
    rig.live.records.lock().unwrap().push((RecordKind::Predictions, line));
}

async fn with_records() -> Rig {
    let rig = rig();
    rig.running().await;
    for (number, status, revision, kept) in
        [(1, 200, 1, false), (2, 500, 1, false), (3, 200, 2, true), (4, 404, 2, false), (5, 200, 2, true)]
    {
        request(&rig, number, status, revision, kept);
    }
    prediction(&rig, 3, 2);
    prediction(&rig, 5, 2);
    rig
}

/// The seconds of those that are listed.
async fn listed(rig: &Rig, query: &str) -> Vec<u32> {
    let page = rig.get(&format!("{RECORDS}{query}")).await.is(200);
    let second = |line: &Value| line["at"].as_str().unwrap()[17..19].parse().unwrap();
    page["items"].as_array().unwrap().iter().map(second).collect()
}

#[tokio::test]
async fn the_newest_come_first_and_filters_choose() {
    let rig = with_records().await;
    for (query, seconds) in [
        ("", vec![5, 4, 3, 2, 1]),
        ("?limit=2", vec![5, 4]),
        ("?revision=1", vec![2, 1]),
        ("?errors=true", vec![4, 2]),
        ("?errors=true&revision=2", vec![4]),
        ("?from=2026-01-01T00:00:02Z&to=2026-01-01T00:00:04Z", vec![3, 2]),
        ("?kept=true", vec![5, 3]),
        ("?kept=true&errors=true", vec![]),
        ("?kept=true&limit=1", vec![5]),
    ] {
        assert_eq!(listed(&rig, query).await, seconds, "{query}");
    }
    let first = &rig.get(&format!("{RECORDS}?kept=true")).await.is(200)["items"][0];
    assert_eq!((&first["kept"], &first["status"], &first["bytes_in"]), (&json!(true), &json!(200), &json!(9)));
    assert!(first.get("input").is_none(), "bodies are read one by one: {first}");
    // What comes twice while a file is moved aside, and half a line, count for nothing.
    request(&rig, 5, 200, 2, true);
    rig.live.records.lock().unwrap().push((RecordKind::Requests, "{\"at\":".to_owned()));
    assert_eq!(listed(&rig, "").await, [5, 4, 3, 2, 1]);
    for wrong in ["limit=0", "limit=1001", "errors=perhaps", "from=noon", "revision=one"] {
        rig.get(&format!("{RECORDS}?{wrong}")).await.refused(422, "invalid_field");
    }
    rig.get(&format!("{RECORDS}?colour=blue")).await.refused(422, "unknown_field");
    rig.get("/deployments/rose/records").await.refused(404, "not_found");
}

#[tokio::test]
async fn one_is_opened_with_what_was_asked_and_answered() {
    let rig = with_records().await;
    let opened = rig.get(&format!("{RECORDS}/{:016x}", 3)).await.is(200);
    assert_eq!((&opened["input"]["json"], &opened["output"]["json"]), (&json!({"x": 3}), &json!("=1+1")));
    for not_kept in [1, 9] {
        rig.get(&format!("{RECORDS}/{not_kept:016x}")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_file_holds_them_oldest_first_and_says_where_it_ends() {
    let rig = with_records().await;
    let file = rig.get(&format!("{RECORDS}/export?errors=true")).await;
    assert_eq!(file.header("content-type"), "application/x-ndjson");
    assert!(file.header("content-disposition").contains("requests.ndjson"));
    let text = String::from_utf8(file.body.to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines.iter().map(|line| line["status"].clone()).collect::<Vec<_>>(),
        [json!(500), json!(404), Value::Null]
    );
    assert_eq!(lines[2], json!({"end": {"records": 2, "complete": true}}));

    let file = rig.get(&format!("{RECORDS}/export?format=csv&kept=true")).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let text = String::from_utf8(file.body.to_vec()).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert!(rows.len() == 4 && rows[0].starts_with("time,method,path,status"), "{text}");
    assert!(rows[1].contains("\"{\"\"x\"\":3}\"") && rows[2].contains("\"{\"\"x\"\":5}\""), "{text}");
    assert!(rows[3].starts_with("end,2 records: all that fit"), "{text}");
}

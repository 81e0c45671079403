//! The history searched, told by rollout, and exported in part.

use axum::http::Method;
use domain::event::Event;
use domain::id::{DeploymentId, ReplicaId, RolloutNumber};
use domain::principal::ServerRole;
use domain::receipt::Receipt;
use domain::rollout::{Cause, Phase, RolloutEvent};
use serde_json::{Value, json};

use super::approvals::people::{Team, id};
use super::rig::{Rig, rig, rig_with};
use crate::api::Bounds;
use crate::store::tables::profiles::Profile;

fn kinds(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

/// What each group holds: the number of its rollout, or 0, and the kinds of its entries.
fn told(page: &Value) -> Vec<(u64, Vec<&str>)> {
    let groups = page["items"].as_array().unwrap().iter();
    let kinds = |group: &'_ Value| -> Vec<String> {
        let entries = group["entries"].as_array().unwrap().iter();
        entries.map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
    };
    groups
        .map(|group| {
            let kinds = kinds(group).into_iter().map(|kind| &*kind.leak()).collect();
            (group["rollout"]["number"].as_u64().unwrap_or_default(), kinds)
        })
        .collect()
}

fn happens(rig: &Rig, events: impl IntoIterator<Item = Event>) {
    rig.write(|writing, id| {
        for event in events {
            writing.append(Some(id), event).unwrap();
        }
    });
}

fn moved(number: u32, event: RolloutEvent, phase: Phase) -> Event {
    let (number, receipt) = (RolloutNumber(number), Receipt::default());
    Event::RolloutMoved { number, event, phase, problem: None, receipt, blameless: false }
}

fn gone(replica: &str) -> Event {
    Event::ReplicaForgotten { id: replica.parse::<ReplicaId>().unwrap() }
}

/// Every page of a search, and how many there were.
async fn all(rig: &Rig, path: &str) -> (Vec<Value>, usize) {
    let (mut items, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = rig.get(&format!("{path}{cursor}")).await.is(200);
        items.extend(page["items"].as_array().unwrap().clone());
        pages += 1;
        assert_eq!(page["next_cursor"].is_null(), page["searched_to"].is_null(), "{page}");
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (items, pages),
        }
    }
}

#[tokio::test]
async fn words_are_searched_for_in_sentences_kinds_reasons_and_names() {
    let team = Team::new().await;
    for (name, shown) in [("ada", "Ada Stra\u{df}er"), ("bob", "Bob")] {
        let profile = Profile { id: id(name), name: shown.to_owned(), email: None };
        team.rig.write(|writing, _| writing.put_profile(&profile).unwrap());
    }
    let body = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true, "reason": "data_drift",
                      "note": "Drifted in May"});
    team.post("ada", "/deployments/iris/rollouts", body).await.is(202);
    for (q, found) in [
        ("iris%20ADA", &["rollout_started", "configuration_created"][..]),
        ("stra%C3%9Fer%20drift%20may", &["rollout_started"]),
        ("rollout_started%202", &["rollout_started"]),
        ("model%20iris@2", &["model_registered"]),
        ("ada%20nobody", &[]),
    ] {
        let page = team.rig.get(&format!("/history?q={q}&limit=2&engine=false")).await.is(200);
        assert_eq!(kinds(&page), found, "{q}");
    }
    let by = format!("/history?by={}&limit=1&kind=rollout_started&q=iris", id("ada"));
    assert_eq!(kinds(&team.rig.get(&by).await.is(200)), ["rollout_started"]);
    assert_eq!(kinds(&team.rig.get(&format!("/history?by={}", id("bob"))).await.is(200)), [""; 0]);
    // Who was erased is not found by their name any more.
    team.rig.write(|writing, _| writing.remove_profile(&id("ada")).unwrap());
    assert_eq!(kinds(&team.rig.get("/history?q=Stra").await.is(200)), [""; 0]);
    assert_eq!(kinds(&team.rig.get("/history?q=erased%20drift").await.is(200)), ["rollout_started"]);
}

#[tokio::test]
async fn a_deployment_that_is_gone_is_found_by_its_name() {
    let rig = rig();
    let deployment = rig.running().await["id"].as_str().unwrap().to_owned();
    happens(&rig, [Event::DeploymentDeleted { name: "iris".parse().unwrap() }]);
    let page = rig.get("/history?q=iris&engine=false").await.is(200);
    let expected = ["deployment_deleted", "rollout_moved", "rollout_started", "configuration_created"];
    assert_eq!(kinds(&page)[..4], expected);
    assert_eq!(page["deployments"], json!({deployment.clone(): "iris"}));
    // Its rollouts are told too, although no table knows them any more.
    let groups = rig.get("/history/groups?q=iris&kind=rollout_started").await.is(200);
    assert_eq!(told(&groups), [(1, vec!["rollout_moved", "rollout_started"])]);
    assert_eq!(groups["items"][0]["rollout"]["phase"], "completed");
    assert_eq!(groups["deployments"][deployment.as_str()], "iris");
}

#[tokio::test]
async fn what_one_may_not_see_is_neither_found_nor_counted() {
    let team = Team::new().await;
    let body = json!({"name": "rose", "default_access": "none", "configuration": {"models": ["iris@1"]}});
    team.post("ada", "/deployments", body).await.is(202);
    let user = json!({"principal": id("bob"), "role": "user"});
    team.with("ada", Method::PATCH, "/deployments/rose/access", user).await.is(200);
    team.member("mallory", ServerRole::Viewer, false);
    for path in ["/history?q=rollout&limit=100", "/history/groups?kind=rollout_started"] {
        let seen = async |who: &str| team.get(who, path).await.is(200);
        let (ada, bob, mallory) = (seen("ada").await, seen("bob").await, seen("mallory").await);
        let names = |page: &Value| -> Vec<String> {
            page["deployments"].as_object().unwrap().values().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&ada).len(), 2, "{ada}");
        assert_eq!(names(&bob), ["rose"], "{bob}");
        assert_eq!((names(&mallory), mallory["items"].as_array().unwrap().len()), (vec![], 0), "{mallory}");
    }
    for who in ["bob", "mallory"] {
        assert_eq!(team.get(who, "/history?q=deployment%20iris").await.is(200)["items"], json!([]), "{who}");
        team.get(who, "/history/export?q=iris").await.refused(403, "role_forbids");
    }
    team.get("bob", "/history/groups?deployment=iris").await.refused(404, "not_found");
}

#[tokio::test]
async fn one_request_looks_at_so_many_entries_and_says_how_far_it_came() {
    let rig = rig_with(Bounds { looked_at: 100, ..Bounds::default() });
    rig.deployed().await;
    happens(&rig, (0..950).map(|number| gone(&format!("r{number}"))));
    let first = rig.get("/history?q=iris-not").await.is(200);
    assert_eq!((&first["items"], &first["next_cursor"]), (&json!([]), &json!("856")));
    assert!(first["searched_to"].is_string());
    let (found, pages) = all(&rig, "/history?q=created%20deployment").await;
    assert_eq!((found.len(), pages), (1, 10));
    let (found, pages) = all(&rig, "/history?q=replica%20gone&limit=60").await;
    assert_eq!(found.len(), 950);
    assert!((16..=20).contains(&pages), "{pages}");
    let (found, pages) = all(&rig, "/history/groups?kind=rollout_started").await;
    // The page with the rollout has looked at its steps too, and ends with it.
    assert_eq!((found.len(), found[0]["rollout"]["steps"].clone(), pages), (1, json!(950), 11));
    // What an index leads to is looked at alone.
    let (found, pages) = all(&rig, "/history?kind=model_registered&to=2000-01-01T00:00:00Z").await;
    assert_eq!((found.len(), pages), (0, 1));
}

#[tokio::test]
async fn a_rollout_is_one_group_wherever_its_entries_stand() {
    let rig = rig();
    rig.running().await;
    let body = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true, "reason": "accuracy", "note": "Better"});
    rig.post("/deployments/iris/rollouts", body).await.is(202);
    happens(&rig, [moved(2, RolloutEvent::Begin, Phase::Rolling), gone("r1")]);
    rig.post("/deployments/iris/rollouts/2/pause", json!({})).await.is(200);
    rig.register("rose", "iris-v1.onnx").await.is(201);
    happens(&rig, [gone("r2"), gone("r3")]);
    let failed = Phase::Reverting(Cause::CannotRun);
    happens(&rig, [moved(2, RolloutEvent::Fail(Cause::CannotRun), failed)]);
    happens(&rig, [moved(2, RolloutEvent::Settle, Phase::Reverted), gone("r4")]);

    let whole = rig.get("/history/groups").await.is(200);
    let second = vec!["rollout_moved", "rollout_moved", "rollout_moved", "rollout_started"];
    let expected = [
        (2, second.clone()),
        (0, vec!["model_registered"]),
        (0, vec!["configuration_created"]),
        (1, vec!["rollout_moved", "rollout_started"]),
    ];
    assert_eq!(told(&whole)[..4], expected);
    let rollout = &whole["items"][0]["rollout"];
    assert_eq!(
        (&rollout["phase"], &rollout["reason"], &rollout["note"], &rollout["models"], &rollout["models_before"]),
        (&json!("reverted"), &json!("accuracy"), &json!("Better"), &json!(["iris@2"]), &json!(["iris@1"]))
    );
    // Page by page it is the same, and no rollout comes twice.
    let (paged, pages) = all(&rig, "/history/groups?limit=1").await;
    assert_eq!((&Value::Array(paged), pages), (&whole["items"], whole["items"].as_array().unwrap().len()));

    // The steps that are counted are those that are listed.
    let id = &whole["items"][0]["entries"][0]["deployment"].as_str().unwrap();
    let (first, last) = (rollout["first"].as_u64().unwrap() - 1, rollout["last"].as_u64().unwrap() + 1);
    let steps = rig.get(&format!("/history?deployment={id}&after={first}&cursor={last}&engine=only")).await.is(200);
    assert_eq!(kinds(&steps).len() as u64, rollout["steps"].as_u64().unwrap());
    assert_eq!(kinds(&steps).last(), Some(&"rollout_moved"), "{steps}");

    // An entry in the midst finds all of it, once, where the newest one that is found stands.
    let paused = rig.get("/history/groups?q=paused").await.is(200);
    assert_eq!(told(&paused), [(2, second)]);
    let (moves, _) = all(&rig, "/history/groups?kind=rollout_moved&limit=1").await;
    assert_eq!(moves.len(), 2);
}

#[tokio::test]
async fn a_long_rollout_is_one_group_too() {
    let rig = rig();
    rig.deployed().await;
    happens(&rig, [moved(1, RolloutEvent::Begin, Phase::Rolling)]);
    happens(&rig, (0..12_000).map(|number| gone(&format!("r{number}"))));
    happens(&rig, [moved(1, RolloutEvent::Settle, Phase::Completed)]);
    let (groups, _) = all(&rig, "/history/groups?limit=1&deployment=iris").await;
    let rollouts: Vec<_> = groups.iter().filter(|group| !group["rollout"].is_null()).collect();
    assert_eq!(rollouts.len(), 1);
    assert_eq!(rollouts[0]["rollout"]["steps"], 12_001);
    assert_eq!(rollouts[0]["entries"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn times_choose_entries() {
    let rig = rig();
    rig.deployed().await;
    let list = rig.get("/history").await.is(200);
    let at = |index: usize| list["items"][index]["at"].as_str().unwrap().to_owned();
    let seqs = async |query: String| {
        let page = rig.get(&format!("/history?{query}")).await.is(200);
        page["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let fits = |keep: &dyn Fn(&str) -> bool| -> Vec<u64> {
        let items = list["items"].as_array().unwrap().iter();
        items.filter(|entry| keep(entry["at"].as_str().unwrap())).map(|entry| entry["seq"].as_u64().unwrap()).collect()
    };
    let middle = at(3);
    let time: jiff::Timestamp = middle.parse().unwrap();
    let read = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    assert_eq!(seqs(format!("from={middle}")).await, fits(&|at| read(at) >= time));
    assert_eq!(seqs(format!("to={middle}")).await, fits(&|at| read(at) < time));
    assert_eq!(seqs("from=2000-01-01T00:00:00Z&to=9000-01-01T00:00:00Z".to_owned()).await.len(), 5);
    assert_eq!(seqs("from=9000-01-01T00:00:00Z".to_owned()).await, [0_u64; 0]);
    assert_eq!(seqs("after=2&cursor=5".to_owned()).await, [4, 3]);
}

#[tokio::test]
async fn wrong_searches_are_refused() {
    let rig = rig();
    rig.deployed().await;
    let long = "x".repeat(201);
    for path in ["/history", "/history/groups", "/history/export"] {
        for (query, field) in [
            (format!("q={long}"), "q"),
            ("from=yesterday".to_owned(), "from"),
            ("to=2026-13-01T00:00:00Z".to_owned(), "to"),
            ("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z".to_owned(), "to"),
            ("by=".to_owned(), "by"),
            ("use_case=%20".to_owned(), "use_case"),
        ] {
            let refused = rig.get(&format!("{path}?{query}")).await.refused(422, "invalid_field");
            assert_eq!(refused["field"], field, "{path} {query}");
        }
        assert_eq!(rig.get(&format!("{path}?words=a")).await.refused(422, "unknown_field")["field"], "words");
        rig.get(&format!("{path}?deployment=rose")).await.refused(404, "not_found");
    }
    assert_eq!(rig.get("/history?engine=maybe").await.refused(422, "invalid_field")["field"], "engine");
    assert_eq!(rig.get("/history?after=x").await.refused(422, "invalid_field")["field"], "after");
    assert_eq!(rig.get("/history/export?format=xlsx").await.refused(422, "invalid_field")["field"], "format");
    assert_eq!(rig.get("/history/groups?engine=true").await.refused(422, "unknown_field")["field"], "engine");
    rig.get("/history/groups?limit=201").await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_part_is_exported_as_one() {
    let rig = rig_with(Bounds { looked_at: 300, ..Bounds::default() });
    rig.running().await;
    rig.post("/deployments/iris/deactivate", json!({"note": "=HYPERLINK(\"x\"), says\nsomebody"})).await.is(202);
    happens(&rig, (0..1_300).map(|number| gone(&format!("r{number}"))));
    let text = |reply: super::rig::Reply| String::from_utf8(reply.body.to_vec()).unwrap();
    let head = rig.get("/history?limit=1").await.is(200)["items"][0].clone();

    let lines = text(rig.get("/history/export?q=gone&engine=only").await);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (end, entries) = lines.split_last().unwrap();
    assert_eq!(entries.len(), 1_300);
    assert!(entries.windows(2).all(|two| two[0]["seq"].as_u64() < two[1]["seq"].as_u64()));
    assert_eq!(
        (&end["end"]["filtered"], &end["end"]["entries"], &end["end"]["head"]["hash"]),
        (&json!(true), &json!(1_300), &head["hash"])
    );
    assert!(end["end"]["after"].is_null());

    let reply = rig.get("/history/export?format=csv&engine=false").await;
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    let body = text(reply);
    let mut table = csv::Reader::from_reader(body.as_bytes());
    assert_eq!(table.headers().unwrap().len(), 9);
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let (end, rows) = rows.split_last().unwrap();
    assert_eq!((&end[4], &end[8]), ("end", head["hash"].as_str().unwrap()));
    let deactivated = rows.iter().find(|row| &row[4] == "deactivated").unwrap();
    assert_eq!(
        (&deactivated[3], &deactivated[5]),
        ("iris", "Deactivated the deployment: =HYPERLINK(\"x\"), says\nsomebody")
    );
    assert!(rows.iter().all(|row| &row[4] != "replica_forgotten"));
    // A name that would be a formula is none.
    let profile = Profile { id: id("eve"), name: "=1+1".to_owned(), email: None };
    rig.write(|writing, _| writing.put_profile(&profile).unwrap());
    rig.store
        .write(&id("eve").actor(), rig.now(), |writing| {
            writing.append(None::<&DeploymentId>, Event::PasswordChanged {})?;
            Ok::<_, crate::commands::Refusal>(())
        })
        .unwrap();
    let body = text(rig.get("/history/export?format=csv&kind=password_changed").await);
    assert!(body.contains(",'=1+1,"), "{body}");
}

//! Events as they happen.

use axum::body::Body;
use axum::http::Method;
use domain::deployment::Status;
use domain::event::Event;
use domain::id::Actor;
use domain::notice::{Topic, digest};
use domain::principal::PrincipalId;
use domain::replica::{Intent, Observed};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::rig::{Rig, request, rig, rig_with};
use crate::api::Bounds;
use crate::store::tables::notices::Notice;

/// So many entries, in one transaction.
fn happen(rig: &Rig, count: usize) {
    rig.write(|writing, id| {
        for _ in 0..count {
            writing.append(Some(id), Event::StatusChanged { status: Status::Pending, error: None }).unwrap();
        }
    });
}

struct Listener {
    body: Body,
    text: String,
}

/// An event: its id, its name and its data.
type Heard = (String, String, Value);

impl Listener {
    async fn open(rig: &Rig, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = request("GET", path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = rig.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let value = event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    value.unwrap_or_default().to_owned()
                };
                let heard = (field("id"), field("event"), serde_json::from_str(&field("data")).unwrap());
                self.text = rest.to_owned();
                return Some(heard);
            }
            let chunk = self.body.frame().await?.unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn ids(&mut self, count: usize) -> Vec<u64> {
        let mut ids = Vec::new();
        while ids.len() < count {
            let (id, event, data) = self.next().await.unwrap();
            assert_eq!((event.as_str(), data["seq"].to_string()), ("change", id.clone()));
            ids.push(id.parse().unwrap());
        }
        ids
    }
}

#[tokio::test]
async fn entries_come_once_and_in_order_from_the_journal_and_then_live() {
    let rig = rig();
    rig.deployed().await;
    let mut listener = Listener::open(&rig, "/events?after=2", &[]).await;
    happen(&rig, 3);
    assert_eq!(listener.ids(6).await, [3, 4, 5, 6, 7, 8]);
    let mut entry = rig.get("/history?limit=1").await.is(200)["items"][0].clone();
    happen(&rig, 1);
    entry["seq"] = json!(9);
    let (_, _, data) = listener.next().await.unwrap();
    for field in ["seq", "kind", "summary", "deployment", "event"] {
        assert_eq!(data[field], entry[field], "the form is the history's");
    }
}

#[tokio::test]
async fn a_listener_goes_on_where_it_was_cut_off() {
    let rig = rig();
    rig.deployed().await;
    let mut listener = Listener::open(&rig, "/events?after=1", &[("last-event-id", "4")]).await;
    assert_eq!(listener.ids(1).await, [5]);
    let mut from_now = Listener::open(&rig, "/events", &[]).await;
    happen(&rig, 1);
    assert_eq!(from_now.ids(1).await, [6]);
    let request = request("GET", "/events").header("last-event-id", "x").body(Body::empty()).unwrap();
    rig.send(request).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn who_has_missed_too_much_is_told_to_read_afresh() {
    let rig = rig();
    rig.deployed().await;
    happen(&rig, 2_000);
    let mut listener = Listener::open(&rig, "/events?after=4", &[]).await;
    assert_eq!(listener.next().await.unwrap(), ("2005".into(), "resync".into(), json!({"seq": 2005})));
    happen(&rig, 1);
    assert_eq!(listener.ids(1).await, [2006]);
    let mut listener = Listener::open(&rig, "/events?after=6", &[]).await;
    assert_eq!(listener.ids(2_000).await.first(), Some(&7), "just not too much");
    // A place that this journal has not reached was given by another one.
    let mut listener = Listener::open(&rig, "/events?after=9999", &[]).await;
    assert_eq!(listener.next().await.unwrap().1, "resync");
}

#[tokio::test]
async fn who_listens_too_slowly_is_told_to_read_afresh() {
    let rig = rig();
    rig.deployed().await;
    let mut listener = Listener::open(&rig, "/events?after=5", &[]).await;
    happen(&rig, 5_000);
    assert_eq!(listener.next().await.unwrap(), ("5005".into(), "resync".into(), json!({"seq": 5005})));
    happen(&rig, 1);
    assert_eq!(listener.ids(1).await, [5006]);
}

#[tokio::test]
async fn listeners_end_when_the_server_stops() {
    let rig = rig();
    let mut listener = Listener::open(&rig, "/events", &[]).await;
    rig.stopping.cancel();
    assert_eq!(listener.next().await, None);
}

#[tokio::test]
async fn listeners_are_bounded() {
    let rig = rig_with(Bounds { streams: 1, ..Bounds::default() });
    let listener = Listener::open(&rig, "/events", &[]).await;
    let reply = rig.get("/events").await;
    reply.refused(503, "too_many_streams");
    assert!(!reply.header("retry-after").is_empty());
    drop(listener);
    Listener::open(&rig, "/events", &[]).await;
}

#[tokio::test]
async fn a_poll_answers_what_has_happened_since() {
    let rig = rig();
    rig.deployed().await;
    let request = request("GET", "/events?after=3").header("accept", "application/json").body(Body::empty()).unwrap();
    let since = rig.send(request).await.is(200);
    let seqs: Vec<_> = since["items"].as_array().unwrap().iter().map(|entry| &entry["seq"]).collect();
    assert_eq!((seqs, &since["next"], &since["resync"]), (vec![&json!(4), &json!(5)], &json!(5), &json!(false)));
    let nothing = rig.get("/events?after=5&wait=0").await.is(200);
    assert_eq!(nothing, json!({"items": [], "next": 5, "resync": false, "notices": 0}));
    happen(&rig, 2_000);
    let afresh = rig.get("/events?after=4&wait=1").await.is(200);
    assert_eq!(afresh, json!({"items": [], "next": 2005, "resync": true, "notices": 0}));
    let all = rig.get("/events?after=5&wait=1").await.is(200);
    assert_eq!((all["items"].as_array().unwrap().len(), &all["next"]), (2_000, &json!(2005)));
    rig.get("/events?wait=31").await.refused(422, "invalid_field");
    rig.get("/events?since=1").await.refused(422, "unknown_field");
}

#[tokio::test(start_paused = true)]
async fn a_poll_waits_until_something_happens_and_not_longer_than_asked() {
    let rig = rig();
    rig.deployed().await;
    let start = tokio::time::Instant::now();
    let (answer, ()) = tokio::join!(rig.get("/events?after=5&wait=30"), async {
        // The paused clock moves on only once the poll has nothing left to do but wait.
        tokio::time::sleep(std::time::Duration::from_secs(7)).await;
        happen(&rig, 2);
    });
    let answer = answer.is(200);
    assert_eq!(start.elapsed().as_secs(), 7);
    assert_eq!((&answer["items"][0]["seq"], &answer["next"], &answer["resync"]), (&json!(6), &json!(7), &json!(false)));
    let nothing = rig.get("/events?after=7&wait=30").await.is(200);
    assert_eq!(nothing, json!({"items": [], "next": 7, "resync": false, "notices": 0}));
    assert_eq!(start.elapsed().as_secs(), 37);
}

#[tokio::test]
async fn whoever_listens_hears_of_notices_that_no_entry_tells_of() {
    let rig = rig();
    rig.deployed().await;
    let mut listener = Listener::open(&rig, "/events", &[]).await;
    let notice = Notice { topic: Topic::ServerChanged, at: rig.now(), seq: None, deployment: None, said: digest(&[]) };
    let tell = |read| {
        rig.store.write(&Actor::server(), rig.now(), |writing| writing.put_notice(&PrincipalId::local(), &notice, read))
    };
    tell(false).unwrap();
    let told: (_, _, Value) = listener.next().await.unwrap();
    assert_eq!((told.0.as_str(), told.1.as_str()), ("", "notices"), "without an id: it is no place in the journal");
    let polled = rig.get("/events?after=5&wait=0").await.is(200);
    assert_eq!(polled["notices"], 1);
    rig.post("/notices/read", json!({"up_to": 1})).await.is(200);
    assert_eq!(listener.next().await.unwrap().1, "notices", "other pages of the same person");
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_the_requests_of_what_its_page_looks_at_where_they_have_changed() {
    let rig = rig();
    let id = rig.deployed().await["id"].as_str().unwrap().to_owned();
    let eve = rig.person("eve", "viewer").await.0;
    let watch = |deployments: Value| json!({"stream": "tab-1", "deployments": deployments});
    let put = async |body: Value| rig.with(Method::PUT, "/events/traffic", &[], body).await;
    put(watch(json!([id]))).await.refused(404, "not_found");
    let mut listener = Listener::open(&rig, "/events?stream=tab-1", &[]).await;
    let mut told = async || loop {
        let (_, event, data) = listener.next().await.unwrap();
        if event == "traffic" {
            return data["items"].clone();
        }
    };
    // Nobody else says what it tells of.
    rig.by(&eve, "PUT", "/events/traffic", watch(json!([id]))).await.refused(404, "not_found");
    assert_eq!(put(watch(json!([id, "gone"]))).await.status, 204);
    assert_eq!(told().await, json!({(id.as_str()): rig.get("/deployments/iris").await.is(200)["traffic"]}));
    // Replicas come where they are looked at.
    rig.replica("r-1", Intent::Run, Observed::Starting { since: rig.now() });
    put(json!({"stream": "tab-1", "deployments": [id], "replicas_of": id})).await;
    let replicas = told().await[&id]["replicas"].clone();
    let [(_, load)] = replicas.as_object().unwrap().iter().collect::<Vec<_>>()[..] else { panic!("{replicas}") };
    assert_eq!(*load, json!({"in_flight": 3, "usage": {"cpu_milli": 250, "memory_bytes": 420_000_000}}));
    put(watch(json!([id]))).await;
    assert_eq!(told().await[&id]["replicas"], Value::Null);
    let start = tokio::time::Instant::now();
    let (news, ()) = tokio::join!(told(), async {
        tokio::time::sleep(std::time::Duration::from_secs(31)).await;
        rig.live.busier.store(1, std::sync::atomic::Ordering::Relaxed);
    });
    assert_eq!(news[&id]["requests_per_second"], 3.5);
    assert_eq!(start.elapsed().as_secs(), 32, "nothing was told while nothing changed");
    put(watch(json!(vec!["d"; 201]))).await.refused(422, "invalid_field");
    put(json!({"stream": "tab 1", "deployments": []})).await.refused(422, "invalid_field");
    rig.get("/events?stream=").await.refused(422, "invalid_field");
    // It ends with its stream.
    drop(listener);
    put(watch(json!([]))).await.refused(404, "not_found");
}

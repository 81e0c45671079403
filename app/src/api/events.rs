//! The subscription to the events of the server.
//!
//! # Flow
//! In the browser: server-sent events. In the desktop window, whose custom scheme hands an answer over only when
//! it is whole: the same entries, asked for again and again; the server answers when there is one, or after a while.
//! A stream has a name, under which the server is told which deployments' requests it is to tell of ([`watch`]).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::id::{DeploymentId, Seq};
use domain::visible;
use domain::wire::{HistoryEntry, Traffic};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use futures_util::future::{Either, select};

use gloo_timers::future::TimeoutFuture;
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventSource, MessageEvent};

use super::{Failure, base};

/// A message of the subscription.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StreamEvent {
    /// The server is there.
    Connected,
    /// The server is away; it is tried again by itself.
    Lost,
    /// A new entry of the history.
    Entry(Box<HistoryEntry>),
    /// Too much was missed: everything must be read afresh.
    Resync,
    /// Somebody's notices have changed.
    Notices,
    /// The recent requests of deployments that are looked at, where they have changed.
    Traffic(BTreeMap<DeploymentId, Traffic>),
}

/// What a subscription tells, and the name under which more can be asked of it.
pub(crate) struct Subscription {
    /// What it tells.
    pub(crate) events: UnboundedReceiver<StreamEvent>,
    /// The name of its stream; none where it is no stream.
    pub(crate) name: Option<String>,
}

/// Milliseconds until a lost connection is tried again.
const AGAIN_MS: u32 = 1_500;
/// Milliseconds within which a subscription begins…
const BEGINS_MS: u32 = 10_000;
/// … and the longest silence in it: the server gives a sign of life every two seconds.
const SILENCE_MS: u32 = 4_500;
/// Seconds for which the server may hold a request that it has no entry for yet.
const WAIT_SECONDS: u32 = 25;

/// Subscribes to every entry after `seq`, for as long as somebody listens.
pub(crate) fn subscribe(seq: Seq) -> Subscription {
    let (tell, events) = unbounded();
    if super::in_window() {
        spawn_local(ask_again(seq, tell));
        return Subscription { events, name: None };
    }
    let name = super::random_key();
    spawn_local(stream(seq, name.clone(), tell));
    Subscription { events, name: Some(name) }
}

/// Has the stream of this name tell of the requests of these deployments, and of no others.
pub(crate) async fn watch(
    name: &str,
    deployments: &[DeploymentId],
    replicas_of: Option<&DeploymentId>,
) -> Result<(), Failure> {
    let watch = json!({ "stream": name, "deployments": deployments, "replicas_of": replicas_of });
    super::put("/events/traffic", &watch).await
}

/// The entries after a number, as one answer.
#[derive(Deserialize)]
struct Batch {
    items: Vec<HistoryEntry>,
    next: Seq,
    #[serde(default)]
    resync: bool,
    /// How often notices have changed.
    #[serde(default)]
    notices: u64,
}

async fn ask_again(mut seq: Seq, tell: UnboundedSender<StreamEvent>) {
    let mut notices = None;
    while !tell.is_closed() {
        match super::get::<Batch>(&format!("/events?after={seq}&wait={WAIT_SECONDS}")).await {
            Ok(answer) => {
                let _ = tell.unbounded_send(StreamEvent::Connected);
                if answer.resync {
                    let _ = tell.unbounded_send(StreamEvent::Resync);
                }
                for entry in answer.items {
                    let _ = tell.unbounded_send(StreamEvent::Entry(Box::new(entry)));
                }
                if notices.replace(answer.notices).is_some_and(|before| before != answer.notices) {
                    let _ = tell.unbounded_send(StreamEvent::Notices);
                }
                seq = answer.next;
            }
            Err(_) => {
                let _ = tell.unbounded_send(StreamEvent::Lost);
                TimeoutFuture::new(AGAIN_MS).await;
            }
        }
    }
}

/// Opens a stream, passes on what it tells, and opens another after the last entry when it breaks.
async fn stream(mut seq: Seq, name: String, tell: UnboundedSender<StreamEvent>) {
    while !tell.is_closed() {
        let Ok(source) = EventSource::new(&format!("{}/events?after={seq}&stream={name}", base())) else { return };
        let (pass, mut passed) = unbounded::<Heard>();
        let listeners = listen(&source, &pass);
        let mut longest = BEGINS_MS;
        // A server that hangs closes nothing, and a timer alone notices.
        while let Either::Left((Some(heard), _)) = select(passed.next(), TimeoutFuture::new(longest)).await {
            longest = SILENCE_MS;
            let event = match heard {
                Heard::Broken => break,
                Heard::Alive => continue,
                Heard::Event(event) => event,
            };
            if let StreamEvent::Entry(entry) = &event {
                seq = entry.seq;
            }
            if tell.unbounded_send(event).is_err() {
                break;
            }
        }
        source.close();
        drop(listeners);
        if !tell.is_closed() {
            let _ = tell.unbounded_send(StreamEvent::Lost);
            TimeoutFuture::new(AGAIN_MS).await;
        }
    }
}

type Listener = Closure<dyn FnMut(Event)>;

/// What a stream says.
enum Heard {
    /// It has broken.
    Broken,
    /// The server is there, and has nothing to tell.
    Alive,
    /// Something to tell.
    Event(StreamEvent),
}

fn listen(source: &EventSource, pass: &UnboundedSender<Heard>) -> [Listener; 7] {
    let last = Rc::new(RefCell::new(Seq(0)));
    let opened = on(pass, |_| Some(Heard::Event(StreamEvent::Connected)));
    let alive = on(pass, |_| Some(Heard::Alive));
    let broken = on(pass, |_| Some(Heard::Broken));
    let resync = on(pass, |_| Some(Heard::Event(StreamEvent::Resync)));
    let notices = on(pass, |_| Some(Heard::Event(StreamEvent::Notices)));
    let change = on(pass, move |event| {
        let text = event.dyn_ref::<MessageEvent>()?.data().as_string()?;
        let Ok(entry) = serde_json::from_str::<HistoryEntry>(&visible::unformatted(&text)) else {
            return Some(Heard::Event(StreamEvent::Resync));
        };
        // A stream that was opened again may repeat what was told already.
        if entry.seq <= *last.borrow() {
            return None;
        }
        *last.borrow_mut() = entry.seq;
        Some(Heard::Event(StreamEvent::Entry(Box::new(entry))))
    });
    let traffic = on(pass, |event| {
        #[derive(Deserialize)]
        struct ById {
            items: BTreeMap<DeploymentId, Traffic>,
        }
        let text = event.dyn_ref::<MessageEvent>()?.data().as_string()?;
        let told: ById = serde_json::from_str(&text).ok()?;
        Some(Heard::Event(StreamEvent::Traffic(told.items)))
    });
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onerror(Some(broken.as_ref().unchecked_ref()));
    let _ = source.add_event_listener_with_callback("resync", resync.as_ref().unchecked_ref());
    let _ = source.add_event_listener_with_callback("change", change.as_ref().unchecked_ref());
    let _ = source.add_event_listener_with_callback("notices", notices.as_ref().unchecked_ref());
    let _ = source.add_event_listener_with_callback("alive", alive.as_ref().unchecked_ref());
    let _ = source.add_event_listener_with_callback("traffic", traffic.as_ref().unchecked_ref());
    [opened, broken, alive, resync, notices, change, traffic]
}

fn on(pass: &UnboundedSender<Heard>, tell: impl Fn(&Event) -> Option<Heard> + 'static) -> Listener {
    let pass = pass.clone();
    Closure::new(move |event: Event| {
        if let Some(heard) = tell(&event) {
            let _ = pass.unbounded_send(heard);
        }
    })
}

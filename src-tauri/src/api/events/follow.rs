//! Server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use super::feed::{Feed, Piece};

/// How often a comment is sent when nothing happens, so that a dead connection is noticed.
const ALIVE: Duration = Duration::from_secs(15);

/// An answer without an end, until the client leaves or the server stops.
pub(super) fn response(feed: Feed) -> Response {
    let events = stream::unfold(feed, |mut feed| async move {
        let piece = feed.next().await?;
        Some((Ok::<_, Infallible>(event(&piece)), feed))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers before they pass them on are asked not to.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn event(piece: &Piece) -> Event {
    match piece {
        Piece::Change(entry) => {
            let data = serde_json::to_string(entry).unwrap_or_default();
            Event::default().id(entry.seq.to_string()).event("change").data(data)
        }
        Piece::Resync(seq) => {
            Event::default().id(seq.to_string()).event("resync").data(json!({ "seq": seq }).to_string())
        }
    }
}

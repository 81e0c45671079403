//! Server-sent events.

use axum::response::Response;
use axum::response::sse::Event;
use futures_util::stream;
use serde_json::json;

use crate::api::{Feed, FeedItem};
use crate::http::endless;

/// An answer without an end, until the client leaves or the server stops.
pub(super) fn response(feed: Feed) -> Response {
    endless::events(stream::unfold(feed, |mut feed| async move {
        let piece = feed.next().await?;
        Some((event(&piece), feed))
    }))
}

fn event(piece: &FeedItem) -> Event {
    match piece {
        FeedItem::Change(entry) => {
            let data = serde_json::to_string(entry).unwrap_or_default();
            Event::default().id(entry.seq.to_string()).event("change").data(data)
        }
        FeedItem::Notices => Event::default().event("notices").data("{}"),
        FeedItem::Traffic(items) => Event::default().event("traffic").data(json!({ "items": items }).to_string()),
        FeedItem::Resync(seq) => {
            Event::default().id(seq.to_string()).event("resync").data(json!({ "seq": seq }).to_string())
        }
    }
}

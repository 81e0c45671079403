//! Answers without an end: each passes proxies that would gather or change it, and gives a sign of life.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};

/// The longest silence among lines. Proxies give up after a minute, and a dead connection is noticed by it.
const ALIVE: Duration = Duration::from_secs(15);
/// The longest silence among events, by which a page notices soon that the server hangs.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// The sign of life among lines: an empty line.
const SIGN: &[u8] = b"\n";

/// JSON lines, in chunks of whole lines.
pub(super) fn lines(chunks: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let chunks = stream::unfold(Box::pin(chunks), |mut chunks| async move {
        let chunk = match tokio::time::timeout(ALIVE, chunks.next()).await {
            Ok(chunk) => chunk?,
            Err(_) => Bytes::from_static(SIGN),
        };
        Some((Ok::<_, Infallible>(chunk), chunks))
    });
    passing(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(chunks)).into_response())
}

/// Server-sent events; the sign of life is the event `alive`, which a page hears, as it does not hear comments.
pub(super) fn events(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let events = events.map(Ok::<_, Infallible>);
    let alive = KeepAlive::new().interval(HEARTBEAT).event(Event::default().event("alive").data("{}"));
    passing(Sse::new(events).keep_alive(alive).into_response())
}

fn passing(mut response: Response) -> Response {
    let head = response.headers_mut();
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store, no-transform"));
    // Asks nginx, and what does as nginx does, to pass on what comes as it comes.
    head.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn next(response: &mut Response) -> Option<Bytes> {
        Some(response.body_mut().frame().await?.unwrap().into_data().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_sign_of_life_comes_after_a_silence_and_proxies_are_asked_to_pass_it_on() {
        let quiet = |after: Duration| {
            stream::unfold(0, move |n| async move {
                tokio::time::sleep(after).await;
                (n < 2).then_some((n, n + 1))
            })
        };
        let forty = Duration::from_secs(40);
        let chunks = || lines(quiet(forty).map(|n| format!("{n}\n").into()));
        let told = || events(quiet(forty).map(|n| Event::default().data(n.to_string())));
        let answers: [(&dyn Fn() -> Response, &str, u64, &str); 2] =
            [(&chunks, "\n", 15, "0\n"), (&told, "event: alive\ndata: {}\n\n", 2, "data: 0\n\n")];
        for (answer, sign, silence, first) in answers {
            let began = tokio::time::Instant::now();
            let mut answer = answer();
            assert_eq!(answer.headers()["x-accel-buffering"], "no");
            for word in ["no-cache", "no-store", "no-transform"] {
                assert!(answer.headers()["cache-control"].to_str().unwrap().contains(word));
            }
            for times in 1..40_u64.div_ceil(silence) {
                assert_eq!(next(&mut answer).await.unwrap(), sign);
                assert_eq!(began.elapsed().as_secs(), times * silence);
            }
            assert_eq!(next(&mut answer).await.unwrap(), first, "nothing is lost by the sign");
            assert_eq!(began.elapsed().as_secs(), 40);
        }
    }
}

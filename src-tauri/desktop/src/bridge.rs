//! Hands a request of the window to the router, and the answer back.
//!
//! An answer passes only as a whole. One without an end is refused: the page asks for events again and again instead.

use axum::Router;
use axum::body::{Body, Bytes};
use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode, Uri, uri::PathAndQuery};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// Host of the page's address.
pub(crate) const HOST: &str = "localhost";

pub(crate) async fn answer(router: Router, request: Request<Vec<u8>>) -> Response<Bytes> {
    let Some(request) = inward(request) else {
        return sentence(StatusCode::NOT_FOUND, "There is nothing at this address.\n");
    };
    let (head, body) = match router.oneshot(request).await {
        Ok(response) => response.into_parts(),
        Err(never) => match never {},
    };
    let endless =
        head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if endless {
        return sentence(
            StatusCode::NOT_ACCEPTABLE,
            "The window takes only answers that end. Ask with Accept: application/json, or with wait.\n",
        );
    }
    match body.collect().await {
        Ok(body) => Response::from_parts(head, body.to_bytes()),
        Err(error) => {
            tracing::warn!(%error, "an answer to the window broke off");
            sentence(StatusCode::INTERNAL_SERVER_ERROR, "The answer broke off. The log says why.\n")
        }
    }
}

/// The request as it would come over HTTP; none when it is for another host than ours.
fn inward(request: Request<Vec<u8>>) -> Option<Request<Body>> {
    let (mut head, body) = request.into_parts();
    if head.uri.authority().map(|authority| authority.as_str()) != Some(HOST) {
        return None;
    }
    let path = head.uri.path_and_query().cloned();
    head.uri = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    // The view takes a body as it is and would not unpack it.
    head.headers.remove(header::ACCEPT_ENCODING);
    Some(Request::from_parts(head, body.into()))
}

fn sentence(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::response::sse::{Event, Sse};
    use axum::routing::{get, post};
    use futures_util::stream;

    use super::*;

    fn router() -> Router {
        let endless = || async { Sse::new(stream::pending::<Result<Event, Infallible>>()) };
        let echo = |uri: Uri, headers: http::HeaderMap, body: Bytes| async move {
            format!("{uri} {:?} {}", headers.get("accept-encoding"), body.len())
        };
        let broken = || async {
            Body::from_stream(stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("lost"))]))
        };
        Router::new().route("/echo", post(echo)).route("/endless", get(endless)).route("/broken", get(broken))
    }

    async fn ask(method: &str, uri: &str, body: Vec<u8>) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(uri).header("accept-encoding", "br");
        let (head, body) = answer(router(), request.body(body).unwrap()).await.into_parts();
        (head.status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_router_sees_path_query_and_body_and_nothing_to_unpack_comes_back() {
        let (status, said) = ask("POST", "changeover://localhost/echo?a=b", vec![7; 1_000_000]).await;
        assert_eq!((status, said.as_str()), (StatusCode::OK, "/echo?a=b None 1000000"));
        assert_eq!(ask("GET", "changeover://localhost", vec![]).await.0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn another_host_gets_nothing() {
        for uri in
            ["changeover://elsewhere/echo", "changeover://localhost:80/echo", "changeover://x@localhost/echo", "/echo"]
        {
            assert_eq!(ask("POST", uri, vec![]).await.0, StatusCode::NOT_FOUND, "{uri}");
        }
    }

    #[tokio::test]
    async fn an_answer_without_an_end_or_with_half_a_body_is_not_passed_on() {
        let (status, said) = ask("GET", "changeover://localhost/endless", vec![]).await;
        assert!(status == StatusCode::NOT_ACCEPTABLE && said.contains("wait"), "{said}");
        let (status, said) = ask("GET", "changeover://localhost/broken", vec![]).await;
        assert!(status == StatusCode::INTERNAL_SERVER_ERROR && !said.contains("half"), "{said}");
    }
}

//! The guard before every route.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::{Admitted, unauthenticated};
use crate::connection::PeerAddress;
use crate::http::door::Door;

/// Lets through who may ask, says who that is, and tells browsers to keep nothing of the API's answers.
pub(in crate::http) async fn guard(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let admitted = door.access.admit(&request);
    let peer = request.extensions().get::<PeerAddress>().copied();
    let source = door.access.source(peer, request.headers());
    let known = match admitted {
        Ok(Admitted::Shows(shown)) => match door.api.caller_of(shown, source).await {
            Ok(None) => Err(unauthenticated(request.headers())),
            found => found,
        },
        Ok(Admitted::MayShow(shown)) => door.api.caller_of(shown, source).await,
        Ok(Admitted::Known(caller)) => Ok(Some(caller)),
        Ok(Admitted::Anybody) => Ok(None),
        Ok(Admitted::Unknown) => Err(unauthenticated(request.headers())),
        Err(refusal) => Err(refusal),
    };
    let mut response = match known {
        Ok(caller) => {
            // The extractor of the API on behalf of a caller finds it there.
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    let head = response.headers_mut();
    let mut default = |name: HeaderName, value: &'static str| {
        head.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if is_api {
        default(header::CACHE_CONTROL, "no-store");
    }
    response
}

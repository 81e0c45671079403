//! Changes of the headers and the path between client and replica.

use bytes::Bytes;
use domain::session;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Uri};

use super::credential::API_KEY;
use super::deployment::{Endpoint, text_header};

static KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
static PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
static CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
static REVISION: HeaderName = HeaderName::from_static("x-changeover-revision");
static REPLICA: HeaderName = HeaderName::from_static("x-changeover-replica");

/// The deployment's name and the path that its replica is asked for:
/// `/iris/v2/x?y=1` is `iris` and `/v2/x?y=1`, `/iris` is `iris` and `/`.
pub(super) fn split(uri: &Uri) -> Option<(&str, Uri)> {
    let whole = uri.path_and_query()?.as_str();
    let inner = whole.strip_prefix('/')?;
    let end = inner.find(['/', '?']).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let rest = match rest.as_bytes().first() {
        Some(b'/') => PathAndQuery::from_maybe_shared(Bytes::copy_from_slice(rest.as_bytes())).ok()?,
        Some(_) => PathAndQuery::from_maybe_shared(Bytes::from(format!("/{rest}"))).ok()?,
        None => PathAndQuery::from_static("/"),
    };
    Some((name, Uri::from(rest)))
}

/// True when a client asks for something other than request and answer. An offer to go on in HTTP/2
/// (`h2c`) may be ignored, and is.
pub(super) fn wants_tunnel(method: &Method, headers: &HeaderMap) -> bool {
    let websocket = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.split(',').any(|word| word.trim().eq_ignore_ascii_case("websocket")))
    };
    method == Method::CONNECT || headers.get_all(header::UPGRADE).iter().any(websocket)
}

/// Makes a client's headers those for the replica.
pub(super) fn to_replica(headers: &mut HeaderMap, name: &str) {
    remove_hop_by_hop(headers);
    keep_credentials(headers);
    headers.remove(header::TE);
    if headers.contains_key(header::TRANSFER_ENCODING) {
        // The body is passed on in chunks, as it came; a length beside it would be a lie.
        headers.remove(header::CONTENT_LENGTH);
    }
    if !headers.contains_key(header::HOST) {
        headers.insert(header::HOST, text_header(name));
    }
    headers.remove(&REVISION);
    headers.remove(&REPLICA);
}

/// Makes a replica's headers those for the client.
pub(super) fn to_client(headers: &mut HeaderMap, endpoint: &Endpoint) {
    remove_hop_by_hop(headers);
    keep_session(headers);
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(REVISION.clone(), endpoint.revision_header.clone());
    headers.insert(REPLICA.clone(), endpoint.replica_header.clone());
}

/// Keeps from a model's program what a caller shows to the gateway or to the API, whose cookie browsers send here too
/// because cookies know no ports.
pub(super) fn keep_credentials(headers: &mut HeaderMap) {
    // As below: mostly none is there.
    let shows = |name: &HeaderName| {
        *name == header::AUTHORIZATION
            || *name == header::COOKIE
            || *name == header::PROXY_AUTHORIZATION
            || *name == API_KEY
    };
    if !headers.keys().any(shows) {
        return;
    }
    for name in [&header::AUTHORIZATION, &header::PROXY_AUTHORIZATION, &API_KEY] {
        headers.remove(name);
    }
    if let header::Entry::Occupied(cookies) = headers.entry(header::COOKIE) {
        let (_, given) = cookies.remove_entry_mult();
        let others: Vec<_> = given.filter_map(|cookies| other_cookies(&cookies)).collect();
        for cookies in others {
            headers.append(header::COOKIE, cookies);
        }
    }
}

/// Keeps a model's program from signing somebody in to the API, or out.
pub(super) fn keep_session(headers: &mut HeaderMap) {
    headers.remove(&CLEAR_SITE_DATA);
    let header::Entry::Occupied(cookies) = headers.entry(header::SET_COOKIE) else { return };
    let (_, given) = cookies.remove_entry_mult();
    let others: Vec<_> = given.filter(|cookie| !session::is_session(cookie.as_bytes())).collect();
    for cookie in others {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// The cookies of a caller without the API's; nothing when there are no others.
fn other_cookies(cookies: &HeaderValue) -> Option<HeaderValue> {
    match session::without_session(cookies.as_bytes()) {
        None => Some(cookies.clone()),
        Some(others) => HeaderValue::from_bytes(&others).ok().filter(|others| !others.is_empty()),
    }
}

/// Removes what concerns one connection only (RFC 9110, 7.6.1).
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    // One look at each name is cheaper than one search for each that may be there; mostly none is.
    let concerns_connection = |name: &HeaderName| {
        *name == header::CONNECTION || *name == header::UPGRADE || *name == KEEP_ALIVE || *name == PROXY_CONNECTION
    };
    if !headers.keys().any(concerns_connection) {
        return;
    }
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|word| HeaderName::from_bytes(word.trim().as_bytes()).ok())
        // Framing is decided here, not by who sent it.
        .filter(|name| ![header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::HOST].contains(name))
        .collect();
    for name in named.iter().chain([&header::CONNECTION, &header::UPGRADE, &KEEP_ALIVE, &PROXY_CONNECTION]) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_taken_off_the_path() {
        for (given, name, rest) in [
            ("/iris/v2/models/iris/infer?x=1", "iris", "/v2/models/iris/infer?x=1"),
            ("/iris", "iris", "/"),
            ("/iris/", "iris", "/"),
            ("/iris?x=1", "iris", "/?x=1"),
            ("/iris//a%20b/../c", "iris", "//a%20b/../c"),
            ("http://host:1/iris/a", "iris", "/a"),
            ("/", "", "/"),
        ] {
            let uri: Uri = given.parse().unwrap();
            let (told, path) = split(&uri).unwrap();
            assert_eq!((told, path.to_string().as_str()), (name, rest), "{given}");
        }
        assert!(split(&Uri::from_static("*")).is_none());
    }

    #[test]
    fn what_concerns_one_connection_stays_there() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Secret"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "close"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("x-changeover-revision", "9"),
            ("content-length", "3"),
            ("accept", "*/*"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        to_replica(&mut headers, "iris");
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "content-length", "host"]);
        assert_eq!(headers["host"], "iris");
    }

    fn of(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    #[test]
    fn what_a_caller_shows_to_us_stays_here_and_its_other_cookies_pass() {
        let mut headers = of(&[
            ("authorization", "Bearer x"),
            ("authorization", "Basic y"),
            ("proxy-authorization", "Basic z"),
            ("x-api-key", "k"),
            ("cookie", "a=1; changeover_session=secret; b=2"),
            ("cookie", "changeover_session=secret"),
            ("cookie", "c=changeover_session=3"),
            ("x-own", "1"),
        ]);
        to_replica(&mut headers, "iris");
        assert_eq!(
            headers,
            of(&[("cookie", "a=1; b=2"), ("cookie", "c=changeover_session=3"), ("x-own", "1"), ("host", "iris")])
        );
    }

    #[test]
    fn a_replica_signs_nobody_in_or_out_and_its_other_cookies_pass() {
        let mut headers = of(&[
            ("set-cookie", "mine=1; Path=/"),
            ("set-cookie", "changeover_session=planted; Path=/"),
            ("set-cookie", " changeover_session =; Max-Age=0"),
            ("set-cookie", "=changeover_session=planted; Path=/"),
            ("set-cookie", "changeover_sessions=2"),
            ("clear-site-data", "\"cookies\""),
        ]);
        keep_session(&mut headers);
        assert_eq!(headers, of(&[("set-cookie", "mine=1; Path=/"), ("set-cookie", "changeover_sessions=2")]));
    }

    #[test]
    fn a_body_in_chunks_has_no_length() {
        let mut headers = HeaderMap::new();
        headers.insert("transfer-encoding", HeaderValue::from_static("chunked"));
        headers.insert("content-length", HeaderValue::from_static("3"));
        to_replica(&mut headers, "iris");
        assert!(!headers.contains_key("content-length"));
        assert_eq!(headers["transfer-encoding"], "chunked");
    }
}

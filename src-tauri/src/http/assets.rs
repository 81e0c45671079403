//! The interface's files, embedded in the program, with the headers that make them fast and safe.
//!
//! Files whose name carries a content hash may be kept for good; all others are asked for again, which an `ETag` makes
//! cheap. A path without a dot is a page that the interface draws itself, so it gets `index.html`; so is one below a
//! page whose addresses hold names, because names may have dots. Its own addresses are relative to where it is asked
//! for, so that it works under any path that a proxy puts it under.

use axum::Router;
use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$CHANGEOVER_INTERFACE"]
struct Interface;

/// The sources that the page may load from: this server alone, with WebAssembly, but no inline script.
/// Style attributes are allowed, because charts set sizes with them; they cannot run anything.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

const PAGE: &str = "index.html";
/// The pages whose addresses go on with a name.
const NAMED: [&str; 2] = ["deployments", "models"];
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// Answers every path that no other route takes: with a file, with the page, or with `404`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().fallback_service(get(serve))
}

async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let Some(name) = file_name(uri.path()) else { return not_found() };
    let Some(file) = Interface::get(name) else { return not_found() };
    let is_page = name == PAGE;
    let compressed = (!is_page && accepts_brotli(&headers)).then(|| Interface::get(&format!("{name}.br"))).flatten();
    let encoded = compressed.is_some();
    let file = compressed.unwrap_or(file);
    let root = is_page.then(|| root_from(uri.path()));

    let etag = etag(&file, root.as_deref().unwrap_or_default());
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| names_etag(value, &etag));
    let (status, body) = match known {
        true => (StatusCode::NOT_MODIFIED, Body::empty()),
        false => (
            StatusCode::OK,
            Body::from(match root {
                Some(root) => page(&content(file), &root),
                None => content(file),
            }),
        ),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let head = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        head.insert(header::ETAG, etag);
    }
    let mut set = |name: HeaderName, value: &'static str| head.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, content_type(name));
    set(header::CACHE_CONTROL, if is_hashed(name) { FOREVER } else { ASK_AGAIN });
    set(header::VARY, "accept-encoding");
    if encoded {
        set(header::CONTENT_ENCODING, "br");
    }
    secure(head);
    response
}

/// The embedded file that a path asks for: itself, or the page for a path that the interface draws.
fn file_name(path: &str) -> Option<&str> {
    let path = path.trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    match first {
        "api" => None,
        _ if NAMED.contains(&first) => Some(PAGE),
        _ if path.contains('.') => (!path.ends_with(".br")).then_some(path),
        _ => Some(PAGE),
    }
}

fn not_found() -> Response {
    let mut response = Response::new(Body::from("There is nothing at this address.\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    secure(response.headers_mut());
    response
}

fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| {
        let mut words = part.split(';').map(str::trim);
        let refused = |word: &str| word.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        words.next() == Some("br") && !words.any(refused)
    })
}

/// The root as seen from `path`: a proxy may have put it under a path that this server does not see.
fn root_from(path: &str) -> String {
    match path.trim_start_matches('/').matches('/').count() {
        0 => "./".to_owned(),
        folders => "../".repeat(folders),
    }
}

/// The page, with its addresses as they are seen from where it was asked for.
fn page(content: &[u8], root: &str) -> Bytes {
    String::from_utf8_lossy(content).replace("=\"/", &format!("=\"{root}")).into()
}

/// Of the file, as it is sent to where the root lies like this.
fn etag(file: &EmbeddedFile, root: &str) -> String {
    format!("\"{}{}\"", hex::encode(&file.metadata.sha256_hash()[..16]), root.replace('/', ""))
}

/// True when a value of `If-None-Match` names this tag; a weak one counts too, as the standard asks.
fn names_etag(value: &str, etag: &str) -> bool {
    value.split(',').map(str::trim).any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == etag)
}

fn content(file: EmbeddedFile) -> Bytes {
    match file.data {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    }
}

/// True when the name ends in a content hash, as `app-0123456789abcdef.js` does.
fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, head.headers, body.collect().await.unwrap().to_bytes())
    }

    /// An embedded file with this ending, when the interface was built before this program.
    fn embedded(ending: &str) -> Option<String> {
        Interface::iter().map(|name| format!("/{name}")).find(|name| name.ends_with(ending))
    }

    #[tokio::test]
    async fn pages_that_the_interface_draws_get_the_page() {
        let (_, _, page) = ask("GET", "/index.html", &[]).await;
        assert!(page.starts_with(b"<!doctype html>"));
        let page = String::from_utf8(page.to_vec()).unwrap();
        for (path, root) in [
            ("/", "./"),
            ("/history", "./"),
            ("/deployments/iris", "../"),
            ("/deployments/iris/update?tab=diff", "../../"),
            ("/models/", "../"),
            ("/models/iris.v2", "../"),
        ] {
            let (status, headers, body) = ask("GET", path, &[]).await;
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert_eq!((status, &body), (StatusCode::OK, &page.replace("=\"./", &format!("=\"{root}"))), "{path}");
            assert!(!body.contains("=\"/"), "an address that leaves the path: {body}");
            assert_eq!(headers["content-type"], "text/html; charset=utf-8");
            assert_eq!(headers["cache-control"], "no-cache");
        }
    }

    #[tokio::test]
    async fn the_api_and_missing_files_are_not_answered_with_the_page() {
        for path in ["/api", "/api/v1/nothing", "/assets/none.js", "/../Cargo.toml", "/index.html.br"] {
            let (status, headers, _) = ask("GET", path, &[]).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(headers["x-content-type-options"], "nosniff");
        }
        assert_eq!(ask("POST", "/", &[]).await.0, StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn a_known_page_is_not_sent_again() {
        let (_, headers, _) = ask("GET", "/", &[]).await;
        let etag = headers["etag"].to_str().unwrap();
        assert!(etag.starts_with('"'), "strong: {etag}");
        let weak = format!("\"x\", W/{etag}");
        for value in [etag, "*", &weak] {
            let (status, headers, body) = ask("GET", "/", &[("if-none-match", value)]).await;
            assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0), "{value}");
            assert_eq!(headers["etag"], etag);
        }
        assert_eq!(ask("GET", "/", &[("if-none-match", "\"other\"")]).await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_head_request_gets_the_headers_alone() {
        let (status, headers, body) = ask("HEAD", "/", &[]).await;
        assert_eq!((status, body.len()), (StatusCode::OK, 0));
        assert!(headers.contains_key("etag"));
    }

    #[tokio::test]
    async fn the_page_may_run_its_own_script_and_nothing_else() {
        let (_, headers, page) = ask("GET", "/", &[]).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(!page.contains("<script>") && !page.contains("<style"), "inline code in {page}");
    }

    #[tokio::test]
    async fn built_assets_are_typed_compressed_and_kept_for_good() {
        let Some(path) = embedded(".wasm") else { return };
        let (_, headers, plain) = ask("GET", &path, &[]).await;
        assert_eq!(headers["content-type"], "application/wasm");
        assert_eq!(headers["cache-control"], FOREVER);
        assert!(!headers.contains_key("content-encoding"));
        let (_, brotli, small) = ask("GET", &path, &[("accept-encoding", "gzip, br;q=0.9")]).await;
        assert_eq!(brotli["content-encoding"], "br");
        assert_eq!(brotli["content-type"], "application/wasm");
        assert_eq!(brotli["vary"], "accept-encoding");
        assert!(small.len() < plain.len());
        assert_ne!(brotli["etag"], headers["etag"], "two representations, two tags");
    }

    #[test]
    fn brotli_is_sent_only_to_those_who_take_it() {
        let accepts = |value: &str| {
            let value = HeaderValue::from_str(value).unwrap();
            accepts_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]))
        };
        assert!(accepts("br") && accepts("gzip, deflate, br, zstd") && accepts("gzip;q=1.0,br;q=0.5"));
        assert!(!accepts("gzip") && !accepts("br;q=0") && !accepts("br; q=0.000") && !accepts("brotli"));
    }

    #[test]
    fn only_a_content_hash_makes_a_name_permanent() {
        assert!(is_hashed("assets/app_bg-0123456789abcdef.wasm"));
        for name in ["index.html", "assets/app.js", "assets/snippets/x-1234/inline0.js", "a-0123456789abcdeg.js"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}

//! Asks the gateway at its own address for a prediction that somebody wants by hand.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use domain::wire::PredictMethod;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use tokio::net::TcpStream;

use crate::api::{GatewayAnswer, GatewayCall};
use crate::peer::question::{Answered, exchange};

/// Asks the gateway that listens at `gateway`.
///
/// # Errors
/// A sentence when there is no answer.
pub(super) async fn ask(gateway: SocketAddr, call: GatewayCall) -> Result<GatewayAnswer, String> {
    let begun = Instant::now();
    let failed = |cause: &dyn std::fmt::Display| format!("The gateway did not answer: {cause}.");
    let stream = TcpStream::connect(reached_at(gateway)).await.map_err(|cause| failed(&cause))?;
    let most_bytes = call.most_bytes;
    let request = request(call, gateway).map_err(|cause| failed(&cause))?;
    let Answered { status, headers, mut body } =
        exchange(stream, request, most_bytes).await.map_err(|cause| failed(&cause))?;
    let told = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (revision, replica) = (told("x-changeover-revision"), told("x-changeover-replica"));
    let is_cut = body.len() > most_bytes;
    body.truncate(most_bytes);
    Ok(GatewayAnswer { status, body, is_cut, revision, replica, took: begun.elapsed() })
}

fn request(call: GatewayCall, gateway: SocketAddr) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let mut request = Request::builder().method(call.method.as_str()).uri(call.path);
    request = request.header(HOST, gateway.to_string()).header(ACCEPT, "*/*").header(USER_AGENT, "changeover");
    if let Some((token, key)) = call.credentials {
        let hidden = |text: String| {
            let mut value = HeaderValue::try_from(text)?;
            value.set_sensitive(true);
            Ok::<_, hyper::http::Error>(value)
        };
        request = request.header(AUTHORIZATION, hidden(format!("Bearer {}", token.reveal()))?);
        request = request.header("x-api-key", hidden(key.reveal().to_owned())?);
    }
    if call.method == PredictMethod::Get {
        return request.body(Full::default());
    }
    request.header(CONTENT_TYPE, "application/json").body(Full::from(call.body))
}

/// The address at which a listener is reached from this machine: one that listens everywhere, at the loopback.
fn reached_at(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    SocketAddr::new(ip, listens.port())
}

#[cfg(test)]
mod tests {
    use domain::secret::Secret;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    fn call(most_bytes: usize) -> GatewayCall {
        let credentials = Some((Secret::new("the token"), Secret::new("the key")));
        let path = "/iris/v2/models/iris/infer?x=1".to_owned();
        GatewayCall { path, method: PredictMethod::Post, body: "{\"a\":1}".to_owned(), credentials, most_bytes }
    }

    /// What is asked of a gateway that answers like this, and its answer.
    async fn asked(answer: &'static str, most_bytes: usize) -> (String, Result<GatewayAnswer, String>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            while !read.ends_with(b"}") {
                let mut piece = [0; 1024];
                let count = stream.read(&mut piece).await.unwrap();
                read.extend_from_slice(&piece[..count]);
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(read).unwrap()
        });
        let answer = ask(address, call(most_bytes)).await;
        (answering.await.unwrap(), answer)
    }

    #[tokio::test]
    async fn a_request_is_passed_on_as_it_is_with_what_the_gateway_may_want() {
        let reply = "HTTP/1.1 418 Teapot\r\nx-changeover-revision: 3\r\nx-changeover-replica: r-1\r\ncontent-length: 5\r\n\r\nhello";
        let (request, answer) = asked(reply, 100).await;
        let answer = answer.unwrap();
        assert!(request.starts_with("POST /iris/v2/models/iris/infer?x=1 HTTP/1.1\r\n"), "{request}");
        for line in ["authorization: Bearer the token", "x-api-key: the key", "content-type: application/json"] {
            assert!(request.contains(line), "{line} in {request}");
        }
        assert!(request.ends_with("\r\n\r\n{\"a\":1}"), "{request}");
        assert_eq!((answer.status, answer.body.as_slice(), answer.is_cut), (418, &b"hello"[..], false));
        assert_eq!((answer.revision.as_deref(), answer.replica.as_deref()), (Some("3"), Some("r-1")));
    }

    #[tokio::test]
    async fn no_more_is_read_than_is_wanted_and_no_answer_is_an_error() {
        let (_, answer) = asked("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\nhello", 3).await;
        let answer = answer.unwrap();
        assert_eq!((answer.body.as_slice(), answer.is_cut), (&b"hel"[..], true));
        let (_, answer) = asked("", 3).await;
        assert!(answer.unwrap_err().starts_with("The gateway did not answer: "));
        let nobody = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
        assert!(ask(nobody, call(3)).await.is_err());
    }

    #[test]
    fn a_gateway_that_listens_everywhere_is_asked_at_the_loopback() {
        for (listens, reached) in [("0.0.0.0:7", "127.0.0.1:7"), ("[::]:7", "[::1]:7"), ("192.0.2.1:7", "192.0.2.1:7")]
        {
            assert_eq!(reached_at(listens.parse().unwrap()), reached.parse().unwrap());
        }
    }
}

//! Answers over HTTP until the server is told to end; then what is being answered gets a while to finish.

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::connection::{self, ConnectionBounds};
use crate::http::too_many_connections;

/// The time that requests to the API get to finish when the server is told to end.
pub(super) const API_GRACE: Duration = Duration::from_secs(10);
/// The time that a client of the API gets for a request's headers, and may stay without a request.
const HEAD: Duration = Duration::from_secs(30);
/// The time that a client of the API may read nothing of an answer.
const STALL: Duration = Duration::from_secs(60);

/// The bounds of the API's listener.
pub(super) fn bounds(connections: usize) -> ConnectionBounds {
    ConnectionBounds { connections, too_many: too_many_connections(connections).into(), head: HEAD, stall: STALL }
}

/// Runs until `end`, and then cancels `stopping`, with which answers without an end, uploads too, end by themselves.
pub(super) async fn answer(
    listener: TcpListener,
    router: Router,
    bounds: ConnectionBounds,
    end: CancellationToken,
    stopping: CancellationToken,
) {
    let told = end.clone();
    let served = connection::serve(listener, router, Some(bounds), async move {
        told.cancelled().await;
        stopping.cancel();
    });
    // A client that stops in the middle of its request, or does not read its answer, keeps nobody from ending.
    let late = async {
        end.cancelled().await;
        tokio::time::sleep(API_GRACE).await;
    };
    tokio::select! {
        () = served => {}
        () = late => tracing::warn!("requests to the API that had not finished after 10 s are broken off"),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_does_not_keep_the_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (end, stopping) = (CancellationToken::new(), CancellationToken::new());
        let came = end.clone();
        let router = Router::new().fallback(move || async move {
            came.cancel();
            std::future::pending::<()>().await
        });
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let served = answer(listener, router, bounds(8), end, stopping.clone());
        tokio::time::timeout(Duration::from_secs(3_600), served).await.unwrap();
        assert!(stopping.is_cancelled());
    }
}

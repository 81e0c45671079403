//! Closes a connection so that a client that is still sending gets to read why.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Longest time for which a client may go on sending, and the silence that counts as its end.
const LONGEST: Duration = Duration::from_secs(60);
const QUIET: Duration = Duration::from_secs(5);
/// Bytes that are thrown away at a time.
const AT_ONCE: usize = 16 << 10;

/// Closes the sending side, and throws away what comes until the client stops or has had its time: a socket that is
/// closed with something unread is reset, and the reset overtakes the answer.
pub(crate) async fn linger(mut socket: impl AsyncRead + AsyncWrite + Unpin) {
    let thrown_away = async {
        if socket.shutdown().await.is_err() {
            return;
        }
        let mut away = vec![0; AT_ONCE];
        while let Ok(Ok(1..)) = timeout(QUIET, socket.read(&mut away)).await {}
    };
    let _ = timeout(LONGEST, thrown_away).await;
}

/// Most refused connections that linger at a time; they come on top of the limit of connections.
const REFUSED: usize = 4;

/// Places for refused connections to linger in.
#[derive(Clone)]
pub(crate) struct Lingering(Arc<Semaphore>);

impl Default for Lingering {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(REFUSED)))
    }
}

impl Lingering {
    /// A place to linger in; none when all are taken, and the connection is then just closed.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.0.clone().try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_waits_for_the_clients_end_and_not_for_ever() {
        let (mut client, server) = tokio::io::duplex(64);
        let lingering = tokio::spawn(linger(server));
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        client.write_all(&[b'x'; 100_000]).await.unwrap();
        assert!(!lingering.is_finished(), "the client may go on");
        drop(client);
        lingering.await.unwrap();

        let (_silent, server) = tokio::io::duplex(64);
        let began = Instant::now();
        linger(server).await;
        assert_eq!(began.elapsed(), QUIET);

        let (mut endless, server) = tokio::io::duplex(64);
        tokio::spawn(async move {
            while endless.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let began = Instant::now();
        linger(server).await;
        assert_eq!(began.elapsed(), LONGEST);
    }
}

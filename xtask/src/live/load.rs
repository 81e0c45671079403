//! Clients that send one request over and over, each on a connection of its own that it keeps, and remember every answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

use super::{Address, Inference};

/// An answer that takes longer counts as failed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The pace at which clients ask.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// Each asks again as soon as it has its answer.
    FlatOut,
    /// All together this many times a second. Where an answer comes after the next request was due, that one counts
    /// from when it was due, so that a stall shows in every request that it held up.
    PerSecond(u32),
}

/// The outcome of one request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The time until the whole answer was there.
    pub(crate) latency: Duration,
    /// The revision that answered, where the answer says so.
    pub(crate) revision: Option<u32>,
    /// The reason of the failure, if there was one: anything but `200` is a failure.
    pub(crate) failure: Option<String>,
}

/// Clients at work, on a thread of their own. They stop after the request at hand when this is dropped.
pub(crate) struct Load {
    answers: Arc<Mutex<Vec<Answer>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Load {
    /// Starts `clients` that send `inference` to `prefix` + its path at `address`.
    pub(crate) fn start(
        address: Address,
        prefix: &str,
        inference: &Inference,
        clients: u32,
        pace: Pace,
    ) -> Result<Self> {
        let (answers, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let call = Call { address, path: format!("{prefix}{}", inference.path), body: inference.body.clone() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (kept, stopped) = (answers.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let clients = (0..clients).map(|nth| {
                    let schedule = Schedule::of(pace, nth, clients);
                    tokio::spawn(client(call.clone(), schedule, kept.clone(), stopped.clone()))
                });
                for client in clients.collect::<Vec<_>>() {
                    let _ = client.await;
                }
            });
        });
        Ok(Self { answers, stop, thread: Some(thread) })
    }

    /// Everything answered since the start or the last taking.
    pub(crate) fn take(&self) -> Vec<Answer> {
        std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets the clients work for a while and gives what was answered in it.
    pub(crate) async fn during(&self, time: Duration) -> Vec<Answer> {
        self.take();
        tokio::time::sleep(time).await;
        self.take()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The request that every client sends, and the address that it goes to.
#[derive(Clone)]
struct Call {
    address: Address,
    path: String,
    body: Bytes,
}

/// When one client sends; nothing when it sends flat out.
struct Schedule(Option<(Instant, Duration)>);

impl Schedule {
    /// The schedule of the nth of `clients`; they take turns.
    fn of(pace: Pace, nth: u32, clients: u32) -> Self {
        let Pace::PerSecond(rate) = pace else { return Self(None) };
        let turn = Duration::from_secs(1) / rate.max(1);
        Self(Some((Instant::now() + turn * nth, turn * clients)))
    }

    /// Waits for the next turn, and gives the moment that its latency counts from.
    async fn next(&mut self) -> Instant {
        let now = Instant::now();
        let Some((due, period)) = &mut self.0 else { return now };
        let this = *due;
        *due += *period;
        if now >= this {
            return this;
        }
        tokio::time::sleep_until(this.into()).await;
        Instant::now()
    }
}

async fn client(call: Call, mut schedule: Schedule, answers: Arc<Mutex<Vec<Answer>>>, stop: Arc<AtomicBool>) {
    let mut connection = None;
    while !stop.load(Ordering::Relaxed) {
        let from = schedule.next().await;
        let result = match tokio::time::timeout(TIMEOUT, ask(&call, &mut connection)).await {
            Ok(result) => result,
            Err(_) => Err(anyhow::anyhow!("no answer in {} s", TIMEOUT.as_secs())),
        };
        let failed = result.is_err();
        let answer = match result {
            Ok(revision) => Answer { latency: from.elapsed(), revision, failure: None },
            Err(error) => Answer { latency: from.elapsed(), revision: None, failure: Some(format!("{error:#}")) },
        };
        answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
        if failed {
            connection = None;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Sends the request, on the kept connection if that is still open, and reads the answer to its end.
async fn ask(call: &Call, connection: &mut Option<SendRequest<Full<Bytes>>>) -> Result<Option<u32>> {
    let mut sender = match still_open(connection.take()).await {
        Some(kept) => kept,
        None => connect(&call.address).await?,
    };
    let answer = match sender.try_send_request(call.request()?).await {
        Ok(answer) => answer,
        Err(mut error) => match error.take_message() {
            // The other side closed it between two requests: nothing was sent.
            Some(request) => {
                sender = connect(&call.address).await?;
                sender.send_request(request).await.context("no answer on a fresh connection")?
            }
            None => return Err(error.into_error()).context("the connection broke before an answer"),
        },
    };
    let (head, body) = answer.into_parts();
    let body = body.collect().await.context("the connection broke within an answer")?.to_bytes();
    if head.status != 200 {
        bail!("answered {}: {}", head.status, String::from_utf8_lossy(&body));
    }
    *connection = Some(sender);
    Ok(head.headers.get("x-changeover-revision").and_then(|value| value.to_str().ok()?.parse().ok()))
}

async fn still_open(kept: Option<SendRequest<Full<Bytes>>>) -> Option<SendRequest<Full<Bytes>>> {
    let mut kept = kept?;
    kept.ready().await.is_ok().then_some(kept)
}

impl Call {
    fn request(&self) -> Result<Request<Full<Bytes>>> {
        let host = match &self.address {
            Address::Tcp(address) => address.to_string(),
            Address::Unix(_) => "localhost".to_owned(),
        };
        let request = Request::post(&self.path).header(HOST, host).header(CONTENT_TYPE, "application/json");
        Ok(request.body(Full::new(self.body.clone()))?)
    }
}

async fn connect(address: &Address) -> Result<SendRequest<Full<Bytes>>> {
    match address {
        Address::Tcp(address) => {
            let stream = TcpStream::connect(address).await.with_context(|| format!("{address} takes no connection"))?;
            stream.set_nodelay(true)?;
            begin(stream).await
        }
        Address::Unix(path) => {
            let stream = UnixStream::connect(path).await;
            begin(stream.with_context(|| format!("{} takes no connection", path.display()))?).await
        }
    }
}

async fn begin(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<SendRequest<Full<Bytes>>> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// The latency that this share of the answers (0 to 1) did not exceed; zero when there are none.
pub(crate) fn percentile(answers: &[Answer], share: f64) -> Duration {
    let mut latencies: Vec<Duration> = answers.iter().map(|answer| answer.latency).collect();
    latencies.sort_unstable();
    let rank = (latencies.len() as f64 * share).ceil() as usize;
    latencies.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    const GOOD: &str = "HTTP/1.1 200 OK\r\nx-changeover-revision: 7\r\ncontent-length: 2\r\n\r\nok";

    /// Answers `text` to every request: `per_connection` of them, then closes.
    fn server(text: &'static str, per_connection: usize) -> Address {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address::Tcp(listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                std::thread::spawn(move || {
                    for _ in 0..per_connection {
                        let mut request = Vec::new();
                        let mut byte = [0];
                        while !request.ends_with(b"}") {
                            if stream.read(&mut byte).unwrap_or(0) == 0 {
                                return;
                            }
                            request.extend(byte);
                        }
                        stream.write_all(text.as_bytes()).unwrap();
                    }
                });
            }
        });
        address
    }

    fn first_answers(address: Address, count: usize) -> Vec<Answer> {
        let inference = Inference { path: "/infer".into(), body: Bytes::from_static(b"{}") };
        let load = Load::start(address, "/iris", &inference, 2, Pace::PerSecond(1000)).unwrap();
        let mut answers = Vec::new();
        while answers.len() < count {
            answers.extend(load.take());
            std::thread::yield_now();
        }
        answers
    }

    #[test]
    fn answers_are_counted_with_their_revision() {
        let answers = first_answers(server(GOOD, usize::MAX), 20);
        assert!(answers.iter().all(|answer| answer.failure.is_none() && answer.revision == Some(7)), "{answers:?}");
    }

    #[test]
    fn a_refusal_is_a_failure_that_says_what_was_answered() {
        let answers = first_answers(server("HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nwait", usize::MAX), 2);
        assert!(answers[0].failure.as_ref().unwrap().contains("503"), "{answers:?}");
        assert!(answers[0].failure.as_ref().unwrap().ends_with("wait"), "{answers:?}");
    }

    #[test]
    fn a_broken_answer_is_a_failure() {
        let answers = first_answers(server("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nok", 1), 2);
        assert!(answers.iter().all(|answer| answer.failure.is_some()), "{answers:?}");
    }

    #[tokio::test]
    async fn a_client_that_was_held_up_counts_from_when_it_was_due() {
        let past = Instant::now().checked_sub(Duration::from_secs(5)).unwrap();
        let mut schedule = Schedule(Some((past, Duration::from_secs(1))));
        assert_eq!(schedule.next().await, past);
        assert_eq!(schedule.next().await, past + Duration::from_secs(1));
        let before = Instant::now();
        assert!(Schedule::of(Pace::FlatOut, 0, 1).next().await >= before);
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let answers: Vec<Answer> = (1..=100)
            .rev()
            .map(|ms| Answer { latency: Duration::from_millis(ms), revision: None, failure: None })
            .collect();
        assert_eq!(percentile(&answers, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&answers, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&answers, 1.0), Duration::from_millis(100));
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
    }
}

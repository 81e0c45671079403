//! The worker threads: each serves its clients on one thread, with its own pool of connections.
//!
//! Flow: the first worker accepts and gives every new connection to the worker with the fewest; all
//! else of a connection happens on that one thread. What the handle wants comes as an [`WorkerOrder`].

use std::io::Write;
use std::net::TcpStream as StdStream;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::LocalSet;

use super::body::Body;
use super::client::{Client, ClientIo};
use super::forward;
use super::load;
use super::problem::too_many_connections;
use super::records::Recorder;
use super::worker::{Shared, Worker, WorkerOrder};
use crate::connection::{self, Lingering};
use crate::vital::VitalPart;

/// The work of a worker's thread until it is told to stop. The first one gets the listener and the
/// senders to all.
pub(super) fn run(
    shared: Arc<Shared>,
    recorder: Option<Recorder>,
    index: usize,
    runtime: &tokio::runtime::Runtime,
    orders: mpsc::UnboundedReceiver<WorkerOrder>,
    accepting: Option<(std::net::TcpListener, Vec<mpsc::UnboundedSender<WorkerOrder>>)>,
) {
    let worker = Rc::new(Worker::new(shared, recorder, index));
    LocalSet::new().block_on(runtime, follow(worker, orders, accepting));
}

async fn follow(
    worker: Rc<Worker>,
    mut orders: mpsc::UnboundedReceiver<WorkerOrder>,
    accepting: Option<(std::net::TcpListener, Vec<mpsc::UnboundedSender<WorkerOrder>>)>,
) {
    // None of them ends before this thread does.
    let vital = &worker.settings.vital;
    let accepting = accepting.map(|(listener, workers)| {
        kept(vital.part("the gateway's count of seconds"), tick(worker.shared.clone()));
        kept(vital.part("the gateway's look at the load"), look(worker.shared.clone()));
        kept(vital.part("the gateway's listener"), accept(worker.shared.clone(), listener, workers))
    });
    kept(vital.part("the gateway's care for its connections"), sweep_often(worker.clone()));
    let mut number = 0;
    while let Some(order) = orders.recv().await {
        match order {
            WorkerOrder::Sweep => worker.sweep(),
            WorkerOrder::Serve(socket) => {
                let seat = Seat { worker: worker.clone(), number };
                number += 1;
                tokio::task::spawn_local(serve(seat, socket));
            }
            WorkerOrder::Stop(grace) => {
                if let Some(accepting) = accepting {
                    accepting.abort();
                }
                worker.stopping.set(true);
                worker.wakers.borrow().values().for_each(|(waker, _)| waker.wake_by_ref());
                let finished = async {
                    while !worker.wakers.borrow().is_empty() {
                        worker.emptied.notified().await;
                    }
                };
                tokio::select! {
                    _ = tokio::time::timeout(grace, finished) => {}
                    () = told_again(&mut orders) => {}
                }
                worker.cut();
                return;
            }
        }
    }
}

/// Runs on this thread; that it ends is told.
fn kept(part: VitalPart, work: impl Future<Output = ()> + 'static) -> tokio::task::JoinHandle<()> {
    tokio::task::spawn_local(async move {
        let _part = part;
        work.await;
    })
}

/// Returns when another order to stop has come and its time is over.
async fn told_again(orders: &mut mpsc::UnboundedReceiver<WorkerOrder>) {
    while let Some(order) = orders.recv().await {
        if let WorkerOrder::Stop(grace) = order {
            return tokio::time::sleep(grace).await;
        }
    }
}

/// Closes the seconds of all deployments, each just after it has ended.
async fn tick(shared: Arc<Shared>) {
    const SECOND: u64 = 1_000_000_000;
    loop {
        let into = u64::try_from(shared.settings.clock.now().subsec_nanosecond()).unwrap_or(0);
        tokio::time::sleep(Duration::from_nanos(SECOND.saturating_sub(into))).await;
        shared.close_second();
    }
}

/// Looks what is asked of the deployments that somebody wants to know of.
async fn look(shared: Arc<Shared>) {
    let mut often = tokio::time::interval(load::EVERY);
    often.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        often.tick().await;
        let table = shared.table.load();
        let now = Instant::now();
        let wanted = table.values().filter(|deployment| deployment.load.is_wanted(now));
        wanted.for_each(|deployment| deployment.load.look(deployment.outstanding()));
    }
}

async fn sweep_often(worker: Rc<Worker>) {
    let mut often = tokio::time::interval((worker.settings.pool_idle / 2).max(Duration::from_millis(10)));
    loop {
        often.tick().await;
        worker.sweep();
    }
}

/// Accepts, and gives each connection to the worker with the fewest.
async fn accept(
    shared: Arc<Shared>,
    listener: std::net::TcpListener,
    workers: Vec<mpsc::UnboundedSender<WorkerOrder>>,
) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the gateway cannot accept connections"),
    };
    let lingering = Lingering::default();
    loop {
        let socket = match listener.accept().await.and_then(|(socket, _)| socket.into_std()) {
            Ok(socket) => socket,
            Err(error) => {
                // Usually too many open files: give those that are open time to close.
                tracing::warn!(%error, "the gateway could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let counts = shared.connections.iter().map(|count| count.load(Relaxed));
        if counts.clone().sum::<usize>() >= shared.settings.max_connections {
            let answer = too_many_connections(shared.settings.max_connections);
            // Best effort: it fits into an empty socket buffer.
            if (&socket).write_all(answer.as_bytes()).is_ok()
                && let Some(place) = lingering.place()
            {
                tokio::task::spawn_local(linger(socket, place));
            }
            continue;
        }
        let Some((fewest, _)) = counts.enumerate().min_by_key(|(_, count)| *count) else { return };
        shared.connections[fewest].fetch_add(1, Relaxed);
        if workers[fewest].send(WorkerOrder::Serve(socket)).is_err() {
            return;
        }
    }
}

/// Lets a client whose connection was one too many read that, also while it is sending.
async fn linger(socket: StdStream, _place: OwnedSemaphorePermit) {
    if let Ok(socket) = TcpStream::from_std(socket) {
        connection::linger(socket).await;
    }
}

/// A client connection's place among the worker's.
struct Seat {
    worker: Rc<Worker>,
    number: u64,
}

impl Seat {
    /// Nobody waits for this connection any more when the worker ends.
    fn done(&self) {
        self.worker.wakers.borrow_mut().remove(&self.number);
        self.worker.emptied.notify_one();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.worker.shared.connections[self.worker.index].fetch_sub(1, Relaxed);
        self.done();
    }
}

async fn serve(seat: Seat, socket: StdStream) {
    let Ok(socket) = TcpStream::from_std(socket) else { return };
    // Without it answers are late, not wrong.
    let _ = socket.set_nodelay(true);
    let worker = seat.worker.clone();
    let client = Client::new(&worker.settings);
    let io = TokioIo::new(ClientIo::new(socket, client.clone(), worker.settings.stall_timeout));
    let service = {
        let (worker, client) = (worker.clone(), client.clone());
        hyper::service::service_fn(move |request: Request<Incoming>| {
            let (worker, client) = (worker.clone(), client.clone());
            async move { Ok::<Response<Body>, std::convert::Infallible>(forward::answer(worker, client, request).await) }
        })
    };
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .writev(false)
        .max_header_size(worker.settings.max_head_bytes)
        .serve_connection(io, service);
    let mut told = false;
    let ended = std::future::poll_fn(|cx| {
        if !worker.wakers.borrow().contains_key(&seat.number) {
            worker.wakers.borrow_mut().insert(seat.number, (cx.waker().clone(), client.clone()));
        }
        if worker.stopping.get() && !told {
            told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        let cx = &mut Context::from_waker(client.bell.waker(cx.waker()));
        match connection::poll(&mut connection, &client.unread, cx) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending => client.poll_too_slow(cx).map(|()| None),
        }
    })
    .await;
    // How it ended is the client's affair; requests were counted one by one. What cannot be read as a request was
    // answered too.
    let unreadable = matches!(ended, Some(Err(error)) if error.is_parse());
    if unreadable || client.unread.was_cut() {
        seat.done();
        connection::linger(connection.into_parts().io.into_inner()).await;
    }
}

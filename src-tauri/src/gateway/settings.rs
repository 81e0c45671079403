//! Every limit of the gateway, with its default.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::sync::mpsc;

use super::records::RecordSettings;
use super::seconds::ClosedSecond;
use crate::clock::Clock;
use crate::vital::Vital;

/// The settings that the gateway is started with. Those of a single deployment are in
/// [`Route`](super::Route).
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen at. Default `127.0.0.1:7080`; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Routes of deployments that exist already are published after the start; until
    /// [`Gateway::routes_complete`](super::Gateway::routes_complete) an unknown name is answered
    /// `503 starting`. Default false.
    pub routes_follow: bool,
    /// Worker threads, at least 1; each serves the clients it was given with its own connections to
    /// the replicas. Default: half of the processors, 1 to 4; the replicas need the others.
    pub threads: usize,
    /// Client connections open at once; one more is answered `503 too_many_connections`. Default 10,000.
    pub max_connections: usize,
    /// Longest request line and headers in bytes; longer ones are answered 431, as are more than 100
    /// headers. Default 64 KiB.
    pub max_head_bytes: usize,
    /// Longest request body in bytes; longer ones are answered `413 request_too_large`. Default 64 MiB.
    pub max_body_bytes: u64,
    /// Requests of one deployment that may wait for a replica; one more is answered
    /// `503 queue_full`. Default 1,000.
    pub max_queue_len: usize,
    /// The time that a client may take for a request's headers, from their first byte; then the
    /// connection is closed. Default 10 s.
    pub head_timeout: Duration,
    /// The time that a client's connection may stay without a request; then it is closed. Default 75 s.
    pub keep_alive: Duration,
    /// Longest body in bytes that is taken in before a place at a replica is, however slowly it comes. Default 1 MiB.
    pub held_body_bytes: usize,
    /// Bytes of such bodies that each worker thread holds at a time; beyond it bodies are passed on as they come.
    /// Default 64 MiB.
    pub held_bytes: usize,
    /// The time that a longer body may stand still on its way to a replica that has not begun its answer; then the
    /// replica's place is given back, and the client is answered `408 request_timeout`. Default 5 s.
    pub upload_stall_timeout: Duration,
    /// The time that a body may stand still, in either direction, once the answer has begun; then the
    /// connection is cut. Default 60 s.
    pub stall_timeout: Duration,
    /// The time that connecting to a replica may take before another one is tried. Default 1 s.
    pub connect_timeout: Duration,
    /// The time for which a replica that could not be connected to comes last in the choice. Default 200 ms.
    pub cool_down: Duration,
    /// The time that a connection to a replica is kept without a request. Below the 2 s and 5 s after
    /// which common model servers close theirs. Default 1.5 s.
    pub pool_idle: Duration,
    /// Idle connections kept per replica and thread. Default 64.
    pub pool_size: usize,
    /// The place of the records of deployments that want them. Default none: no records are kept.
    pub records: Option<RecordSettings>,
    /// Takes what is counted, second by second; what does not fit is lost. Default none: nobody does.
    pub seconds: Option<mpsc::Sender<ClosedSecond>>,
    /// The clock. Default: the system's time at this moment, counted on from there.
    pub clock: Clock,
    /// Told when a thread of the gateway, or what it does there besides, breaks off. Default: nobody waits for that.
    pub vital: Vital,
}

impl Default for Settings {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7080)),
            routes_follow: false,
            threads: (processors / 2).clamp(1, 4),
            max_connections: 10_000,
            max_head_bytes: 64 << 10,
            max_body_bytes: 64 << 20,
            max_queue_len: 1_000,
            head_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            held_body_bytes: 1 << 20,
            held_bytes: 64 << 20,
            upload_stall_timeout: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(1),
            cool_down: Duration::from_millis(200),
            pool_idle: Duration::from_millis(1500),
            pool_size: 64,
            records: None,
            seconds: None,
            clock: Clock::start(None),
            vital: Vital::default(),
        }
    }
}

/// The faults for which the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Another program listens there.
    #[error(
        "the gateway cannot listen on {address}: another program does already. Stop it, or choose another address with --gateway"
    )]
    AddressInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The system refused the address for another reason.
    #[error("the gateway cannot listen on {address}: {source}. Choose another address with --gateway")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's error.
        source: std::io::Error,
    },
    /// The system gave no threads.
    #[error("the gateway cannot start its threads: {0}. Close other programs, or raise the limit of processes")]
    Threads(std::io::Error),
}

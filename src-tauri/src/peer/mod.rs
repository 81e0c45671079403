//! A replica as the other end of a connection: its Unix socket, or the port of its program.
//!
//! A port belongs to nobody: any user of the machine may listen on one that is free, before a program does or after it has
//! ended. So whatever is meant for a program goes only to a socket that the replica's own processes hold.
//!
//! Guarantee: the connection that [`Peer::connect`] returns was taken by such a socket. The same one listens before and
//! after, so none has come in between; and it was found in the hands of the replica's processes.

mod group;
mod listening;
pub(crate) mod question;

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::replica::{Address, Handle};
use tokio::net::{TcpStream, UnixStream};
use tokio_util::either::Either;

/// A connection to a replica.
pub type Stream = Either<UnixStream, TcpStream>;

/// The tries to connect while one listening socket takes the place of another.
const TRIES: usize = 3;
/// The time for which a foreign listening socket is not looked up again: a look goes through all processes.
const FOREIGN: Duration = Duration::from_secs(1);
/// Listening sockets that are remembered; a program that opens one after the other is looked at again.
const REMEMBERED: usize = 32;

/// See the module.
#[derive(Debug)]
pub struct Peer {
    address: Address,
    handle: Option<Handle>,
    /// Inodes of sockets that were found in the hands of the replica's processes. While a socket is open, no other has its
    /// inode.
    known: Mutex<Vec<u32>>,
    /// The last one that was not, and when that was seen.
    foreign: Mutex<Option<(u32, Instant)>>,
}

impl Peer {
    /// The replica at `address` that its target knows by `handle`. Of a process it is the first of a process group. Where
    /// it is not known, nobody at a port is taken for the replica.
    pub fn new(address: Address, handle: Option<Handle>) -> Self {
        Self { address, handle, known: Mutex::default(), foreign: Mutex::default() }
    }

    /// The program of this very process.
    ///
    /// # Errors
    /// The system does not tell when this process was started.
    pub fn own_program(address: SocketAddr) -> io::Result<Self> {
        Ok(Self::new(Address::Tcp(address), Some(Handle::Process(group::myself()?))))
    }

    /// True when this is the replica with this address and handle.
    pub fn is(&self, address: &Address, handle: Option<&Handle>) -> bool {
        self.address == *address && self.handle.as_ref() == handle
    }

    /// Connects.
    ///
    /// # Errors
    /// Nobody takes connections there, or a process that is none of the replica's: [`io::ErrorKind::ConnectionRefused`].
    pub async fn connect(&self) -> io::Result<Stream> {
        let address = match &self.address {
            Address::Unix(path) => return UnixStream::connect(path).await.map(Either::Left),
            Address::Tcp(address) => *address,
        };
        if self.is_elsewhere() {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            return Ok(Either::Right(stream));
        }
        for _ in 0..TRIES {
            let inode = self.own_listener(address).await?;
            let stream = TcpStream::connect(address).await?;
            if listening::inode(address)? == Some(inode) {
                stream.set_nodelay(true)?;
                return Ok(Either::Right(stream));
            }
        }
        Err(refused("the program keeps replacing its listening socket"))
    }

    /// Looks whether whoever takes connections there is the replica. Of a Unix socket nothing is looked at, because its
    /// folder is closed to others, nor of a job, which this machine knows nothing of.
    ///
    /// # Errors
    /// As those of [`Peer::connect`].
    pub async fn check(&self) -> io::Result<()> {
        match self.address {
            Address::Unix(_) => Ok(()),
            Address::Tcp(_) if self.is_elsewhere() => Ok(()),
            Address::Tcp(address) => self.own_listener(address).await.map(drop),
        }
    }

    /// True when the replica's target runs it as a job: only the target knows whose address that is.
    fn is_elsewhere(&self) -> bool {
        matches!(self.handle, Some(Handle::Job { .. }))
    }

    /// The socket that takes connections to `address`, if it is the replica's.
    async fn own_listener(&self, address: SocketAddr) -> io::Result<u32> {
        let inode = listening::inode(address)?.ok_or_else(|| refused("nobody listens there"))?;
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(&inode) {
            return Ok(inode);
        }
        let leader = self.handle.as_ref().and_then(Handle::process);
        let leader = leader.ok_or_else(|| refused("the process of this replica is unknown"))?;
        let foreign = || self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        let is_foreign = |(seen, at): (u32, Instant)| seen == inode && at.elapsed() < FOREIGN;
        let taken =
            || refused(&format!("port {} is taken by a process that this replica has not started", address.port()));
        if foreign().is_some_and(is_foreign) {
            return Err(taken());
        }
        let held = tokio::task::spawn_blocking(move || group::holds(leader, inode)).await;
        if !held.map_err(io::Error::other)?? {
            *foreign() = Some((inode, Instant::now()));
            return Err(taken());
        }
        let mut known = known();
        if known.len() == REMEMBERED {
            known.remove(0);
        }
        known.push(inode);
        Ok(inode)
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, why)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn connections_go_to_the_replicas_own_socket_and_to_no_other() {
        let (own, address) = listener();
        let peer = Peer::own_program(address).unwrap();
        let Either::Right(stream) = peer.connect().await.unwrap() else { panic!("a port has no Unix socket") };
        assert_eq!(own.accept().unwrap().1, stream.local_addr().unwrap());
        peer.check().await.unwrap();

        // A process that has started none of this.
        let mut other = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let leader = group::identify(other.id().cast_signed()).unwrap();
        let stranger = Peer::new(Address::Tcp(address), Some(Handle::Process(leader)));
        for refused in [stranger.connect().await.map(drop), stranger.check().await] {
            let error = refused.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
            assert!(error.to_string().contains("a process that this replica has not started"), "{error}");
        }
        // The look is remembered, for this socket and for a while.
        let inode = listening::inode(address).unwrap().unwrap();
        assert!(matches!(*stranger.foreign.lock().unwrap(), Some((seen, _)) if seen == inode));
        let other_socket = Some((inode.wrapping_add(1), Instant::now()));
        for (before, refused) in [
            (Some((inode, Instant::now())), true),
            (Some((inode, Instant::now() - FOREIGN)), false),
            (other_socket, false),
        ] {
            let peer = Peer::own_program(address).unwrap();
            *peer.foreign.lock().unwrap() = before;
            assert_eq!(peer.check().await.is_err(), refused, "{before:?}");
        }
        own.set_nonblocking(true).unwrap();
        assert_eq!(own.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock, "not even a connection was made");
        other.kill().unwrap();
        other.wait().unwrap();

        drop(own);
        let error = peer.connect().await.unwrap_err();
        assert!(error.to_string().contains("nobody listens"), "{error}");
    }

    #[tokio::test]
    async fn a_socket_that_was_the_replicas_does_not_speak_for_the_next_one_on_the_same_port() {
        let (own, address) = listener();
        let mut other = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        // As if that process had held the first socket.
        let leader = group::identify(other.id().cast_signed()).unwrap();
        let peer = Peer::new(Address::Tcp(address), Some(Handle::Process(leader)));
        peer.known.lock().unwrap().push(listening::inode(address).unwrap().unwrap());
        peer.connect().await.unwrap();
        drop(own);
        let _next = TcpListener::bind(address).unwrap();
        assert!(peer.connect().await.is_err());
        other.kill().unwrap();
        other.wait().unwrap();
    }

    #[tokio::test]
    async fn only_processes_of_this_machine_are_looked_for_on_it() {
        let (_own, address) = listener();
        let job = Peer::new(Address::Tcp(address), Some(Handle::Job { job: "r-1".to_owned() }));
        job.check().await.unwrap();
        job.connect().await.unwrap();
        let nobody = Peer::new(Address::Tcp(address), None);
        assert!(nobody.check().await.is_err() && nobody.connect().await.is_err());
    }
}

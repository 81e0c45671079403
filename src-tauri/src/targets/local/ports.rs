//! Ports of programs: each replica has its own, also while its program does not listen yet. Otherwise a slow
//! one would seem to be ready as soon as another program answers on the port that both were given.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::id::ReplicaId;
use domain::replica::Address;

/// The most tries to get a port from the system that is not given away already.
const TRIES: usize = 64;

/// The port of each replica.
#[derive(Default)]
pub(super) struct Ports(Mutex<HashMap<ReplicaId, u16>>);

impl Ports {
    fn given(&self) -> MutexGuard<'_, HashMap<ReplicaId, u16>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the replica a port that nobody listens on and that no other replica has.
    pub(super) fn give(&self, replica: &ReplicaId) -> io::Result<u16> {
        self.give_of(replica, || Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port()))
    }

    fn give_of(&self, replica: &ReplicaId, mut free: impl FnMut() -> io::Result<u16>) -> io::Result<u16> {
        let mut given = self.given();
        given.remove(replica);
        for _ in 0..TRIES {
            let port = free()?;
            if given.values().all(|other| *other != port) {
                given.insert(replica.clone(), port);
                return Ok(port);
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }

    /// Notes where a replica answers that a server before this one started.
    pub(super) fn adopt(&self, replica: &ReplicaId, address: &Address) {
        if let Address::Tcp(address) = address {
            self.given().insert(replica.clone(), address.port());
        }
    }

    /// The replica needs its port no more.
    pub(super) fn take_back(&self, replica: &ReplicaId) {
        self.given().remove(replica);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_replicas_have_the_same_port() {
        let ports = Ports::default();
        let [a, b] = ["r-a", "r-b"].map(|id| id.parse::<ReplicaId>().unwrap());
        // The system names a port again that nobody listens on yet.
        let mut named = [1, 1, 2].into_iter();
        let mut free = || Ok(named.next().unwrap());
        assert_eq!(ports.give_of(&a, &mut free).unwrap(), 1);
        assert_eq!(ports.give_of(&b, &mut free).unwrap(), 2);
        assert!(ports.give_of(&b, || Ok(1)).is_err(), "the other one has it");
        ports.take_back(&a);
        assert_eq!(ports.give_of(&b, || Ok(1)).unwrap(), 1);
        ports.adopt(&a, &Address::Tcp(([127, 0, 0, 1], 7).into()));
        assert!(ports.give_of(&b, || Ok(7)).is_err(), "an adopted one has it");
    }
}

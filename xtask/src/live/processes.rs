//! The system's own word on running processes: the addresses that they listen on, and the memory that they take.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use procfs::net::{TcpState, UnixState};
use procfs::process::{FDTarget, Process};

/// An address at which a process takes requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A loopback port.
    Tcp(SocketAddr),
    /// A Unix socket.
    Unix(PathBuf),
}

/// Memory of one process, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// All that is resident, counting pages that are shared with others in full.
    pub(crate) resident: u64,
    /// All that is resident, counting each shared page by its share; these add up over processes.
    pub(crate) proportional: u64,
}

/// Every address that a process listens on.
pub(crate) fn listening_addresses(pid: i32) -> Result<Vec<Address>> {
    let process = Process::new(pid)?;
    let sockets: Vec<u64> = process
        .fd()?
        .filter_map(|fd| match fd.ok()?.target {
            FDTarget::Socket(inode) => Some(inode),
            _ => None,
        })
        .collect();
    let tcp = procfs::net::tcp()?.into_iter();
    let tcp = tcp.filter(|entry| entry.state == TcpState::Listen && sockets.contains(&entry.inode));
    let unix = procfs::net::unix()?.into_iter();
    let unix = unix.filter(|entry| entry.state == UnixState::UNCONNECTED && sockets.contains(&entry.inode));
    let mut found: Vec<Address> = tcp.map(|entry| Address::Tcp(entry.local_address)).collect();
    found.extend(unix.filter_map(|entry| entry.path).map(Address::Unix));
    Ok(found)
}

/// The memory that a process takes now.
pub(crate) fn memory(pid: i32) -> Result<Memory> {
    const KIB: u64 = 1024;
    let process = Process::new(pid)?;
    let resident = process.status()?.vmrss.unwrap_or_default() * KIB;
    let rollup = process.smaps_rollup()?.memory_map_rollup;
    let share = rollup.iter().find_map(|map| map.extension.map.get("Pss").copied());
    Ok(Memory { resident, proportional: share.context("the system does not tell shares of memory")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_where_it_listens() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _unix = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let pid = std::process::id() as i32;
        let found = listening_addresses(pid).unwrap();
        assert!(found.contains(&Address::Tcp(listener.local_addr().unwrap())), "{found:?}");
        assert!(found.contains(&Address::Unix(path)), "{found:?}");
    }

    #[test]
    fn the_share_of_memory_is_no_more_than_all_of_it() {
        let pid = std::process::id() as i32;
        let memory = memory(pid).unwrap();
        assert!(
            memory.resident > 100_000 && memory.proportional > 0 && memory.proportional <= memory.resident,
            "{memory:?}"
        );
    }
}

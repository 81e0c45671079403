//! Asks the kernel which socket takes connections to an address.
//!
//! `/proc/net/tcp` says it too, and takes milliseconds on a machine with much memory, because every place where a connection
//! could be is looked at. It is read only where the kernel has no other answer.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::LazyLock;

use procfs::net::{TcpNetEntry, TcpState, tcp, tcp6};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with};

// From the kernel's `linux/netlink.h`, `linux/sock_diag.h` and `linux/inet_diag.h`.
const HEADER: usize = 16;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLM_F_REQUEST: u16 = 1;
const TCP: u8 = 6;
const ANY_COOKIE: [u8; 8] = [0xff; 8];
/// Of `inet_diag_msg`, after the header.
const STATE: usize = HEADER + 1;
const INODE: usize = HEADER + 68;
const LISTEN: u8 = 10;

/// The inode of the socket that takes connections to `address`, the one that the kernel itself would choose; none where
/// nobody listens.
///
/// # Errors
/// The kernel does not tell.
pub(super) fn inode(address: SocketAddr) -> io::Result<Option<u32>> {
    if *ANSWERS { Ok(ask(address)?) } else { listed(address) }
}

/// True if this kernel answers the question; some are built without it and then report no listener.
static ANSWERS: LazyLock<bool> = LazyLock::new(|| {
    let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let known = |probe: TcpListener| Some(ask(probe.local_addr().ok()?).ok()?.is_some());
    probe.ok().and_then(known).unwrap_or(false)
});

fn ask(address: SocketAddr) -> Result<Option<u32>, Errno> {
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
    send(&socket, &question(address), SendFlags::empty())?;
    let mut answer = [0; 512];
    // The kernel has answered before the call above returned.
    let (_, length) = recv(&socket, &mut answer[..], RecvFlags::DONTWAIT)?;
    read(&answer[..length.min(answer.len())])
}

/// `inet_diag_req_v2`: who takes what comes from nowhere to `address`.
fn question(address: SocketAddr) -> Vec<u8> {
    let (family, octets) = match address.ip() {
        IpAddr::V4(ip) => (AddressFamily::INET, [&ip.octets()[..], &[0; 12]].concat()),
        IpAddr::V6(ip) => (AddressFamily::INET6, ip.octets().to_vec()),
    };
    let family = u8::try_from(family.as_raw()).unwrap_or_default();
    let mut body = vec![family, TCP, 0, 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend(address.port().to_be_bytes());
    body.extend([0; 2]);
    body.extend(octets);
    body.extend([0; 16 + 4]);
    body.extend(ANY_COOKIE);
    let length = u32::try_from(HEADER + body.len()).unwrap_or_default();
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message.extend(NLM_F_REQUEST.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    message
}

fn read(answer: &[u8]) -> Result<Option<u32>, Errno> {
    let four = |at: usize| answer.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    let kind = answer.get(4..6).and_then(|bytes| bytes.try_into().ok()).map(u16::from_ne_bytes);
    match kind {
        Some(NLMSG_ERROR) => {
            match four(HEADER).map_or(Errno::BADMSG, |raw| Errno::from_raw_os_error(-i32::from_ne_bytes(raw))) {
                Errno::NOENT => Ok(None),
                other => Err(other),
            }
        }
        Some(SOCK_DIAG_BY_FAMILY) if answer.get(STATE) == Some(&LISTEN) => {
            Ok(Some(four(INODE).map(u32::from_ne_bytes).ok_or(Errno::BADMSG)?))
        }
        _ => Err(Errno::BADMSG),
    }
}

/// The same from the kernel's lists. A socket of this very address comes before one of every address.
fn listed(address: SocketAddr) -> io::Result<Option<u32>> {
    let entries = tcp().map_err(io::Error::other)?.into_iter().chain(tcp6().into_iter().flatten());
    Ok(chosen(address, entries))
}

fn chosen(address: SocketAddr, entries: impl Iterator<Item = TcpNetEntry>) -> Option<u32> {
    let listens = |entry: &TcpNetEntry| entry.state == TcpState::Listen && entry.local_address.port() == address.port();
    let fit = |entry: &TcpNetEntry| {
        let ip = entry.local_address.ip().to_canonical();
        if ip == address.ip() { Some(0) } else { ip.is_unspecified().then_some(1) }
    };
    let fitting = entries.filter(listens).filter_map(|entry| Some((fit(&entry)?, u32::try_from(entry.inode).ok()?)));
    fitting.min().map(|(_, inode)| inode)
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd as _;

    use super::*;

    fn own(listener: &TcpListener) -> u32 {
        u32::try_from(rustix::fs::fstat(listener.as_fd()).unwrap().st_ino).unwrap()
    }

    #[test]
    fn the_kernel_and_its_lists_name_the_same_socket() {
        for bound in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(bound) else { continue };
            let address = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
            assert_eq!(ask(address).unwrap(), Some(own(&listener)), "{bound}");
            assert_eq!(listed(address).unwrap(), Some(own(&listener)), "{bound}");
            assert_eq!(inode(address).unwrap(), Some(own(&listener)), "{bound}");
            // A connection is no listener.
            let _connection = std::net::TcpStream::connect(address).unwrap();
            assert_eq!(inode(address).unwrap(), Some(own(&listener)), "{bound}");
            drop(listener);
            assert_eq!(inode(address).unwrap(), None, "{bound}");
        }
    }

    #[test]
    fn answers_that_are_none_are_errors() {
        for answer in [&[][..], &[0; 16], &[0xff; 40]] {
            assert!(read(answer).is_err(), "{answer:?}");
        }
    }
}

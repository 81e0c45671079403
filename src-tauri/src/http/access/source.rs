//! The place that a request comes from: the other end of its connection, or what a proxy that is trusted says.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// What a proxy says of the clients before it.
const FORWARDED: &str = "x-forwarded-for";

/// The address of a request whose connection comes from `peer`. Each proxy adds the one that it was asked by: the last
/// that is none of the `trusted` networks counts, and what stands before it is anybody's word.
pub(super) fn of(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[(IpAddr, u8)]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| holds(*network, address));
    let mut found = peer?;
    let told = headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok());
    let told: Vec<&str> = told.flat_map(|value| value.split(',')).collect();
    for given in told.into_iter().rev() {
        if !is_trusted(found) {
            break;
        }
        let Some(address) = parse(given.trim()) else { break };
        found = address;
    }
    Some(found)
}

fn parse(given: &str) -> Option<IpAddr> {
    let bare = given.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| given.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// True when `address` is in `network`: its first bits are the same.
fn holds((network, bits): (IpAddr, u8), address: IpAddr) -> bool {
    match (network, address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_proxy_that_is_trusted_says_who_asks() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let trusted = [(address("127.0.0.1"), 32), (address("10.1.0.0"), 16), (address("fd00::"), 8)];
        for (peer, forwarded, expected) in [
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
            ("127.0.0.1", "6.6.6.6, 10.2.2.3", "10.2.2.3"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "198.51.100.1, unknown", "127.0.0.1"),
            ("::ffff:127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("fd00::7", "[2001:db8::1]:4711", "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED, forwarded.parse().unwrap());
            assert_eq!(of(Some(address(peer)), &headers, &trusted), Some(address(expected)), "{peer} {forwarded}");
        }
        assert_eq!(of(None, &HeaderMap::new(), &trusted), None);
        assert!(holds((address("0.0.0.0"), 0), address("1.2.3.4")) && !holds((address("::"), 0), address("1.2.3.4")));
    }
}

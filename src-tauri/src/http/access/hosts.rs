//! The names that this server answers to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// Host names that are ours, in lower case.
#[derive(Debug)]
pub(super) struct Hosts {
    port: u16,
    /// With the port.
    exact: Vec<String>,
    /// Whatever the port.
    names: Vec<String>,
    /// The server listens on every address of the machine, so any address is ours; a name still has to be known.
    any_address: bool,
}

impl Hosts {
    pub(super) fn new(listen: SocketAddr, names: &[String]) -> Self {
        let port = listen.port();
        let mut exact = vec![listen.to_string()];
        exact.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
        if port == 80 {
            // Clients leave out the port that a scheme implies.
            exact.extend([listen.ip().to_string(), "localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()]);
        }
        let named = names.iter().map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
        let (with_port, names) = named.partition(|name| split(name).1.is_some());
        let with_port: Vec<String> = with_port;
        exact.extend(with_port);
        Self { port, exact, names, any_address: listen.ip().is_unspecified() }
    }

    /// The port that this server listens on.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// True when `given`, a name or address with or without a port, is ours.
    pub(super) fn has(&self, given: &str) -> bool {
        let given = given.to_ascii_lowercase();
        let (host, port) = split(&given);
        let is_address = || host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        let its_port = port.map_or(self.port == 80, |port| port == self.port.to_string());
        self.exact.contains(&given)
            || self.names.iter().any(|name| name == host && port.is_none_or(|port| port.parse::<u16>().is_ok()))
            || (self.any_address && its_port && is_address())
    }
}

/// Host and port; brackets around an IPv6 address stay.
fn split(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.exact.iter().chain(&self.names).map(String::as_str).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str, names: &[&str]) -> Hosts {
        Hosts::new(listen.parse().unwrap(), &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn loopback_names_with_the_port_are_ours_and_nothing_else_is() {
        let hosts = hosts("127.0.0.1:7070", &["Models.example.org", "other.example.org:8443"]);
        for ours in [
            "127.0.0.1:7070",
            "localhost:7070",
            "LOCALHOST:7070",
            "[::1]:7070",
            "models.example.org",
            "models.example.org:443",
            "other.example.org:8443",
        ] {
            assert!(hosts.has(ours), "{ours}");
        }
        for foreign in [
            "",
            "localhost",
            "localhost:7071",
            "127.0.0.1",
            "127.0.0.2:7070",
            "10.0.0.1:7070",
            "evil.example:7070",
            "localhost.evil.example:7070",
            "models.example.org.evil.example",
            "models.example.org:x",
            "other.example.org",
            "[::1]:7071",
            "localhost:7070@evil.example",
        ] {
            assert!(!hosts.has(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_server_on_every_address_answers_to_addresses_but_not_to_unknown_names() {
        let hosts = hosts("0.0.0.0:7070", &[]);
        assert!(hosts.has("192.168.1.5:7070") && hosts.has("[fe80::1]:7070") && hosts.has("localhost:7070"));
        assert!(!hosts.has("evil.example:7070") && !hosts.has("192.168.1.5:80") && !hosts.has("192.168.1.5"));
    }
}

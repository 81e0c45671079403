//! Where webhooks may lead: to addresses that everybody can reach, unless the settings say otherwise.
//!
//! # Guarantees
//!
//! - What is connected to is an address that was checked, in the same look-up: a name that resolves to another one a moment
//!   later gains nothing.
//! - One address of a name that is not public is enough to refuse the name.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use domain::webhook::is_public;
use hyper_util::client::legacy::connect::dns::Name;
use tower::Service;
use url::{Host, Url};

use crate::config::HostAndPort;

/// A URL that messages may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: Url,
    /// The settings allow it by name: whatever address it has, and in the clear.
    pub(super) allowed: bool,
}

/// Reads the URL of a webhook, and refuses one that leads nowhere else than here.
///
/// # Errors
/// A sentence.
pub(super) fn target(url: &str, allowed: &[HostAndPort]) -> Result<Target, String> {
    let url = Url::parse(url).map_err(|error| format!("{url} is no URL: {error}."))?;
    let port = url.port_or_known_default();
    let Some((host, port)) = url.host().zip(port).filter(|_| matches!(url.scheme(), "http" | "https")) else {
        return Err(format!("{url} is no URL of https."));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "The URL holds a name or a password. Leave them out: the receiver knows us by the signature.".to_owned()
        );
    }
    let is_allowed = allowed.iter().any(|one| one.port == port && one.host == host.to_string());
    if is_allowed {
        return Ok(Target { url, allowed: true });
    }
    if url.scheme() != "https" {
        return Err(format!(
            "{url} is not encrypted. Use https, or allow \"{host}:{port}\" in changeover.toml (webhook_allow)."
        ));
    }
    let literal = match host {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    };
    match literal.filter(|address| !is_public(*address)) {
        Some(address) => Err(refused(&address, &format!("{host}:{port}"))),
        None => Ok(Target { url, allowed: false }),
    }
}

fn refused(address: &IpAddr, name: &str) -> String {
    format!(
        "{name} leads to {address}, which only this machine or its network knows. Use an address that everybody can reach, \
         or allow \"{name}\" in changeover.toml (webhook_allow)."
    )
}

/// Looks a name up, and refuses it where one of its addresses is not public.
///
/// # Errors
/// A sentence.
pub(super) async fn public_addresses(host: &str) -> Result<Vec<SocketAddr>, String> {
    let found = tokio::net::lookup_host((host, 0)).await;
    let found: Vec<_> = found.map_err(|error| format!("{host} cannot be found: {error}."))?.collect();
    match found.iter().find(|address| !is_public(address.ip())) {
        Some(address) => Err(refused(&address.ip(), host)),
        None if found.is_empty() => Err(format!("{host} has no address.")),
        None => Ok(found),
    }
}

/// Gives names their addresses, where all of them are public.
#[derive(Clone, Copy, Debug)]
pub(super) struct PublicNames;

impl Service<Name> for PublicNames {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(async move {
            let found = public_addresses(name.as_str()).await;
            found.map(Vec::into_iter).map_err(io::Error::other)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Vec<HostAndPort> {
        ["127.0.0.1:9000", "chat.internal:443"].map(|text| text.to_owned().try_into().unwrap()).into()
    }

    #[test]
    fn an_address_that_only_this_network_knows_is_refused_however_it_is_written() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/",
            "https://10.0.0.1/",
            "https://[fe80::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://127.0.0.1:9001/",
            "https://１２７.0.0.1/",
            "https://127.0.0.1.:443/",
        ] {
            let refused = target(url, &allowed());
            assert!(refused.as_ref().is_err_and(|why| why.contains("webhook_allow")), "{url}: {refused:?}");
        }
        for url in [
            "http://example.com/",
            "ftp://example.com/",
            "https://",
            "x",
            "https://a:b@example.com/",
            "file:///etc/passwd",
        ] {
            assert!(target(url, &allowed()).is_err(), "{url}");
        }
        for (url, free) in [
            ("https://example.com/hook", false),
            ("https://1.1.1.1/", false),
            ("http://127.0.0.1:9000/x", true),
            ("https://chat.internal/", true),
            ("https://CHAT.internal:443/", true),
        ] {
            assert_eq!(target(url, &allowed()).unwrap().allowed, free, "{url}");
        }
        assert!(target("http://chat.internal/", &allowed()).is_err(), "another port is another receiver");
    }

    #[tokio::test]
    async fn a_name_is_refused_that_leads_here() {
        let refused = public_addresses("localhost").await.unwrap_err();
        assert!(refused.contains("localhost leads to"), "{refused}");
        let looked_up = PublicNames.call("localhost".parse().unwrap()).await;
        assert!(looked_up.is_err());
    }
}

//! The address that a connection comes from.

use std::any::Any;
use std::net::{IpAddr, SocketAddr};

/// The address that a request's connection comes from, among the request's extensions; none where it comes through no
/// network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeerAddress(pub(crate) IpAddr);

impl PeerAddress {
    /// The address that a listener names, where it is one of a network.
    pub(super) fn of(address: &dyn Any) -> Option<Self> {
        address.downcast_ref::<SocketAddr>().map(|address| Self(address.ip()))
    }
}

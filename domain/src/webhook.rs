//! Webhooks: where chats and pagers are told what happens, by the specification *Standard Webhooks* 1.0.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{DeploymentId, WebhookId};
use crate::notice::{Channel, Topic};
use crate::terms::{InvalidTerms, check_name};

/// Longest URL of a webhook, in bytes.
pub const LONGEST_URL: usize = 2_000;
/// Most webhooks of a server.
pub const MOST_WEBHOOKS: usize = 50;
/// Most deployments that a webhook is for by name.
pub const MOST_DEPLOYMENTS: usize = 500;
/// The beginning of a secret, before its bytes in base64, by *Standard Webhooks*.
pub const SECRET_PREFIX: &str = "whsec_";
/// The time for which the secret before the newest one still signs.
pub const OLD_SECRET_SIGNS: SignedDuration = SignedDuration::from_hours(24);

/// The terms of a webhook: what people decide about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookTerms {
    /// The name that people read, 1 to 120 characters.
    pub name: String,
    /// Where messages are sent: `https://`, to an address that everybody can reach, at most 2,000 bytes.
    pub url: String,
    /// Nothing is sent while it is not active. Default true.
    #[serde(default = "active")]
    pub active: bool,
    /// The topics that it is told of; empty: all that webhooks are told of.
    #[serde(default)]
    pub topics: BTreeSet<Topic>,
    /// The deployments that it is told of; empty: all, and what is about none.
    #[serde(default)]
    pub deployments: BTreeSet<DeploymentId>,
}

fn active() -> bool {
    true
}

impl WebhookTerms {
    /// Checks what can be checked without the network.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), InvalidTerms> {
        check_name("name", &self.name)?;
        if self.url.len() > LONGEST_URL {
            return Err(InvalidTerms::new("url", format!("at most {LONGEST_URL} bytes")));
        }
        if self.deployments.len() > MOST_DEPLOYMENTS {
            return Err(InvalidTerms::new("deployments", format!("name at most {MOST_DEPLOYMENTS}, or none for all")));
        }
        let untold = self.topics.iter().find(|topic| !topic.channels().contains(&Channel::Webhook));
        if let Some(topic) = untold {
            return Err(InvalidTerms::new("topics", format!("webhooks are not told of {topic}")));
        }
        Ok(())
    }

    /// True when it is told of a topic that is about this deployment, or about none.
    pub fn hears(&self, topic: Topic, deployment: Option<&DeploymentId>) -> bool {
        let named = || deployment.is_some_and(|id| self.deployments.contains(id));
        self.active
            && topic.channels().contains(&Channel::Webhook)
            && (self.topics.is_empty() || self.topics.contains(&topic))
            && (self.deployments.is_empty() || named())
    }
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    /// Names it.
    pub id: WebhookId,
    /// The decisions of people about it.
    pub terms: WebhookTerms,
    /// The time at which its newest secret was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub secret_since: Timestamp,
    /// The reason for which it was switched off by itself, a sentence: its receiver said that it is gone.
    #[serde(default)]
    pub switched_off: Option<String>,
}

/// True when everybody on the Internet means the same by an address: of the special ones in the registries of the IANA
/// (RFC 6890 and its successors) none, and none that leads to one of them.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 192 && b == 31 && c == 196)
        || (a == 192 && b == 52 && c == 193)
        || (a == 192 && b == 175 && c == 48)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // NAT64 and 6to4 lead to the IPv4 address that they hold.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // IETF assignments with Teredo and benchmarking; documentation, also the newer one; SRv6 has 5f00::/16.
        [0x2001, second, ..] if second < 0x200 => false,
        [0x2001, 0xdb8, ..] => false,
        [0x3fff, second, ..] if second < 0x1000 => false,
        // What is given out at all; mapped, unique local, link-local and multicast addresses lie elsewhere.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_everybody_means_the_same_by_are_public() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.254",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
    }

    #[test]
    fn a_webhook_hears_what_it_is_for() {
        let [iris, rose]: [DeploymentId; 2] = ["iris", "rose"].map(|id| id.parse().unwrap());
        let terms = |active, topics: &[Topic], deployments: &[&DeploymentId]| WebhookTerms {
            name: "Chat".to_owned(),
            url: "https://example.com".to_owned(),
            active,
            topics: topics.iter().copied().collect(),
            deployments: deployments.iter().copied().cloned().collect(),
        };
        let all = terms(true, &[], &[]);
        assert!(all.hears(Topic::RolloutEnded, Some(&iris)) && all.hears(Topic::FreezeChanged, None));
        assert!(!all.hears(Topic::OwnAccount, None), "people's own accounts are nobody else's business");
        assert!(!terms(false, &[], &[]).hears(Topic::RolloutEnded, Some(&iris)));
        let some = terms(true, &[Topic::RolloutEnded], &[&iris]);
        let heard = [
            (Topic::RolloutEnded, Some(&iris), true),
            (Topic::RolloutEnded, Some(&rose), false),
            (Topic::RolloutEnded, None, false),
            (Topic::BreakGlass, Some(&iris), false),
        ];
        for (topic, deployment, expected) in heard {
            assert_eq!(some.hears(topic, deployment), expected, "{topic} {deployment:?}");
        }
        assert_eq!(terms(true, &[Topic::OwnAccount], &[]).check().unwrap_err().field, "topics");
    }
}

//! Values that know their range, so that a flag, a variable and the file refuse the same things.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use url::Url;

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounded<const LEAST: u64, const MOST: u64>(u64);

impl<const LEAST: u64, const MOST: u64> Bounded<LEAST, MOST> {
    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }

    fn new(number: u64) -> Result<Self, String> {
        if (LEAST..=MOST).contains(&number) { Ok(Self(number)) } else { Err(Self::rule()) }
    }

    fn rule() -> String {
        format!("a whole number from {LEAST} to {MOST} is expected")
    }
}

impl<const LEAST: u64, const MOST: u64> FromStr for Bounded<LEAST, MOST> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| Self::rule()).and_then(Self::new)
    }
}

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Bounded<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).and_then(|number| Self::new(number).map_err(serde::de::Error::custom))
    }
}

impl<const LEAST: u64, const MOST: u64> fmt::Display for Bounded<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A host with a port, `localhost:9000` or `[::1]:9000`: in small letters, and no other name of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HostAndPort {
    /// The host; an IPv6 address in brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl TryFrom<String> for HostAndPort {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let rule = || format!("{text:?} is no HOST:PORT, for example \"chat.internal:9000\"");
        let (host, port) = text.rsplit_once(':').ok_or_else(rule)?;
        let url = Url::parse(&format!("http://{host}/")).map_err(|_| rule())?;
        let host = url.host_str().filter(|same| same.eq_ignore_ascii_case(host)).ok_or_else(rule)?;
        Ok(Self { host: host.to_owned(), port: port.parse().ok().filter(|port| *port > 0).ok_or_else(rule)? })
    }
}

impl fmt::Display for HostAndPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A decimal number from 0.001 to 1,000,000, exact to a thousandth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(u64);

impl Decimal {
    /// The number in thousandths.
    pub fn thousandths(self) -> u64 {
        self.0
    }

    fn new(number: f64) -> Result<Self, String> {
        if !(0.001..=1_000_000.0).contains(&number) {
            return Err(Self::rule());
        }
        Ok(Self((number * 1_000.0).round() as u64))
    }

    fn rule() -> String {
        "a number from 0.001 to 1000000 is expected, for example 1.5".to_owned()
    }
}

impl FromStr for Decimal {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| Self::rule()).and_then(Self::new)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).and_then(|number| Self::new(number).map_err(serde::de::Error::custom))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0 as f64 / 1_000.0).fmt(f)
    }
}

/// A number of bytes, written `64MiB`, `2 GiB` or as a plain number; at least 1 KiB, at most 1 TiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(u64);

impl ByteSize {
    /// The number of bytes.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let rule = || "a size from 1KiB to 1TiB is expected, for example 64MiB or 2GiB".to_owned();
        let digits = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let shift = match text.trim()[digits.len()..].to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kib" => 10,
            "m" | "mib" => 20,
            "g" | "gib" => 30,
            "t" | "tib" => 40,
            _ => return Err(rule()),
        };
        let number: u64 = digits.trim().parse().map_err(|_| rule())?;
        let bytes = number.checked_mul(1 << shift).ok_or_else(rule)?;
        if (1 << 10..=1 << 40).contains(&bytes) { Ok(Self(bytes)) } else { Err(rule()) }
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a size is expected, for example \"64MiB\" or 67108864")]
        enum Written {
            Number(u64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
        match units.into_iter().find(|(_, shift)| self.0.trailing_zeros() >= *shift) {
            Some((unit, shift)) => write!(f, "{}{unit}", self.0 >> shift),
            None => self.0.fmt(f),
        }
    }
}

/// A URL at which people or callers reach the server from outside: `http` or `https`, a host, perhaps a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Its host, with the port where it is not the scheme's own.
    pub fn host(&self) -> String {
        self.0.as_str()[self.0.scheme().len() + 3..].split('/').next().unwrap_or_default().to_owned()
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = "a URL such as https://models.example or https://models.example/ops is expected";
        let url = Url::parse(text.trim()).map_err(|_| rule)?;
        let plain = url.username().is_empty() && url.password().is_none();
        let plain = plain && url.query().is_none() && url.fragment().is_none() && url.has_host();
        if plain && ["http", "https"].contains(&url.scheme()) { Ok(Self(url)) } else { Err(rule) }
    }
}

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A network: an address, or `ADDRESS/BITS` with the number of its first bits that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// An address in it.
    pub address: IpAddr,
    /// The number of first bits that all of its addresses share: at most 32, or 128 of IPv6.
    pub bits: u8,
}

impl FromStr for Network {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = "an address such as 127.0.0.1, or a network such as 10.0.0.0/8 is expected";
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().map_err(|_| rule)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| rule))?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(rule) }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// The amount that the server writes to its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// Also what somebody should look at.
    Warn,
    /// Also what happened.
    #[default]
    Info,
    /// Also how it was decided.
    Debug,
    /// Everything.
    Trace,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        })
    }
}

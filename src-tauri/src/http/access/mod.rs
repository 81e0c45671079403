//! Access to the API: for this machine's own pages and programs, and only with the token.
//!
//! # Guarantees
//!
//! - A page of another site gets nothing, even when a name of its own leads here (DNS rebinding): `Host` and
//!   `Origin` must be ours, for reads as well as for writes.
//! - Tokens are compared in a time that does not depend on where they differ.
//! - A cookie or an API token is looked up anew for each request ([`crate::api`]); nothing of it is kept here.
//! - Whoever has the right token is let in, however often others have tried a wrong one.

mod cookie;
mod guard;
mod hosts;
mod source;
mod token;
mod visitor;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use domain::caller::Caller;
use domain::proof::{NONCE, Proof, ProofKey};
use domain::secret::Secret;
use domain::wire::ErrorCode;

use cookie::Kind;
pub(super) use cookie::Root;
pub(super) use guard::guard;

use self::hosts::Hosts;
use self::token::Token;
use crate::api::{ComesFrom, Evidence};
use crate::commands::Refusal;
use crate::connection::PeerAddress;

/// Scheme of the desktop window's pages.
const WINDOW: &str = "changeover:";

/// Everybody who may send requests.
#[derive(Clone, Debug)]
pub enum Access {
    /// Whoever has the token and asks at a name that is ours.
    Token(Arc<TokenGate>),
    /// The desktop window, in the same process: whoever sits before it.
    Window(Caller),
}

/// The token, and the names that are ours.
#[derive(Debug)]
pub struct TokenGate {
    token: Token,
    /// Whoever has the token.
    holder: Caller,
    /// None where there is no token.
    proof: Option<ProofKey>,
    hosts: Hosts,
    /// The address that is listened at, as a URL.
    listens_at: String,
    outside: Outside,
}

/// The way in which people reach the server, as far as it was said.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// The URL at which people reach it, without a slash at its end.
    pub public_url: Option<String>,
    /// Networks, each by an address and the number of its first bits, of proxies whose word on who asks is taken.
    pub trusted_proxies: Vec<(IpAddr, u8)>,
    /// The token lets nobody in.
    pub closed: bool,
}

/// Somebody whose request may be looked at.
enum Admitted {
    /// They are known.
    Known(Caller),
    /// They show something that has to be looked up.
    Shows(Evidence),
    /// They show nothing.
    Unknown,
    /// They may show what they want: nothing is needed.
    Anybody,
    /// Nothing is needed, and who they are matters if they show it.
    MayShow(Evidence),
}

impl Access {
    /// Asks for `token`, which `holder` has. `listen` is where the API listens; `names` are further host names that
    /// lead here, each with a port or, when any port will do, without.
    pub fn token(token: &str, holder: Caller, listen: SocketAddr, names: &[String], outside: Outside) -> Self {
        let proof = (!token.is_empty()).then(|| ProofKey::of(token));
        let hosts = Hosts::new(listen, names);
        let listens_at = format!("http://{listen}");
        Self::Token(Arc::new(TokenGate { token: Token::new(token), holder, proof, hosts, listens_at, outside }))
    }

    /// Admits a request that may be looked at: it is for this server, and comes from no other site's page.
    fn admit(&self, request: &Request) -> Result<Admitted, Refusal> {
        let headers = request.headers();
        match self {
            Self::Window(caller) => match headers.get(header::ORIGIN) {
                Some(origin) if !origin.as_bytes().starts_with(WINDOW.as_bytes()) => Err(foreign_origin(origin)),
                _ => Ok(Admitted::Known(caller.clone())),
            },
            Self::Token(gate) => {
                gate.check_host(request)?;
                gate.check_origin(headers)?;
                Ok(match gate.shown(headers) {
                    Admitted::Known(caller) => Admitted::Known(caller),
                    Admitted::Shows(shown) if is_errand(request.uri().path()) => Admitted::MayShow(shown),
                    _ if is_open(request.method(), request.uri().path()) => Admitted::Anybody,
                    shown => shown,
                })
            }
        }
    }

    /// The caller who signs in with `token`; in the window nobody needs one.
    pub(super) fn holder(&self, token: &str) -> Option<&Caller> {
        match self {
            Self::Token(gate) => Some(&gate.holder).filter(|_| gate.opens_by(token)),
            Self::Window(caller) => Some(caller),
        }
    }

    /// True for the window, whose pages need no cookie.
    pub(super) fn is_window(&self) -> bool {
        matches!(self, Self::Window(_))
    }

    /// The place that a request comes from.
    pub(super) fn source(&self, peer: Option<PeerAddress>, headers: &HeaderMap) -> ComesFrom {
        match self {
            Self::Token(gate) => {
                let peer = peer.map(|PeerAddress(address)| address);
                ComesFrom(source::of(peer, headers, &gate.outside.trusted_proxies))
            }
            Self::Window(_) => ComesFrom::default(),
        }
    }

    /// That this server knows its token, for whoever sent this nonce.
    pub(super) fn prove(&self, nonce: &[u8; NONCE]) -> Option<Proof> {
        match self {
            Self::Token(gate) => gate.proof.as_ref().map(|key| key.prove(gate.hosts.port(), nonce)),
            Self::Window(_) => None,
        }
    }

    /// `Set-Cookie` for somebody who has signed in on a page that lies under `root`.
    pub(super) fn cookie(&self, headers: &HeaderMap, value: &Secret, root: &Root) -> String {
        cookie::set(Kind::Session, value, root, self.is_encrypted(headers))
    }

    /// `Set-Cookie` for somebody who signs out on a page that lies under `root`.
    pub(super) fn no_cookie(&self, headers: &HeaderMap, root: &Root) -> String {
        cookie::removed(Kind::Session, root, self.is_encrypted(headers))
    }

    /// What a browser shows that comes back from the identity provider.
    pub(super) fn errands(&self, headers: &HeaderMap) -> Vec<String> {
        cookie::values(headers, Kind::Errand)
    }

    /// `Set-Cookie` for somebody who goes there from a page that lies under `root`.
    pub(super) fn errand(&self, headers: &HeaderMap, value: &Secret, root: &Root) -> String {
        cookie::set(Kind::Errand, value, root, self.is_encrypted(headers))
    }

    /// `Set-Cookie` for somebody who is back.
    pub(super) fn no_errand(&self, headers: &HeaderMap, root: &Root) -> String {
        cookie::removed(Kind::Errand, root, self.is_encrypted(headers))
    }

    /// The address at which somebody else sends people here, which is never what a request says: the public one, else the
    /// one that is listened at. None for the window.
    pub(super) fn way_back(&self) -> Option<&str> {
        match self {
            Self::Token(gate) => Some(gate.outside.public_url.as_deref().unwrap_or(&gate.listens_at)),
            Self::Window(_) => None,
        }
    }

    /// True when what the browser gets travels encrypted: its page does, or it asks at the public address, which does.
    fn is_encrypted(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let public = self.public_url().and_then(|url| url.strip_prefix("https://"));
        let host = public.and_then(|rest| rest.split('/').next());
        text(header::ORIGIN).is_some_and(|origin| origin.starts_with("https://"))
            || host.is_some_and(|host| text(header::HOST).is_some_and(|asked| asked.eq_ignore_ascii_case(host)))
    }

    fn public_url(&self) -> Option<&str> {
        match self {
            Self::Token(gate) => gate.outside.public_url.as_deref(),
            Self::Window(_) => None,
        }
    }

    /// The address at which somebody else reaches this server: the public one, else the one that was asked at.
    pub(super) fn base(&self, headers: &HeaderMap) -> String {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let asked = || match (text(header::ORIGIN), text(header::HOST)) {
            (Some(origin), _) if !self.is_window() => origin.to_owned(),
            (_, host) => format!("http://{}", host.unwrap_or("localhost")),
        };
        self.public_url().map_or_else(asked, str::to_owned)
    }
}

/// True for the paths that need no token: health, the description of this API, signing in and what comes before it, and
/// the files of the interface.
fn is_open(method: &Method, path: &str) -> bool {
    match path {
        "/healthz" | "/readyz" | "/api/openapi.json" => true,
        "/metrics" => false,
        "/api/v1/session" | "/api/v1/invitations/accept" | "/api/v1/invitations/peek" => method == Method::POST,
        "/api/v1/session/proof" | "/api/v1/session/oidc" => true,
        path if is_errand(path) => true,
        path => path != "/api" && !path.starts_with("/api/"),
    }
}

/// True for the paths of the way to the identity provider and back: some go it who are signed in, and some who are not.
fn is_errand(path: &str) -> bool {
    matches!(path, "/api/v1/session/oidc/start" | "/api/v1/session/oidc/callback")
}

impl TokenGate {
    fn check_host(&self, request: &Request) -> Result<(), Refusal> {
        let mut named = request.headers().get_all(header::HOST).iter();
        let host = named.next().and_then(|host| host.to_str().ok());
        let in_uri = request.uri().authority().map(|authority| authority.as_str());
        let ours = |name: &str| self.hosts.has(name);
        if host.is_some_and(ours) && named.next().is_none() && in_uri.is_none_or(ours) {
            return Ok(());
        }
        let given: String = in_uri.or(host).unwrap_or("none").chars().take(120).collect();
        Err(Refusal::new(
            ErrorCode::ForeignHost,
            format!(
                "The request was made for the host {given}, and this server is {}. If that name is meant to lead here, start the server with --host-name {given}.",
                self.hosts
            ),
        ))
    }

    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        for origin in headers.get_all(header::ORIGIN) {
            let text = origin.to_str().unwrap_or_default();
            let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
            if !host.is_some_and(|host| self.hosts.has(host)) {
                return Err(foreign_origin(origin));
            }
        }
        Ok(())
    }

    /// Who is known already, or shows something that has to be looked up.
    fn shown(&self, headers: &HeaderMap) -> Admitted {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match bearer.and_then(|value| value.split_once(' ')) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => match token.trim() {
                "" => Admitted::Unknown,
                token if self.opens_by(token) => Admitted::Known(self.holder.clone()),
                token => Admitted::Shows(Evidence::Bearer(token.to_owned())),
            },
            _ => match cookie::values(headers, Kind::Session) {
                values if values.is_empty() => Admitted::Unknown,
                values => Admitted::Shows(Evidence::Session(values)),
            },
        }
    }

    fn opens_by(&self, token: &str) -> bool {
        !self.outside.closed && self.token.is(token)
    }
}

fn foreign_origin(origin: &HeaderValue) -> Refusal {
    let given: String = String::from_utf8_lossy(origin.as_bytes()).chars().take(120).collect();
    let host = given.split_once("://").map_or("NAME", |(_, host)| host);
    Refusal::new(
        ErrorCode::ForeignOrigin,
        format!(
            "The request comes from a page of {given}, which is not this server's. If that page's host name is meant to lead here, start the server with --host-name {host}. Otherwise open the interface at its own address."
        ),
    )
}

pub(super) fn unauthenticated(headers: &HeaderMap) -> Refusal {
    let detail = if headers.contains_key(header::AUTHORIZATION) {
        "That token is not valid: it is not this server's, no API token of anybody here, or it has ended. The server's own token is in the file token of its data directory."
    } else {
        "Send the token as Authorization: Bearer TOKEN, or sign in. It is in the file token of the server's data directory."
    };
    Refusal::new(ErrorCode::Unauthenticated, detail)
}

//! Access to the API: for this machine's own pages and programs, and only with the token.
//!
//! # Guarantees
//!
//! - A page of another site gets nothing, even when a name of its own leads here (DNS rebinding): `Host` and
//!   `Origin` must be ours, for reads as well as for writes.
//! - Tokens are compared in a time that does not depend on where they differ.
//! - The cookie is not the token: it is derived from it, so that it survives a restart and is of no use elsewhere.

mod guard;
mod hosts;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use domain::caller::Caller;
use domain::proof::{NONCE, Proof, ProofKey};
use domain::wire::ErrorCode;

pub(super) use guard::guard;
pub(super) use token::{Root, no_cookie};

use self::hosts::Hosts;
use self::token::Token;
use crate::commands::Refusal;

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
}

impl Access {
    /// Asks for `token`, which `holder` has. `listen` is where the API listens; `names` are further host names that
    /// lead here, each with a port or, when any port will do, without.
    pub fn token(token: &str, holder: Caller, listen: SocketAddr, names: &[String]) -> Self {
        let proof = (!token.is_empty()).then(|| ProofKey::of(token));
        Self::Token(Arc::new(TokenGate { token: Token::new(token), holder, proof, hosts: Hosts::new(listen, names) }))
    }

    /// The caller of a request; none where nothing was shown and nothing is needed.
    fn check(&self, request: &Request) -> Result<Option<Caller>, Refusal> {
        let headers = request.headers();
        match self {
            Self::Window(caller) => match headers.get(header::ORIGIN) {
                Some(origin) if !origin.as_bytes().starts_with(WINDOW.as_bytes()) => Err(foreign_origin(origin)),
                _ => Ok(Some(caller.clone())),
            },
            Self::Token(gate) => {
                gate.check_host(request)?;
                gate.check_origin(headers)?;
                if gate.is_known(headers) {
                    return Ok(Some(gate.holder.clone()));
                }
                if is_open(request.method(), request.uri().path()) {
                    return Ok(None);
                }
                Err(unauthenticated(headers))
            }
        }
    }

    /// The caller who signs in with `token`; in the window nobody needs one.
    pub(super) fn holder(&self, token: &str) -> Option<&Caller> {
        match self {
            Self::Token(gate) => Some(&gate.holder).filter(|_| gate.token.is(token)),
            Self::Window(caller) => Some(caller),
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
    pub(super) fn cookie(&self, root: &Root) -> Option<String> {
        match self {
            Self::Token(gate) => Some(gate.token.set_cookie(root)),
            Self::Window(_) => None,
        }
    }
}

/// True for the paths that need no token: health, the description of this API, signing in and what comes before it, and
/// the files of the interface.
fn is_open(method: &Method, path: &str) -> bool {
    match path {
        "/healthz" | "/readyz" | "/api/openapi.json" => true,
        "/metrics" => false,
        "/api/v1/session" => method == Method::POST,
        "/api/v1/session/proof" => true,
        path => path != "/api" && !path.starts_with("/api/"),
    }
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

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match bearer.and_then(|value| value.split_once(' ')) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => self.token.is(token.trim()),
            _ => self.token.is_in_cookie(headers),
        }
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
        "The token is not this server's. It is in the file token of the server's data directory."
    } else {
        "Send the token as Authorization: Bearer TOKEN, or sign in. It is in the file token of the server's data directory."
    };
    Refusal::new(ErrorCode::Unauthenticated, detail)
}

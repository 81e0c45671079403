//! The credentials that a request must carry to be passed on (AZ-3).
//!
//! Callers send `Authorization: Bearer CREDENTIAL` or `x-api-key: CREDENTIAL`. What is needed to judge it stands in
//! the routing snapshot. Comparing takes the same time wherever two differ. No replica sees either header, also of a
//! deployment that asks for none (`headers`).

use std::fmt;

use domain::credential::{self, Rejected};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use subtle::ConstantTimeEq as _;

use super::problem::GatewayProblem;
use crate::clock::Clock;

pub(super) static API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// A secret that is not shown by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct CallerSecret(Box<str>);

impl CallerSecret {
    /// This one; an empty one is equal to nothing that a caller can send.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    fn is(&self, given: &str) -> bool {
        !self.0.is_empty() && self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

impl fmt::Debug for CallerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerSecret(…)")
    }
}

/// The callers whose requests are passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Credential {
    /// Everyone.
    #[default]
    None,
    /// Those who send one of these keys.
    Keys([CallerSecret; 2]),
    /// Those who send a token that was signed with this and has not expired (`domain::credential`).
    Tokens(CallerSecret),
}

impl Credential {
    /// Judges a request.
    pub(super) fn check(&self, headers: &HeaderMap, clock: &Clock) -> Result<(), GatewayProblem> {
        if matches!(self, Self::None) {
            return Ok(());
        }
        let mut judged = Err(GatewayProblem::CredentialMissing);
        for given in shown(headers) {
            judged = self.judge(given, clock);
            if judged.is_ok() {
                break;
            }
        }
        judged
    }

    fn judge(&self, given: &str, clock: &Clock) -> Result<(), GatewayProblem> {
        match self {
            Self::None => Ok(()),
            Self::Keys([primary, secondary]) => {
                // Both are looked at, so that it cannot be told which one was met.
                if primary.is(given) | secondary.is(given) { Ok(()) } else { Err(GatewayProblem::CredentialWrong) }
            }
            Self::Tokens(secret) => {
                // The clock that the token was made by.
                credential::verify_token(secret.0.as_bytes(), given, clock.now().as_second()).map_err(|rejected| {
                    match rejected {
                        Rejected::NotSigned => GatewayProblem::CredentialWrong,
                        Rejected::Expired => GatewayProblem::TokenExpired,
                    }
                })
            }
        }
    }
}

/// The credentials that a caller shows; usually one.
fn shown(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let bearer = headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, rest) = value.to_str().ok()?.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
    });
    bearer.chain(headers.get_all(&API_KEY).iter().filter_map(|value| Some(value.to_str().ok()?.trim()))).take(MOST)
}

/// Credentials of one request that are looked at.
const MOST: usize = 2;

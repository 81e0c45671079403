//! What the provider claims of somebody, in its token and further.

use std::collections::{BTreeMap, BTreeSet};

use domain::provider::{Account, Vouched, domain_of};
use domain::sign_in;
use jiff::Timestamp;
use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, EndUserEmail, EndUserName, IdTokenClaims, LocalizedClaim, UserInfoClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Claims that the standard does not name, among them that of groups.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

impl AdditionalClaims for Claims {}

/// The claims that a configuration names, beside those of the standard.
#[derive(Clone, Debug, Default)]
pub struct NamedClaims {
    /// Names somebody's groups.
    pub groups: Option<String>,
    /// Names the domain that an account belongs to, such as Google's `hd`.
    pub domain: Option<String>,
}

/// What the provider says further of somebody.
pub(super) type UserInfo = UserInfoClaims<Claims, CoreGenderClaim>;

impl Claims {
    /// The groups in a claim: a list of names, or one name.
    fn groups(&self, claim: &str) -> Option<BTreeSet<String>> {
        match self.others.get(claim)? {
            Value::Array(names) => Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            Value::String(name) => Some([name.clone()].into()),
            _ => None,
        }
    }

    /// The domain in a claim.
    fn domain(&self, claim: &str) -> Option<String> {
        self.others.get(claim)?.as_str().map(str::to_owned)
    }
}

/// What is believed of it. What is said further counts where the token says nothing.
pub(super) fn vouched(
    issuer: &str,
    token: &IdTokenClaims<Claims, CoreGenderClaim>,
    further: Option<&UserInfo>,
    named: &NamedClaims,
) -> Vouched {
    let name = name_in(token.name()).or_else(|| further.and_then(|further| name_in(further.name())));
    let email = verified(token.email(), token.email_verified());
    let email = email.or_else(|| further.and_then(|further| verified(further.email(), further.email_verified())));
    let groups = named.groups.as_deref().and_then(|claim| {
        let in_token = token.additional_claims().groups(claim);
        in_token.or_else(|| further.and_then(|further| further.additional_claims().groups(claim)))
    });
    let domain = match &named.domain {
        // The token's alone: what it says of the account itself.
        Some(claim) => token.additional_claims().domain(claim),
        None => email.as_deref().and_then(domain_of),
    };
    let authenticated_at = token.auth_time().and_then(|at| Timestamp::from_second(at.timestamp()).ok());
    let subject = Account { issuer: issuer.to_owned(), sub: token.subject().as_str().to_owned() };
    Vouched { subject, name, email, domain, groups: groups.unwrap_or_default(), authenticated_at }
}

fn name_in(name: Option<&LocalizedClaim<EndUserName>>) -> Option<String> {
    name.and_then(|name| name.get(None)).map(|name| name.as_str().to_owned())
}

/// An address that the provider has verified, and that is one.
fn verified(email: Option<&EndUserEmail>, is_verified: Option<bool>) -> Option<String> {
    email.filter(|_| is_verified == Some(true)).and_then(|email| sign_in::email(email.as_str()).ok())
}

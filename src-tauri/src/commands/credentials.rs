//! Keys and tokens that callers of a deployment's inference URL show (AZ-3).

use domain::credential;
use domain::credential::Key;
use domain::deployment::{TargetStatus, parse_ttl};
use domain::wire::{IssueToken, KeysView, TokenView};
use jiff::{SignedDuration, Timestamp};

use super::Refusal;
use crate::store::Writing;
use domain::ledger::Deployment;

/// The keys of a deployment, made now if nobody has needed them before.
///
/// # Errors
/// `operation_in_progress` for a deployment that is being removed; those of the store.
pub fn keys(writing: &mut Writing<'_>, row: &Deployment) -> Result<KeysView, Refusal> {
    check_stays(row)?;
    let secrets = writing.secrets(&row.id)?;
    Ok(KeysView { primary: secrets.primary, secondary: secrets.secondary })
}

/// Makes a key anew; the one before is no longer accepted once the gateway has heard of it, a moment later.
///
/// # Errors
/// As [`keys`].
pub fn regenerate_key(writing: &mut Writing<'_>, row: &Deployment, key: Key) -> Result<KeysView, Refusal> {
    check_stays(row)?;
    writing.regenerate_key(&row.id, key)?;
    keys(writing, row)
}

/// A new token.
///
/// # Errors
/// `invalid_field`; as [`keys`].
pub fn issue_token(writing: &mut Writing<'_>, row: &Deployment, request: &IssueToken) -> Result<TokenView, Refusal> {
    check_stays(row)?;
    let ttl = request.ttl.as_deref().unwrap_or("1h");
    let Some(seconds) = parse_ttl(ttl) else {
        let given: String = ttl.chars().take(80).collect();
        let rule = "a number with m, h or d, such as 10m, 24h or 7d; 1 minute to 365 days";
        return Err(Refusal::invalid("ttl", format!("ttl: \"{given}\" is no time to live: {rule}.")));
    };
    let expires_at = writing.now() + SignedDuration::from_secs(seconds.into());
    token_until(writing, row, expires_at)
}

/// The token that expires at this time; the same each time, until tokens are revoked.
///
/// # Errors
/// As [`keys`].
pub fn token_until(writing: &mut Writing<'_>, row: &Deployment, expires_at: Timestamp) -> Result<TokenView, Refusal> {
    check_stays(row)?;
    let secrets = writing.secrets(&row.id)?;
    Ok(TokenView { token: credential::sign_token(secrets.tokens.as_bytes(), expires_at), expires_at })
}

/// Lets no token that was made until now be accepted any more.
///
/// # Errors
/// As [`keys`].
pub fn revoke_tokens(writing: &mut Writing<'_>, row: &Deployment) -> Result<(), Refusal> {
    check_stays(row)?;
    Ok(writing.revoke_tokens(&row.id)?)
}

/// A deployment that is on its way out gets no new secrets.
fn check_stays(row: &Deployment) -> Result<(), Refusal> {
    if row.target_status == TargetStatus::Deleted {
        return Err(super::in_progress(row, domain::deployment::OperationKind::Delete, None));
    }
    Ok(())
}

//! Keys and tokens that callers of a deployment's inference URL show (AZ-3).

use domain::action::Action;
use domain::credential;
use domain::credential::Key;
use domain::deployment::parse_ttl;
use domain::wire::{IssueToken, KeysView, TokenView};
use jiff::{SignedDuration, Timestamp};

use super::{Act, Refusal};
use domain::ledger::Deployment;

/// The keys of a deployment, made now if nobody has needed them before.
///
/// # Errors
/// `operation_in_progress` for a deployment that is being removed; those of the store.
pub fn keys(act: &mut Act<'_, '_>, row: &Deployment) -> Result<KeysView, Refusal> {
    act.allow(row, Action::ManageKeys)?;
    let secrets = act.writing.secrets(&row.id)?;
    Ok(KeysView { primary: secrets.primary, secondary: secrets.secondary })
}

/// Makes a key anew; the one before is no longer accepted once the gateway has heard of it, a moment later.
///
/// # Errors
/// As [`keys`].
pub fn regenerate_key(act: &mut Act<'_, '_>, row: &Deployment, key: Key) -> Result<KeysView, Refusal> {
    act.allow(row, Action::ManageKeys)?;
    act.writing.regenerate_key(&row.id, key)?;
    keys(act, row)
}

/// A new token.
///
/// # Errors
/// `invalid_field`; as [`keys`].
pub fn issue_token(act: &mut Act<'_, '_>, row: &Deployment, request: &IssueToken) -> Result<TokenView, Refusal> {
    act.allow(row, Action::ManageTokens)?;
    let ttl = request.ttl.as_deref().unwrap_or("1h");
    let Some(seconds) = parse_ttl(ttl) else {
        let given: String = ttl.chars().take(80).collect();
        let rule = "a number with m, h or d, such as 10m, 24h or 7d; 1 minute to 365 days";
        return Err(Refusal::invalid("ttl", format!("ttl: \"{given}\" is no time to live: {rule}.")));
    };
    let expires_at = act.writing.now() + SignedDuration::from_secs(seconds.into());
    token_until(act, row, expires_at)
}

/// The token that expires at this time; the same each time, until tokens are revoked.
///
/// # Errors
/// As [`keys`].
pub fn token_until(act: &mut Act<'_, '_>, row: &Deployment, expires_at: Timestamp) -> Result<TokenView, Refusal> {
    act.allow(row, Action::ManageTokens)?;
    let secrets = act.writing.secrets(&row.id)?;
    Ok(TokenView { token: credential::sign_token(secrets.tokens.as_bytes(), expires_at), expires_at })
}

/// Lets no token that was made until now be accepted any more.
///
/// # Errors
/// As [`keys`].
pub fn revoke_tokens(act: &mut Act<'_, '_>, row: &Deployment) -> Result<(), Refusal> {
    act.allow(row, Action::ManageTokens)?;
    Ok(act.writing.revoke_tokens(&row.id)?)
}

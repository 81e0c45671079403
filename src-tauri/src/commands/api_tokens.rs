//! API tokens of people and services: a part of their owner's rights, for a time.

use std::collections::BTreeSet;

use domain::access::{Rights, SEEING, ServerAction};
use domain::event::Event;
use domain::id::{DeploymentId, TokenId};
use domain::principal::{PrincipalId, PrincipalKind};
use domain::sign_in::{DEFAULT_TOKEN_DAYS, LONGEST_TOKEN_DAYS, MOST_TOKENS};
use domain::wire::{ApiTokenForm, ApiTokenView, ErrorCode};
use jiff::{SignedDuration, Timestamp};

use super::directory::{allow_own_account, allow_reading, keeps_people};
use super::people::checked_name;
use super::{Act, Moment, Refusal, new_id};
use crate::store::tables::api_tokens::ApiTokenRow;

/// Most deployments that a token names.
const MOST_DEPLOYMENTS: usize = 1_000;

/// Makes an API token for the caller, or for a service. `hash` is that of the token.
///
/// # Errors
/// `role_forbids`, `token_scope`, `reauthentication_needed`, `invalid_field`, `not_found` for a deployment; those of the
/// store.
pub fn issue_api_token(act: &mut Act<'_, '_>, form: &ApiTokenForm, hash: String) -> Result<ApiTokenView, Refusal> {
    let owner = owner(act, form)?;
    let now = act.writing.now();
    let name = checked_name("name", &form.name)?;
    if form.scopes.is_empty() {
        return Err(Refusal::invalid("scopes", "scopes: A token without a scope opens nothing. Name one."));
    }
    let days = form.expires_in_days.unwrap_or(DEFAULT_TOKEN_DAYS);
    if !(1..=LONGEST_TOKEN_DAYS).contains(&days) {
        let detail = format!("expires_in_days: {days} is out of range: 1 to {LONGEST_TOKEN_DAYS} days.");
        return Err(Refusal::invalid("expires_in_days", detail));
    }
    let deployments = deployments(act, form)?;
    let had = act.reading().api_tokens(Some(&owner))?;
    let (open, over): (Vec<_>, Vec<_>) = had.into_iter().partition(|token| token.expires_at > now);
    for token in over {
        act.writing.remove_api_token(&token.id)?;
    }
    if open.len() >= MOST_TOKENS {
        let detail =
            format!("owner: They have {MOST_TOKENS} API tokens already, the most that are allowed. Revoke some.");
        return Err(Refusal::invalid("owner", detail));
    }
    let token = ApiTokenRow {
        id: new_id().parse().map_err(|error| Refusal::fault("a new id is none", &error))?,
        hash,
        name,
        owner,
        scopes: form.scopes.clone(),
        deployments,
        made_at: now,
        expires_at: now.saturating_add(SignedDuration::from_hours(i64::from(days) * 24)).unwrap_or(Timestamp::MAX),
        used_at: None,
    };
    act.writing.put_api_token(&token)?;
    let ApiTokenRow { id, owner, scopes, deployments, expires_at, .. } = token.clone();
    act.writing.append(None, Event::TokenIssued { id, owner, scopes, deployments, expires_at })?;
    Ok(view(token))
}

/// The owner of a new token, for whom the caller may make one.
fn owner(act: &Act<'_, '_>, form: &ApiTokenForm) -> Result<PrincipalId, Refusal> {
    let rights = act.allow_on_server(ServerAction::MakeTokens)?;
    let Some(owner) = form.owner.as_ref().filter(|owner| **owner != rights.id) else { return Ok(rights.id) };
    if owner.kind() != PrincipalKind::Service {
        return Err(Refusal::invalid("owner", "owner: A token is made for oneself, or for a service."));
    }
    act.allow_on_server(ServerAction::ManageServices)?;
    match act.reading().member(owner)? {
        Some(member) if !member.disabled => Ok(member.id),
        _ => Err(Refusal::invalid("owner", format!("owner: There is no enabled service {owner}."))),
    }
}

/// The ids of the deployments that a new token is for; each one that the caller may see.
fn deployments(act: &Act<'_, '_>, form: &ApiTokenForm) -> Result<Option<BTreeSet<DeploymentId>>, Refusal> {
    let Some(named) = &form.deployments else { return Ok(None) };
    if named.is_empty() || named.len() > MOST_DEPLOYMENTS {
        let detail = format!("deployments: Name 1 to {MOST_DEPLOYMENTS} of them, or leave it out for all.");
        return Err(Refusal::invalid("deployments", detail));
    }
    let found = named.iter().map(|named| Ok(act.moment().find_for(named.as_str(), SEEING)?.id));
    found.collect::<Result<_, Refusal>>().map(Some)
}

/// The caller's API tokens; everybody's for an administrator.
///
/// # Errors
/// `not_found`, `token_scope`; those of the store.
pub fn api_tokens(moment: &Moment<'_>, now: Timestamp) -> Result<Vec<ApiTokenView>, Refusal> {
    let rights = allow_reading(moment)?;
    let owner = (!keeps_people(&rights)).then_some(&rights.id);
    let tokens = moment.reading.api_tokens(owner)?;
    Ok(tokens.into_iter().filter(|token| token.expires_at > now).map(view).collect())
}

/// One of them.
///
/// # Errors
/// As [`api_tokens`].
pub fn api_token(moment: &Moment<'_>, id: &TokenId) -> Result<ApiTokenView, Refusal> {
    let rights = allow_reading(moment)?;
    let found = moment.reading.api_token(id)?.filter(|token| is_theirs(&rights, token));
    found.map(view).ok_or_else(|| no_such(id.as_str()))
}

/// Revokes an API token: the next request with it is refused.
///
/// # Errors
/// `token_scope`, `not_found`; those of the store.
pub fn revoke_api_token(act: &mut Act<'_, '_>, id: &str) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    let given: TokenId = id.parse().map_err(|_| no_such(id))?;
    let found = act.reading().api_token(&given)?.filter(|token| is_theirs(&rights, token));
    let ApiTokenRow { id, owner, .. } = found.ok_or_else(|| no_such(id))?;
    act.writing.remove_api_token(&id)?;
    act.writing.append(None, Event::TokenRevoked { id, owner })?;
    Ok(())
}

fn is_theirs(rights: &Rights, token: &ApiTokenRow) -> bool {
    token.owner == rights.id || keeps_people(rights)
}

fn no_such(given: &str) -> Refusal {
    let given: String = given.chars().take(80).collect();
    Refusal::new(ErrorCode::NotFound, format!("There is no API token \"{given}\"."))
}

fn view(token: ApiTokenRow) -> ApiTokenView {
    let ApiTokenRow { id, hash: _, name, owner, scopes, deployments, made_at, expires_at, used_at } = token;
    ApiTokenView {
        id,
        name,
        owner,
        scopes,
        deployments,
        created_at: made_at,
        expires_at,
        last_used: used_at,
        token: None,
    }
}

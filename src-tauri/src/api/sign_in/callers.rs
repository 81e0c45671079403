//! The caller behind a session cookie or an API token, looked up anew for each request.

use std::sync::{Arc, PoisonError};

use domain::caller::{Caller, Through};
use domain::id::{SessionId, TokenId};
use domain::principal::PrincipalId;
use domain::sign_in::{self, SEEN_SECONDS, TOKEN_PREFIX};
use domain::wire::ErrorCode;
use jiff::Timestamp;

use super::attempts::{ComesFrom, told};
use super::secrets::hash_of;
use crate::api::Api;
use crate::commands::Refusal;
use crate::store::Reading;

/// What a request shows of who it is from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// What a browser sends of its session; a host's other programs may have set further ones.
    Session(Vec<String>),
    /// A bearer token that is not the server's own.
    Bearer(String),
}

/// What let somebody in, and when its use was noted last.
enum Used {
    Session(SessionId, Timestamp),
    Token(TokenId, Option<Timestamp>),
}

impl Api {
    /// The caller who shows this; none where it lets nobody in.
    ///
    /// # Errors
    /// `unauthenticated` with more to say of an API token, `too_many_attempts`; those of the store.
    pub(crate) async fn caller_of(
        self: &Arc<Self>,
        shown: Evidence,
        source: ComesFrom,
    ) -> Result<Option<Caller>, Refusal> {
        let now = self.clock.now();
        let found = match shown {
            Evidence::Session(values) => {
                let hashes: Vec<String> = values.iter().map(|value| hash_of(value)).collect();
                self.look(move |reading| by_session(reading, &hashes, now)).await?
            }
            Evidence::Bearer(token) => {
                if token.starts_with(TOKEN_PREFIX) {
                    let misspelt = |why| Refusal::new(ErrorCode::Unauthenticated, sentence(&why));
                    sign_in::check_token(&token).map_err(misspelt)?;
                }
                let hash = hash_of(&token);
                let found = self.look(move |reading| by_token(reading, &hash, now)).await?;
                if found.is_none() {
                    self.wrong(source).await?;
                }
                found
            }
        };
        Ok(found.map(|(caller, used)| {
            self.note(used, now);
            caller
        }))
    }

    /// Counts something wrong that was shown from `source`.
    ///
    /// # Errors
    /// `too_many_attempts`.
    pub(super) async fn wrong(self: &Arc<Self>, source: ComesFrom) -> Result<(), Refusal> {
        match self.attempt(None, source).await {
            Err(refusal) if refusal.code == ErrorCode::TooManyAttempts => Err(refusal),
            // A full disk is no reason to say something else than that it is wrong.
            Err(refusal) => {
                told(&refusal);
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    /// True while what let `caller` in still does.
    pub(super) async fn is_still_let_in(self: &Arc<Self>, caller: &Caller) -> bool {
        let (caller, now) = (caller.clone(), self.clock.now());
        let found = self.look(move |reading| {
            Ok(match &caller.through {
                Through::Session { id, .. } => {
                    let open = reading.session(id)?.is_some_and(|session| session.is_open(now));
                    open && is_active(reading, &caller)?
                }
                Through::Token { id, .. } => {
                    let open = reading.api_token(id)?.is_some_and(|token| token.expires_at > now);
                    open && is_active(reading, &caller)?
                }
                Through::Machine | Through::Schedule => true,
            })
        });
        // What cannot be looked up now is asked again.
        found.await.unwrap_or(true)
    }

    /// Notes the use of what let somebody in, at most once a minute, and not on the way of the request.
    fn note(self: &Arc<Self>, used: Used, now: Timestamp) {
        let is_old = |at: &Timestamp| now.duration_since(*at).as_secs() >= SEEN_SECONDS;
        let id = match &used {
            Used::Session(id, seen) if is_old(seen) => id.to_string(),
            Used::Token(id, seen) if seen.as_ref().is_none_or(is_old) => id.to_string(),
            _ => return,
        };
        if !self.sign_ins.noting.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone()) {
            return;
        }
        let own = Arc::clone(self);
        tokio::spawn(async move {
            let written = own.write_down(move |writing| match &used {
                Used::Session(id, _) => match writing.reading().session(id)? {
                    Some(mut session) => {
                        session.span.seen_at = now;
                        Ok(writing.put_session(&session)?)
                    }
                    None => Ok(()),
                },
                Used::Token(id, _) => match writing.reading().api_token(id)? {
                    Some(mut token) => {
                        token.used_at = Some(now);
                        Ok(writing.put_api_token(&token)?)
                    }
                    None => Ok(()),
                },
            });
            if let Err(error) = written.await {
                told(&error);
            }
            own.sign_ins.noting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        });
    }
}

fn sentence(why: &impl ToString) -> String {
    let text = why.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn by_session(reading: &Reading<'_>, hashes: &[String], now: Timestamp) -> Result<Option<(Caller, Used)>, Refusal> {
    for hash in hashes {
        let Some(session) = reading.session_with_hash(hash)?.filter(|session| session.is_open(now)) else {
            continue;
        };
        let through = Through::Session { id: session.id.clone(), signed_in_at: session.signed_in_at };
        let caller = Caller { actor: session.person.actor(), through };
        if is_active(reading, &caller)? {
            return Ok(Some((caller, Used::Session(session.id, session.span.seen_at))));
        }
    }
    Ok(None)
}

fn by_token(reading: &Reading<'_>, hash: &str, now: Timestamp) -> Result<Option<(Caller, Used)>, Refusal> {
    let Some(token) = reading.api_token_with_hash(hash)?.filter(|token| token.expires_at > now) else {
        return Ok(None);
    };
    let through =
        Through::Token { id: token.id.clone(), scopes: token.scopes.clone(), deployments: token.deployments.clone() };
    let caller = Caller { actor: token.owner.actor(), through };
    Ok(is_active(reading, &caller)?.then_some((caller, Used::Token(token.id, token.used_at))))
}

fn is_active(reading: &Reading<'_>, caller: &Caller) -> Result<bool, Refusal> {
    Ok(reading.member(&PrincipalId::of(&caller.actor))?.is_some_and(|member| !member.disabled))
}

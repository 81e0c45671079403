//! Signs somebody in who shows a password, a link that was made on the machine, or the server's own token.

use std::sync::Arc;

use domain::caller::{Caller, Through};
use domain::id::Actor;
use domain::principal::PrincipalId;
use domain::secret::Secret;
use domain::session::SignInMethod;
use domain::visible;
use domain::wire::ErrorCode;
use jiff::Timestamp;

use super::attempts::ComesFrom;
use super::secrets::{MadeSecret, hash_of};
use crate::api::{Api, ApiFor};
use crate::commands::{self, Act, NewSession, Refusal};
use crate::store::tables::sessions::SessionRow;

/// Longest name of a browser that is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// Somebody who stands before the door.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visitor {
    /// Where their request comes from.
    pub(crate) source: ComesFrom,
    /// Their browser, as it calls itself.
    pub(crate) agent: Option<String>,
}

/// The way in which somebody has shown who they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Showed {
    pub(super) with: SignInMethod,
    /// The time at which they did, where that was not just now.
    pub(super) at: Option<Timestamp>,
}

impl From<SignInMethod> for Showed {
    fn from(with: SignInMethod) -> Self {
        Self { with, at: None }
    }
}

/// Somebody who has come in.
pub(crate) struct CameIn {
    /// The API on their behalf.
    pub(crate) own: ApiFor,
    /// What their browser is to send from now on.
    pub(crate) cookie: Secret,
}

/// The one sentence for everything that is wrong.
pub(super) fn refused() -> Refusal {
    Refusal::new(
        ErrorCode::Unauthenticated,
        "This token, link, or address with its password is not valid here. Check what you typed. The server's own token is in the file token of its data directory, and the server prints a link with it.",
    )
}

impl Api {
    /// Signs in the holder of the server's token, who has shown it.
    ///
    /// # Errors
    /// `unauthenticated` for one who is disabled; those of the store.
    pub(crate) async fn enter_by_token(self: &Arc<Self>, holder: &Actor, visitor: Visitor) -> Result<CameIn, Refusal> {
        self.enter(holder.clone(), visitor, SignInMethod::Token, |_| Ok(())).await
    }

    /// Refuses somebody who shows something else than the server's token.
    pub(crate) async fn wrong_token(self: &Arc<Self>, visitor: Visitor) -> Refusal {
        self.wrong(visitor.source).await.err().unwrap_or_else(refused)
    }

    /// Signs in whoever has this e-mail address and password.
    ///
    /// # Errors
    /// `unauthenticated`, `too_many_attempts`; those of the store.
    pub(crate) async fn enter_by_password(
        self: &Arc<Self>,
        email: String,
        password: Secret,
        visitor: Visitor,
    ) -> Result<CameIn, Refusal> {
        let attempt = self.attempt(Some(&email), visitor.source).await?;
        let found = self.look(move |reading| {
            let Some(profile) = reading.profile_with_email(&email)? else { return Ok(None) };
            let hash = reading.password_of(&profile.id)?;
            Ok(hash.map(|hash| (profile.id, hash)))
        });
        let found = found.await?;
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let matches = self.sign_ins.passwords.matches(password, hash).await?;
        let Some((person, hash)) = found.filter(|_| matches) else { return Err(refused()) };
        let unchanged = move |act: &mut Act<'_, '_>| {
            // Another password may have been chosen while this one was looked at.
            let is_same = act.reading().password_of(&PrincipalId::of(&act.caller().actor))? == Some(hash);
            if is_same { Ok(()) } else { Err(refused()) }
        };
        let entered = self.enter(person.actor(), visitor, SignInMethod::Password, unchanged).await?;
        self.succeeded(attempt).await?;
        Ok(entered)
    }

    /// Signs in the administrator for whom a link that holds this was made.
    ///
    /// # Errors
    /// As [`Api::enter_by_password`].
    pub(crate) async fn enter_by_link(self: &Arc<Self>, link: &Secret, visitor: Visitor) -> Result<CameIn, Refusal> {
        let hash = hash_of(link.reveal());
        let asked = hash.clone();
        let found = self.look(move |reading| Ok(reading.admin_link_with_hash(&asked)?)).await?;
        let Some(found) = found else { return Err(self.wrong_token(visitor).await) };
        let using = move |act: &mut Act<'_, '_>| commands::use_admin_link(act, &hash).map_err(of_refused);
        self.enter(found.person.actor(), visitor, SignInMethod::AdminLink, using).await
    }

    /// Begins a session for `actor` in one transaction with `first`, unless they are disabled.
    pub(super) async fn enter(
        self: &Arc<Self>,
        actor: Actor,
        visitor: Visitor,
        shown: impl Into<Showed>,
        first: impl FnOnce(&mut Act<'_, '_>) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<CameIn, Refusal> {
        let own = ApiFor { api: Arc::clone(self), caller: Caller::new(actor) };
        let cookie = MadeSecret::plain()?;
        let Showed { with, at } = shown.into();
        let agent = visitor.agent.map(|agent| readable(&agent));
        let new = NewSession { hash: cookie.hash, agent, with, shown_at: at };
        let begin = move |own: &ApiFor| {
            own.transaction(|writing| {
                let act = &mut own.act(writing);
                first(act)?;
                if act.moment().rights()?.server.is_none() {
                    return Err(refused());
                }
                commands::begin_session(act, new)
            })
        };
        let SessionRow { id, signed_in_at, .. } = own.blocking(begin).await?;
        let caller = Caller { through: Through::Session { id, signed_in_at }, ..own.caller };
        Ok(CameIn { own: ApiFor { api: Arc::clone(self), caller }, cookie: cookie.text })
    }
}

/// The same refusal for a link that has ended as for one that never was.
fn of_refused(refusal: Refusal) -> Refusal {
    if refusal.code == ErrorCode::Unauthenticated { refused() } else { refusal }
}

fn readable(agent: &str) -> String {
    visible::shown(agent).chars().take(LONGEST_AGENT).collect()
}

//! Goes to the identity provider with somebody, and lets them in when they come back.
//!
//! # Guarantees
//!
//! - Who comes back is who went: the browser shows the cookie that it was given, once, with the state that belongs to it.
//! - What concerns an account is done in the very session in which somebody went.

use std::sync::Arc;

use domain::caller::{Caller, Through};
use domain::id::SessionId;
use domain::principal::{PrincipalId, PrincipalKind};
use domain::provider::Vouched;
use domain::secret::Secret;
use domain::session::SignInMethod;
use domain::wire::{Errand, ErrorCode, FinishErrand, ProviderView, StartErrand};
use jiff::Timestamp;
use ulid::Ulid;

use super::enter::{CameIn, Showed, Visitor};
use super::errands::OnTheWay;
use super::secrets::{MadeSecret, hash_of};
use crate::api::provider::{Unvouched, Vouching};
use crate::api::{Answer, Api, ApiFor};
use crate::commands::{self, Act, Provider, Refusal};

/// Longest word of a provider that a sentence repeats, in characters.
const LONGEST_WORD: usize = 40;

/// Somebody who goes to the provider.
pub(crate) struct SentOff {
    /// The address to which their browser goes.
    pub(crate) location: String,
    /// What their browser is to show when it comes back.
    pub(crate) cookie: Secret,
}

/// Somebody who is back.
pub(crate) struct CameBack {
    /// What they went for.
    pub(crate) errand: Errand,
    /// Their new session; none where they had one.
    pub(crate) came_in: Option<CameIn>,
}

impl Api {
    /// The identity provider, as strangers may know it.
    pub(crate) fn provider(&self) -> ProviderView {
        let known = self.sign_ins.vouching.as_ref().map(|vouching| &vouching.provider);
        ProviderView {
            name: known.map(|provider| provider.name().to_owned()),
            sign_out: known.and_then(|provider| provider.sign_out()),
        }
    }

    /// Sends somebody to the provider, from which `redirect` is the way back.
    ///
    /// # Errors
    /// `not_found` where none is configured, `identity_provider_unavailable`, `invalid_field`, `invitation_used`,
    /// `unauthenticated`, `reauthentication_needed`, `too_many_attempts`; those of the store.
    pub(crate) async fn start_errand(
        self: &Arc<Self>,
        StartErrand { errand, invitation, root: _ }: StartErrand,
        caller: Option<Caller>,
        redirect: &str,
        visitor: Visitor,
    ) -> Result<SentOff, Refusal> {
        let vouching = self.vouching()?;
        let (session, invitation) = match (errand, invitation) {
            (Errand::Join, Some(secret)) => {
                self.greeting(&secret, visitor.source).await?;
                (None, Some(hash_of(secret.reveal())))
            }
            (Errand::Join, None) | (_, Some(_)) => {
                let detail = "invitation: Send what the link holds with the errand join, and with no other.";
                return Err(Refusal::invalid("invitation", detail));
            }
            (Errand::SignIn, None) => (None, None),
            (Errand::Link | Errand::Again, None) => {
                let (own, session) = self.in_session(caller)?;
                own.read(move |views| commands::begin_errand(&views.moment(), errand, views.now()).map(drop)).await?;
                (Some(session), None)
            }
        };
        // An account that is linked lets in from then on: it has to be the caller's, and not that of whoever was there before.
        let asks_again = matches!(errand, Errand::Again | Errand::Link);
        let begun = vouching.provider.begin(redirect, asks_again).await.map_err(|why| unvouched(&vouching, &why))?;
        let (cookie, location) = (MadeSecret::plain()?, begun.location.clone());
        let (at, source) = (self.clock.now(), visitor.source.name());
        self.sign_ins.errands.goes(OnTheWay { hash: cookie.hash, errand, invitation, session, begun, at, source });
        Ok(SentOff { location, cookie: cookie.text })
    }

    /// Lets somebody in who is back from the provider, or does with their account what they went for.
    ///
    /// # Errors
    /// `unauthenticated`, `not_let_in`, `identity_provider_unavailable`, `invitation_used`, `identity_taken`, `name_taken`,
    /// `too_many_attempts`; those of the store.
    pub(crate) async fn finish_errand(
        self: &Arc<Self>,
        cookies: &[String],
        back: FinishErrand,
        caller: Option<Caller>,
        redirect: &str,
        visitor: Visitor,
    ) -> Result<CameBack, Refusal> {
        let vouching = self.vouching()?;
        let hashes: Vec<String> = cookies.iter().map(|cookie| hash_of(cookie)).collect();
        let state = back.state.as_ref().map(Secret::reveal).unwrap_or_default();
        let Some(one) = self.sign_ins.errands.returns(&hashes, state, self.clock.now()) else {
            self.wrong(visitor.source).await?;
            let detail =
                "This way in was begun in another browser, was used, or took longer than ten minutes. Begin anew.";
            return Err(Refusal::new(ErrorCode::Unauthenticated, detail));
        };
        let provider = &vouching.provider;
        if back.iss.as_deref().is_some_and(|iss| iss != provider.issuer()) {
            return Err(unvouched(&vouching, &Unvouched::Unproven("another provider answered".to_owned())));
        }
        let Some(code) = back.code.filter(|_| back.error.is_none()) else {
            return Err(not_given(&vouching, back.error.as_deref()));
        };
        // A code that is made up costs the provider a question in this server's name.
        let attempt = self.attempt(None, visitor.source).await?;
        let turn = self.sign_ins.vouching_turns.acquire().await;
        let _turn = turn.map_err(|error| Refusal::fault("the turns of the identity provider have ended", &error))?;
        let vouched = provider.vouch(&code, redirect, &one.begun).await;
        if !matches!(vouched, Err(Unvouched::Unproven(_))) {
            self.succeeded(attempt).await?;
        }
        let vouched = vouched.map_err(|why| unvouched(&vouching, &why))?;
        let came_in = match one.errand {
            Errand::SignIn => Some(self.enter_with_account(vouching, vouched, visitor).await?),
            Errand::Join => {
                let hash = one.invitation.unwrap_or_default();
                let join = move |act: &mut Act<'_, '_>, vouched: &Vouched, provider: Provider<'_>| {
                    commands::join_with_account(act, vouched, &hash, provider)
                };
                Some(self.enter_as_newcomer(vouching, vouched, visitor, join).await?)
            }
            Errand::Link | Errand::Again => {
                let (own, session) = self.in_session(caller)?;
                if one.session != Some(session) {
                    let detail = "You have signed out or in again meanwhile. Begin anew.";
                    return Err(Refusal::new(ErrorCode::Unauthenticated, detail));
                }
                let command = if one.errand == Errand::Link { commands::link } else { commands::shown_again };
                own.let_out(move |act, ways| {
                    command(act, &vouched, Provider { admission: &vouching.admission, ways })?;
                    Answer::done(&())
                })
                .await?;
                None
            }
        };
        Ok(CameBack { errand: one.errand, came_in })
    }

    /// Signs in whoever has this account, or makes a person of them where that is allowed.
    async fn enter_with_account(
        self: &Arc<Self>,
        vouching: Vouching,
        vouched: Vouched,
        visitor: Visitor,
    ) -> Result<CameIn, Refusal> {
        let subject = vouched.subject.clone();
        let known = self.look(move |reading| Ok(reading.linked_with(&subject)?)).await?;
        let Some(known) = known else {
            return self.enter_as_newcomer(vouching, vouched, visitor, commands::admit).await;
        };
        self.enter_vouched(known.person, vouching, vouched, visitor, commands::come_in).await
    }

    async fn enter_as_newcomer(
        self: &Arc<Self>,
        vouching: Vouching,
        vouched: Vouched,
        visitor: Visitor,
        command: impl FnOnce(&mut Act<'_, '_>, &Vouched, Provider<'_>) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<CameIn, Refusal> {
        let id = PrincipalId::new(PrincipalKind::Person, &Ulid::new().to_string().to_lowercase())
            .map_err(|error| Refusal::fault("a new id is none", &error))?;
        self.enter_vouched(id, vouching, vouched, visitor, command).await
    }

    async fn enter_vouched(
        self: &Arc<Self>,
        person: PrincipalId,
        vouching: Vouching,
        vouched: Vouched,
        visitor: Visitor,
        command: impl FnOnce(&mut Act<'_, '_>, &Vouched, Provider<'_>) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<CameIn, Refusal> {
        // Where the provider does not say when, it may be long ago.
        let shown_at = vouched.authenticated_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let shown = Showed { with: SignInMethod::Provider, at: Some(shown_at) };
        let ways = self.sign_ins.ways.clone();
        let first = move |act: &mut Act<'_, '_>| {
            command(act, &vouched, Provider { admission: &vouching.admission, ways: &ways })
        };
        let entered = self.enter(person.actor(), visitor, shown, first).await?;
        // A role may have been taken.
        self.sign_ins.something_ended();
        Ok(entered)
    }

    fn vouching(&self) -> Result<Vouching, Refusal> {
        self.sign_ins.vouching.clone().ok_or_else(|| {
            let detail = "No identity provider is configured here; the table [oidc] of changeover.toml does that.";
            Refusal::new(ErrorCode::NotFound, detail)
        })
    }

    /// The API on behalf of somebody who has signed in in this browser.
    fn in_session(self: &Arc<Self>, caller: Option<Caller>) -> Result<(ApiFor, SessionId), Refusal> {
        let found = caller.and_then(|caller| match caller.through.clone() {
            Through::Session { id, .. } => Some((ApiFor { api: Arc::clone(self), caller }, id)),
            _ => None,
        });
        found.ok_or_else(|| {
            let detail = "This is for somebody who has signed in in this browser. Sign in first.";
            Refusal::new(ErrorCode::Unauthenticated, detail)
        })
    }
}

impl ApiFor {
    /// Has no account at the provider let the caller in any more.
    ///
    /// # Errors
    /// Those of [`commands::unlink`].
    pub(crate) async fn unlink(&self) -> Result<(), Refusal> {
        let admission = self.api.sign_ins.admission();
        let unlinked = self.let_out(move |act, ways| {
            commands::unlink(act, Provider { admission: &admission, ways })?;
            Answer::done(&())
        });
        unlinked.await.map(drop)
    }

    /// Has no account at the provider let this person in any more.
    ///
    /// # Errors
    /// Those of [`commands::unlink_person`].
    pub(crate) async fn unlink_person(&self, id: String) -> Result<Answer, Refusal> {
        let admission = self.api.sign_ins.admission();
        self.let_out(move |act, ways| {
            let id = commands::unlink_person(act, &id, Provider { admission: &admission, ways })?;
            Answer::done(&commands::person(&act.moment(), &id)?)
        })
        .await
    }
}

/// The refusal where the provider vouches for nobody; the cause goes to the log.
fn unvouched(vouching: &Vouching, why: &Unvouched) -> Refusal {
    let name = vouching.provider.name();
    tracing::warn!(provider = vouching.provider.issuer(), %why, "the identity provider vouches for nobody");
    match why {
        Unvouched::Unavailable(_) => {
            let detail = format!(
                "{name}, which signs people in here, does not answer as it should. Try again in a moment, or sign in in another way. \
                 An administrator finds the reason in the server's log."
            );
            Refusal::new(ErrorCode::IdentityProviderUnavailable, detail)
        }
        Unvouched::Unproven(_) => {
            let detail = format!(
                "What {name} answered does not prove who you are, so nobody was signed in. Begin anew. An administrator finds the \
                 reason in the server's log."
            );
            Refusal::new(ErrorCode::Unauthenticated, detail)
        }
    }
}

/// The refusal where the provider gave no code.
fn not_given(vouching: &Vouching, error: Option<&str>) -> Refusal {
    let name = vouching.provider.name();
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let word: String = error.unwrap_or("nothing").chars().filter(plain).take(LONGEST_WORD).collect();
    let detail = match word.as_str() {
        "access_denied" => format!("{name} did not let you in, or you have not agreed there. Begin anew."),
        word => format!("{name} did not let you in ({word}). Begin anew."),
    };
    Refusal::new(ErrorCode::Unauthenticated, detail)
}

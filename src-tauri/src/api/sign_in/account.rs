//! What somebody does with their own account: shows again who they are, changes their password, ends sessions; and
//! whatever ends what lets others in.

use domain::caller::Through;
use domain::principal::PrincipalId;
use domain::secret::Secret;
use domain::session::SignInMethod;
use domain::wire::NewPassword;

use super::attempts::ComesFrom;
use super::enter::refused;
use crate::api::{Answer, Api, ApiFor};
use crate::commands::{self, Act, Refusal, WaysIn};

impl ApiFor {
    /// Runs `change`, after which somebody may not be let in any more.
    pub(crate) async fn let_out(
        &self,
        change: impl FnOnce(&mut Act<'_, '_>, &WaysIn) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        self.makes_room();
        let answer = self.write(None, move |api, act| change(act, &api.sign_ins.ways)).await?;
        self.api.sign_ins.something_ended();
        Ok(answer)
    }

    /// Notes that the caller has shown the server's token again.
    pub(crate) async fn reauthenticate_by_token(&self) -> Result<(), Refusal> {
        self.reauthenticated(SignInMethod::Token).await
    }

    /// Notes that the caller has shown their password again.
    ///
    /// # Errors
    /// `unauthenticated`, `too_many_attempts`; those of the store.
    pub(crate) async fn reauthenticate_by_password(&self, password: Secret, source: ComesFrom) -> Result<(), Refusal> {
        self.check_password(password, source).await?;
        self.reauthenticated(SignInMethod::Password).await
    }

    async fn reauthenticated(&self, with: SignInMethod) -> Result<(), Refusal> {
        let done = self.write(None, move |_, act| {
            commands::reauthenticate(act, with, None)?;
            Answer::done(&())
        });
        done.await.map(drop)
    }

    /// Gives the caller another password. Their other sessions end.
    ///
    /// # Errors
    /// `invalid_field`, `unauthenticated`, `reauthentication_needed`, `token_scope`, `too_many_attempts`; those of the store.
    pub(crate) async fn change_password(&self, change: NewPassword, source: ComesFrom) -> Result<(), Refusal> {
        let has_one = self.read(|views| {
            let rights = commands::allow_own_account(&views.moment())?;
            Ok(views.moment().reading.password_of(&rights.id)?.is_some())
        });
        match (has_one.await?, change.current) {
            (true, Some(current)) => self.check_password(current, source).await?,
            (true, None) => {
                let detail = "current: Send the password that you have too.";
                return Err(Refusal::invalid("current", detail));
            }
            // Whoever has none yet shows who they are by a young sign-in.
            (false, _) => {
                let asked = domain::access::ServerAction::MakeTokens;
                self.read(move |views| views.moment().allow(asked, views.now()).map(drop)).await?;
            }
        }
        let hash = self.api.sign_ins.passwords.hash("new", change.new).await?;
        let changed = self.let_out(move |act, _| {
            commands::change_password(act, hash)?;
            Answer::done(&())
        });
        changed.await.map(drop)
    }

    /// Refuses whoever does not know the caller's password.
    async fn check_password(&self, password: Secret, source: ComesFrom) -> Result<(), Refusal> {
        let id = PrincipalId::of(&self.caller.actor);
        let found = self.api.look(move |reading| {
            let email = reading.profile(&id)?.and_then(|profile| profile.email);
            Ok((email, reading.password_of(&id)?))
        });
        let (email, hash) = found.await?;
        let attempt = self.api.attempt(Some(email.as_deref().unwrap_or_default()), source).await?;
        if !self.api.sign_ins.passwords.matches(password, hash).await? {
            return Err(refused());
        }
        self.api.succeeded(attempt).await
    }

    /// True for whoever has come in through a session.
    pub(crate) fn is_in_session(&self) -> bool {
        matches!(self.caller.through, Through::Session { .. })
    }
}

impl Api {
    /// The number of times that a password was hashed.
    #[cfg(test)]
    pub(crate) fn password_runs(&self) -> u64 {
        self.sign_ins.passwords.runs()
    }
}

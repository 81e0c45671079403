//! Invitations, and those who accept them.

use std::sync::Arc;

use domain::principal::{PrincipalId, PrincipalKind};
use domain::secret::Secret;
use domain::session::SignInMethod;
use domain::wire::{AcceptInvitation, ErrorCode, Greeting, InvitationForm, InvitationView};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::attempts::ComesFrom;
use super::enter::{CameIn, Visitor};
use super::secrets::{MadeSecret, hash_of};
use crate::api::{Answer, Api, ApiFor, Effect, IdempotencyKey};
use crate::commands::{self, Newcomer, Refusal};

/// What is kept of an answer that holds a secret, or what is known of a person.
#[derive(Serialize, Deserialize)]
struct KeptId {
    id: String,
}

impl ApiFor {
    /// Invites somebody. The link leads to `base`. A repeat answers without it.
    pub(crate) async fn invite(
        &self,
        key: Option<IdempotencyKey>,
        form: InvitationForm,
        base: String,
    ) -> Result<Answer, Refusal> {
        let secret = MadeSecret::plain()?;
        let write = move |_: &Api, act: &mut commands::Act<'_, '_>| {
            let view = commands::invite(act, &form, secret.hash)?;
            let kept = KeptId { id: view.id.to_string() };
            let link = Secret::new(format!("{base}/join#{}", secret.text.reveal()));
            Answer::new(Effect::Created, &InvitationView { link: Some(link), ..view })?.keeping(&kept)
        };
        let answer = self.mail_invitation(self.write(key, write).await?).await?;
        self.told_again(answer, |views, id| {
            let id = id.parse().map_err(|error| Refusal::fault("a kept id is none", &error))?;
            Answer::new(Effect::Created, &commands::invitation(&views.moment(), &id, views.now())?)
        })
        .await
    }

    /// Sends the link of a new invitation to the address that it is for, where mail is sent. The link is kept nowhere, so it
    /// is not tried again later: the answer says what became of it.
    async fn mail_invitation(&self, answer: Answer) -> Result<Answer, Refusal> {
        if answer.replayed || answer.outcome != Effect::Created {
            return Ok(answer);
        }
        let mut view: InvitationView = serde_json::from_str(&answer.body)
            .map_err(|error| Refusal::fault("an invitation cannot be read", &error))?;
        let (Some(email), Some(link)) = (&view.email, &view.link) else { return Ok(answer) };
        let inviter = self.read({
            let by = view.by.clone();
            move |views| Ok(commands::name_of_principal(&views.moment().reading, &by))
        });
        view.mailed = self.api.courier.invite(email, link, &inviter.await?, view.expires_at).await;
        answer.showing(&view)
    }

    /// `answer`, made again by `show` from what was kept of it where it was given before.
    pub(in crate::api) async fn told_again(
        &self,
        answer: Answer,
        show: impl FnOnce(&crate::api::Views<'_>, &str) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        if !answer.replayed || matches!(answer.outcome, Effect::Refused(_)) {
            return Ok(answer);
        }
        let kept: KeptId = serde_json::from_str(&answer.body)
            .map_err(|error| Refusal::fault("a kept answer cannot be read", &error))?;
        Ok(self.read(move |views| show(views, &kept.id)).await?.replay())
    }
}

/// An answer of which only the id of what was made is kept.
pub(in crate::api) fn keeping_id(answer: Answer, id: &impl ToString) -> Result<Answer, Refusal> {
    answer.keeping(&KeptId { id: id.to_string() })
}

impl Api {
    /// What an invitation is for.
    ///
    /// # Errors
    /// `invitation_used`, `too_many_attempts`; those of the store.
    pub(crate) async fn greeting(self: &Arc<Self>, secret: &Secret, source: ComesFrom) -> Result<Greeting, Refusal> {
        let (hash, now) = (hash_of(secret.reveal()), self.clock.now());
        match self.look(move |reading| commands::greeting(reading, &hash, now)).await {
            Err(refusal) if refusal.code == ErrorCode::InvitationUsed => {
                self.wrong(source).await?;
                Err(refusal)
            }
            greeting => greeting,
        }
    }

    /// Makes a person of whoever has an invitation, and signs them in: all of it or nothing.
    ///
    /// # Errors
    /// As [`Api::greeting`]; `invalid_field`, `name_taken`.
    pub(crate) async fn join(
        self: &Arc<Self>,
        accepted: AcceptInvitation,
        visitor: Visitor,
    ) -> Result<CameIn, Refusal> {
        // Nothing is hashed for somebody who has no invitation.
        self.greeting(&accepted.secret, visitor.source).await?;
        let AcceptInvitation { secret, name, email, password, root: _ } = accepted;
        let password = self.sign_ins.passwords.hash("password", password).await?;
        let id = PrincipalId::new(PrincipalKind::Person, &Ulid::new().to_string().to_lowercase())
            .map_err(|error| Refusal::fault("a new id is none", &error))?;
        let newcomer = Newcomer { invitation: hash_of(secret.reveal()), name, email: Some(email) };
        let first = move |act: &mut commands::Act<'_, '_>| {
            commands::accept_invitation(act, &newcomer)?;
            commands::first_password(act, password)
        };
        self.enter(id.actor(), visitor, SignInMethod::Invitation, first).await
    }
}

//! API tokens: made here, shown once.

use domain::wire::{ApiTokenForm, ApiTokenView};

use super::join::keeping_id;
use super::secrets::MadeSecret;
use crate::api::{Answer, Api, ApiFor, Effect, IdempotencyKey};
use crate::commands::{self, Refusal};

impl ApiFor {
    /// Makes an API token. A repeat answers without it.
    pub(crate) async fn issue_api_token(
        &self,
        key: Option<IdempotencyKey>,
        form: ApiTokenForm,
    ) -> Result<Answer, Refusal> {
        let made = MadeSecret::api_token()?;
        let write = move |_: &Api, act: &mut commands::Act<'_, '_>| {
            let view = commands::issue_api_token(act, &form, made.hash)?;
            let id = view.id.clone();
            keeping_id(Answer::new(Effect::Created, &ApiTokenView { token: Some(made.text), ..view })?, &id)
        };
        let answer = self.write(key, write).await?;
        self.told_again(answer, |views, id| {
            let id = id.parse().map_err(|error| Refusal::fault("a kept id is none", &error))?;
            Answer::new(Effect::Created, &commands::api_token(&views.moment(), &id)?)
        })
        .await
    }
}

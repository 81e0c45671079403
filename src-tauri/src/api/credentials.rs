//! Keys and tokens whose making is repeated: the answer is kept without its secret, which is looked up or made again.

use domain::credential::Key;
use domain::id::DeploymentId;
use domain::wire::{ErrorCode, IssueToken};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Answer, ApiFor, Effect, IdempotencyKey};
use crate::commands::{self, Act, Expected, Refusal};

impl ApiFor {
    /// The keys of a deployment, made now if nobody has needed them before.
    pub(crate) async fn keys(&self, name_or_id: String) -> Result<Answer, Refusal> {
        self.write(None, move |_, act| {
            let row = act.on(&name_or_id, &Expected::default())?;
            Answer::done(&commands::keys(act, &row)?)
        })
        .await
    }

    /// Makes a key anew. A repeat answers the keys that are accepted now.
    pub(crate) async fn regenerate_key(
        &self,
        once: Option<IdempotencyKey>,
        name_or_id: String,
        key: Key,
    ) -> Result<Answer, Refusal> {
        let again = name_or_id.clone();
        let answer = self
            .write(once, move |_, act| {
                let row = act.on(&name_or_id, &Expected::default())?;
                Answer::done(&commands::regenerate_key(act, &row, key)?)?.keeping(&KeptOfKeys { deployment: row.id })
            })
            .await?;
        if !is_repeated(&answer) {
            return Ok(answer);
        }
        Ok(self.write(None, move |_, act| keys_now(act, &again, &answer)).await?.replay())
    }

    /// Makes a token. A repeat answers the same one, as long as it has not been revoked.
    pub(crate) async fn issue_token(
        &self,
        once: Option<IdempotencyKey>,
        name_or_id: String,
        request: IssueToken,
    ) -> Result<Answer, Refusal> {
        let again = name_or_id.clone();
        let answer = self
            .write(once, move |_, act| {
                let row = act.on(&name_or_id, &Expected::default())?;
                let issued = commands::issue_token(act, &row, &request)?;
                let kept = KeptOfToken { expires_at: issued.expires_at, digest: digest(&issued.token) };
                Answer::new(Effect::Created, &issued)?.keeping(&kept)
            })
            .await?;
        if !is_repeated(&answer) {
            return Ok(answer);
        }
        Ok(self.write(None, move |_, act| issued_again(act, &again, &answer)).await?.replay())
    }

    /// Lets no token that was made until now be accepted any more.
    pub(crate) async fn revoke_tokens(&self, name_or_id: String) -> Result<(), Refusal> {
        self.write(None, move |_, act| {
            let row = act.on(&name_or_id, &Expected::default())?;
            Answer::done(&commands::revoke_tokens(act, &row)?)
        })
        .await
        .map(drop)
    }
}

fn is_repeated(answer: &Answer) -> bool {
    answer.replayed && !matches!(answer.outcome, Effect::Refused(_))
}

/// The stored answer: the keys are not kept twice.
#[derive(Serialize, Deserialize)]
struct KeptOfKeys {
    deployment: DeploymentId,
}

/// The keys that are accepted now, for a repeat.
fn keys_now(act: &mut Act<'_, '_>, name_or_id: &str, answer: &Answer) -> Result<Answer, Refusal> {
    let kept: KeptOfKeys = read(answer)?;
    let row = act.on(name_or_id, &Expected::default())?;
    if row.id != kept.deployment {
        let text = "The deployment whose key was made anew with this Idempotency-Key has been deleted. Send a new key to make one of this deployment anew.";
        return Err(Refusal::new(ErrorCode::PreconditionFailed, text));
    }
    Answer::done(&commands::keys(act, &row)?)
}

/// The part of an answer with a token that is kept: enough to make the same one again, and nothing that opens a door.
#[derive(Serialize, Deserialize)]
struct KeptOfToken {
    expires_at: Timestamp,
    digest: String,
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// The token of an answer that was given before.
fn issued_again(act: &mut Act<'_, '_>, name_or_id: &str, answer: &Answer) -> Result<Answer, Refusal> {
    let kept: KeptOfToken = read(answer)?;
    let row = act.on(name_or_id, &Expected::default())?;
    let issued = commands::token_until(act, &row, kept.expires_at)?;
    if digest(&issued.token) != kept.digest {
        let text = "The token that was the answer to this Idempotency-Key has been revoked. Send a new key to get a new token.";
        return Err(Refusal::new(ErrorCode::PreconditionFailed, text));
    }
    Answer::new(Effect::Created, &issued)
}

fn read<T: for<'de> Deserialize<'de>>(answer: &Answer) -> Result<T, Refusal> {
    serde_json::from_str(&answer.body).map_err(|error| Refusal::fault("a kept answer cannot be read", &error))
}

//! Removes a model version, and its artifact when no other version has it.

use std::sync::Arc;

use axum::extract::State;
use domain::id::{Digest, ModelName, ModelRef, ModelVersion, TargetName};
use domain::wire::ModelVersionView;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::{Api, views};

/// Delete a model version that no deployment could run. Its number is not used again; its history stays. Answers what it
/// was.
#[utoipa::path(delete, path = "/models/{name}/versions/{version}", tag = "models",
    responses((status = 200, body = ModelVersionView)))]
pub(super) async fn delete(
    State(serving): State<Arc<Serving>>,
    At((name, version)): At<(ModelName, ModelVersion)>,
    _: WithoutQuery,
    if_match: IfMatch,
) -> Result<Answer, Refusal> {
    serving
        .blocking(move |api| {
            api.store.make_room();
            let (digest, answer) = api.store.write(&api.actor, api.clock.now(), |writing| {
                let model = super::find(&writing.reading(), name.clone(), version)?;
                let digest = model.digest.clone();
                let view = views::version(
                    &views::Users::of(&writing.reading(), &api.live.machine(&TargetName::default()))?,
                    model,
                );
                let answer = Answer::ok(&view)?.hashed();
                if_match.check(answer.tag())?;
                commands::delete_model(writing, &ModelRef { name, version })?;
                Ok::<_, Refusal>((digest, answer))
            })?;
            remove(api, &digest);
            Ok(answer)
        })
        .await
}

/// Removes the artifact, and what replicas unpacked of it, unless a version has it. What fails here is made up for at the
/// next start.
pub(super) fn remove(api: &Api, digest: &Digest) {
    // After a power cut the file must not be gone and the version back.
    let removed = api.store.sync().map_err(Refusal::from).and_then(|()| {
        // Registrations keep their files inside a transaction too, so none comes in between.
        api.store.write(&api.actor, api.clock.now(), |writing| {
            let unused = !writing.reading().has_digest(digest)?;
            if unused {
                api.artifacts.remove(digest)?;
            }
            Ok::<_, Refusal>(unused)
        })
    });
    // The folder is only a copy with a lock of its own: nobody who writes has to wait until it has gone.
    let removed = removed.map_err(|error| error.to_string()).and_then(|unused| match unused {
        true => api.live.forget_package(digest).map_err(|error| error.to_string()),
        false => Ok(()),
    });
    if let Err(error) = removed {
        tracing::warn!(%error, %digest, "a model file that no version has stays until the next start");
    }
}

//! Model files: registered, given back and removed together with the versions that name them.

use domain::access::ServerAction;
use domain::id::{Digest, ModelName, ModelRef, ModelVersion};
use domain::model::{Packing, RegisteredModel};
use domain::wire::{ErrorCode, ModelVersionView, RegisterModel};

use super::inspect::inspect;
use super::{Answer, Api, ApiFor, IdempotencyKey, Resource};
use crate::commands::{self, Act, Refusal};
use crate::packages::artifacts::{Received, Verified};

impl ApiFor {
    /// Receives the bytes of a model file; what breaks off leaves nothing behind.
    pub(crate) async fn receive(&self, bytes: impl tokio::io::AsyncRead + Unpin) -> Result<Received, Refusal> {
        self.read(|views| views.moment().allow(ServerAction::RegisterModel, views.now())).await?;
        Ok(self.api.artifacts.receive(bytes, self.api.bounds.model_bytes).await?)
    }

    /// Looks what `file` is, and registers it as the next version of a model. Whatever fails, nothing is left behind.
    pub(crate) async fn register(
        &self,
        key: Option<IdempotencyKey>,
        meta: RegisterModel,
        file: Received,
    ) -> Result<Answer, Refusal> {
        let reads = self.api.inspections.acquire().await;
        let _reads = reads.map_err(|error| Refusal::fault("uploads have ended", &error))?;
        let (meta, file, artifact) = self
            .blocking(move |own| {
                // What is wrong with the request is not blamed on the file.
                let artifact = commands::check_form(&meta).and_then(|()| inspect(&own.api, &file, meta.kind));
                Ok((meta, file, artifact))
            })
            .await?;
        let digest = file.digest().clone();
        let registered = self
            .write(key, move |api, act| {
                let model = commands::register_model(act, meta, artifact?)?;
                // Only what the registry will name is kept, and it is on the disk before the registry names it.
                file.keep()?;
                created(api, act, model)
            })
            .await;
        if registered.is_err() {
            // It may have been kept before the transaction failed.
            self.blocking(move |own| {
                own.remove_unused(&digest);
                Ok(())
            })
            .await?;
        }
        registered
    }

    /// Registers a package that runs elsewhere.
    pub(crate) async fn register_external(
        &self,
        key: Option<IdempotencyKey>,
        meta: RegisterModel,
    ) -> Result<Answer, Refusal> {
        self.write(key, move |api, act| {
            let model = commands::register_external(act, meta)?;
            created(api, act, model)
        })
        .await
    }

    /// A version and its file, to be read.
    pub(crate) async fn artifact(
        &self,
        name: ModelName,
        version: ModelVersion,
    ) -> Result<(RegisteredModel, Verified), Refusal> {
        let model = self.read(move |views| views.registered(name, version)).await?;
        if model.packing == Packing::Nothing {
            let refusal = Refusal::new(
                ErrorCode::NotFound,
                format!("{}@{} runs elsewhere, so there is no file of it here.", model.name, model.version),
            );
            return Err(refusal.with("url", model.url));
        }
        let file = self.api.artifacts.read(&model.digest).await?;
        Ok((model, file))
    }

    /// Deletes a version, and its file when no other version has it; answers what it was. `check` may refuse what it is.
    pub(crate) async fn delete_model(
        &self,
        model: ModelRef,
        check: impl FnOnce(&Answer) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        self.blocking(move |own| {
            own.makes_room();
            let (digest, answer) = own.transaction(|writing| {
                let mut act = own.act(writing);
                let views = own.api.views(&act);
                let found = views.registered(model.name.clone(), model.version)?;
                let digest = found.digest.clone();
                let answer = Answer::done(&views.version(found)?)?.hashed();
                check(&answer)?;
                commands::delete_model(&mut act, &model)?;
                Ok((digest, answer))
            })?;
            own.remove_unused(&digest);
            Ok(answer)
        })
        .await
    }

    /// Removes the artifact, and what replicas unpacked of it, unless a version has it. What fails here is made up for at
    /// the next start.
    fn remove_unused(&self, digest: &Digest) {
        let api = &self.api;
        // After a power cut the file must not be gone and the version back.
        let removed = api.store.sync().map_err(Refusal::from).and_then(|()| {
            // Registrations keep their files inside a transaction too, so none comes in between.
            self.transaction(|writing| {
                let unused = !writing.reading().has_digest(digest)?;
                if unused {
                    api.artifacts.remove(digest)?;
                }
                Ok(unused)
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
}

fn created(api: &Api, act: &Act<'_, '_>, model: RegisteredModel) -> Result<Answer, Refusal> {
    let view: ModelVersionView = api.views(act).version(model)?;
    Ok(Answer::created(Resource::Model(view.model.reference()), &view)?.hashed())
}

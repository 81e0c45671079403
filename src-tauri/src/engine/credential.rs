//! The credential that the gateway asks callers for: the deployment's secrets, as its configuration says (AZ-3).

use domain::configuration::Auth;
use domain::id::DeploymentId;

use super::core::Core;
use super::error::EngineError;
use crate::gateway::{CallerSecret, Credential};

impl Core {
    /// Makes the secrets if nobody has needed them before.
    pub(super) fn credential(&self, id: &DeploymentId, auth: Auth) -> Result<Credential, EngineError> {
        if auth == Auth::None {
            return Ok(Credential::None);
        }
        let secrets = match self.store.read(|reading| reading.secrets(id))? {
            Some(secrets) => secrets,
            None => self.store.write(&self.actor, self.clock.now(), |writing| writing.secrets(id))?,
        };
        Ok(match auth {
            Auth::None => Credential::None,
            Auth::Key => Credential::Keys([CallerSecret::new(secrets.primary), CallerSecret::new(secrets.secondary)]),
            Auth::Token => Credential::Tokens(CallerSecret::new(secrets.tokens)),
        })
    }
}

//! Models as they are asked: which one, with which configuration, at which URL.

use domain::action::Action;
use domain::configuration::Configuration;
use domain::id::{DeploymentName, ModelName, ModelRef, ModelVersion};
use domain::model::RegisteredModel;

use super::Views;
use crate::commands::Refusal;

/// A deployment as its callers ask it.
pub(crate) struct Served {
    pub(crate) name: DeploymentName,
    /// Its inference URL.
    pub(crate) url: String,
    /// The configuration in use.
    pub(crate) configuration: Configuration,
    /// The model that the configuration binds, if it is registered.
    pub(crate) model: Option<RegisteredModel>,
}

impl Views<'_> {
    /// A deployment as its callers ask it.
    pub(crate) fn served(&self, name_or_id: &str) -> Result<Served, Refusal> {
        let row = self.moment.find_for(name_or_id, Action::GetClient.needs())?;
        let configuration = self.used_by(&row)?.configuration;
        let model = configuration.models.first().map(|bound| self.moment.reading.model(bound)).transpose()?.flatten();
        Ok(Served { url: self.url(&row.name), name: row.name, configuration, model })
    }

    /// A version, and the inference URL of `deployment`, else of the first deployment that uses the version.
    pub(crate) fn asked(
        &self,
        name: ModelName,
        version: ModelVersion,
        deployment: Option<&str>,
    ) -> Result<(RegisteredModel, Option<String>), Refusal> {
        let model = self.registered(name.clone(), version)?;
        let named = ModelRef { name, version };
        let deployment = match deployment {
            Some(given) => Some(self.moment.find_for(given, Action::GetClient.needs())?.name),
            None => self.users()?.first_of(&named).cloned(),
        };
        Ok((model, deployment.map(|name| self.url(&name))))
    }

    /// The inference URL of a deployment.
    pub(super) fn url(&self, name: &DeploymentName) -> String {
        format!("{}/{name}", self.api.live.gateway_url())
    }
}

//! The configuration that an update or a check is about, as it is named in arguments.

use clap::Args;
use domain::id::{ConfigurationId, DeploymentId, ModelRef, RolloutNumber};
use domain::wire::{DeploymentView, StartRollout};
use serde_json::Value;

use crate::cli::args::{Moving, ReasonArgs};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::set::{self, Setting};
use crate::cli::text;

/// The configuration that a deployment is to be given.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Configuration")]
#[group(required = true, multiple = true)]
pub(super) struct Selected {
    /// An existing configuration of the deployment
    #[arg(long, value_name = "ID", conflicts_with = "model")]
    configuration: Option<ConfigurationId>,
    /// Another model version; may be repeated
    #[arg(long, value_name = "NAME@V")]
    model: Vec<ModelRef>,
    /// A setting, as replicas=3 or env.MODE=fast; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
}

impl Selected {
    /// The request for it.
    ///
    /// # Errors
    /// Settings that contradict each other; a model that cannot take another one's place; those of the server.
    pub(super) async fn request(
        self,
        context: &mut Context,
        deployment: &DeploymentId,
        moving: &Moving,
        why: ReasonArgs,
        on_top_of: Option<RolloutNumber>,
    ) -> Result<StartRollout, CliError> {
        let mut set = set::merge(&self.set).map_err(CliError::Usage)?;
        if !self.model.is_empty() {
            let models = bind(context, deployment, self.model).await?;
            if set.insert("models".to_owned(), models).is_some() {
                return Err(CliError::Usage("--model and --set models=… say the same thing twice".to_owned()));
            }
        }
        Ok(StartRollout {
            configuration: self.configuration,
            set: (!set.is_empty()).then_some(Value::Object(set)),
            strategy: moving.strategy(),
            reason: why.reason,
            note: why.note,
            on_top_of,
            ..StartRollout::default()
        })
    }
}

async fn bind(context: &mut Context, deployment: &DeploymentId, given: Vec<ModelRef>) -> Result<Value, CliError> {
    let view: DeploymentView = context.client.get(&["deployments", deployment.as_str()], &[]).await?.read()?;
    in_place(view.name.as_str(), view.models, given)
}

/// The list of models that `whole` binds, with the given versions in place. Where several are bound, each takes the place
/// of its namesake.
///
/// # Errors
/// A model is the namesake of none.
pub(super) fn in_place(whole: &str, mut bound: Vec<ModelRef>, given: Vec<ModelRef>) -> Result<Value, CliError> {
    if bound.len() <= 1 {
        bound = given;
    } else {
        for model in given {
            let Some(place) = bound.iter_mut().find(|other| other.name == model.name) else {
                let names = text::list(&bound);
                return Err(CliError::Failed(format!(
                    "{whole} binds {names}; --model {model} takes the place of none of them. \
                     Write out the whole list with --set 'models=[…]'"
                )));
            };
            *place = model;
        }
    }
    Ok(bound.iter().map(ToString::to_string).collect::<Vec<_>>().into())
}

//! `model client`: writes the script of a client.

use clap::{Args, ValueEnum};
use domain::id::{DeploymentId, ModelRef};

use crate::cli::context::Context;
use crate::cli::error::CliError;

/// The language of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Python 3, with nothing but its standard library
    Python,
    /// A shell with curl
    Curl,
}

/// `model client`.
#[derive(Args, Debug)]
#[command(after_help = "The script goes to standard output, as in `changeover model client iris@2 > client.py`.")]
pub(in crate::cli) struct Client {
    /// The version to ask [default: the one that the deployment uses]
    #[arg(value_name = "NAME@V", required_unless_present = "deployment")]
    model: Option<ModelRef>,
    /// The deployment to ask, by name or id [default: the first one that uses the version]
    #[arg(long, value_name = "NAME")]
    deployment: Option<DeploymentId>,
    /// The language of the script
    #[arg(long, value_enum, default_value = "python")]
    language: Language,
}

impl Client {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let language = match self.language {
            Language::Python => "python",
            Language::Curl => "curl",
        };
        let mut query = vec![("language", language.to_owned())];
        let answer = match (&self.model, &self.deployment) {
            (Some(model), deployment) => {
                query.extend(deployment.iter().map(|name| ("deployment", name.to_string())));
                let version = model.version.to_string();
                let path = ["models", model.name.as_str(), "versions", &version, "client"];
                context.client.get(&path, &query).await?
            }
            (None, Some(deployment)) => {
                context.client.get(&["deployments", deployment.as_str(), "client"], &query).await?
            }
            (None, None) => return Err(CliError::Usage("name a version as NAME@V, or a --deployment".to_owned())),
        };
        Ok(context.io.raw(&answer.body)?)
    }
}

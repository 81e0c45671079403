//! `changeover deploy`: a new deployment with its first configuration.

use std::path::PathBuf;

use clap::Args;
use domain::access::DefaultAccess;
use domain::deployment::{Importance, OnFailure};
use domain::id::{ConfigurationId, DeploymentName, TargetName};
use domain::policy::GatedAction;
use domain::wire::{DeploymentView, MatchPolicies};
use serde_json::{Map, Value, json};

use super::configuration::from_file;
use crate::cli::args::Moving;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate::Gate;
use crate::cli::wait::{self, Patience};
use crate::cli::{file, requested, set, text};

/// `deploy`.
#[derive(Args, Debug)]
#[command(after_help = "The file may also be what `configuration show`, `status NAME` or `check`\n\
                        printed with --json.")]
pub(in crate::cli) struct Deploy {
    /// The name of the deployment, which answers at GATEWAY/NAME
    name: DeploymentName,
    /// A file of JSON or TOML; - is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "configuration", conflicts_with = "configuration")]
    file: Option<PathBuf>,
    /// A configuration that was made without a deployment
    #[arg(long, value_name = "ID")]
    configuration: Option<ConfigurationId>,
    /// The target that its replicas run on [default: local]
    #[arg(long, value_name = "NAME")]
    target: Option<TargetName>,
    /// critical, high, moderate or low
    #[arg(long, value_name = "WORD", value_parser = text::from_word::<Importance>)]
    importance: Option<Importance>,
    /// The role that everyone has on it: none, consumer, user or owner [default: user]
    #[arg(long, value_name = "ROLE", value_parser = text::from_word::<DefaultAccess>)]
    default_access: Option<DefaultAccess>,
    /// Remove it by itself after so long, as 10m, 24h or 7d
    #[arg(long, value_name = "TIME")]
    ttl: Option<String>,
    /// The failure mode of a rollout: revert, stop or dead
    #[arg(long, value_name = "WORD", value_parser = text::from_word::<OnFailure>)]
    on_failure: Option<OnFailure>,
    /// A description of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = set::pair)]
    tag: Vec<(String, String)>,
    /// A property; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = set::pair)]
    property: Vec<(String, String)>,
    /// Wait until it runs, and show the progress
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
    #[command(flatten)]
    moving: Moving,
    #[command(flatten)]
    gate: Gate,
}

impl Deploy {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let patience = self.patience.of(self.wait)?;
        let (mut body, configuration) = match &self.file {
            Some(file) => {
                let (around, configuration) = from_file(context, file::read(file)?).await?;
                (around, Value::Object(configuration))
            }
            None => (Map::new(), json!(self.configuration)),
        };
        body.insert("name".to_owned(), self.name.as_str().into());
        body.insert("configuration".to_owned(), configuration);
        if let Some(target) = self.target {
            body.insert("target".to_owned(), target.as_str().into());
        }
        if let Some(importance) = self.importance {
            body.insert("importance".to_owned(), importance.as_str().into());
        }
        if let Some(access) = self.default_access {
            body.insert("default_access".to_owned(), access.as_str().into());
        }
        if let Some(ttl) = self.ttl {
            body.insert("ttl".to_owned(), ttl.into());
        }
        if let Some(policy) = self.on_failure {
            body.insert("on_failure".to_owned(), policy.as_str().into());
        }
        if let Some(description) = self.description {
            body.insert("description".to_owned(), description.into());
        }
        let moving = self.moving.fields().into_iter().map(|(field, value)| (field.to_owned(), value));
        let text = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(key, value)| (key, value.into()));
        add(&mut body, "strategy", moving);
        add(&mut body, "tags", text(self.tag));
        add(&mut body, "properties", text(self.property));
        let importance = body.get("importance").and_then(Value::as_str).and_then(|word| word.parse().ok());
        let change = MatchPolicies { importance, ..MatchPolicies::new(None, GatedAction::Create) };
        if let Some(broken) = self.gate.break_glass(context, &change).await? {
            body.insert("break_glass".to_owned(), json!(broken));
        }
        if !self.gate.apply().is_now() {
            body.insert("apply".to_owned(), json!(self.gate.apply()));
        }
        let answer = context.client.post(&["deployments"], &body).await;
        let answer = answer.map_err(|error| self.gate.way_on(error))?;
        if let Some(asked) = requested::of(&answer) {
            return requested::told(context, &answer, &asked, self.wait.then_some(patience)).await;
        }
        let view: DeploymentView = answer.read()?;
        if !self.wait {
            return context.answer(&answer, |io, view: DeploymentView| {
                io.line(format!("Created {}. It will answer at {}", view.name, view.url))?;
                io.line(io.faint(&format!("`changeover wait {}` waits until it runs.", view.name)))
            });
        }
        context.io.note(format!("Created {}. It will answer at {}", view.name, view.url))?;
        match view.rollout {
            Some(number) => wait::for_rollout(context, patience, view.name.as_str(), number).await,
            None => wait::for_deployment(context, patience, view.name.as_str()).await,
        }
    }
}

/// Adds to an object of the file, which keeps its other fields.
fn add(body: &mut Map<String, Value>, field: &str, more: impl Iterator<Item = (String, Value)>) {
    let mut more = more.peekable();
    if more.peek().is_none() {
        return;
    }
    let inner = body.entry(field).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        inner.extend(more);
    }
}

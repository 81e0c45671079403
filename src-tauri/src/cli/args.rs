//! Arguments that several commands share.

use std::collections::BTreeMap;
use std::str::FromStr;

use clap::Args;
use domain::deployment::{OnFailure, Reason};
use domain::id::{ConfigurationId, DeploymentId, ModelRef, RolloutNumber};
use domain::strategy::{Amount, InvalidAmount, StrategyChange};
use domain::wire::{DeploymentView, StartRollout};
use serde_json::Value;

use super::commands::Context;
use super::error::CliError;
use super::set::{self, Setting};
use super::text;

/// Pages of a list.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Paging {
    /// Most items to show
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Go on where a shown page ended
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Paging {
    /// As a query.
    pub(super) fn query(&self) -> Vec<(&'static str, String)> {
        let limit = self.limit.map(|limit| ("limit", limit.to_string()));
        limit.into_iter().chain(self.cursor.clone().map(|cursor| ("cursor", cursor))).collect()
    }
}

/// A surge as it is typed; none for `needed`.
#[derive(Clone, Copy, Debug)]
struct Surge(Option<Amount>);

impl FromStr for Surge {
    type Err = InvalidAmount;
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        if text == "needed" { Ok(Self(None)) } else { text.parse().map(|amount| Self(Some(amount))) }
    }
}

/// How a rollout moves.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "How it moves")]
pub(super) struct Moving {
    /// Replicas above the desired number, as 2, 25% or `needed` [default: the deployment's]
    #[arg(long, value_name = "X")]
    max_surge: Option<Surge>,
    /// Desired replicas that may be away, as 1 or 20% [default: the deployment's]
    #[arg(long, value_name = "X")]
    max_unavailable: Option<Amount>,
    /// Count a replica only after so long [default: the deployment's]
    #[arg(long, value_name = "SECONDS")]
    min_ready_seconds: Option<u32>,
    /// Fail after so long without progress [default: the deployment's]
    #[arg(long, value_name = "SECONDS")]
    progress_deadline_seconds: Option<u32>,
    /// Fail after so long in all [default: the deployment's]
    #[arg(long, value_name = "SECONDS")]
    total_deadline_seconds: Option<u32>,
    /// Fail after so many failed starts in a row [default: the deployment's]
    #[arg(long, value_name = "N")]
    start_failures: Option<u32>,
}

impl Moving {
    /// What was set; the rest is the deployment's.
    pub(super) fn strategy(&self) -> StrategyChange {
        StrategyChange {
            max_surge: self.max_surge.map(|Surge(amount)| amount),
            max_unavailable: self.max_unavailable,
            min_ready_seconds: self.min_ready_seconds,
            progress_deadline_seconds: self.progress_deadline_seconds,
            total_deadline_seconds: self.total_deadline_seconds.map(Some),
            start_failures: self.start_failures,
        }
    }

    /// What was set, for a request that is written by hand.
    pub(super) fn fields(&self) -> BTreeMap<&'static str, Value> {
        let number = |given: Option<u32>| given.map(Value::from);
        [
            ("max_surge", self.max_surge.map(|Surge(amount)| amount.map_or(Value::Null, Value::from))),
            ("max_unavailable", self.max_unavailable.map(Value::from)),
            ("min_ready_seconds", number(self.min_ready_seconds)),
            ("progress_deadline_seconds", number(self.progress_deadline_seconds)),
            ("total_deadline_seconds", number(self.total_deadline_seconds)),
            ("start_failures", number(self.start_failures)),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
        .collect()
    }
}

/// What a failure does, and what is known to be bad.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "When it fails")]
pub(super) struct Failing {
    /// revert, stop or dead [default: the deployment's]
    #[arg(long, value_name = "WORD", value_parser = text::from_word::<OnFailure>)]
    pub(super) on_failure: Option<OnFailure>,
    /// Why content that is known to be bad is to come back all the same
    #[arg(long = "override", value_name = "TEXT")]
    pub(super) quarantine_override: Option<String>,
}

/// Why something is done.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Why")]
pub(super) struct Why {
    /// The reason
    #[arg(long, value_name = "REASON", value_parser = text::from_word::<Reason>,
        help = "accuracy, data-drift, errors, scheduled-refresh,\nscoring-speed, deprecation or other")]
    pub(super) reason: Option<Reason>,
    /// A sentence about it
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
}

/// What a deployment is to become.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "What is to run")]
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
        why: Why,
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

/// The list of models with the given versions in place. Where several are bound, each takes the place of its namesake.
async fn bind(context: &mut Context, deployment: &DeploymentId, given: Vec<ModelRef>) -> Result<Value, CliError> {
    let view: DeploymentView = context.client.get(&["deployments", deployment.as_str()], &[]).await?.read()?;
    let mut bound = view.models;
    if bound.len() <= 1 {
        bound = given;
    } else {
        for model in given {
            let Some(place) = bound.iter_mut().find(|other| other.name == model.name) else {
                let names = text::list(&bound);
                return Err(CliError::Failed(format!(
                    "{} binds {names}; --model {model} takes the place of none of them. \
                     Write out the whole list with --set 'models=[…]'",
                    view.name
                )));
            };
            *place = model;
        }
    }
    Ok(bound.iter().map(ToString::to_string).collect::<Vec<_>>().into())
}

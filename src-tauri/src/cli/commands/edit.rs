//! `changeover edit`: another version of what a change request asks for, or another time.

use clap::Args;
use domain::id::{ConfigurationId, ModelRef, RequestId};
use domain::wire::{ChangeRequestView, EditRequest, StartRollout};
use serde_json::Value;

use super::selected::in_place;
use crate::cli::args::{Failing, Moving, ReasonArgs};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate::Timing;
use crate::cli::requested;
use crate::cli::set::{self, Setting};

/// `edit`.
#[derive(Args, Debug)]
#[command(
    after_help = "What is not given stays as the request has it; settings go on top of the configuration that it\n\
                        asks for. The request gets another version, of which nobody has approved anything yet."
)]
pub(in crate::cli) struct Edit {
    /// The request
    id: RequestId,
    /// Go ahead although the compatibility report or the rehearsal warns
    #[arg(long)]
    accept_warnings: bool,
    #[command(flatten)]
    content: EditedContent,
    #[command(flatten)]
    moving: Moving,
    #[command(flatten)]
    failing: Failing,
    #[command(flatten)]
    why: ReasonArgs,
    #[command(flatten)]
    timing: Timing,
}

/// The configuration that is asked for instead.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Configuration")]
struct EditedContent {
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

impl Edit {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let apply = Some(self.timing.apply()).filter(|apply| !apply.is_now());
        let id = self.id.clone();
        let rollout = if self.changes_the_rollout() { Some(self.rollout(context).await?) } else { None };
        if rollout.is_none() && apply.is_none() {
            let usage = "say what to change: a model, a setting, the reason, or the time";
            return Err(CliError::Usage(usage.to_owned()));
        }
        let edit = EditRequest { rollout, apply };
        let answer = context.client.patch(&["change-requests", id.as_str()], &edit).await?;
        requested::stands(context, &answer, &format!("Edited request {id}.")).await
    }

    fn changes_the_rollout(&self) -> bool {
        let EditedContent { configuration, model, set } = &self.content;
        let Failing { on_failure, quarantine_override } = &self.failing;
        configuration.is_some()
            || !model.is_empty()
            || !set.is_empty()
            || self.accept_warnings
            || !self.moving.fields().is_empty()
            || on_failure.is_some()
            || quarantine_override.is_some()
            || self.why.reason.is_some()
            || self.why.note.is_some()
    }

    /// The rollout that is asked for instead: the one of the request, with what was given.
    async fn rollout(self, context: &Context) -> Result<StartRollout, CliError> {
        let view: ChangeRequestView = context.client.get(&["change-requests", self.id.as_str()], &[]).await?.read()?;
        if view.configuration.is_none() {
            let sentence = format!("request {} rolls nothing out, so only its time can be edited", self.id);
            return Err(CliError::Failed(sentence));
        }
        let mut set = set::merge(&self.content.set).map_err(CliError::Usage)?;
        if !self.content.model.is_empty() {
            let models = in_place(&format!("request {}", self.id), view.models, self.content.model)?;
            if set.insert("models".to_owned(), models).is_some() {
                return Err(CliError::Usage("--model and --set models=… say the same thing twice".to_owned()));
            }
        }
        let plan = view.versions.into_iter().next_back().and_then(|version| version.plan);
        let given = self.moving.strategy();
        let strategy = match plan.as_ref().and_then(|plan| plan.strategy) {
            Some(strategy) => given.on(strategy).into(),
            None => given,
        };
        let asked = plan.as_ref();
        Ok(StartRollout {
            configuration: self.content.configuration.or(view.configuration),
            set: (!set.is_empty()).then_some(Value::Object(set)),
            strategy,
            on_failure: self.failing.on_failure.or(asked.and_then(|plan| plan.on_failure)),
            quarantine_override: self
                .failing
                .quarantine_override
                .or(asked.and_then(|plan| plan.quarantine_override.clone())),
            reason: self.why.reason.or(view.reason),
            note: self.why.note.or(view.note),
            accept_warnings: self.accept_warnings || asked.is_some_and(|plan| plan.accept_warnings),
            ..StartRollout::default()
        })
    }
}

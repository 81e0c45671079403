//! `changeover set`: what is changed without a rollout.

use clap::Args;
use domain::deployment::{Importance, OnFailure};
use domain::id::DeploymentId;
use domain::policy::GatedAction;
use domain::strategy::StrategyChange;
use domain::wire::{CheckRules, DeploymentView, MatchPolicies, PatchDeployment};

use crate::cli::args::Moving;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::gate::Gate;
use crate::cli::{requested, set, text};

/// `set`.
#[derive(Args, Debug)]
#[command(after_help = "No replica is touched. Settings that are not named stay as they are. Those of\n\
                        the replicas are changed with `update NAME --set key=value`.")]
pub(in crate::cli) struct Set {
    /// The deployment, by name or id
    name: DeploymentId,
    /// critical, high, moderate or low
    #[arg(long, value_name = "WORD", value_parser = text::from_word::<Importance>)]
    importance: Option<Importance>,
    /// The failure mode of a rollout: revert, stop or dead
    #[arg(long, value_name = "WORD", value_parser = text::from_word::<OnFailure>)]
    on_failure: Option<OnFailure>,
    /// A description of it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag; together they take the place of all there were
    #[arg(long, value_name = "KEY=VALUE", value_parser = set::pair)]
    tag: Vec<(String, String)>,
    /// Take every tag away
    #[arg(long, conflicts_with = "tag")]
    no_tags: bool,
    /// A property, added to those there are
    #[arg(long, value_name = "KEY=VALUE", value_parser = set::pair)]
    property: Vec<(String, String)>,
    /// Its check rules for a candidate beside the signature, as JSON: not_verified_warns, environment_must_fit,
    /// segment_attributes, humility_rules, challengers; this replaces all there was
    #[arg(long, value_name = "JSON", value_parser = check_rules)]
    checks: Option<CheckRules>,
    /// Take the total deadline away
    #[arg(long, conflicts_with = "total_deadline_seconds")]
    no_total_deadline: bool,
    #[command(flatten)]
    moving: Moving,
    #[command(flatten)]
    gate: Gate,
}

fn check_rules(text: &str) -> Result<CheckRules, String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = domain::strict::deserialize(&mut reader).map_err(|error| error.into_inner().to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(read)
}

impl Set {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let name = self.name.as_str();
        let mut strategy = self.moving.strategy();
        if self.no_total_deadline {
            strategy.total_deadline_seconds = Some(None);
        }
        let action = if self.importance.is_some() { GatedAction::Importance } else { GatedAction::Settings };
        let change = MatchPolicies { importance: self.importance, ..MatchPolicies::new(Some(name.to_owned()), action) };
        let request = PatchDeployment {
            checks: self.checks,
            importance: self.importance,
            on_failure: self.on_failure,
            strategy: Some(strategy).filter(|strategy| *strategy != StrategyChange::default()),
            description: self.description,
            tags: (self.no_tags || !self.tag.is_empty()).then(|| self.tag.into_iter().collect()),
            properties: (!self.property.is_empty()).then(|| self.property.into_iter().collect()),
            apply: self.gate.apply(),
            break_glass: self.gate.break_glass(context, &change).await?,
        };
        let answer = context.client.patch(&["deployments", name], &request).await;
        let answer = answer.map_err(|error| self.gate.way_on(error))?;
        if let Some(asked) = requested::of(&answer) {
            return requested::told(context, &answer, &asked, None).await;
        }
        context.answer(&answer, |io, view: DeploymentView| {
            io.line(format!("{} is set. No replica was touched.", view.name))
        })
    }
}

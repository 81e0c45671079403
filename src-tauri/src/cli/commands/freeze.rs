//! `changeover freeze`: times at which nothing is started.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::deployment::Importance;
use domain::freeze::{FreezeScope, FreezeTerms, FreezeTimes};
use domain::id::{DeploymentId, FreezeId};
use domain::wire::{DeploymentView, FreezeView, OccurrencesView, Page};
use jiff::Timestamp;

use super::freeze_shown::{list, occurrences, said, show};
use super::use_cases;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{file, text};

/// Commands on freezes.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Freeze {
    /// List them
    List,
    /// Show one: its times, the deployments that it is for, what waits for its end
    Show {
        /// The freeze
        id: FreezeId,
    },
    /// Make one that holds from now on
    On(On),
    /// Lift one that was turned on
    Lift {
        /// The freeze
        id: FreezeId,
    },
    /// Make one of the calendar: once, or every week
    Create {
        /// Its terms, a file of JSON or TOML; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Delete one; what waited for its end begins
    Delete {
        /// The freeze
        id: FreezeId,
    },
    /// Show when one holds in the weeks to come, and what changes of the clocks do to it
    Occurrences {
        /// The freeze
        id: FreezeId,
    },
}

/// `freeze on`.
#[derive(Args, Debug)]
#[command(after_help = "Without --deployment, --importance and --use-case it holds every deployment.\n\
                        A freeze of the calendar is made with `freeze create --file FILE`.")]
pub(in crate::cli) struct On {
    /// The name that people read
    name: String,
    /// The reason, in a sentence
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// The end of it, as 2026-12-06T22:00:00Z, or 2026-12-06T22:00 in this machine's zone [default: until it is lifted]
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only this deployment, by name or id; may be repeated
    #[arg(long, value_name = "NAME", conflicts_with = "importance")]
    deployment: Vec<DeploymentId>,
    /// Only deployments of this importance: critical, high, moderate or low; may be repeated
    #[arg(long, value_name = "WORD", value_parser = text::from_word::<Importance>)]
    importance: Vec<Importance>,
    /// Only deployments that are linked to this use case, by name or id; may be repeated
    #[arg(long, value_name = "NAME", conflicts_with_all = ["importance", "deployment"])]
    use_case: Vec<String>,
}

impl Freeze {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::List => {
                let answer = context.client.get(&["freezes"], &[]).await?;
                context.answer(&answer, |io, page: Page<FreezeView>| list(io, &page))
            }
            Self::Show { id } => {
                let answer = context.client.get(&["freezes", id.as_str()], &[]).await?;
                context.answer(&answer, |io, view: FreezeView| show(io, &view))
            }
            Self::On(on) => on.run(context).await,
            Self::Lift { id } => {
                let answer = context.client.post(&["freezes", id.as_str(), "lift"], &serde_json::json!({})).await?;
                context.answer(&answer, |io, view: FreezeView| said(io, "Lifted", &view))
            }
            Self::Create { file } => {
                let answer = context.client.post(&["freezes"], &file::terms(&file, "freeze")?).await?;
                context.answer(&answer, |io, view: FreezeView| said(io, "Made", &view))
            }
            Self::Delete { id } => {
                let answer = context.client.delete(&["freezes", id.as_str()]).await?;
                context.answer(&answer, |io, view: FreezeView| {
                    let freeze = &view.freeze;
                    io.line(format!("Deleted freeze {} ({}).", freeze.id, text::printable(&freeze.terms.name)))
                })
            }
            Self::Occurrences { id } => {
                let answer = context.client.get(&["freezes", id.as_str(), "occurrences"], &[]).await?;
                context.answer(&answer, |io, view: OccurrencesView| occurrences(io, &view))
            }
        }
    }
}

impl On {
    async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let until = self.until.as_deref().map(|text| instant(context, "--until", text)).transpose()?;
        let scope = match (&self.deployment[..], &self.importance[..], &self.use_case[..]) {
            ([], [], []) => FreezeScope::All,
            ([], [], named) => FreezeScope::UseCases(use_cases::find_all(context, named).await?),
            ([], levels, _) => FreezeScope::Importance(levels.iter().copied().collect()),
            (named, ..) => FreezeScope::Deployments(ids(context, named).await?),
        };
        let when = FreezeTimes::Switch { until };
        let terms = FreezeTerms { name: self.name, reason: self.reason, scope, when };
        let answer = context.client.post(&["freezes"], &terms).await?;
        context.answer(&answer, |io, view: FreezeView| said(io, "Made", &view))
    }
}

/// The ids of deployments: a freeze is for the deployment that has the name now, not for a later one.
async fn ids(context: &Context, named: &[DeploymentId]) -> Result<BTreeSet<DeploymentId>, CliError> {
    let mut ids = BTreeSet::new();
    for name in named {
        let view: DeploymentView = context.client.get(&["deployments", name.as_str()], &[]).await?.read()?;
        ids.insert(view.id);
    }
    Ok(ids)
}

/// The instant that somebody at this machine means by what they typed behind `flag`.
pub(super) fn instant(context: &Context, flag: &str, typed: &str) -> Result<Timestamp, CliError> {
    let local = || {
        let time = typed.parse::<jiff::civil::DateTime>()?;
        context.io.zone.to_ambiguous_timestamp(time).unambiguous()
    };
    let read = typed.parse::<Timestamp>().or_else(|_| local());
    read.map_err(|error| CliError::Usage(format!("{flag}: {typed} is no single moment ({error})")))
}

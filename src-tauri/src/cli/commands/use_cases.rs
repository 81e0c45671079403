//! `changeover use-cases`: which deployments belong together.

use std::collections::BTreeSet;
use std::io;

use clap::Subcommand;
use domain::id::{DeploymentId, UseCaseId};
use domain::use_case::UseCaseTerms;
use domain::wire::{DeploymentView, Page, UseCaseChange, UseCaseView};

use crate::cli::args::Paging;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::show::more;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, printable};

/// Commands on use cases.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum UseCases {
    /// List those that you made, or of which you may open a deployment
    List,
    /// Show one, with its deployments that you may open
    Show {
        /// The use case, by name or id
        use_case: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Make one
    Create {
        /// Its name
        name: String,
        /// Its purpose
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        description: String,
    },
    /// Give one another name
    Rename {
        /// The use case, by name or id
        use_case: String,
        /// Its name from now on
        name: String,
    },
    /// Say what one is for
    Describe {
        /// The use case, by name or id
        use_case: String,
        /// Its purpose from now on
        description: String,
    },
    /// Delete one that no policy and no freeze names; its deployments stay
    Delete {
        /// The use case, by name or id
        use_case: String,
    },
    /// Link a deployment to one
    Link {
        /// The use case, by name or id
        use_case: String,
        /// The deployment, by name or id
        deployment: DeploymentId,
    },
    /// Take a deployment out of one
    Unlink {
        /// The use case, by name or id
        use_case: String,
        /// The deployment, by name or id
        deployment: DeploymentId,
    },
}

impl UseCases {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::List => {
                let answer = context.client.get(&["use-cases"], &[]).await?;
                context.answer(&answer, |io, page: Page<UseCaseView>| list(io, &page))
            }
            Self::Show { use_case, paging } => show(context, &use_case, &paging).await,
            Self::Create { name, description } => {
                let answer = context.client.post(&["use-cases"], &UseCaseTerms { name, description }).await?;
                context.answer(&answer, |io, view: UseCaseView| {
                    io.line(format!("Made use case {} ({}).", view.id, printable(&view.name)))
                })
            }
            Self::Rename { use_case, name } => {
                changed(context, &use_case, &UseCaseChange { name: Some(name), description: None }).await
            }
            Self::Describe { use_case, description } => {
                changed(context, &use_case, &UseCaseChange { name: None, description: Some(description) }).await
            }
            Self::Delete { use_case } => {
                let id = find(context, &use_case).await?;
                let answer = context.client.delete(&["use-cases", id.as_str()]).await?;
                context.answer(&answer, |io, view: UseCaseView| {
                    io.line(format!("Deleted use case {} ({}). Its deployments stay.", view.id, printable(&view.name)))
                })
            }
            Self::Link { use_case, deployment } => {
                let id = find(context, &use_case).await?;
                let path = ["use-cases", id.as_str(), "deployments", deployment.as_str()];
                let answer = context.client.put(&path, &serde_json::json!({})).await?;
                context.answer(&answer, belongs)
            }
            Self::Unlink { use_case, deployment } => {
                let id = find(context, &use_case).await?;
                let path = ["use-cases", id.as_str(), "deployments", deployment.as_str()];
                let answer = context.client.delete(&path).await?;
                context.answer(&answer, belongs)
            }
        }
    }
}

/// The id of the use case that `typed` means: an id, or the name of exactly one.
///
/// # Errors
/// None that the caller sees has the name, or several have; those of the server.
pub(super) async fn find(context: &Context, typed: &str) -> Result<UseCaseId, CliError> {
    let page: Page<UseCaseView> = context.client.get(&["use-cases"], &[]).await?.read()?;
    if let Some(view) = page.items.iter().find(|view| view.id.as_str() == typed) {
        return Ok(view.id.clone());
    }
    let found: Vec<&UseCaseView> = page.items.iter().filter(|view| view.name == typed).collect();
    match found[..] {
        [one] => Ok(one.id.clone()),
        [] => Err(CliError::Failed(format!(
            "no use case is called \"{typed}\"; `changeover use-cases list` lists those that you see"
        ))),
        _ => {
            let ids: Vec<&str> = found.iter().map(|view| view.id.as_str()).collect();
            Err(CliError::Failed(format!("\"{typed}\" may be {}; name the id", ids.join(" or "))))
        }
    }
}

/// The ids of several.
///
/// # Errors
/// As [`find`].
pub(super) async fn find_all(context: &Context, typed: &[String]) -> Result<BTreeSet<UseCaseId>, CliError> {
    let mut ids = BTreeSet::new();
    for one in typed {
        ids.insert(find(context, one).await?);
    }
    Ok(ids)
}

async fn changed(context: &mut Context, use_case: &str, change: &UseCaseChange) -> Result<(), CliError> {
    let id = find(context, use_case).await?;
    let answer = context.client.patch(&["use-cases", id.as_str()], change).await?;
    context.answer(&answer, |io, view: UseCaseView| {
        let about = if view.description.is_empty() { String::new() } else { format!(": {}", view.description) };
        io.line(printable(&format!("Use case {} is called {} now{about}", view.id, view.name)))
    })
}

async fn show(context: &mut Context, use_case: &str, paging: &Paging) -> Result<(), CliError> {
    let id = find(context, use_case).await?;
    let answer = context.client.get(&["use-cases", id.as_str()], &[]).await?;
    if context.json {
        return context.answer(&answer, |_, _: UseCaseView| Ok(()));
    }
    let view: UseCaseView = answer.read()?;
    let names = Names::to_show(context).await;
    let linked = context.client.get(&["use-cases", id.as_str(), "deployments"], &paging.query()).await?;
    context.answer(&linked, |io, page: Page<DeploymentView>| {
        io.line(io.strong(&printable(&view.name)))?;
        let mut facts = Facts::new();
        facts.add("id", view.id.as_str()).add("created by", names.of(&view.made_by));
        if !view.description.is_empty() {
            facts.add("description", printable(&view.description));
        }
        let policies: Vec<_> = view.policies.iter().map(|policy| policy.name.as_str()).collect();
        let freezes: Vec<_> = view.freezes.iter().map(|freeze| freeze.name.as_str()).collect();
        for (fact, named) in [("policies", policies), ("freezes", freezes)] {
            if !named.is_empty() {
                facts.add(fact, printable(&named.join(", ")));
            }
        }
        facts.show(io)?;
        io.line("")?;
        deployments(io, &page)
    })
}

fn deployments(io: &mut Io, page: &Page<DeploymentView>) -> io::Result<()> {
    if page.items.is_empty() {
        return io.line("No deployment that you may open is linked to it.");
    }
    let mut table = Table::new(["NAME", "STATUS", "READY", "MODELS"]);
    for view in &page.items {
        table.row([
            view.name.to_string(),
            io.state(view.status.as_str()),
            format!("{}/{}", view.replicas.ready, view.replicas.desired),
            text::list(&view.models),
        ]);
    }
    table.show(io, 0)?;
    more(io, page.next_cursor.as_deref())
}

fn list(io: &mut Io, page: &Page<UseCaseView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "DEPLOYMENTS", "POLICIES", "FREEZES"]);
    for view in &page.items {
        table.row([
            view.id.to_string(),
            printable(&view.name).into_owned(),
            view.deployments.to_string(),
            view.policies.len().to_string(),
            view.freezes.len().to_string(),
        ]);
    }
    if table.is_empty() {
        return io.line("No use case that you see. `changeover use-cases create NAME` makes one.");
    }
    table.show(io, 0)
}

/// The use cases of a deployment from now on.
fn belongs(io: &mut Io, view: DeploymentView) -> io::Result<()> {
    let names: Vec<_> = view.use_cases.iter().map(|use_case| use_case.name.as_str()).collect();
    match names[..] {
        [] => io.line(format!("{} belongs to no use case now.", view.name)),
        _ => io.line(printable(&format!("{} belongs to: {}.", view.name, names.join(", ")))),
    }
}

//! `changeover configuration`: create, list, show.

use std::io;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::id::{ConfigurationId, DeploymentId};
use domain::wire::{ConfigurationView, Page};
use serde_json::{Map, Value, json};

use crate::cli::args::Paging;
use crate::cli::client::ServerAnswer;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::file::{self, FileContent};
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::set::{self, Setting};
use crate::cli::show::more;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, printable};

/// Commands on configurations.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Configuration {
    /// Create one, from a file or as a changed copy; nothing is rolled out. Without a deployment, any may be given it
    Create(Create),
    /// List those of a deployment, or those that were made without one, newest first
    List {
        /// The deployment, by name or id
        deployment: Option<DeploymentId>,
        #[command(flatten)]
        paging: Paging,
        /// Only those whose name holds this
        #[arg(long, short, value_name = "TEXT")]
        query: Option<String>,
    },
    /// Show one, with every default written out
    Show {
        /// The configuration
        id: ConfigurationId,
        /// Its deployment, if it must be one of that
        #[arg(long, value_name = "NAME")]
        deployment: Option<DeploymentId>,
    },
}

/// `configuration create`.
#[derive(Args, Debug)]
#[command(after_help = "The file may also be what `configuration show` printed with --json.")]
pub(in crate::cli) struct Create {
    /// The deployment, by name or id
    deployment: Option<DeploymentId>,
    /// A file of JSON or TOML; - is standard input
    #[arg(long, value_name = "FILE", required_unless_present = "from", conflicts_with = "from")]
    file: Option<PathBuf>,
    /// The configuration to copy
    #[arg(long, value_name = "ID", requires_all = ["set", "deployment"])]
    from: Option<ConfigurationId>,
    /// A setting of the copy, as replicas=3; may be repeated
    #[arg(long, value_name = "KEY=VALUE", requires = "from")]
    set: Vec<Setting>,
}

impl Configuration {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::Create(create) => create.run(context).await,
            Self::List { deployment, paging, query } => {
                let mut pairs = paging.query();
                pairs.extend(query.map(|text| ("q", text)));
                let answer = context.client.get(&collection(deployment.as_ref()), &pairs).await?;
                context.answer(&answer, list)
            }
            Self::Show { id, deployment } => {
                let path = [&collection(deployment.as_ref())[..], &[id.as_str()]].concat();
                let answer = context.client.get(&path, &[]).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, view: ConfigurationView| show(io, &names, view))
            }
        }
    }
}

impl Create {
    async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let body = match (self.file, self.from) {
            (Some(file), _) => Value::Object(from_file(context, file::read(&file)?).await?.1),
            (None, from) => json!({"from": from, "set": set::merge(&self.set).map_err(CliError::Usage)?}),
        };
        let answer = context.client.post(&collection(self.deployment.as_ref()), &body).await?;
        context.answer(&answer, |io, view: ConfigurationView| {
            io.line(format!("Created configuration {} ({}).", view.id, printable(&view.configuration.name)))?;
            match self.deployment {
                Some(_) => Ok(()),
                None => io.line(io.faint(&format!("`changeover deploy NAME --configuration {}` deploys it.", view.id))),
            }
        })
    }
}

/// The path of a deployment's configurations, or of those without one.
fn collection(deployment: Option<&DeploymentId>) -> Vec<&str> {
    match deployment {
        Some(deployment) => vec!["deployments", deployment.as_str(), "configurations"],
        None => vec!["configurations"],
    }
}

/// A file's configuration, read from the server where the file only names it, and the fields around it.
pub(super) async fn from_file(
    context: &mut Context,
    content: FileContent,
) -> Result<(Map<String, Value>, Map<String, Value>), CliError> {
    Ok(match content {
        FileContent::Configuration(configuration) => (Map::new(), configuration),
        FileContent::Within { around, configuration } => (around, configuration),
        FileContent::Named { around, deployment, configuration } => {
            let view: ConfigurationView = read(context, &deployment, &configuration).await?.read()?;
            match view.configuration.to_value() {
                Value::Object(fields) => (around, fields),
                _ => (around, Map::new()),
            }
        }
    })
}

async fn read(context: &Context, deployment: &str, id: &str) -> Result<ServerAnswer, CliError> {
    context.client.get(&["deployments", deployment, "configurations", id], &[]).await
}

fn list(io: &mut Io, page: Page<ConfigurationView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "REPLICAS", "REVISIONS", "CREATED"]);
    for view in &page.items {
        let used = if view.in_use { " (in use)" } else { "" };
        let models = text::list(&view.configuration.models);
        let name = &view.configuration.name;
        let named = if *name == models { models } else { format!("{name} ({models})") };
        table.row([
            view.id.to_string(),
            text::short(&printable(&named), 24),
            view.configuration.scale_words(),
            format!("{}{used}", text::list(&view.revisions)),
            text::minute(view.created_at, &io.zone),
        ]);
    }
    if table.is_empty() {
        return io.line("No configurations.");
    }
    table.show(io, 0)?;
    more(io, page.next_cursor.as_deref())
}

fn show(io: &mut Io, names: &Names, view: ConfigurationView) -> io::Result<()> {
    io.line(io.strong(&printable(&view.configuration.name)))?;
    let used = if view.in_use { ", in use" } else { "" };
    let mut facts = Facts::new();
    facts
        .add("id", view.id.as_str())
        .add("revisions", format!("{}{used}", text::list(&view.revisions)))
        .add("created", format!("{} by {}", text::time(view.created_at, &io.zone), names.of_actor(&view.created_by)))
        .add("replicas", replicas(&view.configuration));
    if let Some(python) = &view.configuration.environment.python {
        facts.add("environment", format!("Python with {}", printable(&text::list(&python.requirements))));
    }
    facts.show(io)?;
    io.line("")?;
    let settings = serde_json::to_string_pretty(&view.configuration.to_value()).unwrap_or_default();
    io.line(printable(&settings))
}

/// The number of replicas, or the range of the autoscaler.
fn replicas(configuration: &domain::configuration::Configuration) -> String {
    let words = configuration.scale_words();
    match &configuration.autoscaling {
        None => words,
        Some(automatic) => format!(
            "{words} by requests: each busy {} %, more after {} s, fewer after {} s",
            automatic.target_percent, automatic.up_delay_seconds, automatic.down_delay_seconds
        ),
    }
}

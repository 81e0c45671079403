//! `changeover webhooks` and `changeover mail`: how people and programs elsewhere are told.

use std::io;
use std::path::PathBuf;

use clap::Subcommand;
use domain::id::{DeliveryId, WebhookId};
use domain::wire::{DeliveryView, MailView, Page, TryAnswer, WebhookSecret, WebhookView};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::file;
use crate::cli::io::Io;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, minute, printable};

/// Commands on webhooks.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Webhooks {
    /// List them
    List,
    /// Make one; its secret is shown once
    Create {
        /// Its terms, a file of JSON or TOML; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Change one
    Change {
        /// The webhook
        id: WebhookId,
        /// All of its terms, a file of JSON or TOML; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Give one another secret, which is shown once; the one before signs too for a day
    Rotate {
        /// The webhook
        id: WebhookId,
    },
    /// Send a message to one now, and say what came of it
    Test {
        /// The webhook
        id: WebhookId,
    },
    /// Delete one, with the messages that wait for it
    Delete {
        /// The webhook
        id: WebhookId,
    },
    /// List messages to webhooks and to the mail server, newest first
    Deliveries {
        /// Only those to this webhook
        #[arg(long, value_name = "WEBHOOK")]
        webhook: Option<WebhookId>,
        /// Only those in this state: waiting, delivered, refused or given_up
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
    },
    /// Send a message again, with the same id
    Again {
        /// The message
        id: DeliveryId,
    },
}

/// Commands on mail.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Mail {
    /// Show how mail is sent
    Show,
    /// Send a mail now, and say what the mail server answered
    Test {
        /// The address that it is sent to
        to: String,
    },
}

impl Webhooks {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::List => {
                let answer = context.client.get(&["webhooks"], &[]).await?;
                context.answer(&answer, |io, page: Page<WebhookView>| list(io, &page))
            }
            Self::Create { file } => {
                let answer = context.client.post(&["webhooks"], &file::terms(&file, "webhook")?).await?;
                context.answer(&answer, |io, made: WebhookSecret| secret(io, "Made", &made))
            }
            Self::Change { id, file } => {
                let answer = context.client.put(&["webhooks", id.as_str()], &file::terms(&file, "webhook")?).await?;
                context.answer(&answer, |io, view: WebhookView| said(io, "Changed", &view))
            }
            Self::Rotate { id } => {
                let answer = context.client.post(&["webhooks", id.as_str(), "rotate"], &json!({})).await?;
                context.answer(&answer, |io, made: WebhookSecret| secret(io, "Gave another secret to", &made))
            }
            Self::Test { id } => {
                let answer = context.client.post(&["webhooks", id.as_str(), "test"], &json!({})).await?;
                tried(context, &answer)
            }
            Self::Delete { id } => {
                let answer = context.client.delete(&["webhooks", id.as_str()]).await?;
                context.answer(&answer, |io, view: WebhookView| said(io, "Deleted", &view))
            }
            Self::Deliveries { webhook, state } => {
                let webhook = webhook.map(|id| ("webhook", id.to_string()));
                let state = state.map(|state| ("state", state));
                let query: Vec<_> = webhook.into_iter().chain(state).collect();
                let answer = context.client.get(&["deliveries"], &query).await?;
                context.answer(&answer, |io, page: Page<DeliveryView>| deliveries(io, &page))
            }
            Self::Again { id } => {
                let answer = context.client.post(&["deliveries", id.as_str(), "again"], &json!({})).await?;
                context.answer(&answer, |io, view: DeliveryView| {
                    io.line(format!("Sends message {} to {} again.", view.id, printable(&view.to)))
                })
            }
        }
    }
}

impl Mail {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::Show => {
                let answer = context.client.get(&["mail"], &[]).await?;
                context.answer(&answer, |io, view: MailView| mail(io, &view))
            }
            Self::Test { to } => {
                let answer = context.client.post(&["mail", "test"], &json!({ "to": to })).await?;
                tried(context, &answer)
            }
        }
    }
}

/// Says what came of a message that was sent to try something; it fails where that was not accepted.
fn tried(context: &mut Context, answer: &crate::cli::client::ServerAnswer) -> Result<(), CliError> {
    let tried: TryAnswer = answer.read()?;
    if !tried.accepted {
        return Err(CliError::Failed(format!("Not accepted: {}", printable(&tried.answer))));
    }
    context.answer(answer, |io, tried: TryAnswer| io.line(format!("Accepted: {}", printable(&tried.answer))))
}

fn list(io: &mut Io, page: &Page<WebhookView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "URL", "STATE", "WAITING", "LAST"]);
    for view in &page.items {
        table.row([
            view.id.to_string(),
            printable(&view.terms.name).into_owned(),
            printable(&view.terms.url).into_owned(),
            if view.terms.active { "active" } else { "off" }.to_owned(),
            view.waiting.to_string(),
            view.last.as_ref().map_or_else(|| "-".to_owned(), |last| last.state.to_string()),
        ]);
    }
    if table.is_empty() { io.line("No webhooks.") } else { table.show(io, 0) }
}

fn said(io: &mut Io, done: &str, view: &WebhookView) -> io::Result<()> {
    io.line(format!("{done} webhook {} ({}).", view.id, printable(&view.terms.name)))
}

fn secret(io: &mut Io, done: &str, made: &WebhookSecret) -> io::Result<()> {
    said(io, done, &made.webhook)?;
    match &made.secret {
        Some(secret) => io.line(format!("Its secret, which is not shown again: {}", secret.reveal())),
        None => io.line("Its secret was shown when it was made."),
    }
}

fn deliveries(io: &mut Io, page: &Page<DeliveryView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "MADE", "TO", "SUBJECT", "STATE", "ATTEMPTS", "ANSWER"]);
    for view in &page.items {
        table.row([
            view.id.to_string(),
            minute(view.made_at, &io.zone),
            format!("{} ({})", printable(&view.to), view.channel),
            printable(&view.subject).into_owned(),
            view.state.to_string(),
            view.attempts.to_string(),
            view.answer.as_deref().map_or_else(|| "-".to_owned(), |answer| printable(answer).into_owned()),
        ]);
    }
    if table.is_empty() { io.line("No messages.") } else { table.show(io, 0) }
}

fn mail(io: &mut Io, view: &MailView) -> io::Result<()> {
    let Some(server) = &view.server else {
        return io.line("No mail is sent: changeover.toml has no table [mail].");
    };
    let mut facts = Facts::new();
    facts.add("server", server.as_str()).add("from", printable(view.from.as_deref().unwrap_or_default()));
    facts.add("waiting", text::count(view.waiting, "mail"));
    if let Some(trouble) = &view.trouble {
        facts.add("trouble", printable(trouble));
    }
    facts.show(io)
}

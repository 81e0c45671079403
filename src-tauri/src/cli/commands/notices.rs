//! `changeover notices`: what you are told of.

use clap::{Args, Subcommand};
use domain::notice::{NoticePreferences, Topic};
use domain::wire::NoticesView;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text::{self, minute, printable};

/// `notices`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Notices {
    /// Only those that you have not read
    #[arg(long)]
    unread: bool,
    /// Most notices, 1 to 200
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Mark all as read
    Read,
    /// Show what you are not told of, or change it
    Preferences(Preferences),
}

/// `notices preferences`.
#[derive(Args, Debug)]
struct Preferences {
    /// Send no e-mail of this topic any more; may be repeated
    #[arg(long, value_name = "TOPIC", value_parser = text::from_word::<Topic>)]
    no_email: Vec<Topic>,
    /// Send e-mail of this topic again; may be repeated
    #[arg(long, value_name = "TOPIC", value_parser = text::from_word::<Topic>)]
    email: Vec<Topic>,
    /// Show nothing of this topic in the application any more; may be repeated
    #[arg(long, value_name = "TOPIC", value_parser = text::from_word::<Topic>)]
    no_application: Vec<Topic>,
    /// Show this topic in the application again; may be repeated
    #[arg(long, value_name = "TOPIC", value_parser = text::from_word::<Topic>)]
    application: Vec<Topic>,
}

impl Notices {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self.what {
            None => {
                let query = [("limit", self.limit.to_string()), ("unread", self.unread.to_string())];
                let answer = context.client.get(&["notices"], &query).await?;
                context.answer(&answer, |io, view: NoticesView| list(io, &view))
            }
            Some(What::Read) => {
                let newest: NoticesView =
                    context.client.get(&["notices"], &[("limit", "1".to_owned())]).await?.read()?;
                let up_to = newest.items.first().map_or(0, |notice| notice.id);
                let answer = context.client.post(&["notices", "read"], &json!({ "up_to": up_to })).await?;
                context.answer(&answer, |io, _: NoticesView| {
                    io.line(format!("Marked {} as read.", text::count(newest.unread, "notice")))
                })
            }
            Some(What::Preferences(preferences)) => preferences.run(context).await,
        }
    }
}

impl Preferences {
    async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let path = ["notices", "preferences"];
        let answer = context.client.get(&path, &[]).await?;
        let before: NoticePreferences = answer.read()?;
        let mut after = before.clone();
        after.no_email.extend(self.no_email);
        after.no_email.retain(|topic| !self.email.contains(topic));
        after.no_application.extend(self.no_application);
        after.no_application.retain(|topic| !self.application.contains(topic));
        let answer = if after == before { answer } else { context.client.put(&path, &after).await? };
        context.answer(&answer, |io, choices: NoticePreferences| {
            for (off, channel) in [(&choices.no_email, "e-mail"), (&choices.no_application, "the application")] {
                let words: Vec<_> = off.iter().map(Topic::to_string).collect();
                io.line(match words.is_empty() {
                    true => format!("You are told of everything in {channel}."),
                    false => format!("Not told in {channel}: {}.", words.join(", ")),
                })?;
            }
            Ok(())
        })
    }
}

fn list(io: &mut crate::cli::io::Io, view: &NoticesView) -> std::io::Result<()> {
    for notice in &view.items {
        let mark = if notice.read { " " } else { "*" };
        let said = &notice.said;
        io.line(io.strong(&format!("{mark} {}  {}", minute(notice.at, &io.zone), printable(&said.subject))))?;
        for line in said.happened.lines().filter(|line| !line.is_empty()) {
            io.line(format!("  {}", printable(line)))?;
        }
        for (word, text) in [("Why", &said.why), ("What to do", &said.next)] {
            if let Some(text) = text {
                io.line(format!("  {word}: {}", printable(text)))?;
            }
        }
    }
    match (view.items.is_empty(), view.unread) {
        (true, _) => io.line("No notices."),
        (false, 0) => Ok(()),
        (false, unread) => {
            io.note(format!("{} not read: `changeover notices read` marks all.", text::count(unread, "notice")))
        }
    }
}

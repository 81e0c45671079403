//! `changeover people`: who is let in, invitations, roles.

use std::io;

use clap::{Args, Subcommand};
use domain::wire::{InvitationForm, InvitationView, Page, PersonChange, PersonView, ServerRole};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::client::ServerAnswer;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names;
use crate::cli::table::Table;
use crate::cli::text::{self, printable};

/// `people`.
#[derive(Args, Debug)]
pub(in crate::cli) struct People {
    #[command(subcommand)]
    what: Option<What>,
}

/// Commands on people; without one they are listed.
#[derive(Debug, Subcommand)]
enum What {
    /// Make a link by which somebody joins: once, within 72 hours
    Invite(Invite),
    /// Invitations that wait to be accepted
    Invitations,
    /// Take an invitation back
    Withdraw {
        /// The id of the invitation
        id: String,
    },
    /// Give somebody another role on the server
    Role {
        /// The person, by name or id
        person: String,
        /// viewer, editor or admin
        #[arg(value_parser = text::from_word::<ServerRole>)]
        role: ServerRole,
    },
    /// Let somebody in no more; their sessions and API tokens end
    Disable {
        /// The person, by name or id
        person: String,
    },
    /// Let somebody in again
    Enable {
        /// The person, by name or id
        person: String,
    },
    /// Erase name, address and password of somebody who is disabled, for good
    Erase {
        /// The person, by id
        person: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// `people invite`.
#[derive(Args, Debug)]
struct Invite {
    /// Their name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Their e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// viewer, editor or admin [default: viewer]
    #[arg(long, value_name = "ROLE", value_parser = text::from_word::<ServerRole>)]
    role: Option<ServerRole>,
    /// A group that they will belong to, by name or id; may be repeated
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
    /// Your own name, with the first invitation
    #[arg(long, value_name = "NAME")]
    own_name: Option<String>,
    /// Your own e-mail address, with the first invitation
    #[arg(long, value_name = "ADDRESS")]
    own_email: Option<String>,
}

impl People {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self.what {
            None => {
                let answer = context.client.get(&["people"], &[]).await?;
                context.answer(&answer, list)
            }
            Some(What::Invite(invite)) => invite.run(context).await,
            Some(What::Invitations) => {
                let answer = context.client.get(&["invitations"], &[]).await?;
                context.answer(&answer, invitations)
            }
            Some(What::Withdraw { id }) => {
                let answer = context.client.delete(&["invitations", &id]).await?;
                said(context, &answer, &format!("The invitation {} is taken back.", printable(&id)))
            }
            Some(What::Role { person, role }) => {
                let id = names::find(context, &person).await?;
                let change = PersonChange { role: Some(role), ..PersonChange::default() };
                let answer = context.client.patch(&["people", id.as_str()], &change).await?;
                context.answer(&answer, |io, view: PersonView| {
                    io.line(format!("{} is {} now.", printable(&view.name), view.role))
                })
            }
            Some(What::Disable { person }) => act(context, &person, "disable", "is let in no more").await,
            Some(What::Enable { person }) => act(context, &person, "enable", "is let in again").await,
            Some(What::Erase { person, yes }) => {
                if !yes {
                    if !context.io.can_ask {
                        let usage = format!("nobody can be asked here; say `changeover people erase {person} --yes`");
                        return Err(CliError::Usage(usage));
                    }
                    let question = format!("Name and address will be gone for good. Type {person} to erase them:");
                    if context.io.ask(&question)? != person {
                        return Err(CliError::Declined);
                    }
                }
                act(context, &person, "erase", "is what they are called from now on").await
            }
        }
    }
}

impl Invite {
    async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let mut groups = std::collections::BTreeSet::new();
        for group in &self.group {
            groups.insert(names::find(context, group).await?);
        }
        let form = InvitationForm {
            name: self.name,
            email: self.email,
            role: self.role.unwrap_or_default(),
            groups,
            own_name: self.own_name,
            own_email: self.own_email,
        };
        let answer = context.client.post(&["invitations"], &form).await?;
        // Alone on its line, so that a script can take it.
        context.answer(&answer, |io, view: InvitationView| match view.link {
            Some(link) => io.line(printable(link.reveal())),
            None => io.line("The link was shown when the invitation was made."),
        })
    }
}

/// Shows an answer without content: `sentence`, or with `--json` nothing.
pub(super) fn said(context: &mut Context, answer: &ServerAnswer, sentence: &str) -> Result<(), CliError> {
    if context.json { Ok(context.io.raw(&answer.body)?) } else { Ok(context.io.line(sentence)?) }
}

async fn act(context: &mut Context, person: &str, deed: &str, done: &str) -> Result<(), CliError> {
    let id = names::find(context, person).await?;
    let answer = context.client.post(&["people", id.as_str(), deed], &json!({})).await?;
    context.answer(&answer, |io, view: PersonView| io.line(format!("{} {done}.", printable(&view.name))))
}

fn list(io: &mut Io, page: Page<PersonView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "E-MAIL", "ROLE", "LAST SEEN"]);
    for person in &page.items {
        let role = if person.disabled { format!("{} (disabled)", person.role) } else { person.role.to_string() };
        let seen = person.last_seen.map(|at| text::minute(at, &TimeZone::system()));
        table.row([
            person.id.to_string(),
            printable(&person.name).into_owned(),
            person.email.as_deref().map_or("-".into(), printable).into_owned(),
            role,
            seen.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    table.show(io, 0)
}

fn invitations(io: &mut Io, page: Page<InvitationView>) -> io::Result<()> {
    if page.items.is_empty() {
        return io.line("No invitation waits to be accepted.");
    }
    let mut table = Table::new(["ID", "NAME", "E-MAIL", "ROLE", "UNTIL"]);
    for invitation in &page.items {
        let shown = |text: &Option<String>| text.as_deref().map_or("-".into(), printable).into_owned();
        table.row([
            invitation.id.to_string(),
            shown(&invitation.name),
            shown(&invitation.email),
            invitation.role.to_string(),
            text::minute(invitation.expires_at, &TimeZone::system()),
        ]);
    }
    table.show(io, 0)
}

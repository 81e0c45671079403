//! `changeover groups`: people and services that are named together.

use std::collections::BTreeSet;
use std::io;

use clap::{Args, Subcommand};
use domain::principal::{PrincipalId, PrincipalKind};
use domain::wire::{GroupChange, GroupForm, GroupView, Page};

use super::people::said;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::{self, Names};
use crate::cli::table::Table;
use crate::cli::text::printable;

/// `groups`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Groups {
    #[command(subcommand)]
    what: Option<What>,
}

/// Commands on groups; without one they are listed.
#[derive(Debug, Subcommand)]
enum What {
    /// Make a group
    Create {
        /// Its name
        name: String,
        /// A person or a service, by name or id; may be repeated
        #[arg(long, value_name = "NAME")]
        member: Vec<String>,
        /// Its members may use break-glass where they may change a deployment
        #[arg(long)]
        breaks_glass: bool,
        /// The group at the identity provider that says who belongs to it
        #[arg(long, value_name = "NAME", conflicts_with = "member")]
        provider_group: Option<String>,
    },
    /// Have a group at the identity provider say who belongs to a group, or nobody but you
    Feed {
        /// The group, by name or id
        group: String,
        /// The group at the identity provider; without it, its members stay as they are and are yours to change
        provider_group: Option<String>,
    },
    /// Say whether the members of a group may use break-glass where they may change a deployment
    BreakGlass {
        /// The group, by name or id
        group: String,
        /// They may, or not
        #[arg(action = clap::ArgAction::Set, value_parser = clap::value_parser!(bool), value_name = "true|false")]
        allowed: bool,
    },
    /// Give a group another name
    Rename {
        /// The group, by name or id
        group: String,
        /// Its name from now on
        name: String,
    },
    /// Show who belongs to a group, or change that
    Members {
        /// The group, by name or id
        group: String,
        /// A person or a service that belongs to it from now on, by name or id; may be repeated
        #[arg(long, value_name = "NAME")]
        add: Vec<String>,
        /// One that does not any more; may be repeated
        #[arg(long, value_name = "NAME")]
        remove: Vec<String>,
    },
    /// Delete a group that no policy names, with the roles that it was given
    Delete {
        /// The group, by name or id
        group: String,
    },
}

impl Groups {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self.what {
            None => {
                let answer = context.client.get(&["groups"], &[]).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, page| list(io, &names, &page))
            }
            Some(What::Create { name, member, breaks_glass, provider_group }) => {
                let form = GroupForm { name, members: ids(context, &member).await?, breaks_glass, provider_group };
                let answer = context.client.post(&["groups"], &form).await?;
                context.answer(&answer, |io, view: GroupView| {
                    io.line(format!("Made group {} ({}).", view.id, printable(&view.name)))
                })
            }
            Some(What::BreakGlass { group, allowed }) => {
                let id = names::find_one(context, PrincipalKind::Group, &group).await?;
                let change = GroupChange { breaks_glass: Some(allowed), ..GroupChange::default() };
                let answer = context.client.patch(&["groups", id.as_str()], &change).await?;
                context.answer(&answer, |io, view: GroupView| {
                    let may = if view.breaks_glass { "may" } else { "may not" };
                    io.line(format!("Members of group {} {may} use break-glass.", printable(&view.name)))
                })
            }
            Some(What::Feed { group, provider_group }) => {
                let id = names::find_one(context, PrincipalKind::Group, &group).await?;
                let provider_group = Some(provider_group.unwrap_or_default());
                let change = GroupChange { provider_group, ..GroupChange::default() };
                let answer = context.client.patch(&["groups", id.as_str()], &change).await?;
                context.answer(&answer, |io, view: GroupView| {
                    let name = printable(&view.name);
                    io.line(match &view.provider_group {
                        Some(fed) => {
                            format!("{name} has the members of {} from their next sign-ins on.", printable(fed))
                        }
                        None => format!("Administrators say from now on who belongs to {name}."),
                    })
                })
            }
            Some(What::Rename { group, name }) => {
                let id = names::find_one(context, PrincipalKind::Group, &group).await?;
                let change = GroupChange { name: Some(name), ..GroupChange::default() };
                let answer = context.client.patch(&["groups", id.as_str()], &change).await?;
                context.answer(&answer, |io, view: GroupView| {
                    io.line(format!("Group {} is called {} now.", view.id, printable(&view.name)))
                })
            }
            Some(What::Members { group, add, remove }) => members(context, &group, &add, &remove).await,
            Some(What::Delete { group }) => {
                let id = names::find_one(context, PrincipalKind::Group, &group).await?;
                let answer = context.client.delete(&["groups", id.as_str()]).await?;
                said(context, &answer, &format!("Deleted group {id}, and took back the roles that it was given."))
            }
        }
    }
}

async fn members(context: &mut Context, group: &str, add: &[String], remove: &[String]) -> Result<(), CliError> {
    let id = names::find_one(context, PrincipalKind::Group, group).await?;
    let page: Page<GroupView> = context.client.get(&["groups"], &[]).await?.read()?;
    let Some(found) = page.items.into_iter().find(|found| found.id == id) else {
        return Err(CliError::Failed(format!("there is no group {id}")));
    };
    if add.is_empty() && remove.is_empty() {
        if context.json {
            return Ok(context.io.raw(&serde_json::to_vec(&found)?)?);
        }
        let names = Names::to_show(context).await;
        for member in &found.members {
            context.io.line(format!("{member}  {}", names.of(member)))?;
        }
        return match found.members.is_empty() {
            true => Ok(context.io.line("Nobody belongs to it.")?),
            false => Ok(()),
        };
    }
    let (added, removed) = (ids(context, add).await?, ids(context, remove).await?);
    if let Some(stranger) = removed.iter().find(|one| !found.members.contains(*one)) {
        return Err(CliError::Failed(format!("{stranger} does not belong to the group, so they cannot be removed")));
    }
    let members = found.members.union(&added).filter(|one| !removed.contains(*one)).cloned().collect();
    let change = GroupChange { members: Some(members), ..GroupChange::default() };
    let answer = context.client.patch(&["groups", id.as_str()], &change).await?;
    let names = Names::to_show(context).await;
    context.answer(&answer, |io, view: GroupView| {
        io.line(format!("Members of {}: {}.", printable(&view.name), names.list(&view.members, "nobody")))
    })
}

async fn ids(context: &Context, typed: &[String]) -> Result<BTreeSet<PrincipalId>, CliError> {
    let mut ids = BTreeSet::new();
    for one in typed {
        ids.insert(names::find(context, one).await?);
    }
    Ok(ids)
}

fn list(io: &mut Io, names: &Names, page: &Page<GroupView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "BREAK-GLASS", "FED BY", "MEMBERS"]);
    for group in &page.items {
        let members = names.list(&group.members, "nobody");
        let breaks_glass = if group.breaks_glass { "may" } else { "-" }.to_owned();
        let fed = group.provider_group.as_deref().map_or_else(|| "-".to_owned(), |fed| printable(fed).into_owned());
        table.row([group.id.to_string(), printable(&group.name).into_owned(), breaks_glass, fed, members]);
    }
    if table.is_empty() {
        return io.line("There is no group. `changeover groups create NAME --member NAME` makes one.");
    }
    table.show(io, 0)
}

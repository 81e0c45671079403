//! `changeover access`: the roles on a deployment (DR-8).

use std::io;

use clap::{Args, Subcommand};
use domain::access::Role;
use domain::id::DeploymentId;
use domain::principal::PrincipalId;
use domain::wire::{AccessView, GiveRole};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::{self, Names};
use crate::cli::table::Table;
use crate::cli::text;

/// `access`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct Access {
    /// The deployment, by name or id, of which all roles are shown
    #[arg(required = true)]
    deployment: Option<DeploymentId>,
    #[command(subcommand)]
    change: Option<Change>,
}

/// Changes of roles.
#[derive(Debug, Subcommand)]
enum Change {
    /// Give somebody a role, or another one
    Grant {
        /// The deployment, by name or id
        deployment: DeploymentId,
        /// An id, `everyone`, or the name of a person, a group or a service
        principal: String,
        /// consumer, user or owner
        #[arg(value_name = "ROLE", value_parser = text::from_word::<Role>)]
        role: Role,
    },
    /// Take somebody's role back
    Revoke {
        /// The deployment, by name or id
        deployment: DeploymentId,
        /// An id, `everyone`, or the name of a person, a group or a service
        principal: String,
    },
}

impl Access {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match (self.change, self.deployment) {
            (Some(Change::Grant { deployment, principal, role }), _) => {
                let principal = names::find(context, &principal).await?;
                give(context, &deployment, principal, Some(role)).await
            }
            (Some(Change::Revoke { deployment, principal }), _) => {
                let principal = names::find(context, &principal).await?;
                give(context, &deployment, principal, None).await
            }
            (None, Some(deployment)) => {
                let answer = context.client.get(&["deployments", deployment.as_str(), "access"], &[]).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, view: AccessView| show(io, &names, &view))
            }
            (None, None) => Err(CliError::Usage("name a deployment".to_owned())),
        }
    }
}

async fn give(
    context: &mut Context,
    deployment: &DeploymentId,
    principal: PrincipalId,
    role: Option<Role>,
) -> Result<(), CliError> {
    let given = GiveRole { principal, role };
    let answer = context.client.patch(&["deployments", deployment.as_str(), "access"], &given).await?;
    let names = Names::to_show(context).await;
    context.answer(&answer, |io, _: AccessView| {
        let name = names.of(&given.principal);
        match role {
            Some(role) => io.line(format!("{name} has the role {role} on {deployment}.")),
            None => io.line(format!("{name} was given no role on {deployment} any more.")),
        }
    })
}

fn show(io: &mut Io, names: &Names, view: &AccessView) -> io::Result<()> {
    let mut table = Table::new(["NAME", "KIND", "ROLE", "GIVEN", "BY", "ID"]);
    for grant in &view.grants {
        table.row([
            names.of(&grant.principal),
            grant.principal.kind().to_string(),
            grant.role.to_string(),
            text::minute(grant.at, &io.zone),
            names.of_actor(&grant.by),
            grant.principal.to_string(),
        ]);
    }
    if table.is_empty() {
        io.line("Nobody was given a role.")?;
    } else {
        table.show(io, 0)?;
    }
    io.line(format!("Administrators count as owners: {}.", names.list(&view.administrators, "nobody")))?;
    match view.may_give {
        Some(role) => io.line(io.faint(&format!("You may give roles up to {role}."))),
        None => Ok(()),
    }
}

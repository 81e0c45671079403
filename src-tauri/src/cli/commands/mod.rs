//! The commands that ask the server, one file for each.

mod access;
mod admin;
mod asked;
mod break_glass;
mod clear_statistics;
mod configuration;
mod credentials;
mod delete;
mod deploy;
mod edit;
mod freeze;
mod freeze_shown;
mod groups;
mod history;
mod logs;
mod model;
mod notices;
mod operate;
mod people;
mod policies;
mod requests;
mod review;
mod revision;
mod rollback;
mod rollout;
mod selected;
mod services;
mod sessions;
mod settings;
mod status;
mod tokens;
mod transcript;
mod update;
mod upkeep;
mod use_cases;
mod webhooks;

use clap::Subcommand;
use domain::id::DeploymentId;

use super::context::Context;
use super::error::CliError;
use super::wait::{self, Patience};
pub use admin::{Admin, AdminDeed};
pub use upkeep::Upkeep;

/// The commands that ask the server.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Ask {
    /// The registry: register, list, show, delete, download, write a client
    #[command(subcommand)]
    Model(model::Model),
    /// Configurations of a deployment, or before there is one: create, list, show
    #[command(subcommand)]
    Configuration(configuration::Configuration),
    /// Create a deployment with its first configuration
    Deploy(deploy::Deploy),
    /// Replace the model or change settings, by a rollout
    Update(update::Update),
    /// Rehearse an update, and try its model in a scratch replica; running replicas are not touched
    Check(update::Check),
    /// Deployments, or one of them with its replicas and revisions
    Status(status::Status),
    /// Wait until no operation is in progress any more
    ///
    /// Exit status 0 when the rollout ended `completed`, 4 when it went back by itself (`reverted`), 1 when it ended
    /// in another way. When none is in progress, the last one counts. A deployment that is deactivated is waited for
    /// until it is stopped. A rollout that somebody paused is waited for, unless --until paused is given.
    Wait {
        /// The deployment, by name or id
        name: DeploymentId,
        #[command(flatten)]
        patience: Patience,
    },
    /// The keys that callers show when `auth` is `key`
    Keys(credentials::Keys),
    /// Make a token for callers when `auth` is `token`
    Token(credentials::Token),
    /// People who are let in: list, invite, roles, disable
    People(people::People),
    /// Groups of people and services: list, create, rename, members, delete
    Groups(groups::Groups),
    /// Services, which are programs that have API tokens only: list, create, roles, disable
    Services(services::Services),
    /// API tokens for programs: list, make, revoke
    Tokens(tokens::Tokens),
    /// Your sessions in browsers: list, end
    Sessions(sessions::Sessions),
    /// The output of the replicas
    Logs(logs::Logs),
    /// Go back to an earlier revision
    Rollback(rollback::Rollback),
    /// Pause the rollout in progress
    Pause {
        /// The deployment, by name or id
        name: DeploymentId,
    },
    /// Resume the paused rollout
    Resume {
        /// The deployment, by name or id
        name: DeploymentId,
    },
    /// Cancel the rollout in progress and go back
    Cancel {
        /// The deployment, by name or id
        name: DeploymentId,
    },
    /// Bring back the replicas of a deactivated deployment
    Activate(operate::Activate),
    /// Take a deployment's replicas away until it is activated again
    Deactivate(operate::Deactivate),
    /// Replace every replica by one like it
    Relaunch(operate::Operate),
    /// Quarantine a revision that is known to be bad, or lift its quarantine
    Quarantine(revision::Quarantine),
    /// Revisions of a deployment: remove
    #[command(subcommand)]
    Revision(revision::Revision),
    /// Change settings that need no rollout: importance, failure mode, strategy, tags
    Set(settings::Set),
    /// Remove what is kept of a deployment's requests, over a time
    ClearStatistics(clear_statistics::ClearStatistics),
    /// Remove a deployment; its history stays
    Delete(delete::Delete),
    /// The history: every entry with its time and actor
    History(history::History),
    /// Changes that somebody asked for, or one of them with its approvals
    Requests(requests::Requests),
    /// Approve a change request
    Approve(review::Approve),
    /// Review a change request: it must be changed first
    RequestChanges(review::RequestChanges),
    /// Comment on a change request
    Comment(review::Comment),
    /// Take your last verdict on a change request back
    WithdrawReview(review::WithdrawReview),
    /// Carry an approved change request out
    Apply(asked::Apply),
    /// End a change request without carrying it out
    CancelRequest(asked::CancelRequest),
    /// Ask for something else by a change request, or at another time
    Edit(Box<edit::Edit>),
    /// Ask for the same again, on what there is now
    Rebase(asked::Rebase),
    /// The roles on a deployment: show, grant, revoke
    Access(access::Access),
    /// Policies: which changes need whose approval
    #[command(subcommand)]
    Policies(policies::Policies),
    /// Use cases, which say what belongs together: list, show, create, rename, delete, link, unlink
    #[command(subcommand)]
    UseCases(use_cases::UseCases),
    /// Freezes: times at which nothing is started
    #[command(subcommand)]
    Freeze(freeze::Freeze),
    /// Changes that were started although a policy or freeze forbade them: list, acknowledge
    #[command(subcommand)]
    BreakGlass(break_glass::BreakGlass),
    /// What you are told of: list, mark as read, choose
    Notices(notices::Notices),
    /// Webhooks, by which chats and pagers are told: list, create, change, rotate, test, delete, deliveries, again
    #[command(subcommand)]
    Webhooks(webhooks::Webhooks),
    /// Mail: show how it is sent, try it
    #[command(subcommand)]
    Mail(webhooks::Mail),
}

impl Ask {
    /// Asks, and shows the answer.
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::Model(model) => model.run(context).await,
            Self::Configuration(configuration) => configuration.run(context).await,
            Self::Deploy(deploy) => deploy.run(context).await,
            Self::Update(update) => update.run(context).await,
            Self::Check(check) => check.run(context).await,
            Self::Status(status) => status.run(context).await,
            Self::Wait { name, patience } => wait::for_deployment(context, patience, name.as_str()).await,
            Self::Keys(keys) => keys.run(context).await,
            Self::Token(token) => token.run(context).await,
            Self::People(people) => people.run(context).await,
            Self::Groups(groups) => groups.run(context).await,
            Self::Services(services) => services.run(context).await,
            Self::Tokens(tokens) => tokens.run(context).await,
            Self::Sessions(sessions) => sessions.run(context).await,
            Self::Logs(logs) => logs.run(context).await,
            Self::Rollback(rollback) => rollback.run(context).await,
            Self::Pause { name } => rollout::ask(context, &name, "pause").await,
            Self::Resume { name } => rollout::ask(context, &name, "resume").await,
            Self::Cancel { name } => rollout::ask(context, &name, "cancel").await,
            Self::Activate(activate) => activate.run(context).await,
            Self::Deactivate(deactivate) => deactivate.run(context).await,
            Self::Relaunch(operate) => operate.relaunch(context).await,
            Self::Quarantine(quarantine) => quarantine.run(context).await,
            Self::Revision(revision) => revision.run(context).await,
            Self::Set(set) => set.run(context).await,
            Self::ClearStatistics(clear) => clear.run(context).await,
            Self::Delete(delete) => delete.run(context).await,
            Self::History(history) => history.run(context).await,
            Self::Requests(requests) => requests.run(context).await,
            Self::Approve(approve) => approve.run(context).await,
            Self::RequestChanges(request_changes) => request_changes.run(context).await,
            Self::Comment(comment) => comment.run(context).await,
            Self::WithdrawReview(withdraw) => withdraw.run(context).await,
            Self::Apply(apply) => apply.run(context).await,
            Self::CancelRequest(cancel) => cancel.run(context).await,
            Self::Edit(edit) => edit.run(context).await,
            Self::Rebase(rebase) => rebase.run(context).await,
            Self::Access(access) => access.run(context).await,
            Self::Policies(policies) => policies.run(context).await,
            Self::UseCases(use_cases) => use_cases.run(context).await,
            Self::Freeze(freeze) => freeze.run(context).await,
            Self::BreakGlass(break_glass) => break_glass.run(context).await,
            Self::Notices(notices) => notices.run(context).await,
            Self::Webhooks(webhooks) => webhooks.run(context).await,
            Self::Mail(mail) => mail.run(context).await,
        }
    }
}

//! `changeover policies`: which changes need whose approval.

use std::io;
use std::path::PathBuf;

use clap::Subcommand;
use domain::id::{DeploymentId, PolicyId};
use domain::policy::{GatedAction, ImportanceScope, PolicyTerms};
use domain::wire::{MatchPolicies, Matched, Page, PolicyView};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::file;
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::show::request::freeze_words;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, printable};

/// Commands on policies.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Policies {
    /// List them
    List,
    /// Show one, with those who may review by it now
    Show {
        /// The policy
        id: PolicyId,
    },
    /// Make one
    Create {
        /// Its terms, a file of JSON or TOML; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Give one other terms; open requests are judged anew
    Change {
        /// The policy
        id: PolicyId,
        /// All of its terms, a file of JSON or TOML, also what `policies show` printed with --json; - is standard input
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Delete one; open requests are judged anew
    Delete {
        /// The policy
        id: PolicyId,
    },
    /// Tell which policies and freezes you would meet with an action, and why the others do not apply
    Match {
        /// The deployment, by name or id
        deployment: DeploymentId,
        /// create, replace, delete, importance, settings, status, statistics or rollback
        #[arg(long, value_name = "ACTION", value_parser = text::from_word::<GatedAction>)]
        action: GatedAction,
    },
}

impl Policies {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::List => {
                let answer = context.client.get(&["policies"], &[]).await?;
                context.answer(&answer, list)
            }
            Self::Show { id } => {
                let answer = context.client.get(&["policies", id.as_str()], &[]).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, view: PolicyView| show(io, &names, &view))
            }
            Self::Create { file } => {
                let answer = context.client.post(&["policies"], &file::terms(&file, "policy")?).await?;
                context.answer(&answer, |io, view: PolicyView| said(io, "Made", &view))
            }
            Self::Change { id, file } => {
                let terms = file::terms(&file, "policy")?;
                let answer = context.client.put(&["policies", id.as_str()], &terms).await?;
                context.answer(&answer, |io, view: PolicyView| said(io, "Changed", &view))
            }
            Self::Delete { id } => {
                let answer = context.client.delete(&["policies", id.as_str()]).await?;
                context.answer(&answer, |io, view: PolicyView| said(io, "Deleted", &view))
            }
            Self::Match { deployment, action } => {
                let asked = MatchPolicies::new(Some(deployment.into()), action);
                let answer = context.client.post(&["policies", "match"], &asked).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, matched: Matched| matches(io, &names, &matched))
            }
        }
    }
}

fn said(io: &mut Io, done: &str, view: &PolicyView) -> io::Result<()> {
    let policy = &view.policy;
    let name = printable(&policy.terms.name);
    io.line(format!("{done} policy {} ({name}): {}.", policy.id, printable(&view.sentence)))
}

fn list(io: &mut Io, page: Page<PolicyView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "ACTIVE", "OPEN REQUESTS", "POLICY"]);
    for view in &page.items {
        let terms = &view.policy.terms;
        table.row([
            view.policy.id.to_string(),
            printable(&terms.name).into_owned(),
            if terms.active { "yes" } else { "no" }.to_owned(),
            view.open_requests.to_string(),
            printable(&view.sentence).into_owned(),
        ]);
    }
    if table.is_empty() { io.line("No policies: no change needs an approval.") } else { table.show(io, 0) }
}

fn show(io: &mut Io, names: &Names, view: &PolicyView) -> io::Result<()> {
    let PolicyTerms { name, active, actions, importance, requesters, reviewers, approvals, .. } = &view.policy.terms;
    let terms = &view.policy.terms;
    io.line(io.strong(&printable(name)))?;
    let importance = match importance {
        ImportanceScope::Range(range) => range.as_str().replace('_', " "),
        ImportanceScope::Listed(listed) => text::list(&Vec::from_iter(listed)),
    };
    let expires = terms.expires.map_or_else(|| "never".to_owned(), |end| format!("after {}", end.after));
    let mut facts = Facts::new();
    facts
        .add("id", view.policy.id.as_str())
        .add("policy", printable(&view.sentence))
        .add("active", if *active { "yes" } else { "no, it asks for nothing" })
        .add("actions", text::list(&Vec::from_iter(actions)))
        .add("importance", importance);
    if !terms.use_cases.is_empty() {
        facts.add("use cases", use_cases(view));
    }
    facts
        .add("changes of", names.list(requesters, "everybody"))
        .add("reviewers", names.list(reviewers, "administrators"))
        .add("approvals", approvals.to_string())
        .add("an approval counts for", terms.approval_valid_for.to_string())
        .add("a request expires", expires)
        .add(
            "reviewers are reminded",
            terms.reminder.map_or_else(|| "never".to_owned(), |after| format!("after {after}")),
        )
        .add("who may review now", names.list(&view.reviewers, "nobody"))
        .add("open requests", view.open_requests.to_string());
    facts.show(io)
}

/// The use cases that a policy is for, as far as they are seen.
fn use_cases(view: &PolicyView) -> String {
    let mut names: Vec<_> = view.use_cases.iter().map(|use_case| use_case.name.clone()).collect();
    let unseen = view.policy.terms.use_cases.len().saturating_sub(names.len());
    if unseen > 0 {
        names.push(format!("{unseen} that you do not see"));
    }
    printable(&names.join(", ")).into_owned()
}

fn matches(io: &mut Io, names: &Names, matched: &Matched) -> io::Result<()> {
    for policy in &matched.needs {
        let (name, can_still) = (printable(&policy.name), names.list(&policy.can_still, "nobody"));
        let approvals = text::count(policy.needed.into(), "approval");
        io.line(format!("{name} ({}) needs {approvals}; {can_still} can give one.", policy.id))?;
    }
    for freeze in &matched.freezes {
        io.line(format!("It is held by {}, {}.", freeze_words(io, freeze), freeze.id))?;
    }
    if matched.needs.is_empty() && matched.freezes.is_empty() {
        io.line("No policy applies and no freeze holds: it would begin at once.")?;
    }
    for policy in matched.policies.iter().filter(|policy| !policy.applies) {
        let why = printable(policy.why.as_deref().unwrap_or("It does not apply."));
        io.line(io.faint(&format!("{} ({}): {why}", printable(&policy.name), policy.id)))?;
    }
    if !matched.open_requests.is_empty() {
        io.line(format!("Open requests: {}.", text::list(&matched.open_requests)))?;
    }
    if matched.may_break_glass && !(matched.needs.is_empty() && matched.freezes.is_empty()) {
        io.line(io.faint("You may override this with --break-glass REASON and --overriding ID."))?;
    }
    Ok(())
}

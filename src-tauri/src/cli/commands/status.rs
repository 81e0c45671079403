//! `changeover status`: the deployments, or one of them in full.

use std::io;

use clap::Args;
use domain::deployment::{Status as DeploymentStatus, TargetStatus};
use domain::id::{DeploymentId, RevisionNumber, TargetName};
use domain::wire::{DeploymentView, Page, ReplicaView, RevisionView};

use super::use_cases;
use crate::cli::args::Paging;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::show::more;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, printable};

/// `status`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Status {
    /// The deployment, by name or id; without it, all are listed
    name: Option<DeploymentId>,
    #[command(flatten)]
    paging: Paging,
    /// Only those whose name holds this
    #[arg(long, short, value_name = "TEXT", conflicts_with = "name")]
    query: Option<String>,
    /// Only those that are linked to this use case, by name or id
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    use_case: Option<String>,
}

impl Status {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        if let Some(name) = self.name {
            let include = [("include", "revisions,replicas".to_owned())];
            let answer = context.client.get(&["deployments", name.as_str()], &include).await?;
            let names = Names::to_show(context).await;
            return context.answer(&answer, |io, view: DeploymentView| one(io, &names, &view));
        }
        let mut pairs = self.paging.query();
        pairs.extend(self.query.map(|text| ("q", text)));
        if let Some(use_case) = &self.use_case {
            pairs.push(("use_case", use_cases::find(context, use_case).await?.into()));
        }
        let answer = context.client.get(&["deployments"], &pairs).await?;
        let names = match answer.read::<Page<DeploymentView>>() {
            Ok(page) if page.items.iter().any(|view| view.operation.is_some()) => Names::to_show(context).await,
            _ => Names::default(),
        };
        context.answer(&answer, |io, page: Page<DeploymentView>| all(io, &names, &page))
    }
}

fn all(io: &mut Io, names: &Names, page: &Page<DeploymentView>) -> io::Result<()> {
    if page.items.is_empty() {
        return io.line("No deployments. Create one with `changeover deploy NAME --file FILE`.");
    }
    let mut head = vec!["NAME", "STATUS", "READY", "REVISION", "MODELS", "URL"];
    let has_targets = page.items.iter().any(|view| view.target != TargetName::default());
    if has_targets {
        head.push("TARGET");
    }
    let mut table = Table::new(head);
    for view in &page.items {
        let mut row = vec![
            view.name.to_string(),
            io.state(&status(view)),
            format!("{}/{}", view.replicas.ready, view.replicas.desired),
            view.revision.to_string(),
            text::list(&view.models),
            printable(&view.url).into_owned(),
        ];
        if has_targets {
            row.push(view.target.to_string());
        }
        table.row(row);
    }
    table.show(io, 0)?;
    for view in &page.items {
        for remark in remarks(names, view) {
            io.line(format!("{}: {remark}", view.name))?;
        }
    }
    more(io, page.next_cursor.as_deref())
}

/// The status, and the target where it is another one.
fn status(view: &DeploymentView) -> String {
    let (is, becomes) = (view.status.to_string(), view.target_status.to_string());
    if is == becomes || view.target_status == TargetStatus::Running { is } else { format!("{is}, to be {becomes}") }
}

/// Remarks that somebody should read about a deployment.
fn remarks(names: &Names, view: &DeploymentView) -> Vec<String> {
    let rollout = view.operation.as_ref().map(|operation| {
        let (kind, actor) = (operation.operation.to_string(), names.of_actor(&operation.actor));
        match operation.rollout {
            Some(number) => format!("{kind} in progress (rollout {number}, by {actor})"),
            None => format!("{kind} in progress (by {actor})"),
        }
    });
    let newer = (!view.newer_model_versions.is_empty())
        .then(|| format!("update available: {}", text::list(&view.newer_model_versions)));
    let error = view.error.as_ref().map(|error| printable(error).into_owned());
    rollout.into_iter().chain(newer).chain(error).chain(way_out(view)).collect()
}

/// The way out where a deployment does not run.
fn way_out(view: &DeploymentView) -> Option<String> {
    let name = &view.name;
    match (view.status, view.target_status) {
        (DeploymentStatus::Stopped, TargetStatus::Stopped) => {
            Some(format!("deactivated: its URL answers 503; `changeover activate {name}` brings it back"))
        }
        (DeploymentStatus::Dead, TargetStatus::Running) => {
            let last = view.last_running_configuration.as_ref().filter(|last| **last != view.configuration)?;
            Some(format!("`changeover update {name} --configuration {last}` goes back to what ran last"))
        }
        _ => None,
    }
}

fn one(io: &mut Io, names: &Names, view: &DeploymentView) -> io::Result<()> {
    io.line(format!("{}  {}", io.strong(view.name.as_str()), io.state(&status(view))))?;
    let counts = &view.replicas;
    let others = [(counts.starting, "starting"), (counts.draining, "draining"), (counts.unready, "unready")];
    let others: Vec<String> =
        others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(", {count} {word}")).collect();
    let mut facts = Facts::new();
    facts.add("url", printable(&view.url));
    if view.target != TargetName::default() {
        facts.add("target", view.target.as_str());
    }
    facts
        .add("models", text::list(&view.models))
        .add("configuration", format!("{}  {}", printable(&view.configuration_name), view.configuration))
        .add("revision", view.revision.to_string())
        .add("replicas", format!("{} of {} ready{}", counts.ready, counts.desired, others.concat()))
        .add("traffic", traffic(view))
        .add("last operation", last_operation(io, names, view))
        .add("an update", moves(view))
        .add("when it fails", view.on_failure.to_string());
    if !view.use_cases.is_empty() {
        let names: Vec<_> = view.use_cases.iter().map(|use_case| use_case.name.as_str()).collect();
        facts.add("use cases", printable(&names.join(", ")));
    }
    if !view.description.is_empty() {
        facts.add("description", printable(&view.description));
    }
    for (name, pairs) in [("tags", &view.tags), ("properties", &view.properties)] {
        if !pairs.is_empty() {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
            facts.add(name, printable(&pairs.join(", ")));
        }
    }
    if let Some(at) = view.expires_at {
        facts.add("removed at", text::time(at, &io.zone));
    }
    facts.show(io)?;
    for remark in remarks(names, view) {
        io.line(remark)?;
    }
    replicas(io, view.replica_list.as_deref().unwrap_or_default())?;
    revisions(io, names, view.revision_list.as_deref().unwrap_or_default())
}

/// The strategy of its rollouts unless they say otherwise.
fn moves(view: &DeploymentView) -> String {
    let strategy = &view.strategy;
    let total = strategy.total_deadline_seconds.map(|seconds| format!(", {seconds} s in all")).unwrap_or_default();
    format!(
        "surge {}, unavailable {}, deadline {} s{total}",
        strategy.surge_words(),
        strategy.max_unavailable,
        strategy.progress_deadline_seconds
    )
}

fn traffic(view: &DeploymentView) -> String {
    let traffic = &view.traffic;
    let mut line = format!("{:.1} requests/s", traffic.requests_per_second);
    if let Some(share) = traffic.error_share {
        line.push_str(&format!(", {:.2} % failed", share * 100.0));
    }
    if let Some(p95) = traffic.p95_ms {
        line.push_str(&format!(", p95 {p95:.1} ms"));
    }
    line
}

fn last_operation(io: &Io, names: &Names, view: &DeploymentView) -> String {
    let last = &view.last_operation;
    let what = last.kind.to_string() + &rolled_back(", ", last.rolled_back_to);
    format!("{what} at {} by {}", text::time(last.at, &io.zone), names.of_actor(&last.actor))
}

/// The words about a rollback, after something else.
fn rolled_back(after: &str, to: Option<RevisionNumber>) -> String {
    to.map(|earlier| format!("{after}rolled back to revision {earlier}")).unwrap_or_default()
}

fn replicas(io: &mut Io, replicas: &[ReplicaView]) -> io::Result<()> {
    if replicas.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["REPLICA", "REVISION", "STATE", "PID", "SINCE", "RESTARTS", "REMARK"]);
    for replica in replicas {
        table.row([
            replica.id.to_string(),
            replica.revision.to_string(),
            io.state(replica.state.as_str()),
            replica.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
            text::clock(replica.started_at, &io.zone),
            replica.restarts.to_string(),
            remark(replica),
        ]);
    }
    io.line("")?;
    table.show(io, 0)
}

/// A replica's problem, its work before it is ready, and its GPUs.
fn remark(replica: &ReplicaView) -> String {
    let parts = [replica.doing.as_deref(), replica.problem.as_deref()];
    let mut parts: Vec<String> = parts.into_iter().flatten().map(|part| printable(part).into_owned()).collect();
    if !replica.gpus.is_empty() {
        parts.push(format!("GPU {}", text::list(&replica.gpus)));
    }
    parts.join("; ")
}

/// The reason for a revision.
fn why(revision: &RevisionView) -> String {
    match (&revision.reason, revision.rolled_back_to) {
        (None, None) => "-".to_owned(),
        (None, back) => rolled_back("", back),
        (Some(reason), back) => reason.to_string() + &rolled_back(", ", back),
    }
}

fn revisions(io: &mut Io, names: &Names, revisions: &[RevisionView]) -> io::Result<()> {
    if revisions.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["REVISION", "STATE", "MODELS", "CREATED", "BY", "REASON"]);
    for revision in revisions {
        let known_bad = if revision.quarantined.is_some() { ", known bad" } else { "" };
        table.row([
            revision.number.to_string(),
            io.state(&format!("{}{known_bad}", revision.state)),
            text::list(&revision.models),
            text::time(revision.created_at, &io.zone),
            names.of_actor(&revision.actor),
            why(revision),
        ]);
    }
    io.line("")?;
    table.show(io, 0)?;
    for revision in revisions {
        if let Some(bad) = &revision.quarantined {
            io.line(format!("revision {} is known to be bad: {}", revision.number, printable(&bad.reason)))?;
        }
    }
    Ok(())
}

//! Views that several commands show.

pub(super) mod request;

use std::io;

use domain::diff::{Difference, Impact};
use domain::wire::{Counts, Outcome, RehearseView, Report, RolloutView};
use jiff::Timestamp;

use super::io::Io;
use super::table::Table;
use super::text::{self, printable};

/// Steps of a rehearsal that are listed.
const MOST_STEPS: usize = 40;

/// A rehearsal: the differences, and the rollout in numbers.
pub(super) fn rehearsal(io: &mut Io, view: &RehearseView, with_steps: bool) -> io::Result<()> {
    if view.unchanged {
        return io.line("Nothing would change: equal content is in use.");
    }
    io.line(io.strong("What changes"))?;
    differences(io, &view.diff)?;
    if let Some(report) = &view.compatibility {
        io.line("")?;
        self::report(io, report)?;
    }
    let plan = &view.plan;
    let desired = view.configuration.desired(None);
    io.line("")?;
    io.line(io.strong("How it moves"))?;
    if plan.steps.is_empty() {
        io.line("  No replica is touched.")?;
    } else {
        io.line(format!(
            "  {} in about {}, with at most {} above and {} of {} away.",
            text::count(plan.steps.len() as u64, "step"),
            text::span(plan.duration_ms),
            plan.limits.surge,
            plan.limits.unavailable,
            text::count(desired.into(), "replica"),
        ))?;
        io.line(format!(
            "  A replica that is taken away may finish its requests for at most {}.",
            text::span(plan.drain_limit_ms.into())
        ))?;
    }
    worst(io, view)?;
    if with_steps && !plan.steps.is_empty() {
        let mut table = Table::new(["AFTER", "STEP", "REASON"]);
        for step in plan.steps.iter().take(MOST_STEPS) {
            table.row([
                text::span(step.at_ms),
                printable(&step.kind.to_string()).into_owned(),
                printable(&step.reason).into_owned(),
            ]);
        }
        io.line("")?;
        table.show(io, 2)?;
        if plan.steps.len() > MOST_STEPS {
            io.line(format!("  … and {} more; --json has them all", plan.steps.len() - MOST_STEPS))?;
        }
    }
    Ok(())
}

/// The bounds of a rehearsal, and what speaks against it.
fn worst(io: &mut Io, view: &RehearseView) -> io::Result<()> {
    let plan = &view.plan;
    if !plan.steps.is_empty() {
        io.line(format!(
            "  Never fewer than {} available, never more than {} in all.",
            plan.lowest_available, plan.highest_total
        ))?;
    }
    for warning in warnings(view) {
        io.line(format!("  Warning: {warning}"))?;
    }
    if let Some(bad) = &view.quarantined {
        io.line(format!(
            "  Known to be bad: revision {} asked for the same: {}",
            bad.revision,
            printable(&bad.reason)
        ))?;
    }
    match &view.no_room {
        Some(sentence) => io.line(format!("  No room: {}", printable(sentence))),
        None => Ok(()),
    }
}

/// The warnings of a rehearsal.
pub(super) fn warnings(view: &RehearseView) -> impl Iterator<Item = String> {
    view.plan.warnings.iter().chain(&view.not_enforced).map(|warning| printable(warning).into_owned())
}

/// A compatibility report: what failed first, what passed in one line.
pub(super) fn report(io: &mut Io, report: &Report) -> io::Result<()> {
    findings(io, report)?;
    let passed: Vec<&str> = report.with(Outcome::Passed).map(|check| check.check.title()).collect();
    if !passed.is_empty() {
        io.line(io.faint(&format!("  passed: {}", passed.join(", "))))?;
    }
    Ok(())
}

/// The verdict of a compatibility report, and the checks that did not pass.
fn findings(io: &mut Io, report: &Report) -> io::Result<()> {
    let verdict = io.state(report.verdict.title());
    io.line(format!("{} {verdict}", io.strong("Can it replace what is in use?")))?;
    for (outcome, word) in
        [(Outcome::Failed, "failed"), (Outcome::Warning, "warning"), (Outcome::NotVerified, "not verified")]
    {
        for check in report.with(outcome) {
            io.line(format!("  {word}: {}. {}", check.check.title(), printable(&check.message)))?;
        }
    }
    Ok(())
}

fn differences(io: &mut Io, differences: &[Difference]) -> io::Result<()> {
    if differences.is_empty() {
        return io.line("  Nothing.");
    }
    let mut table = Table::new(["FIELD", "NOW", "THEN", "COST"]);
    for difference in differences {
        table.row([
            printable(&difference.field).into_owned(),
            text::short(&text::value(&difference.current), 20),
            text::short(&text::value(&difference.candidate), 20),
            cost(difference.impact).to_owned(),
        ]);
    }
    table.show(io, 2)
}

fn cost(impact: Impact) -> &'static str {
    match impact {
        Impact::NothingRestarts => "nothing restarts",
        Impact::ReconfiguredInPlace => "reconfigured in place",
        Impact::RollingRestart => "rolling restart",
        Impact::VisibleToClients => "visible to clients",
    }
}

/// A rollout with its phase and its receipt.
pub(super) fn rollout(io: &mut Io, deployment: &str, view: &RolloutView) -> io::Result<()> {
    let from = view.from_revision.map_or_else(String::new, |from| format!("revision {from} → "));
    let to = if from.is_empty() { format!("revision {}", view.to_revision) } else { view.to_revision.to_string() };
    let took = view.ended_at.map_or_else(String::new, |ended| format!(" after {}", between(view.started_at, ended)));
    let phase = io.state(view.phase.as_str());
    io.line(format!("Rollout {} of {deployment} ({from}{to}): {phase}{took}", view.number))?;
    if view.ended_at.is_none() {
        return Ok(());
    }
    let total = &view.receipt.total;
    io.line(format!("  {}", counts(total)))?;
    let revisions = &view.receipt.by_revision;
    if revisions.len() > 1 {
        for (revision, counts_of) in revisions {
            io.line(io.faint(&format!("  revision {revision}: {}", counts(counts_of))))?;
        }
    }
    Ok(())
}

fn counts(counts: &Counts) -> String {
    let cut = if counts.cut > 0 { format!(" ({} of them cut)", counts.cut) } else { String::new() };
    let mut line = format!(
        "{} answered, {} failed{cut}, {} retried, {} drained",
        counts.answered, counts.failed, counts.retried, counts.drained
    );
    if counts.drained > 0 {
        line.push_str(&format!(" (longest {})", text::span(counts.longest_drain_ms)));
    }
    line
}

fn between(from: Timestamp, to: Timestamp) -> String {
    text::span(u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0))
}

/// Says that a list goes on.
pub(super) fn more(io: &mut Io, next: Option<&str>) -> io::Result<()> {
    match next {
        Some(cursor) => io.line(io.faint(&format!("More with --cursor {}", printable(cursor)))),
        None => Ok(()),
    }
}

//! A change request as people read it: its standing in a phrase, its approvals, and the whole of it on one page.

use std::io;

use domain::change_request::{ApplyMode, RequestState, ReviewVerdict, WaitingFor};
use domain::diff::Difference;
use domain::exact_plan::{ExactPlan, fields_in_words};
use domain::wire::{ChangeRequestView, HoldingFreeze, PolicyProgress, RequestBase, ReviewView};

use super::{differences, findings, worst};
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, minute, minute_in, printable};

/// Digits of a hash that stand for the whole of it.
const SHORT_HASH: usize = 12;

/// The state of a request and what it waits for, as it completes *It is …*.
pub(in crate::cli) fn standing(io: &Io, names: &Names, view: &ChangeRequestView) -> String {
    let waits = waits_for(io, view).map(|what| format!(" and waits for {what}")).unwrap_or_default();
    match view.state {
        RequestState::Open => "open and waits for approvals".to_owned(),
        RequestState::ChangesRequested => {
            let wanting = view.policies.iter().flat_map(|policy| &policy.blocked_by);
            let wanting: std::collections::BTreeSet<_> = wanting.collect();
            format!("open, with changes requested by {}", names.list(wanting, "somebody"))
        }
        RequestState::Approved if waits.is_empty() && view.apply == ApplyMode::ByHand => {
            format!("approved and waits for `changeover apply {}`", view.id)
        }
        RequestState::Approved => format!("approved{waits}"),
        RequestState::Scheduled => match &view.apply {
            ApplyMode::At(time) => {
                format!("scheduled for {}{waits}", minute_in(time.at, time.zone.as_deref(), &io.zone))
            }
            ApplyMode::WhenApproved | ApplyMode::ByHand => format!("scheduled{waits}"),
        },
        RequestState::Stale => {
            let moved = fields_in_words(&view.moved);
            format!(
                "stale: {} changed since",
                if moved.is_empty() {
                    "something has".to_owned()
                } else {
                    format!("the {}", printable(&moved.join(", ")))
                }
            )
        }
        ended => {
            let end = view.ended.as_ref();
            let rollout = end.and_then(|end| end.rollout).map(|number| format!(" as rollout {number}"));
            let problem = end.and_then(|end| end.problem.as_deref()).map(|problem| format!(": {}", printable(problem)));
            [Some(ended.to_string()), rollout, problem].into_iter().flatten().collect()
        }
    }
}

/// The same with the approvals that are there, while they are waited for.
pub(in crate::cli) fn counted(io: &Io, names: &Names, view: &ChangeRequestView) -> String {
    let standing = standing(io, names, view);
    if view.state == RequestState::Open { format!("{standing} ({})", approvals(view)) } else { standing }
}

fn waits_for(io: &Io, view: &ChangeRequestView) -> Option<String> {
    Some(match view.waiting_for? {
        WaitingFor::Operation => "the operation in progress".to_owned(),
        WaitingFor::Check => "its check, which runs again".to_owned(),
        WaitingFor::Freeze => match &view.freezes[..] {
            [] => "a freeze".to_owned(),
            freezes => freezes.iter().map(|freeze| freeze_words(io, freeze)).collect::<Vec<_>>().join(" and "),
        },
    })
}

/// A freeze that holds, and until when.
pub(in crate::cli) fn freeze_words(io: &Io, freeze: &HoldingFreeze) -> String {
    let until = match freeze.until {
        Some(until) => format!("until {}", minute(until, &io.zone)),
        None => "until it is lifted".to_owned(),
    };
    format!("the freeze {} ({until})", printable(&freeze.name))
}

/// The approvals that are there, of those that are needed: by each policy where there are several.
pub(in crate::cli) fn approvals(view: &ChangeRequestView) -> String {
    let counted = |policy: &PolicyProgress| format!("{} of {}", policy.given.len(), policy.needed);
    match &view.policies[..] {
        [] => "-".to_owned(),
        [one] => counted(one),
        several => {
            let each = several.iter().map(|policy| format!("{} {}", printable(&policy.name), counted(policy)));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

/// The beginning of a hash.
pub(in crate::cli) fn short_hash(hash: &str) -> String {
    hash.chars().take(SHORT_HASH).collect()
}

/// Everything that a reviewer needs.
pub(in crate::cli) fn page(io: &mut Io, names: &Names, view: &ChangeRequestView) -> io::Result<()> {
    io.line(io.strong(&printable(&view.title)))?;
    let mut facts = Facts::new();
    facts
        .add("request", format!("{}, version {}", view.id, view.version))
        .add("state", io.state(&standing(io, names, view)))
        .add("deployment", format!("{}, of {} importance", view.deployment_name, view.importance))
        .add("asked", format!("{} by {}", minute(view.asked_at, &io.zone), names.of(&view.author)))
        .add("begins", begins(io, &view.apply));
    if let Some(at) = view.expires_at.filter(|_| view.state.is_live()) {
        facts.add("expires", format!("{}, unless it has begun by then", minute(at, &io.zone)));
    }
    let why: Vec<_> = view.reason.iter().map(ToString::to_string).chain(view.note.clone()).collect();
    if !why.is_empty() {
        facts.add("reason", printable(&why.join(": ")));
    }
    base(&mut facts, view);
    for freeze in &view.freezes {
        facts.add("held by", freeze_words(io, freeze));
    }
    facts.add("hash", printable(&view.plan_hash));
    facts.show(io)?;
    policies(io, names, &view.policies)?;
    content(io, view)?;
    versions(io, names, view)?;
    reviews(io, names, &view.reviews)
}

fn begins(io: &Io, apply: &ApplyMode) -> String {
    match apply {
        ApplyMode::WhenApproved => "as soon as it is approved and no freeze holds".to_owned(),
        ApplyMode::ByHand => "by `changeover apply`, once it is approved".to_owned(),
        ApplyMode::At(time) => {
            let shown = |at| minute_in(at, time.zone.as_deref(), &io.zone);
            format!("{}, not after {}", shown(time.at), shown(time.not_after))
        }
    }
}

fn base(facts: &mut Facts, view: &ChangeRequestView) {
    let words = |base: &RequestBase| {
        let revision = base.revision.map_or_else(|| "no revision".to_owned(), |number| format!("revision {number}"));
        format!("{revision} with content {}, {} importance", short_hash(&base.content_hash), base.importance)
    };
    let Some(was) = &view.base else { return };
    match view.base_now.as_ref().filter(|now| *now != was) {
        Some(now) => facts.add("asked on", words(was)).add("now it is", words(now)),
        None => facts.add("asked on", words(was)),
    };
}

fn policies(io: &mut Io, names: &Names, policies: &[PolicyProgress]) -> io::Result<()> {
    io.line("")?;
    io.line(io.strong("Approvals"))?;
    if policies.is_empty() {
        return io.line("  No policy asks for any.");
    }
    for policy in policies {
        let given = names.list(&policy.given, "nobody yet");
        let mut line =
            format!("  {}: {} of {}, by {given}", printable(&policy.name), policy.given.len(), policy.needed);
        if !policy.met {
            line.push_str(&format!("; {} can still approve", names.list(&policy.can_still, "nobody")));
        }
        if !policy.blocked_by.is_empty() {
            line.push_str(&format!("; changes requested by {}", names.list(&policy.blocked_by, "")));
        }
        io.line(line)?;
    }
    Ok(())
}

/// The change itself: the difference with what costs most first, the bounds of the rehearsal, and the checks that did
/// not pass.
fn content(io: &mut Io, view: &ChangeRequestView) -> io::Result<()> {
    if !view.values.is_empty() {
        let mut table = Table::new(["FIELD", "BEFORE", "AFTER"]);
        for (field, change) in &view.values {
            table.row([printable(field).into_owned(), text::value(&change.old), text::value(&change.new)]);
        }
        io.line("")?;
        io.line(io.strong("What changes"))?;
        table.show(io, 2)?;
    }
    let Some(rehearsal) = &view.rehearsal else { return Ok(()) };
    let mut by_impact: Vec<Difference> = rehearsal.diff.clone();
    by_impact.sort_by_key(|difference| std::cmp::Reverse(difference.impact));
    io.line("")?;
    io.line(io.strong("What changes"))?;
    differences(io, &by_impact)?;
    io.line("")?;
    io.line(io.strong("How it moves"))?;
    if rehearsal.plan.steps.is_empty() {
        io.line("  No replica is touched.")?;
    }
    worst(io, rehearsal)?;
    match &rehearsal.compatibility {
        Some(report) => {
            io.line("")?;
            findings(io, report)
        }
        None => Ok(()),
    }
}

fn versions(io: &mut Io, names: &Names, view: &ChangeRequestView) -> io::Result<()> {
    if view.versions.len() < 2 {
        return Ok(());
    }
    let mut table = Table::new(["VERSION", "WRITTEN", "BY", "CHANGED", "HASH", "NOTE"]);
    let mut before = None;
    for version in &view.versions {
        let plan = version.plan.as_deref();
        let changed = match before.zip(plan).map(|(before, plan): (&ExactPlan, _)| before.edits(plan)) {
            None => "-".to_owned(),
            Some(edits) if edits.is_empty() => "rebased".to_owned(),
            Some(edits) => printable(&edits.join(", ")).into_owned(),
        };
        before = plan;
        table.row([
            version.number.to_string(),
            minute(version.at, &io.zone),
            names.of(&version.author),
            changed,
            short_hash(&version.plan_hash),
            printable(version.note.as_deref().unwrap_or("-")).into_owned(),
        ]);
    }
    io.line("")?;
    table.show(io, 0)
}

fn reviews(io: &mut Io, names: &Names, reviews: &[ReviewView]) -> io::Result<()> {
    if reviews.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["REVIEWED", "BY", "VERSION", "VERDICT", "COMMENT"]);
    for review in reviews {
        table.row([
            minute(review.at, &io.zone),
            names.of(&review.author),
            review.version.to_string(),
            verdict(review),
            printable(review.comment.as_deref().unwrap_or("-")).into_owned(),
        ]);
    }
    io.line("")?;
    table.show(io, 0)
}

/// The verdict of a review, and why it does not count where it looks as if it did.
fn verdict(review: &ReviewView) -> String {
    let word = review.verdict.as_str().replace('_', " ");
    let remark = match review.verdict {
        ReviewVerdict::Comment => None,
        _ if review.withdrawn => Some("taken back"),
        ReviewVerdict::Approved if review.is_void => Some("void: of an earlier version"),
        ReviewVerdict::Approved if !review.counts => Some("does not count"),
        ReviewVerdict::Approved | ReviewVerdict::ChangesRequested => None,
    };
    remark.map_or_else(|| word.clone(), |remark| format!("{word} ({remark})"))
}

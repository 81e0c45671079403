//! Freezes as people read them.

use std::io;

use domain::freeze::{FreezeScope, FreezeTimes};
use domain::wire::{FreezeView, OccurrencesView, Page};

use crate::cli::io::Io;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, minute, printable};

/// All of them.
pub(super) fn list(io: &mut Io, page: &Page<FreezeView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "NOW", "NEXT", "FOR", "WAITING"]);
    for view in &page.items {
        let terms = &view.freeze.terms;
        table.row([
            view.freeze.id.to_string(),
            printable(&terms.name).into_owned(),
            now(io, view),
            view.next.map_or_else(|| "-".to_owned(), |next| minute(next.from, &io.zone)),
            scope(view),
            view.waiting.to_string(),
        ]);
    }
    if table.is_empty() { io.line("No freezes.") } else { table.show(io, 0) }
}

/// One of them in full.
pub(super) fn show(io: &mut Io, view: &FreezeView) -> io::Result<()> {
    let terms = &view.freeze.terms;
    io.line(io.strong(&printable(&terms.name)))?;
    let mut facts = Facts::new();
    facts.add("id", view.freeze.id.as_str()).add("now", now(io, view)).add("times", times(io, &terms.when));
    if let Some(next) = view.next {
        facts.add("next", format!("{} to {}", minute(next.from, &io.zone), minute(next.to, &io.zone)));
    }
    facts
        .add("for", scope(view))
        .add("deployments", text::list(&view.deployments))
        .add("waiting", text::count(view.waiting.into(), "request"));
    if !terms.reason.is_empty() {
        facts.add("reason", printable(&terms.reason));
    }
    facts.show(io)
}

/// A freeze that something was done with.
pub(super) fn said(io: &mut Io, done: &str, view: &FreezeView) -> io::Result<()> {
    let (freeze, now) = (&view.freeze, now(io, view));
    io.line(format!("{done} freeze {} ({}) for {}: it {now}.", freeze.id, printable(&freeze.terms.name), scope(view)))
}

/// The times to come at which one holds.
pub(super) fn occurrences(io: &mut Io, view: &OccurrencesView) -> io::Result<()> {
    let mut table = Table::new(["FROM", "TO", "FROM, HERE", "TO, HERE", "REMARK"]);
    for preview in &view.items {
        let here = |at: fn(&domain::freeze::Occurrence) -> jiff::Timestamp| {
            preview.instants.as_ref().map_or_else(|| "-".to_owned(), |instants| minute(at(instants), &io.zone))
        };
        table.row([
            preview.from.strftime("%a %Y-%m-%d %H:%M").to_string(),
            preview.to.strftime("%a %Y-%m-%d %H:%M").to_string(),
            here(|instants| instants.from),
            here(|instants| instants.to),
            preview.note().unwrap_or_default(),
        ]);
    }
    if table.is_empty() {
        io.line("It does not hold in the next five weeks by the calendar.")
    } else {
        table.show(io, 0)
    }
}

fn now(io: &Io, view: &FreezeView) -> String {
    match view.holds {
        None => "does not hold".to_owned(),
        Some(hold) => match hold.until {
            Some(until) => format!("holds until {}", minute(until, &io.zone)),
            None => "holds until it is lifted".to_owned(),
        },
    }
}

fn scope(view: &FreezeView) -> String {
    match &view.freeze.terms.scope {
        FreezeScope::All => "every deployment".to_owned(),
        FreezeScope::Importance(levels) => format!("deployments of {} importance", text::list(&Vec::from_iter(levels))),
        FreezeScope::Deployments(named) => match &view.deployments[..] {
            [] => text::count(named.len() as u64, "deployment"),
            seen if seen.len() == named.len() => text::list(seen),
            seen => format!("{} and {} more", text::list(seen), named.len().saturating_sub(seen.len())),
        },
        FreezeScope::UseCases(_) => match &view.use_cases[..] {
            [] => "use cases that you do not see".to_owned(),
            seen => {
                let names: Vec<_> = seen.iter().map(|use_case| use_case.name.as_str()).collect();
                printable(&format!("what belongs to {}", names.join(" or "))).into_owned()
            }
        },
    }
}

fn times(io: &Io, times: &FreezeTimes) -> String {
    match times {
        FreezeTimes::Switch { until: None } => "a switch, on until it is lifted".to_owned(),
        FreezeTimes::Switch { until: Some(until) } => format!("a switch, on until {}", minute(*until, &io.zone)),
        FreezeTimes::Once { from, to, zone } => {
            let shown = |at: &jiff::civil::DateTime| at.strftime("%Y-%m-%d %H:%M").to_string();
            format!("once, {} to {} ({})", shown(from), shown(to), printable(zone))
        }
        FreezeTimes::Weekly { days, from, to, days_later, zone } => {
            let later = match days_later {
                0 => String::new(),
                1 => " of the next day".to_owned(),
                days => format!(" {days} days later"),
            };
            let (from, to) = (from.strftime("%H:%M"), to.strftime("%H:%M"));
            format!("every {}, {from} to {to}{later} ({})", text::list(&Vec::from_iter(days)), printable(zone))
        }
    }
}

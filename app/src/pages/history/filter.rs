//! What of the history is shown, as the address says it.

use domain::event::EventKind;
use domain::wire::EngineSteps;
use jiff::Timestamp;
use jiff::civil::Date;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::params::ParamsMap;

use crate::api::history::HistoryQuery;
use crate::words::days;

/// Which entries are shown. What is empty says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HistoryFilter {
    /// Words to search for.
    pub(super) q: String,
    /// A deployment's name or id.
    pub(super) deployment: String,
    /// The id of a use case.
    pub(super) use_case: String,
    /// A kind of entry.
    pub(super) kind: String,
    /// Whoever did it, as entries name them.
    pub(super) by: String,
    /// The number of days up to today.
    pub(super) days: String,
    /// The first day, as `2026-11-03`.
    pub(super) from: String,
    /// The last day.
    pub(super) to: String,
    /// `all`: every entry, also steps of the engine.
    pub(super) show: String,
}

impl HistoryFilter {
    /// Reads it from the parameters of the address.
    pub(super) fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let given = |key| parameter(key).unwrap_or_default();
        Self {
            q: given("q"),
            deployment: given("deployment"),
            use_case: given("use_case"),
            kind: given("kind"),
            by: given("by"),
            days: given("days"),
            from: given("from"),
            to: given("to"),
            show: given("show"),
        }
    }

    /// Every entry is shown, in the order of time: because that is asked for, or because steps of the engine are.
    pub(super) fn everything(&self) -> bool {
        self.show == "all" || self.kind.parse::<EventKind>().is_ok_and(EventKind::is_step)
    }

    /// Whether steps of the engine are exported.
    pub(super) fn engine(&self) -> EngineSteps {
        if self.everything() { EngineSteps::Shown } else { EngineSteps::Hidden }
    }

    /// The days that it is about, the first and the last.
    fn range(&self, today: Date) -> (Option<Date>, Option<Date>) {
        match self.days.parse::<i64>() {
            Ok(count @ 1..=3_660) => (Some(days::moved(today, 1 - count)), None),
            _ => (self.from.parse().ok(), self.to.parse().ok()),
        }
    }

    /// True when days are chosen.
    pub(super) fn has_days(&self) -> bool {
        !(self.days.is_empty() && self.from.is_empty() && self.to.is_empty())
    }

    /// The days in words.
    pub(super) fn days_in_words(&self, today: Date) -> String {
        match (self.days.as_str(), self.range(today)) {
            ("1", _) => "Today".to_owned(),
            (_, (None, None)) => "Any time".to_owned(),
            (days, _) if !days.is_empty() => format!("Last {days} days"),
            (_, (Some(from), None)) => format!("Since {}", days::title(from, today)),
            (_, (None, Some(to))) => format!("Until {}", days::title(to, today)),
            (_, (Some(from), Some(to))) => format!("{} to {}", days::title(from, today), days::title(to, today)),
        }
    }

    /// The question to the server, as of now.
    pub(super) fn query(&self, now: Timestamp) -> HistoryQuery {
        let (from, to) = self.range(days::day_of(now));
        HistoryQuery {
            q: self.q.clone(),
            deployment: self.deployment.clone(),
            use_case: self.use_case.clone(),
            kind: self.kind.clone(),
            by: self.by.clone(),
            from: from.and_then(days::begin_of),
            to: to.and_then(|last| days::begin_of(days::moved(last, 1))),
        }
    }

    /// The number of filters beside the words.
    pub(super) fn count(&self) -> usize {
        let chosen = [&self.deployment, &self.use_case, &self.kind, &self.by];
        chosen.into_iter().filter(|value| !value.is_empty()).count() + usize::from(self.has_days())
    }
}

/// Sets parameters of the address. A choice can be gone back from; what is typed, letter by letter, cannot.
#[derive(Clone, Copy)]
pub(super) struct HistoryAddress(Callback<(Vec<(&'static str, String)>, bool)>);

impl HistoryAddress {
    /// That of the page that is being made.
    pub(super) fn of_page() -> Self {
        let (navigate, location) = (StoredValue::new_local(use_navigate()), use_location());
        Self(Callback::new(move |(pairs, replace): (Vec<(&'static str, String)>, bool)| {
            let mut query: ParamsMap = location.query.get_untracked();
            for (key, value) in pairs {
                query.remove(key);
                if !value.is_empty() {
                    query.insert(key.to_owned(), value);
                }
            }
            let path = location.pathname.get_untracked();
            let options = NavigateOptions { replace, scroll: false, resolve: false, ..Default::default() };
            navigate.with_value(|go| go(&format!("{path}{}", query.to_query_string()), options));
        }))
    }

    /// Chooses.
    pub(super) fn choose(self, pairs: impl IntoIterator<Item = (&'static str, String)>) {
        self.0.run((pairs.into_iter().collect(), false));
    }

    /// Notes what is being typed, or opened.
    pub(super) fn note(self, key: &'static str, value: String) {
        self.0.run((vec![(key, value)], true));
    }

    /// Takes every filter back.
    pub(super) fn clear(self) {
        let keys = ["q", "deployment", "use_case", "kind", "by", "days", "from", "to"];
        self.choose(keys.map(|key| (key, String::new())));
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_read_from_the_address_and_told() {
        let today = date(2026, 12, 1);
        for (address, words, range) in [
            (&[][..], "Any time", (None, None)),
            (&[("days", "7")], "Last 7 days", (Some(date(2026, 11, 25)), None)),
            (&[("days", "1")], "Today", (Some(today), None)),
            (&[("days", "x")], "Any time", (None, None)),
            (&[("from", "2026-11-03")], "Since Tue 3 Nov", (Some(date(2026, 11, 3)), None)),
            (
                &[("from", "2026-11-03"), ("to", "2026-11-30")],
                "Tue 3 Nov to Yesterday",
                (Some(date(2026, 11, 3)), Some(date(2026, 11, 30))),
            ),
        ] {
            let given = |key: &str| address.iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_string());
            let filter = HistoryFilter::read(given);
            assert_eq!((filter.days_in_words(today).as_str(), filter.range(today)), (words, range), "{address:?}");
        }
    }

    #[test]
    fn steps_that_are_asked_for_are_shown() {
        let of = |kind: &str, show: &str| HistoryFilter { kind: kind.into(), show: show.into(), ..Default::default() };
        assert!(of("step_taken", "").everything() && of("", "all").everything());
        assert!(!of("rollout_started", "").everything());
    }
}

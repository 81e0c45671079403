//! The words of compatibility: verdicts, outcomes, and the comparison of two sides.

use domain::compat::{CheckRules, CheckStep, HumilityRule, Mark, Outcome, Report, Verdict};
use domain::configuration::Configuration;

use super::{Tone, count, models};

/// The word that a verdict, an outcome or a step has on the wire; tests know it by that.
pub(crate) fn key(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The tone of a verdict; what is not verified is never good.
pub(crate) fn verdict(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Compatible => Tone::Good,
        Verdict::Warning => Tone::Warning,
        Verdict::NotVerified => Tone::Plain,
        Verdict::Incompatible | Verdict::Unreadable => Tone::Bad,
    }
}

/// The heading of a group of checks, with its tone.
pub(crate) fn outcome(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Failed => ("Failed", Tone::Bad),
        Outcome::Warning => ("Warnings", Tone::Warning),
        Outcome::NotVerified => ("Not verified", Tone::Plain),
        Outcome::Passed => ("Passed", Tone::Good),
    }
}

/// The number of checks with each outcome, worst first; outcomes without a check are left out.
pub(crate) fn counts(report: &Report) -> String {
    let of = |outcome| report.with(outcome).count();
    let parts = [
        (of(Outcome::Failed), "failed".to_owned()),
        (of(Outcome::Warning), if of(Outcome::Warning) == 1 { "warning".to_owned() } else { "warnings".to_owned() }),
        (of(Outcome::NotVerified), "not verified".to_owned()),
        (of(Outcome::Passed), "passed".to_owned()),
    ];
    let parts: Vec<_> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if parts.is_empty() { "nothing was checked".to_owned() } else { parts.join(" · ") }
}

/// The comparison of two sides as a sign and a word.
pub(crate) fn mark(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Equal => ("=", "equal"),
        Mark::Changed => ("≠", "changed"),
        Mark::Moved => ("↕", "moved"),
        Mark::Added => ("+", "new"),
        Mark::Removed => ("−", "removed"),
        Mark::Unknown => ("?", "not known"),
    }
}

/// *3 differences*, or that there is none.
pub(crate) fn differences(number: usize) -> String {
    if number == 0 { "equal".to_owned() } else { count(number, "difference", "differences") }
}

/// The check rules of a deployment that are set, each with its label.
pub(crate) fn check_rules(rules: &CheckRules) -> Vec<(&'static str, String)> {
    let humility: Vec<_> = rules.humility_rules.iter().map(rule).collect();
    let challengers =
        Some(&rules.challengers).filter(|models| !models.is_empty()).map(|challengers| models(challengers));
    let go_ahead = if rules.not_verified_warns { "need a go-ahead, like warnings" } else { "" };
    let environment = if rules.environment_must_fit { "is refused" } else { "" };
    let parts = [
        ("segment attributes", rules.segment_attributes.join(", ")),
        ("humility rules", humility.join("; ")),
        ("challengers", challengers.unwrap_or_default()),
        ("unverified checks", go_ahead.to_owned()),
        ("a Python environment that cannot be built", environment.to_owned()),
    ];
    parts.into_iter().filter(|(_, words)| !words.is_empty()).collect()
}

fn rule(rule: &HumilityRule) -> String {
    let seen: Vec<_> = rule.features.iter().chain(&rule.outputs).map(String::as_str).collect();
    format!("{} (looks at {})", rule.name, seen.join(", "))
}

/// A check in progress in words, as in *Checking iris v2: loads in a scratch replica*.
pub(crate) fn checking(candidate: &Configuration, step: CheckStep) -> String {
    let what = match candidate.models.as_slice() {
        [] => candidate.name.clone(),
        bound => models(bound),
    };
    let mut step = step.title().to_owned();
    step.get_mut(..1).into_iter().for_each(str::make_ascii_lowercase);
    format!("Checking {what}: {step}")
}

/// The reason for asking for a go-ahead where no check warns.
pub(crate) fn asks_go_ahead(report: &Report) -> Option<&'static str> {
    let silent = report.needs_go_ahead && !report.blocks() && report.with(Outcome::Warning).next().is_none();
    silent.then_some("This deployment's check rules ask for a go-ahead where a check is not verified.")
}

#[cfg(test)]
mod tests {
    use domain::compat::{Check, CheckName};

    use super::*;

    #[test]
    fn counts_name_what_there_is_worst_first() {
        let check = |outcome| Check {
            check: CheckName::Features,
            outcome,
            required: false,
            message: String::new(),
            current: None,
            candidate: None,
        };
        let report = |outcomes: &[Outcome]| Report::of(outcomes.iter().map(|outcome| check(*outcome)).collect(), false);
        let all = report(&[Outcome::Passed, Outcome::Failed, Outcome::NotVerified, Outcome::Warning, Outcome::Passed]);
        assert_eq!(counts(&all), "1 failed · 1 warning · 1 not verified · 2 passed");
        assert_eq!(counts(&report(&[])), "nothing was checked");

        let strict = |outcomes: &[Outcome]| Report::of(outcomes.iter().map(|outcome| check(*outcome)).collect(), true);
        assert!(asks_go_ahead(&strict(&[Outcome::NotVerified])).is_some());
        for report in [strict(&[Outcome::NotVerified, Outcome::Warning]), report(&[Outcome::NotVerified])] {
            assert_eq!(asks_go_ahead(&report), None);
        }
    }

    #[test]
    fn a_check_in_progress_is_said_in_a_line() {
        let candidate = Configuration { models: vec!["iris@2".parse().unwrap()], ..Configuration::default() };
        assert_eq!(checking(&candidate, CheckStep::Starting), "Checking iris v2: loads in a scratch replica");
    }

    #[test]
    fn only_rules_that_are_set_are_told() {
        assert_eq!(check_rules(&CheckRules::default()), []);
        let low =
            HumilityRule { name: "low".to_owned(), features: vec!["age".to_owned()], outputs: vec!["p".to_owned()] };
        let set = CheckRules { humility_rules: vec![low], ..CheckRules::default() };
        assert_eq!(check_rules(&set), [("humility rules", "low (looks at age, p)".to_owned())]);
    }
}

//! A table of rules, and the check that each of them holds.

use std::collections::BTreeSet;

use domain::compat::{Check, CheckName, Outcome, Report};
use domain::model::Signature;

use crate::build::compared;

/// A line that a report must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    check: CheckName,
    outcome: Outcome,
    required: bool,
}

const fn line(check: CheckName, outcome: Outcome, required: bool) -> Line {
    Line { check, outcome, required }
}

/// A check that nothing speaks against.
pub(crate) const fn passed(check: CheckName) -> Line {
    line(check, Outcome::Passed, false)
}

/// A check after which a person should look.
pub(crate) const fn warns(check: CheckName) -> Line {
    line(check, Outcome::Warning, false)
}

/// A check that forbids replacing the model in use.
pub(crate) const fn fails(check: CheckName) -> Line {
    line(check, Outcome::Failed, false)
}

/// A check that could not be made.
pub(crate) const fn open(check: CheckName) -> Line {
    line(check, Outcome::NotVerified, false)
}

/// A check that could not be made, and without which nothing can be said.
pub(crate) const fn unknown(check: CheckName) -> Line {
    line(check, Outcome::NotVerified, true)
}

/// A change of the side in use and of the candidate's.
pub(crate) type Change = fn(&mut Signature, &mut Signature);

/// A rule, the change that brings it about, the lines that are new then, and words of the first one's sentence.
pub(crate) type Row<'a> = (&'a str, Change, &'a [Line], &'a [&'a str]);

/// The checks that pass only when none of the others beside them says anything.
const SUMS: [(CheckName, &[CheckName]); 3] = [
    (
        CheckName::Features,
        &[CheckName::NewFeature, CheckName::NewFeatureOptional, CheckName::InputAdded, CheckName::InputRemoved],
    ),
    (CheckName::OutputNames, &[CheckName::OutputRenamed, CheckName::OutputRemoved, CheckName::OutputPosition]),
    (
        CheckName::Parameters,
        &[
            CheckName::ParamAdded,
            CheckName::ParamRemoved,
            CheckName::ParamDefault,
            CheckName::ParamType,
            CheckName::ParamShape,
        ],
    ),
];

/// Every rule of a table holds.
pub(crate) fn hold(base: &Signature, rows: &[Row<'_>]) {
    let unchanged = compared(base, base);
    let calm = |check: &Check| matches!(check.outcome, Outcome::Passed | Outcome::NotVerified);
    assert!(unchanged.checks.iter().all(calm), "{unchanged:#?}");
    for (rule, change, wanted, words) in rows {
        let (mut old, mut new) = (base.clone(), base.clone());
        change(&mut old, &mut new);
        says(rule, &unchanged, &compared(&old, &new), wanted, words);
    }
}

/// `report` differs from `unchanged` in exactly the lines `wanted`; that a thing passes has to be wanted only to be seen.
pub(crate) fn says(rule: &str, unchanged: &Report, report: &Report, wanted: &[Line], words: &[&str]) {
    let lines = |report: &Report| -> BTreeSet<Line> { report.checks.iter().map(of).collect() };
    let (before, after) = (lines(unchanged), lines(report));
    let wanted_lines: BTreeSet<Line> = wanted.iter().copied().collect();
    let speaks = |line: &&Line| line.outcome != Outcome::Passed && !before.contains(line);
    let speaking: Vec<&Line> = after.iter().filter(speaks).collect();
    let unwanted: Vec<_> = speaking.iter().filter(|line| !wanted_lines.contains(line)).collect();
    let missing: Vec<_> = wanted_lines.difference(&after).collect();
    assert!(
        unwanted.is_empty() && missing.is_empty(),
        "{rule}: unwanted {unwanted:?}, missing {missing:?}\n{report:#?}"
    );
    for line in wanted_lines.iter().filter(|line| line.outcome != Outcome::Passed) {
        let both = report.checks.iter().any(|check| of(check).check == line.check && of(check) == passed(line.check));
        assert!(!both, "{rule}: {:?} passes and does not\n{report:#?}", line.check);
    }
    for (sum, parts) in SUMS {
        let speak = report.checks.iter().any(|check| parts.contains(&check.check));
        assert!(!speak || !after.contains(&passed(sum)), "{rule}: {sum:?} passes all the same\n{report:#?}");
    }
    if let Some(first) = wanted.first() {
        let told = |check: &Check| of(check) == *first && words.iter().all(|word| check.message.contains(word));
        assert!(report.checks.iter().any(told), "{rule}: no sentence with {words:?}\n{report:#?}");
    }
    for check in report.checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed | Outcome::Warning)) {
        let sides = check.current.is_some() && check.candidate.is_some();
        assert!(sides || check.check >= CheckName::ModelLoads || check.check == CheckName::Challenger, "{check:?}");
    }
}

/// The sides of a check as a report shows them; none when it has no such line.
pub(crate) fn sides(report: &Report, check: CheckName) -> Option<(&str, &str)> {
    let line = report.checks.iter().find(|line| line.check == check)?;
    Some((line.current.as_deref().unwrap_or_default(), line.candidate.as_deref().unwrap_or_default()))
}

fn of(check: &Check) -> Line {
    line(check.check, check.outcome, check.required)
}

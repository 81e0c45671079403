//! The verdict that the lines of a report come to, and the demands that check rules may make.

use domain::compat::{Check, CheckName, CheckRules, HumilityRule, Outcome, Report, Verdict};

fn line(check: CheckName, outcome: Outcome, required: bool) -> Check {
    Check { check, outcome, required, message: "Something.".to_owned(), current: None, candidate: None }
}

/// Every combination of what a line can be.
#[test]
fn every_combination_of_outcomes_has_its_verdict() {
    let lines = [
        ("passed", line(CheckName::Features, Outcome::Passed, false)),
        ("open", line(CheckName::TargetName, Outcome::NotVerified, false)),
        ("unknown", line(CheckName::SignatureAbsent, Outcome::NotVerified, true)),
        ("warning", line(CheckName::InputRemoved, Outcome::Warning, false)),
        ("failed", line(CheckName::InputType, Outcome::Failed, false)),
        ("unreadable", line(CheckName::NotLoadable, Outcome::Failed, true)),
    ];
    for set in 0..1_u32 << lines.len() {
        let chosen: Vec<_> =
            lines.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, line)| line.clone()).collect();
        let has = |word| chosen.iter().any(|(name, _)| *name == word);
        for not_verified_warns in [false, true] {
            let checks = chosen.iter().map(|(_, check)| check.clone()).collect();
            let report = Report::of(checks, not_verified_warns);
            let not_verified = has("open") || has("unknown");
            let go_ahead = has("warning") || not_verified_warns && not_verified;
            let verdict = match () {
                () if has("unreadable") => Verdict::Unreadable,
                () if has("failed") => Verdict::Incompatible,
                () if has("unknown") => Verdict::NotVerified,
                () if go_ahead => Verdict::Warning,
                () => Verdict::Compatible,
            };
            let names: Vec<_> = chosen.iter().map(|(name, _)| *name).collect();
            assert_eq!((report.verdict, report.needs_go_ahead), (verdict, go_ahead), "{names:?} {not_verified_warns}");
            assert_eq!(report.blocks(), has("failed") || has("unreadable"), "{names:?}");
            for (outcome, words) in [
                (Outcome::Passed, vec!["passed"]),
                (Outcome::NotVerified, vec!["open", "unknown"]),
                (Outcome::Warning, vec!["warning"]),
            ] {
                let count = words.iter().filter(|word| has(word)).count();
                assert_eq!(report.with(outcome).count(), count, "{names:?} {outcome:?}");
            }
        }
    }
}

#[test]
fn only_what_cannot_be_read_or_loaded_is_unreadable() {
    use CheckName::*;
    let about_reading =
        [NotAModel, NotLoadable, ExternalData, ArtifactMissing, FormatUnsupported, UnsafeFormat, ModelLoads];
    let others = [SameFile, PackageKind, Routes, SignatureAbsent, TargetName, Features, SampleRequest, Memory];
    let verdict = |check, outcome| Report::of(vec![line(check, outcome, false)], false).verdict;
    for check in about_reading {
        assert_eq!(verdict(check, Outcome::Failed), Verdict::Unreadable, "{check}");
        assert_eq!(verdict(check, Outcome::NotVerified), Verdict::Compatible, "{check}");
        assert_eq!(verdict(check, Outcome::Warning), Verdict::Warning, "{check}");
    }
    for check in others {
        assert_eq!(verdict(check, Outcome::Failed), Verdict::Incompatible, "{check}");
    }
    // What must be known counts only while it is not.
    assert_eq!(Report::of(vec![line(Features, Outcome::Passed, true)], false).verdict, Verdict::Compatible);
}

#[test]
fn a_package_that_cannot_be_read_has_a_line_for_each_word() {
    let report = Report::unreadable(&[CheckName::FormatUnsupported, CheckName::UnsafeFormat], "It is a pickle.");
    assert_eq!((report.verdict, report.needs_go_ahead), (Verdict::Unreadable, false));
    let words: Vec<_> = report.with(Outcome::Failed).map(|check| (check.check, check.message.as_str())).collect();
    assert_eq!(
        words,
        [(CheckName::FormatUnsupported, "It is a pickle."), (CheckName::UnsafeFormat, "It is a pickle.")]
    );
}

#[test]
fn words_of_verdicts_and_checks() {
    let titles =
        [Verdict::Compatible, Verdict::Warning, Verdict::Incompatible, Verdict::NotVerified, Verdict::Unreadable]
            .map(Verdict::title);
    assert_eq!(titles, ["compatible", "compatible with warnings", "incompatible", "not verified", "cannot be loaded"]);
    assert_eq!(CheckName::ParamDefault.to_string(), "param_default");
    assert_eq!(CheckName::ParamDefault.title(), "Default of a parameter");
}

#[test]
fn check_rules_are_bounded() {
    let rule = |name: &str, features: usize, outputs: usize| HumilityRule {
        name: name.to_owned(),
        features: vec!["x".to_owned(); features],
        outputs: vec!["y".to_owned(); outputs],
    };
    let long = "x".repeat(513);
    let bare = CheckRules::default;
    let attributes = |count, name: &str| CheckRules { segment_attributes: vec![name.to_owned(); count], ..bare() };
    let rules = |count, rule: HumilityRule| CheckRules { humility_rules: vec![rule; count], ..bare() };
    let challengers = |count| CheckRules { challengers: vec!["iris@1".parse().expect("a model"); count], ..bare() };
    for fine in [
        bare(),
        attributes(64, "x"),
        attributes(1, &long[1..]),
        rules(64, rule("r", 32, 32)),
        rules(1, rule("r", 0, 0)),
        rules(1, rule(&long[1..], 0, 64)),
        challengers(64),
    ] {
        assert_eq!(fine.check(), Ok(()), "{fine:?}");
    }
    let mut unnamed = rule("r", 1, 1);
    unnamed.outputs[0].clear();
    let mut too_long = rule("r", 1, 1);
    too_long.features[0].clone_from(&long);
    for (wrong, field) in [
        (attributes(65, "x"), "checks.segment_attributes"),
        (attributes(1, ""), "checks.segment_attributes"),
        (attributes(1, &long), "checks.segment_attributes"),
        (rules(65, rule("r", 0, 0)), "checks.humility_rules"),
        (rules(1, rule("", 0, 0)), "checks.humility_rules"),
        (rules(1, rule(&long, 0, 0)), "checks.humility_rules"),
        (rules(1, rule("r", 33, 32)), "checks.humility_rules"),
        (rules(1, unnamed), "checks.humility_rules"),
        (rules(1, too_long), "checks.humility_rules"),
        (challengers(65), "checks.challengers"),
    ] {
        let (named, sentence) = wrong.check().expect_err("it is beyond its bounds");
        assert_eq!(named, field);
        assert!(sentence.contains("at most 64"), "{sentence}");
    }
}

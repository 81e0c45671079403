//! The findings of a scratch replica, and the report as a whole.

use domain::compat::CheckName::*;
use domain::compat::{Comparison, Trial, Verdict, report};
use domain::configuration::{Resources, Runtime};
use domain::model::Tried;

use super::{Row, Scene, hold};
use crate::build::{mlflow, side};
use crate::table::{fails, open, passed, unknown, warns};

fn tried(problem: &str) -> Tried {
    Tried::Failed { problem: problem.to_owned() }
}

fn untried(why: &str) -> Tried {
    Tried::NotTried { why: why.to_owned() }
}

#[test]
fn scratch_replicas() {
    let rows: &[Row<'_>] = &[
        (
            "it loads and answers",
            |_| {},
            &[passed(ModelLoads), passed(SampleRequest), passed(Memory)],
            &["iris@2 became ready"],
        ),
        (
            "nobody tried",
            |scene| scene.trial = None,
            &[open(ModelLoads)],
            &["iris@2 has not been tried in a scratch replica", "Check it first"],
        ),
        (
            "nobody tried, and it was loaded when it was registered",
            |scene| (scene.trial, scene.loads) = (None, Some(Tried::Worked)),
            &[open(SampleRequest), passed(ModelLoads)],
            &["iris@2 has not been asked in a scratch replica", "know that it answers"],
        ),
        (
            "nobody tried, and it could not be loaded when it was registered",
            |scene| (scene.trial, scene.loads) = (None, Some(tried("no such operator."))),
            &[warns(ModelLoads)],
            &["iris@2 could not be loaded when it was registered: no such operator. Check it"],
        ),
        (
            "nobody tried, and it could not be tried when it was registered",
            |scene| (scene.trial, scene.loads) = (None, Some(untried("its own program loads it"))),
            &[open(ModelLoads)],
            &["iris@2 has not been tried in a scratch replica"],
        ),
        (
            "a program of its own runs what the built-in runtime could not load",
            |scene| {
                (scene.trial, scene.loads) = (None, Some(tried("no such operator.")));
                scene.candidate.runtime = Runtime::Command;
            },
            &[open(ModelLoads), fails(Routes)],
            &["iris@2 has not been tried in a scratch replica"],
        ),
        (
            "what a scratch replica shows counts, not what was seen when it was registered",
            |scene| scene.loads = Some(tried("no such operator.")),
            &[passed(ModelLoads), passed(SampleRequest)],
            &["iris@2 became ready"],
        ),
        (
            "a guess was refused",
            |scene| {
                let problem = "it answers with status 400.".to_owned();
                scene.trial.as_mut().unwrap().answers = Tried::GuessRefused { problem };
            },
            &[unknown(SampleRequest), passed(ModelLoads)],
            &["a guess was not taken: it answers with status 400."],
        ),
        (
            "it does not load",
            |scene| {
                let trial = scene.trial.as_mut().unwrap();
                (trial.loads, trial.answers) = (tried("no such operator."), untried("It did not become ready."));
                trial.memory_bytes = None;
            },
            &[fails(ModelLoads), open(SampleRequest)],
            &["iris@2 does not become ready: no such operator."],
        ),
        (
            "it does not answer",
            |scene| scene.trial.as_mut().unwrap().answers = tried("it answered 500."),
            &[fails(SampleRequest), passed(ModelLoads)],
            &["iris@2 does not answer a sample request as it should: it answered 500."],
        ),
        (
            "no request could be made",
            |scene| scene.trial.as_mut().unwrap().answers = untried("Its signature is not known."),
            &[open(SampleRequest), passed(ModelLoads)],
            &["Its signature is not known."],
        ),
        (
            "no replica could be started",
            |scene| scene.trial.as_mut().unwrap().loads = untried("The machine is full."),
            &[open(ModelLoads)],
            &["The machine is full."],
        ),
        (
            "an external model is looked for",
            |scene| scene.candidate.runtime = Runtime::External,
            &[passed(ModelLoads)],
            &["iris@2 is there: its URL answers"],
        ),
        (
            "an external model is not there",
            |scene| {
                scene.candidate.runtime = Runtime::External;
                scene.trial.as_mut().unwrap().loads = tried("connection refused");
            },
            &[fails(ModelLoads)],
            &["iris@2 is not there: connection refused"],
        ),
        (
            "a configuration without a registered model",
            |scene| {
                scene.models = (None, None);
                scene.trial = None;
            },
            &[open(ModelLoads)],
            &["plain has not been tried"],
        ),
    ];
    hold(rows);
    let mut scene = Scene::default();
    scene.trial.as_mut().unwrap().loads = tried("no such operator.");
    assert_eq!(scene.report().verdict, Verdict::Unreadable);
    scene.trial = Some(Trial { loads: Tried::Worked, answers: tried("500."), memory_bytes: None, startup_ms: None });
    assert_eq!(scene.report().verdict, Verdict::Incompatible);
    assert!(scene.report().checks.iter().all(|check| check.check != Memory));
}

#[test]
fn memory() {
    fn took(scene: &mut Scene, bytes: u64, limit: Option<f64>) {
        scene.trial.as_mut().unwrap().memory_bytes = Some(bytes);
        scene.candidate.resources = Resources { memory_gb: 1.0, memory_gb_limit: limit, ..Resources::default() };
    }
    let rows: &[Row<'_>] = &[
        (
            "as much as it asks for",
            |scene| took(scene, 1_000_000_000, None),
            &[passed(Memory)],
            &["iris@2 took 1.00 GB"],
        ),
        (
            "more than it asks for",
            |scene| took(scene, 1_500_000_000, None),
            &[warns(Memory)],
            &["iris@2 took 1.50 GB of memory, more than a replica asks for (1 GB)", "resources.memory_gb."],
        ),
        (
            "more than it asks for and as much as it may have",
            |scene| took(scene, 2_000_000_000, Some(2.0)),
            &[warns(Memory)],
            &["asks for (1 GB)"],
        ),
        (
            "more than it may have",
            |scene| took(scene, 2_010_000_000, Some(2.0)),
            &[fails(Memory)],
            &["iris@2 took 2.01 GB of memory, more than a replica may have (2 GB)", "memory_gb_limit"],
        ),
        ("less than it asks for", |scene| took(scene, 5, Some(2.0)), &[passed(Memory)], &["0.00 GB"]),
    ];
    hold(rows);
    let mut scene = Scene::default();
    took(&mut scene, 5, Some(2.0));
    let told = |scene: &Scene| {
        let report = scene.report();
        let line = report.checks.into_iter().find(|check| check.check == Memory).unwrap();
        (line.current.unwrap(), line.candidate.unwrap())
    };
    assert_eq!(told(&scene), ("1 GB, at most 2 GB".to_owned(), "0.00 GB".to_owned()));
    took(&mut scene, 5, None);
    assert_eq!(told(&scene).0, "1 GB");
}

#[test]
fn a_report_names_both_models_and_takes_the_check_rules_into_account() {
    let mut scene = Scene { trial: None, ..Scene::default() };
    let calm = scene.report();
    assert_eq!((calm.verdict, calm.needs_go_ahead), (Verdict::Compatible, false));
    let models = (calm.current.map(|model| model.to_string()), calm.candidate.map(|model| model.to_string()));
    assert_eq!(models, (Some("iris@1".to_owned()), Some("iris@2".to_owned())));
    scene.rules.not_verified_warns = true;
    let strict = scene.report();
    assert_eq!((strict.verdict, strict.needs_go_ahead), (Verdict::Warning, true));
    scene.models = (None, None);
    let alone = scene.report();
    assert_eq!((alone.current, alone.candidate), (None, None));

    // Two models that are only compared ask for nothing.
    let (old, new) = (mlflow(), mlflow());
    let question = Comparison {
        current: Some(side("iris@1", &scene.digests.0, &old)),
        candidate: Some(side("iris@2", &scene.digests.1, &new)),
        place: None,
    };
    let compared = report(&question);
    assert!(compared.checks.iter().all(|check| ![Challenger, ModelLoads].contains(&check.check)), "{compared:#?}");
    assert_eq!(compared.verdict, Verdict::Compatible);
    // What was seen when it was registered is said all the same.
    let broken = Some(tried("no such operator."));
    let mut question = question;
    if let Some(side) = &mut question.candidate {
        side.loads = broken.as_ref();
    }
    assert_eq!(report(&question).verdict, Verdict::Unreadable);
    let first = Comparison { current: None, ..question };
    assert!(report(&first).checks.is_empty());
}

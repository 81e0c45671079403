//! The demands of a deployment on a candidate, and the findings of a scratch replica.

mod asks;
mod environment;
mod routes;
mod trial;

use domain::compat::{CheckRules, Comparison, DeploymentContext, Report, Side, Trial, Verdict, report};
use domain::configuration::Configuration;
use domain::id::{Digest, ModelRef};
use domain::model::{Signature, Tried};
use domain::python::{AskedEnvironment, Pythons};

use crate::build::{digest, onnx_columns, side};
use crate::table::{Line, says};

/// A deployment that uses `iris@1`, and a candidate for it.
struct Scene {
    old: Signature,
    new: Signature,
    models: (Option<&'static str>, Option<&'static str>),
    digests: (Digest, Digest),
    /// `None`: nothing was rolled out before.
    current: Option<Configuration>,
    candidate: Configuration,
    rules: CheckRules,
    challengers: Vec<(ModelRef, Digest)>,
    trial: Option<Trial>,
    /// The outcome of loading the candidate when it was registered.
    loads: Option<Tried>,
    /// The Python environment that the candidate asks for.
    environment: Option<AskedEnvironment>,
    pythons: Pythons,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            old: onnx_columns(),
            new: onnx_columns(),
            models: (Some("iris@1"), Some("iris@2")),
            digests: (digest('a'), digest('b')),
            current: Some(Configuration::default()),
            candidate: Configuration { name: "plain".to_owned(), ..Configuration::default() },
            rules: CheckRules::default(),
            challengers: Vec::new(),
            trial: Some(Trial {
                loads: Tried::Worked,
                answers: Tried::Worked,
                memory_bytes: Some(100_000_000),
                startup_ms: None,
            }),
            loads: None,
            environment: None,
            pythons: [10, 11].into_iter().collect(),
        }
    }
}

impl Scene {
    fn report(&self) -> Report {
        report(&Comparison {
            current: self.models.0.map(|model| side(model, &self.digests.0, &self.old)),
            candidate: self.models.1.map(|model| Side {
                loads: self.loads.as_ref(),
                environment: self.environment.as_ref(),
                ..side(model, &self.digests.1, &self.new)
            }),
            place: Some(DeploymentContext {
                current: self.current.as_ref().map(|current| (current, current.serving_routes(None))),
                candidate: &self.candidate,
                routes: self.candidate.serving_routes(None),
                rules: &self.rules,
                pythons: self.pythons,
                challengers: &self.challengers,
                trial: self.trial.as_ref(),
            }),
        })
    }
}

type Row<'a> = (&'a str, fn(&mut Scene), &'a [Line], &'a [&'a str]);

fn hold(rows: &[Row<'_>]) {
    let unchanged = Scene::default().report();
    assert_eq!(unchanged.verdict, Verdict::Compatible, "{unchanged:#?}");
    for (rule, change, wanted, words) in rows {
        let mut scene = Scene::default();
        change(&mut scene);
        says(rule, &unchanged, &scene.report(), wanted, words);
    }
}

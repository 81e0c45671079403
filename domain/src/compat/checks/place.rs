//! The checks of a candidate against the rules of its deployment, and against the findings of a scratch replica.

use std::collections::HashSet;

use super::line::{line, list, word};
use super::package::{loaded, not_loaded};
use super::routes;
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Comparison, DeploymentContext, Side};
use crate::compat::trial::Trial;
use crate::configuration::{Resources, Runtime};
use crate::model::{Signature, Tried};

/// Bytes of a gigabyte, as `memory_gb` counts them.
const GIGABYTE: f64 = 1e9;

/// Adds the lines of a deployment. A file that is in use already is a warning here: an update to it changes nothing.
pub(in crate::compat) fn in_place(question: &Comparison<'_>, place: &DeploymentContext<'_>, lines: &mut Vec<Check>) {
    if let Some(candidate) = &question.candidate {
        if question.current.as_ref().is_some_and(|current| current.digest == candidate.digest) {
            let same = lines.iter_mut().filter(|line| line.check == CheckName::SameFile);
            same.for_each(|line| line.outcome = Outcome::Warning);
        }
        lines.push(challenger(candidate, place));
        lines.extend(segment_attributes(candidate, place));
        lines.extend(humility_rules(candidate, place));
        lines.extend(environment(candidate, place));
    }
    let external = place.candidate.runtime == Runtime::External;
    if let Some((current, routes)) = &place.current
        && !external
    {
        lines.retain(|line| line.check != CheckName::Routes);
        lines.push(routes::shared(question, place, current, routes));
    }
    let name = question.candidate.as_ref().map_or_else(|| place.candidate.name.clone(), |side| side.model.to_string());
    lines.retain(|line| line.check != CheckName::ModelLoads);
    // What runs it otherwise may load what its own runtime does not.
    let own = question.candidate.as_ref().filter(|side| side.runtime == place.candidate.runtime);
    match place.trial {
        None => lines.extend(untried(&name, own.and_then(|side| side.loads))),
        Some(trial) if external => lines.push(seen(&name, trial)),
        Some(trial) => lines.extend(tried_out(&name, &place.candidate.resources, trial)),
    }
}

/// Challengers are compared with the model in use; none of them may take its place unseen (DR-3), by name or by bytes.
fn challenger(candidate: &Side<'_>, place: &DeploymentContext<'_>) -> Check {
    let named = place.rules.challengers.iter().find(|model| **model == candidate.model);
    let alike = place.challengers.iter().find(|(_, digest)| digest == candidate.digest).map(|(model, _)| model);
    let is = match (named, alike) {
        (Some(_), _) => "a challenger of this deployment".to_owned(),
        (None, Some(model)) => format!("byte for byte {model}, a challenger of this deployment"),
        (None, None) => {
            let message = format!("{} is none of the deployment's challengers.", candidate.model);
            return line(CheckName::Challenger, Outcome::Passed, message);
        }
    };
    let message = format!(
        "{} is {is}. Take it off the list of challengers before it replaces the model in use.",
        candidate.model
    );
    line(CheckName::Challenger, Outcome::Failed, message)
}

/// Names that a candidate's signature gives.
struct Named<'a> {
    names: HashSet<&'a str>,
    /// True when it can have no others.
    all: bool,
}

impl<'a> Named<'a> {
    /// The names of the features.
    fn features(signature: &'a Signature) -> Self {
        let inputs = signature.inputs.iter();
        let columns = inputs.clone().all(|input| super::features::is_column(input) && !input.name.is_empty());
        let beside = signature.features.iter().flatten().map(String::as_str);
        Self {
            names: inputs.map(|input| input.name.as_str()).chain(beside).collect(),
            all: !signature.absent && !signature.inputs.is_empty() && (columns || signature.features.is_some()),
        }
    }

    /// The names of the outputs.
    fn outputs(signature: &'a Signature) -> Self {
        let outputs = &signature.outputs;
        Self {
            names: outputs.iter().map(|output| output.name.as_str()).collect(),
            all: !signature.absent && !outputs.is_empty() && outputs.iter().all(|output| !output.name.is_empty()),
        }
    }

    /// The names among `wanted` that this side lacks, and true when that cannot be told because some things here have
    /// no name.
    fn lacks<'b>(&self, wanted: &'b [String]) -> (Vec<&'b str>, bool) {
        let lacking: Vec<&str> = wanted.iter().map(String::as_str).filter(|name| !self.names.contains(name)).collect();
        let unknown = !lacking.is_empty() && !self.all;
        if unknown { (Vec::new(), true) } else { (lacking, false) }
    }
}

/// Features that statistics are split by must be there.
fn segment_attributes(candidate: &Side<'_>, place: &DeploymentContext<'_>) -> Option<Check> {
    let wanted = &place.rules.segment_attributes;
    if wanted.is_empty() {
        return None;
    }
    let asked = list(wanted.iter().map(String::as_str));
    let (missing, unknown) = Named::features(candidate.signature).lacks(wanted);
    let (check, has) = if unknown {
        let message = format!(
            "{} does not name all its features, so whether it has {asked} cannot be told. Declare their names when registering it.",
            candidate.model
        );
        (line(CheckName::SegmentAttributes, Outcome::NotVerified, message).must_be_known(), "not named".to_owned())
    } else if missing.is_empty() {
        let message = format!("{} has every segment attribute.", candidate.model);
        (line(CheckName::SegmentAttributes, Outcome::Passed, message), asked.clone())
    } else {
        let missing = list(missing);
        let message = format!(
            "{} has no feature {missing}, which statistics of this deployment are split by. Add it, or take it off the segment attributes.",
            candidate.model
        );
        (line(CheckName::SegmentAttributes, Outcome::Failed, message), format!("lacks {missing}"))
    };
    Some(check.sides(asked, has))
}

/// Each rule needs the features and outputs that it looks at.
fn humility_rules(candidate: &Side<'_>, place: &DeploymentContext<'_>) -> Vec<Check> {
    let (features, outputs) = (Named::features(candidate.signature), Named::outputs(candidate.signature));
    let mut lines = Vec::new();
    for rule in &place.rules.humility_rules {
        let name = word(&rule.name);
        let (mut missing, no_features) = features.lacks(&rule.features);
        let (no_output, no_outputs) = outputs.lacks(&rule.outputs);
        missing.extend(no_output);
        let check = if !missing.is_empty() {
            let message = format!(
                "The humility rule {name} looks at {}, which {} does not have. Change the rule, or keep the names.",
                list(missing),
                candidate.model
            );
            line(CheckName::HumilityRules, Outcome::Failed, message)
        } else if no_features || no_outputs {
            let message = format!(
                "{} does not name all that the humility rule {name} may look at, so whether the rule works cannot be told. Declare the names when registering it, or change the rule.",
                candidate.model
            );
            line(CheckName::HumilityRules, Outcome::NotVerified, message).must_be_known()
        } else {
            let message = format!("{} has what the humility rule {name} looks at.", candidate.model);
            line(CheckName::HumilityRules, Outcome::Passed, message)
        };
        let wanted = list(rule.features.iter().chain(&rule.outputs).map(String::as_str));
        lines.push(check.sides(wanted, candidate.model.to_string()));
    }
    lines
}

/// An environment is made of what the package asks for, as far as the machine has it.
fn environment(candidate: &Side<'_>, place: &DeploymentContext<'_>) -> Option<Check> {
    let asked = candidate.environment.filter(|_| place.candidate.runtime == Runtime::Mlflow)?;
    let short = asked.shortcomings(&candidate.model.to_string(), place.pythons);
    if short.is_empty() {
        let message = format!("The Python environment of {} is made as its package asks.", candidate.model);
        return Some(line(CheckName::Environment, Outcome::Passed, message));
    }
    let outcome = if place.rules.environment_must_fit || asked.impossible { Outcome::Failed } else { Outcome::Warning };
    Some(line(CheckName::Environment, outcome, short.join(" ")))
}

/// Without a scratch replica what is known is what was seen when it was registered. That it could not be loaded then is a
/// warning here: the runtime may be another one by now, and a rollout that cannot succeed goes back by itself.
fn untried(name: &str, loads: Option<&Tried>) -> Vec<Check> {
    let ask = |what: &str| format!("{name} has not been {what} in a scratch replica. Check it first to know that it");
    match loads {
        Some(Tried::Worked) => vec![
            line(CheckName::ModelLoads, Outcome::Passed, loaded(name)),
            line(CheckName::SampleRequest, Outcome::NotVerified, format!("{} answers.", ask("asked"))),
        ],
        Some(Tried::Failed { problem }) => {
            let message = format!(
                "{} Check it to see whether a replica can load it; an update to it would fail.",
                not_loaded(name, problem)
            );
            vec![line(CheckName::ModelLoads, Outcome::Warning, message)]
        }
        Some(Tried::GuessRefused { .. } | Tried::NotTried { .. }) | None => {
            vec![line(CheckName::ModelLoads, Outcome::NotVerified, format!("{} loads and answers.", ask("tried")))]
        }
    }
}

/// Nothing was loaded here: somebody looked whether it is there.
fn seen(name: &str, trial: &Trial) -> Check {
    tried(CheckName::ModelLoads, &trial.loads, |problem| match problem {
        None => format!("{name} is there: its URL answers."),
        Some(problem) => format!("{name} is not there: {problem}"),
    })
}

/// Loads, answers, and how much memory that took.
fn tried_out(name: &str, resources: &Resources, trial: &Trial) -> Vec<Check> {
    let mut lines = vec![
        tried(CheckName::ModelLoads, &trial.loads, |problem| match problem {
            None => format!("{} became ready in a scratch replica.", name),
            Some(problem) => format!("{} does not become ready: {problem}", name),
        }),
        tried(CheckName::SampleRequest, &trial.answers, |problem| match problem {
            None => format!("A scratch replica of {} answered a sample request.", name),
            Some(problem) => format!("{} does not answer a sample request as it should: {problem}", name),
        }),
    ];
    lines.extend(memory(name, resources, trial.memory_bytes));
    lines
}

fn tried(check: CheckName, tried: &Tried, sentence: impl Fn(Option<&str>) -> String) -> Check {
    match tried {
        Tried::Worked => line(check, Outcome::Passed, sentence(None)),
        Tried::Failed { problem } => line(check, Outcome::Failed, sentence(Some(problem))),
        // Not the model's fault for certain, and no reason to call it compatible.
        Tried::GuessRefused { problem } => {
            let message = format!("What a request holds is not wholly known, and a guess was not taken: {problem}");
            line(check, Outcome::NotVerified, message).must_be_known()
        }
        Tried::NotTried { why } => line(check, Outcome::NotVerified, why.clone()),
    }
}

/// More than a replica asks for is a warning, more than it may have is a failure.
fn memory(name: &str, resources: &Resources, bytes: Option<u64>) -> Option<Check> {
    let needed = bytes? as f64 / GIGABYTE;
    let asked = resources.memory_gb;
    let needs = format!("{needed:.2} GB");
    let may = match resources.memory_gb_limit {
        Some(limit) => format!("{asked} GB, at most {limit} GB"),
        None => format!("{asked} GB"),
    };
    let check = if let Some(limit) = resources.memory_gb_limit.filter(|limit| needed > *limit) {
        let message = format!(
            "{name} took {needs} of memory, more than a replica may have ({limit} GB). Raise resources.memory_gb_limit."
        );
        line(CheckName::Memory, Outcome::Failed, message)
    } else if needed > asked {
        let message = format!(
            "{} took {needs} of memory, more than a replica asks for ({asked} GB). Raise resources.memory_gb.",
            name
        );
        line(CheckName::Memory, Outcome::Warning, message)
    } else {
        line(CheckName::Memory, Outcome::Passed, format!("{} took {needs} of memory.", name))
    };
    Some(check.sides(may, needs))
}

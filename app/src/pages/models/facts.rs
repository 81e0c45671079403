//! The facts about a version of a model: label, value, and whether a person declared it. Pure.

use domain::compat::{format_word, task_word};
use domain::model::{Packing, Part, RegisteredModel, Signature, Tried};

use crate::words::{self, numbers};

/// The facts about a version: label, value, and true for one that a person declared.
pub(super) fn facts(model: &RegisteredModel) -> Vec<(String, String, bool)> {
    let signature = &model.signature;
    let declared = |part| signature.declared.contains(&part);
    let mut facts = vec![("kind", model.kind.title().to_owned(), false)];
    let mut tell = |label, value: Option<String>, declared| {
        facts.extend(value.filter(|value| !value.is_empty()).map(|value| (label, value, declared)));
    };
    let loads = model.loads.as_ref().map(|loads| match loads {
        Tried::Worked => "yes, tried when it was registered".to_owned(),
        Tried::Failed { problem } => format!("no: {problem}"),
        Tried::GuessRefused { problem } => format!("not known: the guessed request was refused: {problem}"),
        Tried::NotTried { why } => format!("not tried: {why}"),
    });
    tell("can be loaded", loads, false);
    tell("format", Some(format_word(signature.format).to_owned()), false);
    tell("runs at", model.url.clone(), false);
    tell("command", model.custom.as_ref().map(|custom| custom.command.join(" ")), false);
    let asked = model.environment.as_ref();
    tell("Python", asked.and_then(|asked| asked.python.clone()), false);
    tell("requirements", asked.map(|asked| asked.requirements.join(", ")), false);
    tell("constraints", asked.map(|asked| asked.constraints.join(", ")), false);
    tell("requirements left out", asked.map(|asked| asked.left_out.join("; ")), false);
    tell("producer", Some(signature.producer.clone()), false);
    tell("operator sets", Some(opsets(signature)), false);
    tell("flavours", Some(signature.flavors.join(", ")), false);
    tell("run id", signature.run_id.clone(), false);
    tell("input example", signature.input_example.clone(), false);
    tell("target name", signature.target.name.clone(), declared(Part::TargetName));
    tell("target type", signature.target.task.map(|task| task_word(task).to_owned()), declared(Part::TargetType));
    let series = signature.series.as_ref();
    tell("time column", series.and_then(|series| series.datetime_column.clone()), declared(Part::Series));
    tell("horizon", series.and_then(|series| series.horizon.map(steps)), declared(Part::Series));
    tell("window", series.and_then(|series| series.window.map(steps)), declared(Part::Series));
    tell("frequency", series.and_then(|series| series.frequency.clone()), declared(Part::Series));
    tell("segment column", series.and_then(|series| series.segment_column.clone()), declared(Part::Series));
    tell("interval level", signature.interval_level.map(numbers::share), declared(Part::IntervalLevel));
    tell("size", Some(numbers::bytes(model.size)).filter(|_| model.packing != Packing::Nothing), false);
    let properties = model.properties.iter().map(|(key, value)| (key.clone(), value.clone(), false));
    facts.into_iter().map(|(label, value, declared)| (label.to_owned(), value, declared)).chain(properties).collect()
}

fn steps(steps: u64) -> String {
    words::count(usize::try_from(steps).unwrap_or(usize::MAX), "step", "steps")
}

fn opsets(signature: &Signature) -> String {
    let sets = signature.opsets.iter().map(|(domain, version)| match domain.as_str() {
        "" => format!("ai.onnx {version}"),
        domain => format!("{domain} {version}"),
    });
    sets.collect::<Vec<_>>().join(", ")
}

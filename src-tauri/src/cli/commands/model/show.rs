//! `model show`: a model with its versions, or one version with all that is known of it.

use std::collections::BTreeMap;
use std::io;

use domain::id::{ModelName, ModelRef};
use domain::model::{CustomPackage, Dimension, Field, Parameter, Series, Signature, Tried, ValueKind};
use domain::wire::{ModelVersionView, ModelView};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, printable};

/// Most names of a list that are written out.
const MOST: usize = 40;

pub(super) async fn show(context: &mut Context, model: &str) -> Result<(), CliError> {
    let usage = |error: domain::id::InvalidId| CliError::Usage(error.to_string());
    if model.contains('@') {
        let model: ModelRef = model.parse().map_err(usage)?;
        let path = ["models", model.name.as_str(), "versions", &model.version.to_string()];
        let answer = context.client.get(&path, &[]).await?;
        return context.answer(&answer, version);
    }
    let name: ModelName = model.parse().map_err(usage)?;
    let answer = context.client.get(&["models", name.as_str()], &[]).await?;
    context.answer(&answer, versions)
}

fn version(io: &mut Io, view: ModelVersionView) -> io::Result<()> {
    let model = &view.model;
    io.line(io.strong(&format!("{}@{}", model.name, model.version)))?;
    let pairs = |map: &BTreeMap<String, String>| {
        text::list(
            &map.iter().map(|(key, value)| printable(&format!("{key}={value}")).into_owned()).collect::<Vec<_>>(),
        )
    };
    let mut facts = Facts::new();
    facts.add("kind", model.kind.to_string());
    match &model.url {
        Some(url) => facts.add("url", printable(url)),
        None => facts
            .add("packing", model.packing.to_string())
            .add("size", text::size(model.size))
            .add("digest", model.digest.as_str()),
    };
    if !model.entry.is_empty() {
        facts.add("entry", printable(&model.entry));
    }
    if let Some(custom) = &model.custom {
        add_custom(&mut facts, custom);
    }
    if let Some(asked) = &model.environment {
        facts.add("python", asked.python.as_deref().map_or("not said".into(), printable));
        facts.add("requirements", names(&asked.requirements));
        for (name, lines) in [("constraints", &asked.constraints), ("left out", &asked.left_out)] {
            if !lines.is_empty() {
                facts.add(name, names(lines));
            }
        }
    }
    add_signature(&mut facts, &model.signature);
    for warning in &view.warnings {
        facts.add("warning", printable(warning));
    }
    if let Some(loads) = &model.loads {
        facts.add("loads", loading(loads));
    }
    facts.add("tags", pairs(&model.tags)).add("properties", pairs(&model.properties));
    if !model.description.is_empty() {
        facts.add("description", printable(&model.description));
    }
    facts
        .add("registered", format!("{} by {}", text::time(model.registered_at, &io.zone), model.registered_by))
        .add("in use by", text::list(&view.in_use_by));
    if !view.stopped_deployments.is_empty() {
        facts.add("stopped with it", text::list(&view.stopped_deployments));
    }
    for bad in &view.known_bad {
        let since = text::time(bad.quarantine.at, &io.zone);
        facts.add("known bad", format!("at {} since {since}: {}", bad.deployment, printable(&bad.quarantine.reason)));
    }
    if !view.restorable_by.is_empty() {
        facts.add("gone back to by", text::list(&view.restorable_by));
    }
    facts.show(io)
}

fn add_custom(facts: &mut Facts, custom: &CustomPackage) {
    facts.add(
        "command",
        printable(
            &shlex::try_join(custom.command.iter().map(String::as_str)).unwrap_or_else(|_| custom.command.join(" ")),
        ),
    );
    for (name, route) in [("predict", &custom.predict), ("health", &custom.health)] {
        if let Some(route) = route {
            facts.add(name, printable(route));
        }
    }
    if !custom.requirements.is_empty() {
        facts.add("requirements", names(&custom.requirements));
    }
}

fn add_signature(facts: &mut Facts, signature: &Signature) {
    if signature.absent {
        facts.add("input", "not said").add("output", "not said");
    } else {
        facts.add("input", fields(&signature.inputs)).add("output", fields(&signature.outputs));
    }
    if let Some(features) = &signature.features {
        facts.add("features", names(features));
    }
    if !signature.parameters.is_empty() {
        facts.add("parameters", text::list(&signature.parameters.iter().map(parameter).collect::<Vec<_>>()));
    }
    let target = &signature.target;
    if target.name.is_some() || target.task.is_some() {
        let name = target.name.as_deref().map(|name| printable(name).into_owned());
        let task = target.task.map(|task| task.to_string());
        facts.add("target", name.into_iter().chain(task).collect::<Vec<_>>().join(", "));
    }
    match (&signature.classes, signature.class_count) {
        (Some(classes), _) => {
            facts.add("classes", names(classes));
        }
        (None, Some(count)) => {
            facts.add("classes", format!("{count}, without names"));
        }
        (None, None) => {}
    }
    if let Some(series) = &signature.series {
        facts.add("series", of_series(series));
    }
    if let Some(level) = signature.interval_level {
        facts.add("intervals", format!("hold {level} of the outcomes"));
    }
    if !signature.flavors.is_empty() {
        facts.add("flavors", names(&signature.flavors));
    }
    if !signature.producer.is_empty() {
        facts.add("producer", printable(&signature.producer));
    }
    if !signature.declared.is_empty() {
        facts.add("declared", text::list(&signature.declared.iter().map(ToString::to_string).collect::<Vec<_>>()));
    }
}

fn versions(io: &mut Io, view: ModelView) -> io::Result<()> {
    let mut table = Table::new(["VERSION", "KIND", "SIZE", "REGISTERED", "BY", "IN USE BY", "DESCRIPTION"]);
    for version in &view.versions {
        let model = &version.model;
        table.row([
            format!("{}@{}", model.name, model.version),
            model.kind.to_string(),
            text::size(model.size),
            text::time(model.registered_at, &io.zone),
            model.registered_by.to_string(),
            text::list(&version.in_use_by),
            text::short(&printable(&model.description), 40),
        ]);
    }
    table.show(io, 0)?;
    match view.version_count.saturating_sub(view.versions.len() as u64) {
        0 => Ok(()),
        more => io.line(io.faint(&format!("{} more, older", text::count(more, "version")))),
    }
}

/// The outcome of loading it once.
pub(super) fn loading(loads: &Tried) -> String {
    match loads {
        Tried::Worked => "yes, seen when it was registered".to_owned(),
        Tried::Failed { problem } | Tried::GuessRefused { problem } => format!("no: {}", printable(problem)),
        Tried::NotTried { why } => format!("not tried: {}", printable(why)),
    }
}

/// Inputs or outputs in a line.
pub(super) fn fields(fields: &[Field]) -> String {
    let one = |field: &Field| {
        let kind = match field.kind {
            ValueKind::Tensor | ValueKind::Column => "",
            ValueKind::Sequence | ValueKind::Map => "",
            ValueKind::Optional => " (optional)",
        };
        let name = if field.name.is_empty() { "(unnamed)".into() } else { printable(&field.name) };
        let left_out = if field.required { "" } else { " (may be left out)" };
        let datatype = if field.datatype.is_empty() { "?".into() } else { printable(&field.datatype) };
        format!("{name} {datatype}{}{kind}{left_out}", shape(field.shape.as_deref()))
    };
    some(fields.iter().map(one), fields.len())
}

fn shape(shape: Option<&[Dimension]>) -> String {
    let dimension = |dimension: &Dimension| match dimension {
        Dimension::Fixed(size) => size.to_string(),
        Dimension::Symbolic(name) => printable(name).into_owned(),
        Dimension::Unknown => "?".to_owned(),
    };
    let written = |shape: &[Dimension]| shape.iter().map(dimension).collect::<Vec<_>>().join("×");
    shape.map_or_else(String::new, |shape| format!("[{}]", written(shape)))
}

fn parameter(parameter: &Parameter) -> String {
    let (name, datatype) = (printable(&parameter.name), printable(&parameter.datatype));
    format!("{name} {datatype}{} = {}", shape(parameter.shape.as_deref()), text::value(&parameter.default))
}

fn of_series(series: &Series) -> String {
    let texts = [("by", &series.datetime_column), ("every", &series.frequency), ("for each", &series.segment_column)];
    let counts = [("ahead", series.horizon), ("back", series.window)];
    let texts = texts.iter().filter_map(|(word, text)| Some(format!("{word} {}", printable(text.as_deref()?))));
    let counts = counts.iter().filter_map(|(word, count)| Some(format!("{} {word}", text::count((*count)?, "step"))));
    text::list(&texts.chain(counts).collect::<Vec<_>>())
}

fn names(names: &[String]) -> String {
    some(names.iter().map(|name| printable(name).into_owned()), names.len())
}

fn some(items: impl Iterator<Item = String>, count: usize) -> String {
    let mut shown: Vec<String> = items.take(MOST).collect();
    if count > MOST {
        shown.push(format!("… {count} in all"));
    }
    text::list(&shown)
}

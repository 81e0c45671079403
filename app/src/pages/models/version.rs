//! One version of a model: its signature, the facts about it, and its actions.

use domain::compat::{format_word, task_word};
use domain::id::{DeploymentName, ModelRef, ModelVersion};
use domain::model::{Packing, Part, RegisteredModel, Signature, Tried};
use domain::wire::ModelVersionView;
use leptos::prelude::*;

use super::compare::link;
use crate::api::{self, href};
use crate::components::{Ago, Banner, CopyButton, DeclaredTag, Glyph, Icon, Menu, MenuItem, SignatureTable, Tag};
use crate::pages::client_script::{Called, ClientScript};
use crate::pages::dialogs::{Dialogs, Open};
use crate::state::state;
use crate::words::{self, Tone, numbers};

/// A line that opens to everything about the version.
#[component]
pub(super) fn Version(
    version: ModelVersionView,
    /// The version before it, where there is one.
    before: Option<ModelVersion>,
    /// The version that is open.
    open: RwSignal<Option<ModelVersion>>,
) -> impl IntoView {
    let state = state();
    let number = version.model.version;
    let shown = Memo::new(move |_| open.get() == Some(number));
    let toggle = move |_| open.update(|open| *open = if *open == Some(number) { None } else { Some(number) });
    let used = match version.in_use_by.as_slice() {
        [] => kept(version.restorable_by.len()),
        [one] => format!("in use by {one}"),
        many => format!("in use by {}", words::count(many.len(), "deployment", "deployments")),
    };
    let model = &version.model;
    let tags: Vec<_> = model.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let (description, at) = (model.description.clone(), model.registered_at);
    let size = (model.packing != Packing::Nothing).then(|| format!("{} · ", numbers::bytes(model.size)));
    let whole = StoredValue::new(version);
    view! {
        <li data-test="model-version" data-version=number.to_string()>
            <button type="button" class="fold" aria-expanded=move || shown.get().to_string() on:click=toggle>
                <Glyph icon=Icon::Chevron/>
                <b>"v"{number.to_string()}</b>
                {tags.into_iter().map(|tag| view! { <Tag tone=Tone::Plain word=tag.clone() title=tag/> }).collect_view()}
                <span class="sub fold-about">{description}</span>
                <span class="sub fold-counts">{size}{used}</span>
                <span class="sub fold-when"><Ago at=at now=state.now()/></span>
            </button>
            {move || shown.get().then(|| view! { <Body version=whole.get_value() before=before/> })}
        </li>
    }
}

/// What is said of a version that nothing runs: a deployment that is stopped, or could go back, still needs it.
pub(super) fn kept(by: usize) -> String {
    match by {
        0 => "not in use".to_owned(),
        by => format!("not in use now, kept for {}", words::count(by, "deployment", "deployments")),
    }
}

#[component]
fn Body(version: ModelVersionView, before: Option<ModelVersion>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let model = version.model;
    let reference = model.reference();
    let other = before.map(|version| ModelRef { name: model.name.clone(), version });
    let compare = link(&model.name, other.as_ref().or(Some(&reference)), Some(&reference));
    let users = version.in_use_by;
    let names = |names: &[DeploymentName]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let blocked = match (users.as_slice(), version.restorable_by.as_slice()) {
        ([], []) => None,
        ([], could) => Some(format!("{} can start or roll back to it", names(could))),
        (using, _) => Some(format!("in use by {}", names(using))),
    };
    let has_file = model.packing != Packing::Nothing;
    let (deployed, deleted, asked) = (reference.clone(), reference.clone(), reference.clone());
    let menu = format!("version-{}", model.version);
    view! {
        <div class="version">
            <div class="version-actions">
                <button type="button" class="button small" data-test="deploy-version" on:click=move |_| dialogs.open(Open::Deploy(Some(deployed.clone())))>"Deploy"</button>
                <a class="button small" href=href(&compare) data-test="compare-version"><Glyph icon=Icon::Swap/>"Compare"</a>
                {has_file.then(|| view! {
                    <a class="button small" href=api::models::artifact(&reference) download="" rel="external" data-test="download"><Glyph icon=Icon::Download/>"Download"</a>
                })}
                <Menu label=format!("Actions for {reference}") id=menu>
                    <MenuItem
                        label="Delete…"
                        name="delete-version"
                        danger=true
                        blocked=blocked.clone()
                        on_choose={
                            let deleted = deleted.clone();
                            move || dialogs.open(Open::DeleteModel(deleted.clone()))
                        }
                    />
                </Menu>
            </div>
            {version.warnings.into_iter().map(|warning| view! {
                <Banner tone=Tone::Warning title="Read this before you use this version" name="version-warning"><span>{warning}</span></Banner>
            }).collect_view()}
            <div class="version-columns">
                <div class="stack">
                    <SignatureTable signature=model.signature.clone()/>
                    <ClientScript called=Called::Version(asked)/>
                </div>
                <Facts model=model users=users/>
            </div>
        </div>
    }
}

#[component]
fn Facts(model: RegisteredModel, users: Vec<DeploymentName>) -> impl IntoView {
    let state = state();
    let digest = model.digest.to_string();
    let has_file = model.packing != Packing::Nothing;
    let short: String = digest.chars().take(12).collect();
    let (at, by) = (model.registered_at, state.actor_name(&model.registered_by));
    let rows = facts(&model).into_iter().map(|(label, value, declared)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td>{value}" "{declared.then(|| view! { <DeclaredTag/> })}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <table class="facts" data-test="version-facts">
            <tbody>
                {rows}
                <tr>
                    <th scope="row">"in use by"</th>
                    <td>
                        {users.is_empty().then_some("no deployment")}
                        {users.into_iter().map(|name| view! { <a href=href(&format!("/deployments/{name}"))>{name.to_string()}</a>" " }).collect_view()}
                    </td>
                </tr>
                <tr><th scope="row">"registered"</th><td><Ago at=at now=state.now()/>" by "{by}</td></tr>
                {has_file.then(|| view! {
                    <tr>
                        <th scope="row">"SHA-256"</th>
                        <td><span class="with-button"><code title=digest.clone()>{short}"…"</code><CopyButton text=digest describes="Copy the digest"/></span></td>
                    </tr>
                })}
            </tbody>
        </table>
    }
}

/// The facts about a version: label, value, and true for one that a person declared.
fn facts(model: &RegisteredModel) -> Vec<(String, String, bool)> {
    let signature = &model.signature;
    let declared = |part| signature.declared.contains(&part);
    let mut facts = vec![("kind", model.kind.title().to_owned(), false)];
    let mut tell = |label, value: Option<String>, declared| {
        facts.extend(value.filter(|value| !value.is_empty()).map(|value| (label, value, declared)));
    };
    let loads = model.loads.as_ref().map(|loads| match loads {
        Tried::Worked => "yes, tested when it was registered".to_owned(),
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

//! What is configured, in short: the configuration in use, the strategy in words, the description, tags and use cases.

use domain::configuration::{Configuration, Resources};
use domain::deployment::OnFailure;
use domain::wire::DeploymentView;
use leptos::prelude::*;

use super::in_use::configuration_in_use;
use super::subject::Subject;
use crate::api::href;
use crate::components::{CopyButton, Tag};
use crate::pages::model_address::comparison;
use crate::pages::query_answer::QueryAnswer;
use crate::words::{self, Tone, numbers, times};

/// The card with the configuration in use.
#[component]
pub(crate) fn ConfigurationInUse() -> impl IntoView {
    let subject: Subject = expect_context();
    let view = subject.view;
    let query = configuration_in_use(subject);
    let all = href(&format!("/deployments/{}?tab=configurations", subject.name()));
    let compared = Memo::new(move |_| view.with(|view| view.as_deref().and_then(compared)));
    let wanted = move || view.with(|view| view.as_ref().map(|view| view.replicas.desired));
    let draw = move |found: std::sync::Arc<Option<domain::wire::ConfigurationView>>| match found.as_ref() {
        Some(found) => {
            let id = found.id.to_string();
            let newer =
                view.with(|view| view.as_ref().map(|view| view.newer_model_versions.clone()).unwrap_or_default());
            view! {
                        <table class="facts">
                            <tbody>
                                <tr><th scope="row">"name"</th><td>{found.configuration.name.clone()}</td></tr>
                                <tr>
                                    <th scope="row">"model"</th>
                                    <td>
                                        {words::models(&found.configuration.models)}" "
                                        {newer.iter().max_by_key(|model| model.version).map(|model| view! { <Tag tone=Tone::Moving word=format!("v{} available", model.version)/> })}
                                    </td>
                                </tr>
                                {facts(&found.configuration).into_iter().map(|(label, value)| view! {
                                    <tr><th scope="row">{label}</th><td>{value}</td></tr>
                                }).collect_view()}
                                {found.configuration.autoscaling.map(|_| view! {
                                    <tr><th scope="row">"replicas wanted now"</th><td data-test="wanted-now">{wanted}</td></tr>
                                })}
                                <tr>
                                    <th scope="row">"id"</th>
                                    <td><span class="with-button"><code>{id.clone()}</code><CopyButton text=id describes="Copy the configuration's id"/></span></td>
                                </tr>
                            </tbody>
                        </table>
                    }
                    .into_any()
        }
        None => view! { <p class="sub">"The configuration cannot be found any more."</p> }.into_any(),
    };
    view! {
        <section>
            <div class="quiet-head">
                <h2>"Configuration"</h2>
                <span class="quiet-links">
                    {move || compared.get().map(|(words, page)| view! { <a href=href(&page) data-test="compare">{words}</a> })}
                    <a href=all>"Open"</a>
                </span>
            </div>
            <QueryAnswer query=query draw=draw/>
        </section>
    }
}

/// The version in use, beside the one that comes or could come.
fn compared(view: &DeploymentView) -> Option<(String, String)> {
    let brief = view.newest_rollout.as_ref().filter(|brief| view.rollout == Some(brief.number));
    if let Some(brief) = brief {
        return comparison(brief.from_models.first()?, brief.to_models.first()?);
    }
    let used = view.models.first()?;
    let newer = view.newer_model_versions.iter().filter(|newer| newer.name == used.name);
    comparison(used, newer.max_by_key(|newer| newer.version)?)
}

/// The strategy in words, the description, tags and use cases, each with the way to change it.
#[component]
pub(super) fn InWords() -> impl IntoView {
    let subject: Subject = expect_context();
    let view = subject.view;
    let settings = href(&format!("/deployments/{}?tab=settings", subject.name()));
    let strategy = Memo::new(move |_| view.with(|view| view.as_deref().map(strategy_in_words).unwrap_or_default()));
    let description =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.description.clone()).unwrap_or_default()));
    let checks = Memo::new(move |_| {
        view.with(|view| view.as_ref().map(|view| words::compat::check_rules(&view.checks)).unwrap_or_default())
    });
    let tags = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.tags.clone()).unwrap_or_default()));
    let properties =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.properties.clone()).unwrap_or_default()));
    let application = Memo::new(move |_| {
        view.with(|view| view.as_ref().and_then(|view| Some((view.name.clone(), view.application.clone()?))))
    });
    let use_cases =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.use_cases.clone()).unwrap_or_default()));
    let expires = Memo::new(move |_| view.with(|view| view.as_ref().and_then(|view| view.expires_at)));
    let (change, edit) = (settings.clone(), settings);
    view! {
        <section data-test="strategy">
            <div class="quiet-head"><h2>"Strategy"</h2><a href=change data-test="settings">"Change"</a></div>
            <p class="second">{strategy}</p>
            {move || Some(checks.get()).filter(|checks| !checks.is_empty()).map(|checks| view! {
                <table class="facts">
                    <tbody>
                        {checks.into_iter().map(|(label, value)| view! { <tr><th scope="row">{label}</th><td>{value}</td></tr> }).collect_view()}
                    </tbody>
                </table>
            })}
        </section>
        <section data-test="about">
            <div class="quiet-head">
                <h2>"Description"</h2>
                <a href=edit>{move || if description.with(String::is_empty) { "Add" } else { "Edit" }}</a>
            </div>
            {move || match description.get() {
                text if text.is_empty() => view! { <p class="sub">"No description yet."</p> }.into_any(),
                text => view! { <p class="description">{text}</p> }.into_any(),
            }}
            {move || Some(tags.get()).filter(|tags| !tags.is_empty()).map(|tags| view! {
                <p class="tags">
                    {tags.into_iter().map(|(key, value)| view! { <Tag tone=Tone::Plain word=format!("{key}: {value}")/>" " }).collect_view()}
                </p>
            })}
            {move || Some(use_cases.get()).filter(|linked| !linked.is_empty()).map(|linked| {
                let names = linked.into_iter().map(|one| {
                    view! { <a class="linked" href=href(&format!("/use-cases/{}", one.id))>{one.name}</a>" " }
                });
                view! { <p class="second" data-test="use-cases">"Use cases: "{names.collect_view()}</p> }
            })}
            {move || application.get().map(|(name, title)| view! {
                <p class="second" data-test="application">"Application: "<a href=href(&format!("/apps/{name}"))>{title}</a></p>
            })}
            <table class="facts">
                <tbody>
                    {move || expires.get().map(|at| view! { <tr><th scope="row">"expires"</th><td>{times::exact(at)}</td></tr> })}
                    {move || properties.get().into_iter().map(|(key, value)| view! { <tr><th scope="row">{key}</th><td>{value}</td></tr> }).collect_view()}
                </tbody>
            </table>
        </section>
    }
}

/// The default for updates, in words: *One replica at a time, none extra. Returns by itself when it fails, or after 10 min
/// without progress.*
fn strategy_in_words(view: &DeploymentView) -> String {
    let strategy = &view.strategy;
    let limits = strategy.resolve(view.replicas.desired.max(1));
    let away = match limits.unavailable {
        0 => "No replica is missing".to_owned(),
        1 => "One replica at a time".to_owned(),
        more => format!("{more} replicas at a time"),
    };
    let extra = match limits.surge {
        0 => "none extra".to_owned(),
        1 => "one extra first".to_owned(),
        more => format!("{more} extra first"),
    };
    let ready = match strategy.min_ready_seconds {
        0 => String::new(),
        seconds => format!(", each ready for {} before the next", numbers::span(seconds.into())),
    };
    let fails = match view.on_failure {
        OnFailure::Revert => "Returns by itself",
        OnFailure::Stop => "Stops where it is",
        OnFailure::Dead => "Counts as dead, with nothing undone,",
    };
    let deadline = numbers::span(strategy.progress_deadline_seconds.into());
    format!("{away}, {extra}{ready}. {fails} when it fails, or after {deadline} without progress.")
}

/// A configuration in a few lines.
pub(crate) fn facts(configuration: &Configuration) -> Vec<(&'static str, String)> {
    let mut facts = vec![("replicas", configuration.scale_words())];
    if let Some(automatic) = &configuration.autoscaling {
        facts.push((
            "autoscaling",
            format!(
                "{} % busy; up after {}, down after {}",
                automatic.target_percent,
                numbers::span(automatic.up_delay_seconds.into()),
                numbers::span(automatic.down_delay_seconds.into())
            ),
        ));
    }
    facts.push(("resources", asks(&configuration.resources)));
    facts.extend([
        (
            "concurrency",
            format!(
                "{} at a time for each replica",
                words::count(configuration.max_concurrent_requests as usize, "request", "requests")
            ),
        ),
        (
            "timeouts",
            format!(
                "at most {} for a replica, {} for an answer",
                numbers::millis(configuration.max_queue_ms.into()),
                numbers::millis(configuration.scoring_timeout_ms.into())
            ),
        ),
        (
            "drain",
            format!(
                "at most {} for the in-flight requests of a replica",
                numbers::millis(configuration.drain_limit_ms().into())
            ),
        ),
        ("access", words::auth(configuration.auth).to_owned()),
    ]);
    if configuration.request_log {
        facts.push(("request log", "a line for each request".to_owned()));
    }
    if configuration.data_collection {
        facts.push(("predictions", "input and output of each are kept".to_owned()));
    }
    if configuration.user_config.as_object().is_none_or(|object| !object.is_empty()) {
        facts.push(("user_config", configuration.user_config.to_string()));
    }
    if !configuration.env.is_empty() {
        facts.push(("env", configuration.env.keys().cloned().collect::<Vec<_>>().join(", ")));
    }
    if let Some(command) = &configuration.command {
        facts.push(("command", command.join(" ")));
    }
    if let Some(python) = &configuration.environment.python {
        facts.push(("Python", python.requirements.join(", ")));
    }
    if let Some(folder) = &configuration.environment.working_directory {
        facts.push(("working directory", folder.clone()));
    }
    if let Some(version) = &configuration.version {
        facts.push(("version", version.clone()));
    }
    facts
}

/// The resources of one replica, with their limits.
fn asks(resources: &Resources) -> String {
    let part = |amount: f64, unit: &str, limit: Option<f64>| match limit {
        Some(limit) => format!("{amount} {unit} (at most {limit})"),
        None => format!("{amount} {unit}"),
    };
    let mut parts = vec![
        part(resources.cpu, "CPU", resources.cpu_limit),
        part(resources.memory_gb, "GB", resources.memory_gb_limit),
    ];
    if resources.gpu > 0.0 {
        parts.push(part(resources.gpu, "GPU", None));
    }
    parts.join(" · ")
}

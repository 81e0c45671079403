//! The configuration in use, in short.

use domain::configuration::{Configuration, Resources};
use leptos::prelude::*;

use super::in_use::configuration_in_use;
use super::subject::Subject;
use crate::components::{CopyButton, Tag};
use crate::pages::query_answer::QueryAnswer;
use crate::words::{self, Tone, numbers};

/// The card with the configuration in use.
#[component]
pub(crate) fn ConfigurationInUse() -> impl IntoView {
    let subject: Subject = expect_context();
    let view = subject.view;
    let query = configuration_in_use(subject);
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
        <section class="card">
            <div class="card-head"><h2>"Configuration"</h2></div>
            <QueryAnswer query=query draw=draw/>
        </section>
    }
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

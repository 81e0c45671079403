//! A new configuration from a copy, without leaving the dialog.

use domain::configuration::{Auth, Environment, Python, Runtime};
use domain::id::DeploymentName;
use domain::wire::ConfigurationView;
use leptos::prelude::*;
use serde_json::{Map, Value, json};
use wasm_bindgen_futures::spawn_local;

use super::scale_form::{Number, NumberField, Scale, ScaleFields};
use crate::api::{self, Failure};
use crate::components::{Area, Check, Choice, Field};
use crate::pages::pairs::{lines_of, pairs};
use crate::pages::query_answer::Refused;
use crate::state::{Query, state};
use crate::words;

/// The form. `made` is told the new configuration.
#[component]
pub(crate) fn CopyForm(
    name: DeploymentName,
    from: ConfigurationView,
    /// Names that the deployment's configurations have.
    taken: Vec<String>,
    made: impl Fn(ConfigurationView) + Copy + 'static,
    cancel: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let state = state();
    let old = from.configuration.clone();
    let text = |value: String| RwSignal::new(value);
    let model = RwSignal::new(old.models.first().map(ToString::to_string).unwrap_or_default());
    let named = old.name.clone();
    let suggested = Memo::new(move |_| suggestion(&model.get(), &named, &taken));
    let title = text(suggested.get_untracked());
    // It follows the model until somebody has written another.
    Effect::new(move |before: Option<String>| {
        let now = suggested.get();
        if before.is_some_and(|before| title.with_untracked(|title| *title == before)) {
            title.set(now.clone());
        }
        now
    });
    let scale = Scale::of(&old);
    let concurrency = Number::whole(old.max_concurrent_requests);
    let queue = Number::whole(old.max_queue_ms);
    let timeout = Number::whole(old.scoring_timeout_ms);
    let drain = RwSignal::new(old.drain_seconds.map(|seconds| seconds.to_string()).unwrap_or_default());
    let drain_read = Memo::new(move |_| match drain.get().trim() {
        "" => Ok(None),
        text => text.parse::<u32>().map(Some).map_err(|_| "Write a number of seconds, or nothing".to_owned()),
    });
    let auth = text(old.auth.to_string());
    let request_log = RwSignal::new(old.request_log);
    let configured = serde_json::to_value(&old.sample_request).unwrap_or_default();
    let sample = text(configured.as_str().unwrap_or("body").to_owned());
    let samples: Vec<_> =
        [("from_signature", "created from the signature"), ("none", "none"), ("body", "as configured")]
            .into_iter()
            .filter(|(value, _)| *value != "body" || configured.is_object())
            .map(|(value, title)| (value.to_owned(), title.to_owned()))
            .collect();
    let user_config = text(serde_json::to_string_pretty(&old.user_config).unwrap_or_default());
    let env = text(lines_of(&old.env));
    let runs_program = old.runtime == Runtime::Command;
    let installed = old.environment.python.iter().flat_map(|python| python.requirements.clone());
    let requirements = text(installed.map(|line| line + "\n").collect());
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);

    let models = Query::once(api::models::list);
    let own = old.models.first().map(|model| model.name.clone());
    let options = Signal::derive(move || {
        let models = models.value();
        let mut known: Vec<_> = models.iter().flat_map(|models| models.iter()).collect();
        // Its own versions first.
        known.sort_by_key(|model| own.as_ref().is_some_and(|own| model.name != *own));
        let versions = known.into_iter().flat_map(|model| model.versions.iter());
        let mut options: Vec<(String, String)> = versions
            .map(|version| {
                (
                    format!("{}@{}", version.model.name, version.model.version),
                    format!("{} v{}", version.model.name, version.model.version),
                )
            })
            .collect();
        let chosen = model.get();
        if !chosen.is_empty() && !options.iter().any(|(value, _)| *value == chosen) {
            options.insert(0, (chosen.clone(), chosen.replace('@', " v")));
        }
        options
    });
    let user_read = Memo::new(move |_| json_of(&user_config.get()));
    let env_read = Memo::new(move |_| pairs(&env.get()));

    // The same check that the server makes, before it is asked.
    let before = serde_json::to_value(&old).unwrap_or_default();
    let (compared, patched) = (before.clone(), before);
    let environment = old.environment.clone();
    let fields = move || -> Option<Value> {
        let (replicas, autoscaling, resources) = scale.fields()?;
        let requirements: Vec<_> =
            requirements.get().lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let python = (!requirements.is_empty() || environment.python.is_some()).then_some(Python { requirements });
        Some(json!({
            "name": title.get().trim(),
            "models": models_of(&model.get()),
            "replicas": replicas,
            "autoscaling": autoscaling,
            "resources": resources,
            "max_concurrent_requests": concurrency.get()?,
            "max_queue_ms": queue.get()?,
            "scoring_timeout_ms": timeout.get()?,
            "drain_seconds": drain_read.get().ok()?,
            "auth": auth.get(),
            "request_log": request_log.get(),
            "sample_request": if sample.get() == "body" { configured.clone() } else { Value::from(sample.get()) },
            "user_config": user_read.get().ok()?,
            "env": env_read.get().ok()?,
            "environment": Environment { python, ..environment.clone() },
        }))
    };
    let (fields, ask) = (fields.clone(), fields);
    let blocked = Memo::new(move |_| {
        let Some(fields) = fields() else { return Some("Fix the marked fields first.".to_owned()) };
        let mut whole = compared.clone();
        if let (Value::Object(whole), Value::Object(fields)) = (&mut whole, fields) {
            whole.extend(fields);
        }
        api::deployments::first_configuration(whole).err()
    });
    let (name, id) = (StoredValue::new(name), StoredValue::new(from.id.clone()));
    let patched = StoredValue::new(patched);
    let create = move |_| {
        let Some(fields) = untrack(&ask) else { return };
        let changes = patched.with_value(|old| changes(old, &fields));
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::deployments::copy_configuration(&name.get_value(), &id.get_value(), &changes).await {
                Ok(configuration) => made(configuration),
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            pending.try_set(false);
        });
    };
    let who: Vec<_> = Auth::ALL.map(|one| (one.to_string(), words::auth(one).to_owned())).to_vec();
    view! {
        <section class="copy-form" data-test="copy-form">
            <h3 class="section-title">"New configuration" <span class="sub">"from a copy of "{from.configuration.name.clone()}</span></h3>
            <div class="form">
                <Field label="Name" name="configuration-name" value=title class="wide"/>
                <Choice label="Model" name="configuration-model" options=options value=model on_choose=move |value| model.set(value)/>
            </div>
            <ScaleFields scale=scale/>
            <div class="form">
                <NumberField label="Requests at a time" name="max_concurrent_requests" number=concurrency/>
                <NumberField label="Longest wait for a replica (ms)" name="max_queue_ms" number=queue/>
                <NumberField label="Timeout of an answer (ms)" name="scoring_timeout_ms" number=timeout/>
                <Field label="Drain (s)" name="drain_seconds" value=drain error=Signal::derive(move || drain_read.get().err()) class="short" inputmode="numeric" placeholder="as the timeout"/>
                <Choice label="Access" name="auth" options=who value=auth on_choose=move |value| auth.set(value)/>
                <Choice label="Sample request before traffic" name="sample_request" options=samples value=sample on_choose=move |value| sample.set(value)/>
                <Check label="Log each request" name="request_log" value=request_log/>
            </div>
            <div class="two">
                <Area label="user_config (JSON)" name="user_config" value=user_config error=Signal::derive(move || user_read.get().err())/>
                <Area label="Environment variables (KEY=value, one per line)" name="env" value=env error=Signal::derive(move || env_read.get().err())/>
            </div>
            {runs_program.then(|| view! {
                <Area label="Python requirements (one per line)" name="requirements" value=requirements rows=3 hint="Each set is installed once and shared by all replicas."/>
            })}
            <Refused failure=failure/>
            <div class="form-end">
                <span class="sub why" role="status">{blocked}</span>
                <button type="button" class="button" on:click=move |_| cancel()>"Back"</button>
                <button
                    type="submit"
                    class="button primary"
                    data-test="create-configuration"
                    disabled=move || pending.get() || blocked.with(Option::is_some)
                    on:click=create
                >
                    {move || if pending.get() { "Creating…" } else { "Create configuration" }}
                </button>
            </div>
        </section>
    }
}

/// A name that no other configuration has: the model's, or where there is none, that of the configuration before.
fn suggestion(model: &str, before: &str, taken: &[String]) -> String {
    let name = if model.is_empty() { before } else { model };
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}

/// JSON, or where it goes wrong (RAY-4).
fn json_of(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line").next().unwrap_or_default();
        format!("line {}, column {}: {what}", error.line(), error.column())
    })
}

/// The bound models; a program may have none.
fn models_of(model: &str) -> Vec<&str> {
    Some(model).filter(|model| !model.is_empty()).into_iter().collect()
}

/// The JSON merge patch that gives `old` these `fields`: only those that differ, `null` for those that are gone.
fn changes(old: &Value, fields: &Value) -> Value {
    let Value::Object(fields) = fields else { return Value::Null };
    let mut changes = Map::new();
    for (key, new) in fields {
        let before = old.get(key).unwrap_or(&Value::Null);
        if before != new {
            changes.insert(key.clone(), patch(before, new));
        }
    }
    Value::Object(changes)
}

fn patch(old: &Value, new: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (old, new) else { return new.clone() };
    let mut patch_of = Map::new();
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch_of.insert(key.clone(), Value::Null);
    }
    for (key, value) in after {
        let old = before.get(key).unwrap_or(&Value::Null);
        if old != value {
            patch_of.insert(key.clone(), patch(old, value));
        }
    }
    Value::Object(patch_of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::configuration::merge;

    #[test]
    fn changes_merged_onto_the_old_give_the_new() {
        let old = json!({"name": "a", "user_config": {"gone": 1, "kept": {"x": 1}, "list": [1]}, "env": {"A": "1"}});
        let new = json!({"name": "b", "user_config": {"kept": {"x": 2}, "list": [1, 2]}, "env": {}});
        assert_eq!(merge(old.clone(), &changes(&old, &new)), new);
        assert_eq!(changes(&old, &old), json!({}));
    }

    #[test]
    fn a_suggested_name_is_the_models_and_nobody_elses() {
        let taken = ["iris@1", "iris@3", "iris@3 (2)", "program"].map(str::to_owned);
        let names = ["iris@2", "iris@3", ""].map(|model| suggestion(model, "program", &taken));
        assert_eq!(names, ["iris@2", "iris@3 (3)", "program (2)"]);
    }

    #[test]
    fn wrong_json_says_where() {
        assert!(json_of("{\n  \"a\": x\n}").unwrap_err().starts_with("line 2, column 8:"));
    }
}

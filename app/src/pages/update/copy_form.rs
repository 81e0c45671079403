//! A new configuration from a copy, without leaving the dialog.

use std::collections::BTreeMap;

use domain::id::DeploymentName;
use domain::wire::ConfigurationView;
use leptos::prelude::*;
use serde_json::{Map, Value, json};
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::{Choice, Field};
use crate::pages::shared::Trouble;
use crate::state::{Query, state};

/// The form. `made` is told the new configuration.
#[component]
pub(crate) fn CopyForm(
    name: DeploymentName,
    from: ConfigurationView,
    made: impl Fn(ConfigurationView) + Copy + 'static,
    cancel: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let state = state();
    let old = from.configuration.clone();
    let text = |value: String| RwSignal::new(value);
    let title = text(format!("{} copy", old.name));
    let model = RwSignal::new(old.models.first().map(ToString::to_string).unwrap_or_default());
    let replicas = text(old.desired(None).to_string());
    let concurrency = text(old.max_concurrent_requests.to_string());
    let queue = text(old.max_queue_ms.to_string());
    let timeout = text(old.scoring_timeout_ms.to_string());
    let user_config = text(serde_json::to_string_pretty(&old.user_config).unwrap_or_default());
    let env = text(old.env.iter().map(|(key, value)| format!("{key}={value}\n")).collect());
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);

    let models = Query::new(api::models::list);
    models.ask();
    let options = Signal::derive(move || {
        let mut options: Vec<(String, String)> = models
            .value()
            .iter()
            .flat_map(|models| models.iter().flat_map(|model| model.versions.iter()))
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
    let whole = |text: RwSignal<String>| {
        Memo::new(move |_| text.get().trim().parse::<u64>().map_err(|_| "a whole number".to_owned()))
    };
    let (replicas_read, concurrency_read, queue_read, timeout_read) =
        (whole(replicas), whole(concurrency), whole(queue), whole(timeout));
    let user_read = Memo::new(move |_| json_of(&user_config.get()));
    let env_read = Memo::new(move |_| variables(&env.get()));
    let wrong = |read: Memo<Result<u64, String>>| Signal::derive(move || read.get().err());

    // The same check that the server makes, before it is asked.
    let before = serde_json::to_value(&old).unwrap_or_default();
    let (compared, patched) = (before.clone(), before);
    let fields = move || -> Option<Value> {
        Some(json!({
            "name": title.get().trim(),
            "models": [model.get()],
            "replicas": replicas_read.get().ok()?,
            "max_concurrent_requests": concurrency_read.get().ok()?,
            "max_queue_ms": queue_read.get().ok()?,
            "scoring_timeout_ms": timeout_read.get().ok()?,
            "user_config": user_read.get().ok()?,
            "env": env_read.get().ok()?,
        }))
    };
    let blocked = Memo::new(move |_| {
        let Some(fields) = fields() else { return Some("Mend the fields in red first.".to_owned()) };
        let mut whole = compared.clone();
        if let (Value::Object(whole), Value::Object(fields)) = (&mut whole, fields) {
            whole.extend(fields);
        }
        api::deployments::first_configuration(whole).err()
    });
    let (name, id) = (StoredValue::new(name), StoredValue::new(from.id.clone()));
    let patched = StoredValue::new(patched);
    let create = move |_| {
        let Some(fields) = untrack(fields) else { return };
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
    view! {
        <section class="copy-form" data-test="copy-form">
            <h3 class="section-title">"New configuration" <span class="sub">"from a copy of "{from.configuration.name.clone()}</span></h3>
            <div class="form">
                <Field label="Name" name="configuration-name" value=title class="wide"/>
                <Choice label="Model" name="configuration-model" options=options value=model on_choose=move |value| model.set(value)/>
            </div>
            <div class="form">
                <Field label="Replicas" name="replicas" value=replicas error=wrong(replicas_read) class="tiny" inputmode="numeric"/>
                <Field label="Requests at a time" name="max_concurrent_requests" value=concurrency error=wrong(concurrency_read) class="short" inputmode="numeric"/>
                <Field label="Longest wait, ms" name="max_queue_ms" value=queue error=wrong(queue_read) class="short" inputmode="numeric"/>
                <Field label="Timeout, ms" name="scoring_timeout_ms" value=timeout error=wrong(timeout_read) class="short" inputmode="numeric"/>
            </div>
            <div class="two">
                <Area label="user_config (JSON)" name="user_config" value=user_config error=Signal::derive(move || user_read.get().err())/>
                <Area label="Environment (KEY=value, one a line)" name="env" value=env error=Signal::derive(move || env_read.get().err())/>
            </div>
            {move || failure.get().map(|failure| view! { <Trouble failure=failure/> })}
            <div class="form-end">
                <span class="sub why" role="status">{blocked}</span>
                <button type="button" class="button" on:click=move |_| cancel()>"Back"</button>
                <button
                    type="button"
                    class="button primary"
                    data-test="create-configuration"
                    disabled=move || pending.get() || blocked.with(Option::is_some)
                    on:click=create
                >
                    {move || if pending.get() { "Making…" } else { "Make configuration" }}
                </button>
            </div>
        </section>
    }
}

#[component]
fn Area(
    label: &'static str,
    name: &'static str,
    value: RwSignal<String>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let below = format!("{id}-below");
    let (labels, described) = (id.clone(), below.clone());
    view! {
        <div class="field">
            <label for=labels>{label}</label>
            <textarea
                id=id
                name=name
                rows="6"
                spellcheck="false"
                data-test=name
                aria-describedby=described
                aria-invalid=move || error.get().is_some().to_string()
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
            <span id=below class="below wrong">{error}</span>
        </div>
    }
}

/// JSON, or where it goes wrong (RAY-4).
fn json_of(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line").next().unwrap_or_default();
        format!("line {}, column {}: {what}", error.line(), error.column())
    })
}

fn variables(text: &str) -> Result<BTreeMap<String, String>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(i, line)| match line.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
            _ => Err(format!("line {}: write KEY=value", i + 1)),
        })
        .collect()
}

/// What turns `old` into itself with `fields`, as a JSON merge patch: only what differs, `null` for what is gone.
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
    fn wrong_json_says_where() {
        assert!(json_of("{\n  \"a\": x\n}").unwrap_err().starts_with("line 2, column 8:"));
        assert_eq!(variables("A=1\n\nB=x=y\n").unwrap().get("B").map(String::as_str), Some("x=y"));
        assert_eq!(variables("A=1\nnonsense"), Err("line 2: write KEY=value".to_owned()));
    }
}

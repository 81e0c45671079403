//! Registering a model: a file of any supported kind, a folder with a command, or a model that runs elsewhere.

use domain::access::ServerAction;
use domain::id::{ModelName, ModelVersion};
use domain::model::Beginning;
use domain::wire::{ModelView, RegisterModel};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::declare::{Declaration, DeclarationFields};
use super::package_form::{CUSTOM, EXTERNAL, PackageFields, PackageForm, kinds};
use crate::api::{self, Failure};
use crate::components::{Area, Choice, DialogFooter, DropZone, Field, Modal, use_close};
use crate::pages::actions::why_not_here;
use crate::pages::dialogs::Dialogs;
use crate::pages::drawn::lost_connection;
use crate::pages::dropped::{Dropped, DroppedFile};
use crate::pages::kept_draft::KeptDraft;
use crate::pages::model_address::address;
use crate::pages::model_file::{DROP, WhyNot, beginning, in_a_sentence, kind_of, proposed_name, why_not};
use crate::pages::pairs::pairs;
use crate::state::{Query, state};
use crate::words::numbers;

/// The dialog.
#[component]
pub(crate) fn RegisterDialog(name: Option<ModelName>) -> impl IntoView {
    let dialogs = Dialogs::here();
    let title = match &name {
        Some(name) => format!("Register a version of {name}"),
        None => "Register a model".to_owned(),
    };
    view! {
        <Modal title=title name="register" on_close=move || dialogs.closed()>
            <Form name=name/>
        </Modal>
    }
}

#[component]
fn Form(name: Option<ModelName>) -> impl IntoView {
    let state = state();
    let close = use_close();
    let dropped = Dropped::here();
    let file = RwSignal::new_local(None::<File>);
    let text = |value: String| RwSignal::new(value);
    let known = name.is_some();
    let (dialogs, search) = (Dialogs::here(), use_location().search);
    // A model's own page shows its newest version by itself, unless another one was chosen: then more stands in the address
    // than this dialog.
    let compares = search.try_with_untracked(|search| chooses(search)).unwrap_or_default();
    let show = move |name: &ModelName| {
        if !known || compares {
            dialogs.go(&address(name));
        } else {
            close.run();
        }
    };
    let name = text(name.map(|name| name.to_string()).unwrap_or_default());
    // The name that was proposed last: one that somebody wrote stays.
    let proposed = StoredValue::new(String::new());
    let (description, tags) = (text(String::new()), text(String::new()));
    let (package, declaration) = (PackageForm::new(), Declaration::new());
    if let Some(kept) = KeptDraft::here() {
        if !known {
            kept.keep("name", name);
        }
        kept.keep_texts([("description", description), ("tags", tags)]);
        package.keep(&kept);
        declaration.keep(&kept);
    }
    // The shares of the file that have arrived, 0 to 1.
    let progress = RwSignal::new(None::<f64>);
    let failure = RwSignal::new(None::<Failure>);
    let problem = RwSignal::new(None::<String>);
    let seems = RwSignal::new(None::<Option<Beginning>>);
    let has_file = Signal::derive(move || !package.is(EXTERNAL));
    let is_read = Signal::derive(move || !package.is(EXTERNAL) && !package.is(CUSTOM));
    let models = Query::whenever(move || state.models_changed(), api::models::list);
    let name_read = Memo::new(move |_| name.get().trim().parse::<ModelName>().map_err(|error| error.to_string()));
    let name_error = Signal::derive(move || name_read.get().err().filter(|_| !name.with(String::is_empty)));
    let becomes = Memo::new(move |_| {
        let (name, all) = (name_read.get().ok()?, models.value()?);
        let seems = seems.get().flatten().filter(|_| is_read.get());
        Some(next(&name, all.iter().find(|model| model.name == name), seems))
    });
    let tags_read = Memo::new(move |_| pairs(&tags.get()));
    let meta = move || -> Option<RegisterModel> {
        let mut meta = RegisterModel::of(name_read.get().ok()?);
        meta.description = description.get().trim().to_owned();
        meta.tags = tags_read.get().ok()?;
        meta.declared = declaration.read()?;
        package.fill(&mut meta)?;
        Some(meta)
    };
    let blocked = Memo::new(move |_| {
        if let Some(why) = lost_connection().or_else(|| why_not_here(ServerAction::RegisterModel)) {
            return Some(why);
        }
        if has_file.get() && file.with(Option::is_none) {
            return Some("Drop a file, or choose one.".to_owned());
        }
        if name.with(String::is_empty) {
            return Some("Give the model a name.".to_owned());
        }
        if let Some(missing) = package.blocked() {
            return Some(missing.to_owned());
        }
        meta().is_none().then(|| "Fix the marked fields first.".to_owned())
    });
    let propose = move || {
        let Some(file) = file.get_untracked() else { return };
        let is_own = name.with_untracked(|name| proposed.with_value(|proposed| name.is_empty() || name == proposed));
        if known || !is_own {
            return;
        }
        let all: Vec<_> =
            models.value_now().iter().flat_map(|all| all.iter()).map(|model| model.name.clone()).collect();
        let proposal = proposed_name(&file.name(), &all);
        proposed.set_value(proposal.clone());
        name.set(proposal);
    };
    // Which models there are may be heard after the file was chosen.
    Effect::new(move |_| {
        models.value();
        untrack(propose);
    });
    let given = move |given: DroppedFile| match given {
        Ok(picked) => {
            failure.set(None);
            problem.set(None);
            seems.set(None);
            file.set(Some(picked.clone()));
            propose();
            spawn_local(async move {
                let found = beginning(&picked).await;
                // Another one may have been chosen meanwhile.
                if file.try_get_untracked().flatten().as_ref() == Some(&picked) {
                    seems.try_set(Some(found));
                }
            });
        }
        Err(why) => problem.set(Some(why)),
    };
    let chosen = move |picked: File| {
        let most = untrack(|| state.session()).map_or(0, |session| session.max_model_bytes);
        given(why_not(&picked.name(), picked.size() as u64, most).map_or(Ok(picked), Err));
    };
    dropped.taken_by(move |let_go| {
        // What is being sent is not exchanged, and of what runs elsewhere there is no file.
        if untrack(|| progress.get().is_none() && has_file.get()) {
            given(let_go);
        }
    });
    if let Some(waiting) = dropped.take() {
        given(waiting);
    }
    let go = move || {
        let Some(meta) = untrack(meta) else { return };
        let file = file.get_untracked().filter(|_| untrack(|| has_file.get()));
        progress.set(Some(0.0));
        failure.set(None);
        spawn_local(async move {
            let tell = move |share| {
                progress.try_set(Some(share));
            };
            let registered = match &file {
                Some(file) => api::models::register(file, &meta, tell).await,
                None => api::models::register_external(&meta).await,
            };
            match registered {
                Ok(version) => {
                    show(&version.model.name);
                }
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            progress.try_set(None);
        });
    };
    let sent = move || {
        let (share, size) = (progress.get()?, file.with(|file| file.as_ref().map(|file| file.size()))?);
        Some(format!("{} of {} sent", numbers::bytes((share * size) as u64), numbers::bytes(size as u64)))
    };
    view! {
        <div class="content">
            <Choice label="Package" name="kind" options=kinds() value=package.kind on_choose=move |kind| package.kind.set(kind)/>
            <Show when=move || has_file.get()>
                <DropZone label=DROP file=file problem=problem on_file=chosen/>
                <p class="sub" data-test="detected" aria-live="polite">{move || match (package.is(CUSTOM), seems.get()) {
                    (true, _) => "A zip or tar of the folder.".to_owned(),
                    (false, Some(found)) => in_a_sentence(found),
                    (false, None) => "ONNX, LightGBM or XGBoost, or a zip or tar of a folder: an MLflow model, or an ONNX model with its weights in files of their own.".to_owned(),
                }}</p>
            </Show>
            <PackageFields package=package/>
            <Show when=move || !known>
                <Field label="Name" name="model-name" value=name error=name_error/>
            </Show>
            <p class="sub" data-test="becomes" aria-live="polite">{move || becomes.get().unwrap_or_else(|| "Under the name of an existing model it becomes the next version. Running deployments are not touched.".to_owned())}</p>
            <Field label="Description" name="description" value=description placeholder="What is new in this version?"/>
            <details class="declare" data-test="declare">
                <summary>{move || if is_read.get() { "Tags, and anything the file does not state" } else { "Tags, inputs and outputs" }}</summary>
                <div class="declare-body">
                    <Area label="Tags (KEY=value, one per line)" name="tags" value=tags rows=2 error=Signal::derive(move || tags_read.get().err())/>
                    <DeclarationFields declaration=declaration is_read=is_read/>
                </div>
            </details>
            <Show when=move || has_file.get() && progress.with(Option::is_some)>
                <div class="sending" data-test="sending">
                    <progress max="1" value=move || progress.get().unwrap_or_default().to_string() aria-label="Sending the file"></progress>
                    <span class="sub">{sent}</span>
                </div>
            </Show>
            {move || failure.get().map(|failure| view! { <WhyNot failure=failure/> })}
        </div>
        <DialogFooter
            label=Signal::derive(move || match progress.get() {
                None => "Register",
                Some(share) if share < 1.0 && has_file.get() => "Sending…",
                Some(_) => "Reading the file…",
            }.to_owned())
            blocked=blocked
            pending=Signal::derive(move || progress.get().is_some())
            confirm=go
        />
    }
}

/// True where the address says more than that this dialog is open.
fn chooses(search: &str) -> bool {
    let pairs = search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
    pairs.into_iter().any(|pair| !pair.starts_with("dialog=") && !pair.starts_with("model="))
}

/// The version that a registration under `name` becomes, and whether its kind is another than that of the `model` so far.
fn next(name: &ModelName, model: Option<&ModelView>, seems: Option<Beginning>) -> String {
    let Some(model) = model else { return format!("{name} is a new model.") };
    let version = model.next_version.unwrap_or(ModelVersion(model.latest_version.0 + 1));
    let other = seems.and_then(kind_of).filter(|kind| *kind != model.kind);
    let other = other.map(|kind| {
        let (now, new) = (model.kind.title(), kind.title());
        format!(" Its newest version is {now}, and a model of another kind cannot replace it: this one is {new}.")
    });
    format!("{name} exists: this becomes v{version}. Running deployments are not touched.{}", other.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use domain::model::{Format, PackageKind};

    use super::*;

    #[test]
    fn the_name_says_which_version_it_becomes() {
        let name: ModelName = "iris".parse().unwrap();
        let model = ModelView {
            name: name.clone(),
            kind: PackageKind::Onnx,
            latest_version: ModelVersion(2),
            next_version: Some(ModelVersion(4)),
            version_count: 2,
            versions: Vec::new(),
        };
        assert_eq!(next(&name, None, None), "iris is a new model.");
        let onnx = Some(Beginning::Model(Format::Onnx));
        for (seems, expected) in [(None, false), (onnx, false), (Some(Beginning::Model(Format::LightgbmText)), true)] {
            let told = next(&name, Some(&model), seems);
            assert!(told.starts_with("iris exists: this becomes v4."), "{told}");
            assert_eq!(told.contains("another kind"), expected, "{told}");
        }
        let silent = ModelView { next_version: None, ..model };
        assert!(next(&name, Some(&silent), None).contains("becomes v3"));
    }
}

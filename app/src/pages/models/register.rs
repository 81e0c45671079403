//! Registering a model: a file of any supported kind, a folder with a command, or a model that runs elsewhere.

use domain::access::ServerAction;
use domain::id::ModelName;
use domain::model::{CustomPackage, PackageKind};
use domain::wire::RegisterModel;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::address::address;
use super::declare::{Declaration, DeclarationFields, lines};
use crate::api::{self, Failure};
use crate::components::{Area, Choice, DialogFooter, DropZone, Field, Modal, use_close};
use crate::pages::actions::why_not_here;
use crate::pages::dialogs::Dialogs;
use crate::pages::model_file::{DROP, WhyNot, name_of_file};
use crate::pages::pairs::pairs;
use crate::state::state;

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

const CUSTOM: &str = "custom";
const EXTERNAL: &str = "external";

/// The fields of a package that are not read from its file.
#[derive(Clone, Copy)]
struct PackageForm {
    kind: RwSignal<String>,
    command: RwSignal<String>,
    command_read: Memo<Result<Vec<String>, String>>,
    requirements: RwSignal<String>,
    predict: RwSignal<String>,
    health: RwSignal<String>,
    url: RwSignal<String>,
}

impl PackageForm {
    fn new() -> Self {
        let text = || RwSignal::new(String::new());
        let command = text();
        Self {
            kind: text(),
            command,
            command_read: Memo::new(move |_| words(&command.get())),
            requirements: text(),
            predict: text(),
            health: text(),
            url: text(),
        }
    }

    fn is(self, kind: &str) -> bool {
        self.kind.with(|chosen| chosen == kind)
    }

    /// The missing thing, in a sentence.
    fn blocked(self) -> Option<&'static str> {
        if self.is(CUSTOM) && self.command.with(|command| command.trim().is_empty()) {
            return Some("Write the command that starts the model server.");
        }
        let url = self.url.get();
        let web = ["http://", "https://"].iter().any(|start| url.trim().starts_with(start));
        (self.is(EXTERNAL) && !web).then_some("Write the URL of the model server, beginning with http:// or https://.")
    }

    /// Fills the fields into `meta`; `None` while one cannot be read.
    fn fill(self, meta: &mut RegisterModel) -> Option<()> {
        let written = |text: RwSignal<String>| Some(text.get().trim().to_owned()).filter(|text| !text.is_empty());
        if self.is(CUSTOM) {
            meta.kind = Some(PackageKind::Custom);
            meta.custom = Some(CustomPackage {
                command: self.command_read.get().ok()?,
                requirements: lines(&self.requirements.get()),
                predict: written(self.predict),
                health: written(self.health),
            });
        }
        if self.is(EXTERNAL) {
            meta.kind = Some(PackageKind::External);
            meta.url = written(self.url);
        }
        Some(())
    }
}

/// The words of a command, as a shell splits them.
fn words(command: &str) -> Result<Vec<String>, String> {
    shlex::split(command).ok_or_else(|| "a quotation mark is not closed".to_owned())
}

#[component]
fn Form(name: Option<ModelName>) -> impl IntoView {
    let state = state();
    let close = use_close();
    let file = RwSignal::new_local(None::<File>);
    let text = |value: String| RwSignal::new(value);
    let known = name.is_some();
    let (dialogs, search) = (Dialogs::here(), use_location().search);
    // A model's own page opens its newest version by itself, unless it compares two.
    let compares = search
        .try_with_untracked(|search| search.contains("candidate=") || search.contains("current="))
        .unwrap_or_default();
    let show = move |name: &ModelName| {
        if !known || compares {
            dialogs.go(&address(name));
        } else {
            close.run();
        }
    };
    let name = text(name.map(|name| name.to_string()).unwrap_or_default());
    let (description, tags) = (text(String::new()), text(String::new()));
    let (package, declaration) = (PackageForm::new(), Declaration::new());
    let progress = RwSignal::new(None::<f64>);
    let failure = RwSignal::new(None::<Failure>);
    let has_file = Signal::derive(move || !package.is(EXTERNAL));
    let is_read = Signal::derive(move || !package.is(EXTERNAL) && !package.is(CUSTOM));
    let name_read = Memo::new(move |_| name.get().trim().parse::<ModelName>().map_err(|error| error.to_string()));
    let name_error = Signal::derive(move || name_read.get().err().filter(|_| !name.with(String::is_empty)));
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
        if let Some(why) = why_not_here(ServerAction::RegisterModel) {
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
        meta().is_none().then(|| "Correct the fields in red first.".to_owned())
    });
    let chosen = move |picked: File| {
        if name.with_untracked(String::is_empty) {
            name.set(name_of_file(&picked.name()));
        }
        failure.set(None);
        file.set(Some(picked));
    };
    let go = move || {
        let Some(meta) = untrack(meta) else { return };
        let file = file.get_untracked().filter(|_| has_file.get_untracked());
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
    let kinds = vec![
        (String::new(), "a model file or an archive".to_owned()),
        (CUSTOM.to_owned(), "a folder with its own start command".to_owned()),
        (EXTERNAL.to_owned(), "a model that runs elsewhere".to_owned()),
    ];
    view! {
        <div class="content">
            <Choice label="Package" name="kind" options=kinds value=package.kind on_choose=move |kind| package.kind.set(kind)/>
            <Show when=move || has_file.get()>
                <DropZone label=DROP file=file on_file=chosen/>
                <p class="sub">{move || if package.is(CUSTOM) {
                    "A zip or tar of the folder."
                } else {
                    "ONNX, LightGBM or XGBoost, or a zip or tar of a folder: an MLflow model, or an ONNX model with its weights in files of their own."
                }}</p>
            </Show>
            <Show when=move || package.is(CUSTOM)>
                <Field label="Command" name="command" value=package.command error=Signal::derive(move || package.command_read.get().err()) hint="{port}, {model} (the folder) and {env} are filled in when it starts." placeholder="python3 {model}/serve.py --port {port}"/>
                <Area label="Python requirements (one per line)" name="requirements" value=package.requirements rows=2/>
                <div class="form">
                    <Field label="Route for predictions" name="predict" value=package.predict class="wide" placeholder="as the Open Inference Protocol says"/>
                    <Field label="Route for health" name="health" value=package.health class="wide" placeholder="/v2/health/ready"/>
                </div>
            </Show>
            <Show when=move || package.is(EXTERNAL)>
                <Field label="URL" name="url" value=package.url placeholder="https://models.example.com/fraud" hint="Changeover checks its health, but never starts, stops or replaces it."/>
            </Show>
            <Show when=move || !known>
                <Field label="Name" name="model-name" value=name error=name_error hint="Under the name of an existing model it becomes the next version. Running deployments are not touched."/>
            </Show>
            <Field label="Description" name="description" value=description placeholder="What is new in this version?"/>
            <details class="declare" data-test="declare">
                <summary>{move || if is_read.get() { "Tags, and anything the file does not state" } else { "Tags, inputs and outputs" }}</summary>
                <div class="declare-body">
                    <Area label="Tags (KEY=value, one per line)" name="tags" value=tags rows=2 error=Signal::derive(move || tags_read.get().err())/>
                    <DeclarationFields declaration=declaration is_read=is_read/>
                </div>
            </details>
            {move || progress.get().filter(|_| has_file.get()).map(|share| view! { <progress max="1" value=share.to_string() aria-label="Sending the file"></progress> })}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_a_shell_would() {
        let split = words("sh -c 'exec python3 {model}/serve.py --port {port}'").unwrap();
        assert_eq!(split, ["sh", "-c", "exec python3 {model}/serve.py --port {port}"]);
        assert!(words("sh -c 'exec python3").is_err());
    }
}

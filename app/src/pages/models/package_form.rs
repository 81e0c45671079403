//! The fields of a package that are not read from its file: its kind, a command, a URL.

use domain::model::{CustomPackage, PackageKind};
use domain::wire::RegisterModel;
use leptos::prelude::*;

use super::declare::lines;
use crate::components::{Area, Field};
use crate::pages::kept_draft::KeptDraft;

/// The word of a folder with its own start command.
pub(super) const CUSTOM: &str = "custom";
/// The word of a model that runs elsewhere.
pub(super) const EXTERNAL: &str = "external";

/// The fields as signals.
#[derive(Clone, Copy)]
pub(super) struct PackageForm {
    /// The word of the kind; empty for a file of which the kind is detected.
    pub(super) kind: RwSignal<String>,
    command: RwSignal<String>,
    command_read: Memo<Result<Vec<String>, String>>,
    requirements: RwSignal<String>,
    predict: RwSignal<String>,
    health: RwSignal<String>,
    url: RwSignal<String>,
}

impl PackageForm {
    /// Nothing said yet.
    pub(super) fn new() -> Self {
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

    /// Keeps what is written into the fields.
    pub(super) fn keep(self, kept: &KeptDraft) {
        kept.keep_texts([
            ("kind", self.kind),
            ("command", self.command),
            ("requirements", self.requirements),
            ("predict", self.predict),
            ("health", self.health),
            ("url", self.url),
        ]);
    }

    /// True while this kind is chosen.
    pub(super) fn is(self, kind: &str) -> bool {
        self.kind.with(|chosen| chosen == kind)
    }

    /// The missing thing, in a sentence.
    pub(super) fn blocked(self) -> Option<&'static str> {
        if self.is(CUSTOM) && self.command.with(|command| command.trim().is_empty()) {
            return Some("Write the command that starts the model server.");
        }
        let url = self.url.get();
        let web = ["http://", "https://"].iter().any(|start| url.trim().starts_with(start));
        (self.is(EXTERNAL) && !web).then_some("Write the URL of the model server, beginning with http:// or https://.")
    }

    /// Fills the fields into `meta`; `None` while one cannot be read.
    pub(super) fn fill(self, meta: &mut RegisterModel) -> Option<()> {
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

/// The kinds, as they are chosen from.
pub(super) fn kinds() -> Vec<(String, String)> {
    vec![
        (String::new(), "Model file (kind is detected)".to_owned()),
        (CUSTOM.to_owned(), "Folder with its own start command".to_owned()),
        (EXTERNAL.to_owned(), "Runs elsewhere (watch only)".to_owned()),
    ]
}

/// The fields of the kind that is chosen.
#[component]
pub(super) fn PackageFields(package: PackageForm) -> impl IntoView {
    view! {
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

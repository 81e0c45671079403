//! The check rules of a deployment as fields: what a candidate must meet besides its signature.

use domain::compat::{CheckRules, HumilityRule};
use domain::id::ModelRef;
use leptos::prelude::*;

use crate::components::{Area, Check};
use crate::pages::kept_draft::KeptDraft;

/// The fields as signals, with the check rules that they make.
#[derive(Clone, Copy)]
pub(crate) struct ChecksDraft {
    strict: RwSignal<bool>,
    environment: RwSignal<bool>,
    segments: RwSignal<String>,
    rules: RwSignal<String>,
    challengers: RwSignal<String>,
    rules_read: Memo<Result<Vec<HumilityRule>, String>>,
    challengers_read: Memo<Result<Vec<ModelRef>, String>>,
    whole: Memo<Result<CheckRules, String>>,
}

impl ChecksDraft {
    /// Keeps what is written into the fields.
    pub(crate) fn keep(self, kept: &KeptDraft) {
        kept.keep_texts([("segments", self.segments), ("rules", self.rules), ("challengers", self.challengers)]);
        kept.keep("strict", self.strict);
        kept.keep("environment", self.environment);
    }

    /// Begins with the check rules of a deployment.
    pub(crate) fn of(policy: &CheckRules) -> Self {
        let strict = RwSignal::new(policy.not_verified_warns);
        let environment = RwSignal::new(policy.environment_must_fit);
        let segments = RwSignal::new(policy.segment_attributes.join("\n"));
        let rules = RwSignal::new(policy.humility_rules.iter().map(|rule| written(rule) + "\n").collect::<String>());
        let challengers =
            RwSignal::new(policy.challengers.iter().map(|model| format!("{model}\n")).collect::<String>());
        let rules_read = Memo::new(move |_| each(&rules.get(), |line| rule(line).map_err(str::to_owned)));
        let challengers_read = Memo::new(move |_| {
            each(&challengers.get(), |line| line.parse::<ModelRef>().map_err(|error| error.to_string()))
        });
        let before = (policy.clone(), [segments, rules, challengers].map(|text| text.get_untracked()));
        let whole = Memo::new(move |_| {
            let (policy, texts) = &before;
            // What nobody touched stays as it is, also where these lines could not say it.
            if strict.get() == policy.not_verified_warns
                && environment.get() == policy.environment_must_fit
                && [segments, rules, challengers].map(|text| text.get()) == *texts
            {
                return Ok(policy.clone());
            }
            let policy = CheckRules {
                not_verified_warns: strict.get(),
                environment_must_fit: environment.get(),
                segment_attributes: each(&segments.get(), |line| Ok(line.to_owned()))?,
                humility_rules: rules_read.get()?,
                challengers: challengers_read.get()?,
            };
            policy.check().map_err(|(_, problem)| problem).map(|()| policy)
        });
        Self { strict, environment, segments, rules, challengers, rules_read, challengers_read, whole }
    }

    /// The check rules as written; `None` while a field cannot be read.
    pub(crate) fn read(self) -> Option<CheckRules> {
        self.whole.get().ok()
    }
}

/// Reads the lines that hold something, or says which one cannot be read.
fn each<T>(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
    lines.map(|(i, line)| read(line).map_err(|error| format!("line {}: {error}", i + 1))).collect()
}

/// `name: feature, feature -> output, output`
fn rule(line: &str) -> Result<HumilityRule, &'static str> {
    let (name, rest) = line.split_once(':').unwrap_or((line, ""));
    let (features, outputs) = rest.split_once("->").unwrap_or((rest, ""));
    let names =
        |text: &str| text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let rule = HumilityRule { name: name.trim().to_owned(), features: names(features), outputs: names(outputs) };
    let names_something = !rule.name.is_empty() && (!rule.features.is_empty() || !rule.outputs.is_empty());
    if names_something { Ok(rule) } else { Err("write name: feature, feature -> output") }
}

fn written(rule: &HumilityRule) -> String {
    let outputs = if rule.outputs.is_empty() { String::new() } else { format!(" -> {}", rule.outputs.join(", ")) };
    format!("{}: {}{outputs}", rule.name, rule.features.join(", "))
}

/// The fields.
#[component]
pub(crate) fn ChecksFields(draft: ChecksDraft) -> impl IntoView {
    let whole = Signal::derive(move || {
        let read = draft.rules_read.with(Result::is_ok) && draft.challengers_read.with(Result::is_ok);
        draft.whole.get().err().filter(|_| read)
    });
    view! {
        <Check label="Treat “not verified” as a warning: ask for a go-ahead" name="not_verified_warns" value=draft.strict/>
        <Check label="Refuse a model whose Python environment cannot be built as its package asks (otherwise only warn)" name="environment_must_fit" value=draft.environment/>
        <div class="two">
            <Area label="Segment attributes (one per line)" name="segment_attributes" value=draft.segments rows=3 error=whole hint="Features that a candidate must keep."/>
            <Area label="Challengers (one per line)" name="challengers" value=draft.challengers rows=3 error=Signal::derive(move || draft.challengers_read.get().err()) hint="As in iris@3: models that run beside the one in use for comparison. None of them may replace it."/>
        </div>
        <Area label="Humility rules (one per line)" name="humility_rules" value=draft.rules rows=2 error=Signal::derive(move || draft.rules_read.get().err()) hint="name: the features it looks at -> the outputs it looks at"/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_back_as_it_is_written() {
        for line in ["unsure: age, income -> score", "outlier: age", "low: -> probabilities"] {
            let read = rule(line).unwrap();
            assert_eq!(rule(&written(&read)), Ok(read), "{line}");
        }
        assert!(rule("unsure").is_err() && rule(": age").is_err());
        assert_eq!(
            each("\n a\nb ", |line| if line == "b" { Err("no".to_owned()) } else { Ok(()) }),
            Err("line 3: no".to_owned())
        );
    }
}

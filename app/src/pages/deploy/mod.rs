//! Making a deployment: a name, a registered model or a file, and how many replicas.

use domain::access::{DefaultAccess, ServerAction};
use domain::deployment::Importance;
use domain::id::{DeploymentName, ModelName, ModelRef, RequestId, TargetName};
use domain::policy::GatedAction;
use domain::wire::{Apply, ApplyWhen, CreateDeployment, MatchPolicies, RegisterModel};
use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::actions::why_not_here;
use super::dialogs::Dialogs;
use super::drawn::lost_connection;
use super::dropped::{Dropped, DroppedFile};
use super::kept_draft::KeptDraft;
use super::model_file::{DROP, WhyNot, name_of_file, why_not};
use crate::api::{self, Failure};
use crate::components::{Banner, Choice, DialogFooter, DropZone, Field, Modal};
use crate::state::{Query, state};
use crate::words::Tone;

/// The dialog.
#[component]
pub(crate) fn DeployDialog(model: Option<ModelRef>) -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title="Deploy a model".to_owned() name="deploy" on_close=move || dialogs.closed()>
            <Form preset=model/>
        </Modal>
    }
}

/// The progress of the request.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Idle,
    Sending(f64),
    Starting,
}

/// What has come of it.
enum Deployed {
    /// It has begun.
    Started,
    /// It was asked for.
    Asked(RequestId),
    /// A version with warnings was registered, which somebody has to see first.
    Registered(ModelRef),
}

/// The roles that everyone may have on a new deployment.
const EVERYONE: [(DefaultAccess, &str); 4] = [
    (DefaultAccess::None, "does not see it"),
    (DefaultAccess::Consumer, "may send requests"),
    (DefaultAccess::User, "sees all of it"),
    (DefaultAccess::Owner, "may change it"),
];

#[component]
fn Form(preset: Option<ModelRef>) -> impl IntoView {
    let state = state();
    let dialogs = Dialogs::here();
    let text = |value: &str| RwSignal::new(value.to_owned());
    let suggested = preset.as_ref().map(|model| model.name.to_string()).unwrap_or_default();
    let name = text(&suggested);
    let model = RwSignal::new(preset.map(|model| model.to_string()).unwrap_or_default());
    let file = RwSignal::new_local(None::<File>);
    let (replicas, concurrency) = (text("2"), text("1"));
    let importance = RwSignal::new(Importance::Moderate.to_string());
    let everyone = RwSignal::new(DefaultAccess::default());
    let target = RwSignal::new(TargetName::default());
    // A file cannot be kept: it is chosen again.
    if let Some(kept) = KeptDraft::here() {
        let texts = [
            ("name", name),
            ("model", model),
            ("replicas", replicas),
            ("concurrency", concurrency),
            ("importance", importance),
        ];
        texts.into_iter().for_each(|(field, text)| kept.keep(field, text));
        kept.keep("everyone", everyone);
        kept.keep("target", target);
    }
    let targets = Signal::derive(move || {
        let targets = state.targets().into_keys();
        targets.map(|name| (name.to_string(), name.to_string())).collect::<Vec<_>>()
    });
    // Who works alone shares with nobody.
    let shares = Memo::new(move |_| !state.is_alone());
    let progress = RwSignal::new(Progress::Idle);
    let failure = RwSignal::new(None::<Failure>);

    let models = Query::whenever(move || state.models_changed(), api::models::list);
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "From a file…".to_owned())];
        let known = models.value();
        options.extend(known.iter().flat_map(|models| models.iter().flat_map(|model| model.versions.iter())).map(
            |version| {
                let model = &version.model;
                (format!("{}@{}", model.name, model.version), format!("{} v{}", model.name, model.version))
            },
        ));
        options
    });
    let warnings = Memo::new(move |_| {
        let chosen: ModelRef = model.get().parse().ok()?;
        let models = models.value()?;
        let mut versions = models.iter().flat_map(|model| model.versions.iter());
        versions.find(|version| version.model.reference() == chosen).map(|version| version.warnings.clone())
    });
    let model_chosen = move |chosen: String| {
        let word = chosen.split('@').next().unwrap_or_default();
        if name.with_untracked(String::is_empty) && !word.is_empty() {
            name.set(as_deployment_name(word));
        }
        model.set(chosen);
    };
    let problem = RwSignal::new(None::<String>);
    let file_given = move |given: DroppedFile| match given {
        Ok(chosen) => {
            if name.with_untracked(String::is_empty) {
                name.set(as_deployment_name(&name_of_file(&chosen.name())));
            }
            problem.set(None);
            model.set(String::new());
            file.set(Some(chosen));
        }
        Err(why) => problem.set(Some(why)),
    };
    let file_chosen = move |chosen: File| {
        let most = untrack(|| state.session()).map_or(0, |session| session.max_model_bytes);
        file_given(why_not(&chosen.name(), chosen.size() as u64, most).map_or(Ok(chosen), Err));
    };
    Dropped::here().taken_by(move |given| {
        if progress.get_untracked() == Progress::Idle {
            file_given(given);
        }
    });
    let name_read = Memo::new(move |_| name.get().trim().parse::<DeploymentName>().map_err(|error| error.to_string()));
    // Known before it is sent, as far as the caller sees the deployments that there are.
    let taken = Memo::new(move |_| {
        let id = state.id_of(&name_read.get().ok()?).filter(|_| progress.get() == Progress::Idle);
        id.map(|_| "There is a deployment with this name already. Choose another name.".to_owned())
    });
    let name_error =
        Signal::derive(move || taken.get().or_else(|| name_read.get().err().filter(|_| !name.with(String::is_empty))));
    let whole = |text: RwSignal<String>| {
        Memo::new(move |_| text.get().trim().parse::<u32>().map_err(|_| "Write a whole number".to_owned()))
    };
    let (replicas_read, concurrency_read) = (whole(replicas), whole(concurrency));
    let from_file = move || model.with(String::is_empty);
    let blocked = Memo::new(move |_| {
        if let Some(why) = lost_connection().or_else(|| why_not_here(ServerAction::CreateDeployment)) {
            return Some(why);
        }
        if from_file() && file.with(Option::is_none) {
            return Some("Drop a model file, or choose a registered model.".to_owned());
        }
        if let Some(taken) = taken.get() {
            return Some(taken);
        }
        if let Err(error) = name_read.get() {
            return Some(if name.with(String::is_empty) { "Give the deployment a name.".to_owned() } else { error });
        }
        let (Ok(replicas), Ok(concurrency)) = (replicas_read.get(), concurrency_read.get()) else {
            return Some("Replicas and requests at a time must be whole numbers.".to_owned());
        };
        let model = if from_file() { "model@1".to_owned() } else { model.get() };
        configuration(&model, replicas, concurrency).err()
    });
    // Where a policy asks for approvals, or a freeze holds, it is asked for, and nothing runs until then.
    let level = Memo::new(move |_| importance.with(|word| word.parse::<Importance>().ok()));
    let matched = Query::whenever(
        move || (level.get(), state.requests_changed()),
        move || {
            let importance = level.try_get_untracked().flatten();
            let asked = MatchPolicies { importance, ..MatchPolicies::new(None, GatedAction::Create) };
            async move { api::policies::matched(&asked).await }
        },
    );
    let asks = Memo::new(move |_| {
        matched.value().is_some_and(|matched| !matched.needs.is_empty() || !matched.freezes.is_empty())
    });
    let go = move || {
        let (Ok(name), Ok(replicas), Ok(concurrency)) =
            (name_read.get_untracked(), replicas_read.get_untracked(), concurrency_read.get_untracked())
        else {
            return;
        };
        let (chosen, file, importance) = (model.get_untracked(), file.get_untracked(), importance.get_untracked());
        let (target, default_access) = (target.get_untracked(), everyone.get_untracked());
        let apply = if asks.get_untracked() { Apply::When(ApplyWhen::WhenApproved) } else { Apply::default() };
        progress.set(Progress::Starting);
        failure.set(None);
        spawn_local(async move {
            let deployed = deploy(
                &name,
                chosen,
                file,
                (replicas, concurrency),
                &importance,
                (target, default_access, apply),
                progress,
            )
            .await;
            progress.try_set(Progress::Idle);
            match deployed {
                Ok(Deployed::Registered(registered)) => {
                    models.ask();
                    model.try_set(registered.to_string());
                }
                Ok(Deployed::Asked(request)) => {
                    state.reread_around();
                    dialogs.go(&format!("/approvals/{request}"));
                }
                Ok(Deployed::Started) => {
                    state.bring(&name).await;
                    dialogs.go(&format!("/deployments/{name}"));
                }
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
        });
    };
    let importances: Vec<_> = Importance::ALL.map(|one| (one.to_string(), one.to_string())).to_vec();
    view! {
        <div class="content">
            <Choice label="Model" name="model" options=options value=model on_choose=model_chosen/>
            <Show when=from_file>
                <DropZone label=DROP file=file problem=problem on_file=file_chosen/>
            </Show>
            {move || warnings.get().unwrap_or_default().into_iter().map(|warning| view! {
                <Banner tone=Tone::Warning title="Read this before you use this version" name="version-warning"><span>{warning}</span></Banner>
            }).collect_view()}
            <Field label="Name" name="name" value=name error=name_error hint="The last part of the URL. It cannot be changed later."/>
            <div class="form">
                <Field label="Replicas" name="replicas" value=replicas error=Signal::derive(move || replicas_read.get().err()) class="short" inputmode="numeric"/>
                <Field
                    label="Requests at a time"
                    name="concurrency"
                    value=concurrency
                    error=Signal::derive(move || concurrency_read.get().err())
                    class="short"
                    inputmode="numeric"
                />
                <Choice label="Importance" name="importance" options=importances value=importance on_choose=move |value| importance.set(value)/>
                <Show when=move || shares.get()>
                    <Choice
                        label="Everyone"
                        name="default-access"
                        options=EVERYONE.map(|(role, about)| (role.to_string(), about.to_owned())).to_vec()
                        value=Signal::derive(move || everyone.get().to_string())
                        on_choose=move |value| everyone.set(value.parse().unwrap_or_default())
                    />
                </Show>
                <Show when=move || targets.with(|targets| targets.len() > 1)>
                    <Choice
                        label="Target"
                        name="target"
                        options=targets
                        value=Signal::derive(move || target.get().to_string())
                        on_choose=move |value| {
                            if let Ok(chosen) = value.parse() {
                                target.set(chosen);
                            }
                        }
                    />
                </Show>
            </div>
            {move || match progress.get() {
                Progress::Sending(share) => Some(view! { <progress max="1" value=share.to_string() aria-label="Sending the file"></progress> }),
                _ => None,
            }}
            {move || matched.value().filter(|_| asks.get()).map(|matched| {
                let policies = matched.needs.iter().map(|policy| policy.name.clone());
                let names: Vec<_> = policies.chain(matched.freezes.iter().map(|freeze| freeze.name.clone())).collect();
                let text = format!("{} must allow this deployment: until then nothing runs, and the name stays reserved.", names.join(", "));
                view! { <p class="sub" data-test="asks">{text}</p> }
            })}
            {move || failure.get().map(|failure| view! { <WhyNot failure=failure/> })}
        </div>
        <DialogFooter
            label=Signal::derive(move || match progress.get() {
                Progress::Idle if asks.get() => "Ask for approval",
                Progress::Idle => "Deploy",
                Progress::Sending(_) => "Sending…",
                Progress::Starting => "Starting…",
            }.to_owned())
            blocked=blocked
            pending=Signal::derive(move || progress.get() != Progress::Idle)
            confirm=go
        />
    }
}

fn configuration(model: &str, replicas: u32, concurrency: u32) -> Result<domain::configuration::Configuration, String> {
    api::deployments::first_configuration(json!({
        "models": [model],
        "replicas": replicas,
        "max_concurrent_requests": concurrency,
    }))
}

/// Registers the file first, where there is one. A version with warnings is not deployed before somebody has seen them: it
/// is answered instead.
async fn deploy(
    name: &DeploymentName,
    chosen: String,
    file: Option<File>,
    (replicas, concurrency): (u32, u32),
    importance: &str,
    (target, default_access, apply): (TargetName, DefaultAccess, Apply),
    progress: RwSignal<Progress>,
) -> Result<Deployed, Failure> {
    let unreadable = Failure::Unreadable;
    let model = match file.filter(|_| chosen.is_empty()) {
        None => chosen,
        Some(file) => {
            let model: ModelName = name_of_file(&file.name())
                .parse()
                .map_err(|error: domain::id::InvalidId| unreadable(error.to_string()))?;
            let meta = RegisterModel::of(model);
            progress.try_set(Progress::Sending(0.0));
            let version = api::models::register(&file, &meta, move |share| {
                progress.try_set(Progress::Sending(share));
            })
            .await?;
            if !version.warnings.is_empty() {
                return Ok(Deployed::Registered(version.model.reference()));
            }
            progress.try_set(Progress::Starting);
            version.model.reference().to_string()
        }
    };
    let configuration = configuration(&model, replicas, concurrency).map_err(unreadable)?;
    let importance = serde_json::from_value(json!(importance)).unwrap_or_default();
    let deployment = CreateDeployment {
        default_access,
        name: name.clone(),
        target,
        importance,
        ttl: None,
        on_failure: Default::default(),
        description: String::new(),
        tags: Default::default(),
        properties: Default::default(),
        configuration: configuration.into(),
        strategy: Default::default(),
        checks: Default::default(),
        apply,
        break_glass: None,
    };
    Ok(api::deployments::create(&deployment).await?.map_or(Deployed::Started, Deployed::Asked))
}

/// A name for a deployment from the name of a model: the characters that may stand in a URL.
fn as_deployment_name(word: &str) -> String {
    let text: String = word.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    text.trim_matches('-').chars().take(63).collect()
}

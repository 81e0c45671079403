//! Services: programs, which have API tokens and nothing else.

use std::sync::Arc;

use domain::principal::ServerRole;
use domain::wire::{ServiceChange, ServiceForm, ServiceView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::around::Around;
use super::persons::roles;
use crate::api::{self, Failure};
use crate::components::{Choice, DialogFooter, Field, Glyph, Icon, Menu, MenuItem, Modal, StateLabel};
use crate::pages::drawn::lost_connection;
use crate::pages::kept_draft::KeptDraft;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::pages::submission::Submission;
use crate::pages::tokens::ServiceTokens;
use crate::state::state;
use crate::words::{Tone, times};

/// The tab.
#[component]
pub(super) fn ServicesTab() -> impl IntoView {
    let around: Around = expect_context();
    let failure = RwSignal::new(None::<Failure>);
    let draw = move |services: Arc<Vec<ServiceView>>| {
        if services.is_empty() {
            return view! {
                <div class="panel nothing" data-test="empty">
                    <Glyph icon=Icon::Swap/>
                    <b>"No service yet"</b>
                    <p>"A pipeline that registers and updates models calls the API as a service, with a token of its own. It cannot review, and cannot override."</p>
                </div>
            }
            .into_any();
        }
        let rows =
            services.iter().cloned().map(|one| view! { <ServiceRow service=one failure=failure/> }).collect_view();
        view! {
            <div class="grid-table" role="list" aria-label="Services">
                <div class="grid-row grid-head people-row" aria-hidden="true">
                    <span>"Name"</span><span>"State"</span><span>"Role"</span><span>"Since"</span><span></span>
                </div>
                {rows}
            </div>
        }
        .into_any()
    };
    view! {
        <section class="part">
            <Refused failure=failure/>
            <QueryAnswer query=around.services lines=4 draw=draw/>
        </section>
    }
}

#[component]
fn ServiceRow(service: ServiceView, failure: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let around: Around = expect_context();
    let admin = state.is_admin();
    let id = StoredValue::new(service.id.clone());
    let change = move |change: ServiceChange| {
        failure.set(None);
        spawn_local(async move {
            match api::people::change_service(&id.get_value(), &change).await {
                Ok(()) => around.services.ask(),
                Err(refused) => failure.set(Some(state.noting(refused))),
            }
        });
    };
    let set_role = move |word: String| {
        change(ServiceChange { role: word.parse::<ServerRole>().ok(), ..ServiceChange::default() });
    };
    let disabled = service.disabled;
    let (word, tone) = if disabled { ("Disabled", Tone::Off) } else { ("Enabled", Tone::Good) };
    let toggle = move || change(ServiceChange { disabled: Some(!disabled), ..ServiceChange::default() });
    view! {
        <div class="grid-row people-row" role="listitem" data-test="service">
            <b class:off=disabled><bdi>{service.name.clone()}</bdi></b>
            <div><StateLabel word=word.to_owned() tone=tone/></div>
            <div>
                {if admin && !disabled {
                    view! { <Choice label="Role on the server" name="service-role" of=id.get_value().to_string() bare=true options=roles() value=service.role.to_string() on_choose=set_role/> }.into_any()
                } else {
                    view! { <span>{service.role.to_string()}</span> }.into_any()
                }}
            </div>
            <span class="sub">{service.since.map(|at| times::day(at, state.now().get_untracked()))}</span>
            <div class="act">
                {admin.then(|| view! {
                    <button
                        type="button"
                        class="button small quiet"
                        data-test="new-service-token"
                        title=disabled.then_some("This service is disabled.")
                        disabled=move || disabled || lost_connection().is_some()
                        on:click=move |_| around.open.run(format!("token {}", id.get_value()))
                    >
                        <Glyph icon=Icon::Plus/>"Token"
                    </button>
                    <Menu label=format!("Actions for {}", service.name) id=format!("service-{}", id.get_value())>
                        {if disabled {
                            view! { <MenuItem label="Enable again: it can call the API" name="enable-service" blocked=lost_connection() on_choose=toggle/> }.into_any()
                        } else {
                            view! { <MenuItem label="Disable: its tokens are revoked for good" name="disable-service" danger=true blocked=lost_connection() on_choose=toggle/> }.into_any()
                        }}
                    </Menu>
                })}
            </div>
            {admin.then(|| view! {
                <div class="service-tokens"><ServiceTokens owner=id.get_value() query=around.tokens failure=failure/></div>
            })}
        </div>
    }
}

/// Makes a service.
#[component]
pub(super) fn ServiceDialog(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let closed = KeptDraft::of_dialog("service new", on_close);
    view! {
        <Modal title="New service".to_owned() name="service" on_close=closed>
            <Form/>
        </Modal>
    }
}

#[component]
fn Form() -> impl IntoView {
    let around: Around = expect_context();
    let submission = Submission::here();
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(ServerRole::Editor.to_string());
    if let Some(kept) = KeptDraft::here() {
        kept.keep_texts([("name", name), ("role", role)]);
    }
    let blocked = Signal::derive(move || name.with(|name| name.trim().is_empty()).then(|| "Write a name.".to_owned()));
    let save = move || {
        let form = ServiceForm {
            name: name.get_untracked().trim().to_owned(),
            role: role.with_untracked(|word| word.parse().unwrap_or_default()),
        };
        submission.send(async move {
            api::people::create_service(&form).await?;
            around.services.ask();
            Ok(())
        });
    };
    view! {
        <div class="content">
            <div class="form">
                <Field label="Name" name="service-name" value=name class="wide" placeholder="nightly-training"/>
                <Choice label="Role on the server" name="new-service-role" options=roles() value=role on_choose=move |value| role.set(value)/>
            </div>
            <p class="sub">"A service calls the API with tokens that you create for it. On deployments it has the roles that it, or its groups, are given."</p>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label="Create service".to_owned() blocked=blocked pending=submission.pending confirm=save/>
    }
}

//! Everything about one version of a model, beside the list: signature, file, where it could be used, a client, tags.

use domain::model::{Packing, RegisteredModel};
use domain::wire::ModelVersionView;
use leptos::prelude::*;

use super::facts::facts;
use super::update_button::UpdateButton;
use super::version_row::Users;
use crate::api::{self, href};
use crate::components::{Ago, Banner, CopyButton, DeclaredTag, Glyph, Icon, SignatureTable, Tag};
use crate::pages::client_script::{Called, ClientScript};
use crate::state::state;
use crate::words::Tone;

/// The panel.
#[component]
pub(super) fn About(version: ModelVersionView) -> impl IntoView {
    let model = version.model.clone();
    let reference = model.reference();
    let number = model.version.to_string();
    let has_file = model.packing != Packing::Nothing;
    let tags: Vec<_> = model.tags.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let warnings = version.warnings.clone();
    let file = api::models::artifact(&reference);
    view! {
        <aside class="quiet-panel about-version" aria-label=format!("About v{number}") data-test="about-version" data-version=number.clone()>
            {warnings.into_iter().map(|warning| view! {
                <Banner tone=Tone::Warning title="Read this before you use this version" name="version-warning"><span>{warning}</span></Banner>
            }).collect_view()}
            <section>
                <div class="quiet-head"><h2>{format!("Signature of v{number}")}</h2></div>
                <SignatureTable signature=model.signature.clone()/>
            </section>
            <Updates model=model.clone()/>
            <section>
                <div class="quiet-head">
                    <h2>{if has_file { format!("File of v{number}") } else { format!("Facts about v{number}") }}</h2>
                    {has_file.then(|| view! {
                        <a class="button quiet small" href=file download="" rel="external" data-test="download-told"><Glyph icon=Icon::Download/>"Download"</a>
                    })}
                </div>
                <Facts version=version/>
            </section>
            <section>
                <div class="quiet-head"><h2>{format!("Client of v{number}")}</h2></div>
                <ClientScript called=Called::Version(reference)/>
            </section>
            {(!tags.is_empty()).then(|| view! {
                <section>
                    <div class="quiet-head"><h2>"Tags"</h2></div>
                    <span class="buttons">{tags.into_iter().map(|tag| view! { <Tag tone=Tone::Plain word=tag/> }).collect_view()}</span>
                </section>
            })}
        </aside>
    }
}

/// The deployments that could be given this version; there only when there are some.
#[component]
fn Updates(model: RegisteredModel) -> impl IntoView {
    let state = state();
    let reference = model.reference();
    let to = reference.clone();
    let outdated = Memo::new(move |_| {
        let all = state.deployments();
        let of = all.iter().filter(|deployment| deployment.newer_model_versions.contains(&reference));
        of.map(|deployment| (deployment.id.clone(), deployment.name.clone())).collect::<Vec<_>>()
    });
    move || {
        let to = to.clone();
        outdated.with(|outdated| !outdated.is_empty()).then(|| {
            let line = move |(id, name): (domain::id::DeploymentId, domain::id::DeploymentName)| {
                view! {
                    <li>
                        <a class="plain-link" href=href(&format!("/deployments/{name}"))>{name.to_string()}</a>
                        <UpdateButton deployment=id to=to.clone()/>
                    </li>
                }
            };
            view! {
                <section data-test="updates">
                    <div class="quiet-head"><h2>"Update available"</h2></div>
                    <ul class="update-list">{outdated.get().into_iter().map(line).collect_view()}</ul>
                </section>
            }
        })
    }
}

#[component]
fn Facts(version: ModelVersionView) -> impl IntoView {
    let state = state();
    let model = version.model.clone();
    let digest = model.digest.to_string();
    let has_file = model.packing != Packing::Nothing;
    let short: String = digest.chars().take(12).collect();
    let (at, by) = (model.registered_at, state.actor_name(&model.registered_by));
    let rows = facts(&model).into_iter().map(|(label, value, declared)| {
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td>{value}" "{declared.then(|| view! { <DeclaredTag/> })}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <table class="facts" data-test="version-facts">
            <tbody>
                {rows}
                <tr><th scope="row">"in use by"</th><td><Users version=version/></td></tr>
                <tr><th scope="row">"created by"</th><td>{by}", "<Ago at=at now=state.now()/></td></tr>
                {has_file.then(|| view! {
                    <tr>
                        <th scope="row">"SHA-256"</th>
                        <td><span class="with-button"><code title=digest.clone()>{short}"…"</code><CopyButton text=digest describes="Copy the digest"/></span></td>
                    </tr>
                })}
            </tbody>
        </table>
    }
}

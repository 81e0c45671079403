//! The page as somebody sees it who only predicts: name, URL and status, the application, and a form to try it.

use leptos::prelude::*;

use super::subject::Subject;
use crate::api::{self, href};
use crate::components::{CopyButton, StateLabel};
use crate::pages::client_script::{Called, ClientScript};
use crate::pages::trying::Trying;
use crate::state::{Query, state};
use crate::words;

/// The page.
#[component]
pub(super) fn ConsumerPage() -> impl IntoView {
    let state = state();
    let subject: Subject = expect_context();
    let name = subject.name();
    let asked = name.clone();
    // A consumer is told that something has changed, and not what.
    let input = Query::whenever(
        move || state.history_changed(),
        move || {
            let name = asked.clone();
            async move { api::predictions::input(&name).await }
        },
    );
    let view = subject.view;
    let head = move || {
        view.get().map(|view| {
            let (word, tone) = words::status(view.status);
            let url = view.url.clone();
            let application = view.application.clone().map(|title| (href(&format!("/apps/{}", view.name)), title));
            view! {
                <header class="heading" data-test="consumer">
                    <nav class="sub crumbs" aria-label="Where this is"><a href=href("/")>"Deployments"</a>" /"</nav>
                    <div class="page-head">
                        <h1>{view.name.to_string()}</h1>
                        <span data-test="status" data-status=view.status.to_string()><StateLabel word=word.to_owned() tone=tone/></span>
                        <span class="grow"></span>
                        {application.map(|(address, title)| view! { <a class="button primary" href=address data-test="open-application">{title}</a> })}
                    </div>
                    <div class="address"><code data-test="url">{url.clone()}</code><CopyButton text=url describes="Copy the inference URL"/></div>
                    <ClientScript called=Called::Deployment(view.name.clone())/>
                </header>
                <p class="sub">"You may send requests to this deployment. Its owners and administrators can give you a role with which you see more."</p>
            }
        })
    };
    view! {
        {head}
        <Trying name=name input=input/>
    }
}

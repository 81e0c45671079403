//! The page as somebody sees it who only predicts: name, URL and status.

use leptos::prelude::*;

use super::subject::Subject;
use crate::api::href;
use crate::components::{CopyButton, StateLabel};
use crate::pages::client_script::{Called, ClientScript};
use crate::words;

/// The page.
#[component]
pub(super) fn ConsumerPage() -> impl IntoView {
    let Subject { view, .. } = expect_context();
    move || {
        view.get().map(|view| {
            let (word, tone) = words::status(view.status);
            let url = view.url.clone();
            view! {
                <header class="heading" data-test="consumer">
                    <nav class="sub crumbs" aria-label="Where this is"><a href=href("/")>"Deployments"</a>" /"</nav>
                    <div class="page-head">
                        <h1>{view.name.to_string()}</h1>
                        <span data-test="status" data-status=view.status.to_string()><StateLabel word=word.to_owned() tone=tone/></span>
                    </div>
                    <div class="address"><code data-test="url">{url.clone()}</code><CopyButton text=url describes="Copy the inference URL"/></div>
                    <ClientScript called=Called::Deployment(view.name.clone())/>
                </header>
                <p class="sub">"You may send requests to this deployment. Its owners and administrators can give you a role with which you see more."</p>
            }
        })
    }
}

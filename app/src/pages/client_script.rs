//! A ready script that calls a model version or a deployment, in Python or with curl.

use domain::id::{DeploymentName, ModelRef};
use leptos::prelude::*;

use crate::api;
use crate::components::CopyButton;
use crate::pages::query_answer::QueryAnswer;
use crate::state::Query;

/// The languages: their word, and what people read.
const LANGUAGES: [(&str, &str); 2] = [("python", "Python"), ("curl", "curl")];

/// The thing that a script calls.
#[derive(Clone)]
pub(super) enum Called {
    /// A version at any deployment of it.
    Version(ModelRef),
    /// The version that a deployment uses, at its URL.
    Deployment(DeploymentName),
}

/// The script, folded away until somebody wants it.
#[component]
pub(super) fn ClientScript(
    called: Called,
    /// What opens it: the language that it begins with, and its words.
    #[prop(default = (LANGUAGES[0].0, "Get client script"))]
    opened_by: (&'static str, &'static str),
) -> impl IntoView {
    let language = RwSignal::new(opened_by.0);
    let wanted = RwSignal::new(false);
    let ready = move || {
        language.track();
        wanted.get()
    };
    let query = Query::when(ready, move || {
        let (called, language) = (called.clone(), language.get_untracked());
        async move {
            let script = match called {
                Called::Version(model) => api::models::client(&model, language).await,
                Called::Deployment(name) => api::deployments::client(&name, language).await,
            };
            script.map(|script| (language, script))
        }
    });
    let choices = LANGUAGES.map(|(word, title)| {
        view! {
            <button type="button" aria-pressed=move || (language.get() == word).to_string() data-test=format!("client-{word}") on:click=move |_| language.set(word)>{title}</button>
        }
    });
    let draw = move |script: std::sync::Arc<(&'static str, String)>| {
        let script = script.1.clone();
        view! {
            <div class="script">
                <pre tabindex="0"><code data-test="client">{script.clone()}</code></pre>
                <CopyButton text=script describes="Copy the script"/>
            </div>
            <p class="sub">"Where the deployment asks for a key or a token, put it into "<code>"CHANGEOVER_KEY"</code>": the script holds none."</p>
        }
        .into_any()
    };
    view! {
        <details class="client" data-test="client-script" on:toggle=move |_| wanted.set(true)>
            <summary>{opened_by.1}</summary>
            <div class="segments" role="group" aria-label="Language">{choices}</div>
            {move || wanted.get().then(|| view! { <QueryAnswer query=query draw=draw/> })}
        </details>
    }
}

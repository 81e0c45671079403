//! Making an application, and changing what is said on its page.

use domain::id::{DeploymentId, DeploymentName};
use domain::wire::{ApplicationTerms, FieldWords, InputView};
use leptos::prelude::*;

use super::field_words::FieldWordsForm;
use crate::api::{self, href};
use crate::components::{Area, DialogFooter, Field, Modal};
use crate::pages::dialogs::Dialogs;
use crate::pages::kept_draft::KeptDraft;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::pages::submission::Submission;
use crate::state::{Query, state};

/// What the form begins with: the application there is, and the input that its deployment takes.
type Begun = (Option<ApplicationTerms>, InputView);

/// The dialog.
#[component]
pub(crate) fn ApplicationDialog(id: DeploymentId) -> impl IntoView {
    let dialogs = Dialogs::here();
    let known = state().deployment_now(&id);
    let Some((name, exists)) = known.map(|view| (view.name.clone(), view.application.is_some())) else {
        dialogs.closed();
        return ().into_any();
    };
    let title =
        if exists { format!("Edit the application of {name}") } else { format!("Create an application for {name}") };
    let asked = name.clone();
    let begun = Query::new(move || read(asked.clone(), exists));
    begun.ask();
    let draw = move |begun: std::sync::Arc<Begun>| {
        let (terms, input) = (*begun).clone();
        view! { <Form id=id.clone() name=name.clone() terms=terms input=input/> }.into_any()
    };
    view! {
        <Modal title=title class="middle" name="application" on_close=move || dialogs.closed()>
            <QueryAnswer query=begun draw=draw/>
        </Modal>
    }
    .into_any()
}

async fn read(name: DeploymentName, exists: bool) -> Result<Begun, api::Failure> {
    let terms = if exists { Some(api::predictions::application(&name).await?.terms) } else { None };
    Ok((terms, api::predictions::input(&name).await?))
}

#[component]
fn Form(id: DeploymentId, name: DeploymentName, terms: Option<ApplicationTerms>, input: InputView) -> impl IntoView {
    let submission = Submission::here();
    let exists = terms.is_some();
    let terms = terms.unwrap_or_default();
    let (title, introduction) = (RwSignal::new(terms.title), RwSignal::new(terms.introduction));
    let fields = RwSignal::new(terms.fields);
    if let Some(kept) = KeptDraft::here() {
        kept.keep_texts([("title", title), ("introduction", introduction)]);
        kept.keep("fields", fields);
    }
    let made = move || ApplicationTerms {
        title: title.get().trim().to_owned(),
        introduction: introduction.get().trim().to_owned(),
        fields: fields.get().into_iter().filter(says_something).collect(),
    };
    let blocked = Signal::derive(move || match made() {
        terms if terms.title.is_empty() => Some("Give it a title.".to_owned()),
        terms => terms.check().err().map(|error| error.to_string()),
    });
    let address = href(&format!("/apps/{name}"));
    let save = move || {
        let (name, terms) = (name.clone(), untrack(made));
        submission.send_for(id.clone(), async move { api::predictions::put_application(&name, &terms).await });
    };
    let label = if exists { "Save the application" } else { "Create the application" };
    view! {
        <div class="content">
            <p class="sub">
                "A page on which everybody with access to this deployment fills in a form and sees the prediction. Its address is "
                <code>{address}</code>"."
            </p>
            <Field label="Title" name="application-title" value=title placeholder="Which iris is it?"/>
            <Area label="Introduction" name="application-introduction" value=introduction rows=3 hint="A few sentences, for people who do not know the model."/>
            {match input.form {
                Some(form) => view! { <FieldWordsForm form=form fields=fields/> }.into_any(),
                None => view! { <p class="sub">"Nothing says which fields this model takes: the page offers a plain request."</p> }.into_any(),
            }}
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label=label.to_owned() blocked=blocked pending=submission.pending confirm=save/>
    }
}

fn says_something(words: &FieldWords) -> bool {
    ![&words.label, &words.hint, &words.default].into_iter().all(String::is_empty)
}

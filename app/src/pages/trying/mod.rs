//! Asking a deployment for a prediction by hand (DR-15): a form made from the signature of its model, or a plain body, and
//! the answer.

mod answer;
mod asking;
mod plain;
mod rows;

use domain::deployment::TargetStatus;
use domain::id::DeploymentName;
use domain::prediction::InputForm;
use domain::wire::{FieldWords, InputView};
use leptos::prelude::*;
use serde_json::Value;

use self::asking::Asking;
use self::plain::PlainBody;
use self::rows::Rows;
use super::client_script::{Called, ClientScript};
use super::query_answer::Awaited;
use crate::components::Banner;
use crate::state::Query;
use crate::words::Tone;

/// The thing that is filled in.
#[derive(Clone, Debug, PartialEq)]
enum Filled {
    /// A form.
    Form(InputForm, Option<Value>),
    /// A body, with the path that it goes to.
    Body(String, Option<Value>),
    /// Nothing: the model answers elsewhere.
    Elsewhere(String),
}

impl Filled {
    fn of(input: &InputView) -> Self {
        match &input.form {
            _ if input.runs_elsewhere => Self::Elsewhere(input.url.clone()),
            Some(form) => Self::Form(form.clone(), input.example.clone()),
            None => Self::Body(input.path.clone(), input.example.clone()),
        }
    }
}

/// The form and the answer. It follows the deployment: what takes other input after an update has another form.
#[component]
pub(super) fn Trying(
    /// The deployment.
    name: DeploymentName,
    /// The input that it takes.
    input: Query<InputView>,
    /// Words about fields in place of those of the signature.
    #[prop(into, optional)]
    words: Signal<Vec<FieldWords>>,
) -> impl IntoView {
    let filled = Memo::new(move |_| input.value().map(|input| Filled::of(&input)));
    let stopped = Memo::new(move |_| input.value().is_some_and(|input| input.target_status != TargetStatus::Running));
    let name = StoredValue::new(name);
    view! {
        <section class="trying" data-test="trying" aria-label="Try it">
            <Awaited query=input/>
            {move || (stopped.get()).then(|| view! {
                <Banner tone=Tone::Warning title="It is deactivated" name="try-stopped">
                    <p>"No request is answered until an owner activates it."</p>
                </Banner>
            })}
            {move || filled.get().map(|filled| {
                let asking = Asking::new(name.get_value());
                match filled {
                    Filled::Form(form, example) => view! { <Rows form=form example=example words=words asking=asking/> }.into_any(),
                    Filled::Body(path, example) => view! { <PlainBody path=path example=example asking=asking/> }.into_any(),
                    Filled::Elsewhere(url) => view! { <Elsewhere url=url name=name.get_value()/> }.into_any(),
                }
            })}
        </section>
    }
}

/// Says that requests go elsewhere, and offers a script that sends them there.
#[component]
fn Elsewhere(url: String, name: DeploymentName) -> impl IntoView {
    view! {
        <div class="card" data-test="try-elsewhere">
            <p>"This model runs elsewhere: Changeover watches it and passes no requests on. Send them to "<code>{url}</code>"."</p>
            <ClientScript called=Called::Deployment(name)/>
        </div>
    }
}

//! Joining by an invitation: with an account at the identity provider, or with a name, an address and a password. Whoever
//! has them is signed in.

use domain::sign_in::check_password;
use domain::wire::{AcceptInvitation, Errand, ErrorCode, Greeting, Secret};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::links::secret_of_invitation;
use crate::api::{self, Failure, href};
use crate::components::{Field, Glyph, Icon, Skeleton};
use crate::pages::query_answer::{Refused, Trouble};
use crate::pages::to_provider::ToProvider;
use crate::state::{Access, state};
use crate::words::{own_zone, sentence};

/// The page at `/join`. `joined` is told when somebody has come in.
#[component]
pub(crate) fn JoinPage(#[prop(into)] joined: Callback<()>) -> impl IntoView {
    let secret = secret_of_invitation();
    let greeting = RwSignal::new(None::<Result<Greeting, Failure>>);
    let Some(secret) = secret else {
        return view! {
            <Card>
                <p>"Open the link of your invitation again: this address has lost the secret part of it, the one after the #."</p>
                <a class="button" href=href("/")>"Sign in instead"</a>
            </Card>
        }
        .into_any();
    };
    let asked = secret.clone();
    spawn_local(async move {
        let answer = api::session::greeting(&asked).await;
        greeting.try_set(Some(answer));
    });
    let secret = StoredValue::new(secret);
    view! {
        <Card>
            {move || match greeting.get() {
                None => view! { <Skeleton lines=4/> }.into_any(),
                Some(Err(failure)) if failure.is(ErrorCode::InvitationUsed) || failure.is(ErrorCode::NotFound) => view! {
                    <p data-test="invitation-used">"This invitation has been used, was taken back, or has ended. Ask for another one."</p>
                    <a class="button" href=href("/")>"Sign in"</a>
                }.into_any(),
                Some(Err(failure)) => view! { <Trouble failure=failure/> }.into_any(),
                Some(Ok(greeting)) => view! { <JoinForm greeting=greeting secret=secret.get_value() joined=joined/> }.into_any(),
            }}
        </Card>
    }
    .into_any()
}

#[component]
fn Card(children: Children) -> impl IntoView {
    view! {
        <main class="alone">
            <div class="sign-in" data-test="join">
                <h1><Glyph icon=Icon::Brand/>"Changeover"</h1>
                {children()}
            </div>
        </main>
    }
}

#[component]
fn JoinForm(greeting: Greeting, secret: String, #[prop(into)] joined: Callback<()>) -> impl IntoView {
    let state = state();
    let invitation = StoredValue::new(secret.clone());
    let name = RwSignal::new(greeting.name.clone().unwrap_or_default());
    let email = RwSignal::new(greeting.email.clone().unwrap_or_default());
    let password = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let ends = own_zone::moment(greeting.expires_at);
    let wrong =
        Memo::new(move |_| password.with(|text| check_password(text).err().map(|error| sentence(&error.to_string()))));
    let shown = Signal::derive(move || wrong.get().filter(|_| password.with(|text| !text.is_empty())));
    let complete = move || {
        let filled = |text: RwSignal<String>| text.with(|text| !text.trim().is_empty());
        filled(name) && filled(email) && wrong.with(Option::is_none)
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() || !untrack(complete) {
            return;
        }
        pending.set(true);
        failure.set(None);
        let form = AcceptInvitation {
            secret: Secret::new(secret.clone()),
            name: name.get_untracked().trim().to_owned(),
            email: email.get_untracked().trim().to_owned(),
            password: Secret::new(password.get_untracked()),
            root: None,
        };
        spawn_local(async move {
            match api::session::join(form).await {
                Ok(session) => {
                    state.set_access(Access::SignedIn(Box::new(session)));
                    joined.run(());
                }
                Err(refused) => drop(failure.try_set(Some(refused))),
            }
            pending.try_set(false);
        });
    };
    view! {
        <form class="stack" on:submit=submit>
            <p>
                <b>{greeting.inviter}</b>{format!(" has invited you as {}. ", greeting.role)}
                <span class="sub">{format!("The invitation ends {ends}, and works once.")}</span>
            </p>
            <Refused failure=failure/>
            {move || state.provider().map(|provider| view! {
                <ToProvider label=format!("Join with {provider}") errand=Errand::Join invitation=Some(invitation.get_value()) failure=failure/>
                <div class="or"><span>"or with a password"</span></div>
            })}
            <Field label="Your name" name="join-name" value=name autocomplete="name"/>
            <Field label="E-mail address" name="join-email" value=email kind="email" inputmode="email" autocomplete="username" hint="You sign in with it."/>
            <Field label="Password" name="join-password" value=password kind="password" autocomplete="new-password" error=shown hint="12 characters or more; a sentence is best."/>
            <button type="submit" class="button" class:primary=move || state.provider().is_none() data-test="join-submit" disabled=move || pending.get() || !complete()>
                {move || if pending.get() { "Joining…" } else { "Join" }}
            </button>
        </form>
    }
}

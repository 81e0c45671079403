//! The way to the identity provider: a button that leads there, and the page that somebody left by it.

use domain::wire::Errand;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};

/// The key of the page that somebody left, in the storage of the tab.
const PLACE: &str = "changeover-left";

/// Goes to the identity provider for an errand.
#[component]
pub(crate) fn ToProvider(
    /// What it says.
    #[prop(into)]
    label: Signal<String>,
    errand: Errand,
    /// What the link of an invitation holds, with the errand `join`.
    #[prop(optional_no_strip)]
    invitation: Option<String>,
    /// Its class besides `button`.
    #[prop(default = "primary")]
    class: &'static str,
    /// Goes in another tab, so that what is on this page stays.
    #[prop(optional)]
    beside: bool,
    /// Why it did not work.
    failure: RwSignal<Option<Failure>>,
) -> impl IntoView {
    let pending = RwSignal::new(false);
    let go = move |_| {
        pending.set(true);
        failure.set(None);
        // Browsers let a page open another one while somebody clicks, and not later.
        let tab = beside.then(|| window().open_with_url_and_target("about:blank", "_blank").ok().flatten()).flatten();
        let invitation = invitation.clone();
        spawn_local(async move {
            match api::provider::start(errand, invitation).await {
                Ok(location) => {
                    leave_place();
                    let _ = tab.unwrap_or_else(window).location().set_href(&location);
                }
                Err(refused) => {
                    let _ = tab.map(|tab| tab.close());
                    failure.try_set(Some(refused));
                }
            }
            // The page stays where it is when the browser goes back, and where another tab goes.
            pending.try_set(false);
        });
    };
    view! {
        <button type="button" class=format!("button {class}") data-test=format!("provider-{errand}") disabled=move || pending.get() on:click=go>
            {move || label.get()}
        </button>
    }
}

/// Remembers the page that somebody leaves for the identity provider, so that they come back to it.
fn leave_place() {
    let location = window().location();
    let (Ok(path), Ok(query)) = (location.pathname(), location.search()) else { return };
    if let (Some(place), Ok(Some(storage))) = (path.strip_prefix(api::root()), window().session_storage()) {
        let _ = storage.set_item(PLACE, &format!("{place}{query}"));
    }
}

/// The page that somebody left for the identity provider, once; none where they left from one that only lets them in.
pub(crate) fn place_left() -> Option<String> {
    let storage = window().session_storage().ok()??;
    let place = storage.get_item(PLACE).ok()??;
    let _ = storage.remove_item(PLACE);
    // Two slashes begin the address of another server.
    let is_page = place.starts_with('/') && !place.starts_with("//");
    let lets_in = ["/sign-in", "/signed-in", "/admin-link", "/join"].iter().any(|page| place.starts_with(page));
    (is_page && !lets_in).then_some(place)
}

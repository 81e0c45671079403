//! The window's title.

use leptos::prelude::*;

/// Names the page in the window's title.
pub(crate) fn entitle(title: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&format!("{} · Changeover", title())));
}

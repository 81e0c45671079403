//! The parts of the gallery: components of one kind, and those of them in one state.

use leptos::prelude::*;

/// A part of the page: components of one kind.
#[component]
pub(super) fn Shelf(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="part" data-test="gallery-shelf">
            <div class="panel">
                <header class="panel-head"><h2>{title}</h2></header>
                <div class="panel-body stack">{children()}</div>
            </div>
        </section>
    }
}

/// Components in a row, with the state that they are in.
#[component]
pub(super) fn Line(state: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="stack">
            <span class="sub">{state}</span>
            <div class="buttons">{children()}</div>
        </div>
    }
}

//! Buttons, tabs, segments, filters, ticks and menus.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::shelf::{Line, Shelf};
use crate::components::{Chip, ChipChoice, CopyButton, Glyph, Icon, Menu, MenuItem, Tabs, Ticks};

const KINDS: [(&str, &str); 5] = [
    ("button primary", "Update"),
    ("button", "Pause"),
    ("button quiet", "Not now"),
    ("button danger", "Stop and return to v1"),
    ("button primary danger", "Delete iris"),
];

#[component]
pub(super) fn Choices() -> impl IntoView {
    let names = || vec![("a".to_owned(), "churn".to_owned()), ("b".to_owned(), "iris".to_owned())];
    let (empty, chosen) = (RwSignal::new(String::new()), RwSignal::new("b".to_owned()));
    let ticked = RwSignal::new(BTreeSet::from([2]));
    let days: Vec<(i32, String)> = (1..).zip(["Monday", "Tuesday", "Wednesday"].map(str::to_owned)).collect();
    view! {
        <Shelf title="Choices">
            {[false, true].map(|disabled| view! {
                <Line state={if disabled { "Button: disabled" } else { "Button" }}>
                    {KINDS.map(|(class, text)| view! { <button type="button" class=class disabled=disabled>{text}</button> }).collect_view()}
                </Line>
            }).collect_view()}
            <Line state="Button: small, with a sign, square, as a link">
                <button type="button" class="button small">"Open log"</button>
                <button type="button" class="button"><Glyph icon=Icon::Plus/>"New policy"</button>
                <button type="button" class="button quiet square" aria-label="Swap the two"><Glyph icon=Icon::Swap/></button>
                <button type="button" class="link-button">"v5 available"</button>
                <CopyButton text="http://127.0.0.1:8780/iris".to_owned() describes="Copy the inference URL"/>
            </Line>
            <Tabs
                tabs=vec![("overview", "Overview", "#overview".to_owned()), ("logs", "Logs", "#logs".to_owned()), ("rollouts", "Rollouts", "#rollouts".to_owned())]
                chosen="logs".to_owned()
            />
            <div class="segments" role="group" aria-label="How far back">
                {["15 min", "1 h", "24 h"].map(|text| view! {
                    <button type="button" aria-pressed={(text == "1 h").to_string()}>{text}</button>
                }).collect_view()}
            </div>
            <div class="facets" role="group" aria-label="Filters">
                <a class="facet" href="#all" aria-current="true">"All "<b>"42"</b></a>
                <a class="facet bad" href="#attention">"Needs attention "<b>"3"</b></a>
                <a class="facet moving" href="#moving">"Moving "<b>"2"</b></a>
                <a class="facet" href="#stopped">"Stopped "<b>"4"</b></a>
            </div>
            <Line state="Filter: anything, something chosen, with a panel of its own">
                <ChipChoice label="Deployment" any="Any deployment" name="gallery-any" options=Signal::derive(names) value=empty on_choose=move |value: String| empty.set(value)/>
                <ChipChoice label="Deployment" any="Any deployment" name="gallery-chosen" options=Signal::derive(names) value=chosen on_choose=move |value: String| chosen.set(value)/>
                <Chip label="Time" name="gallery-panel" text="Any time".to_owned() chosen=false on_clear=|| {} panel=|_| view! { <p class="sub">"Anything can stand here."</p> }/>
            </Line>
            <Ticks label="Days (none chosen: every day)" all=days chosen=ticked/>
            <Line state="Menu: usual, blocked, destroying">
                <Menu label="Actions for iris" id="gallery">
                    <MenuItem label="Update…" name="gallery-update" on_choose=|| {}/>
                    <MenuItem label="Activate" name="gallery-activate" blocked=Some("iris is running".to_owned()) on_choose=|| {}/>
                    <MenuItem label="Delete…" name="gallery-delete" danger=true on_choose=|| {}/>
                </Menu>
            </Line>
        </Shelf>
    }
}

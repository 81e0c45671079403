//! Fields, choices, boxes to tick, search and the place to drop a file.

use leptos::prelude::*;
use web_sys::File;

use super::shelf::{Line, Shelf};
use crate::components::{Area, Check, Choice, DropZone, Field, SearchBox};

#[component]
pub(super) fn Fields() -> impl IntoView {
    let text = |given: &str| RwSignal::new(given.to_owned());
    let level = text("high");
    let file = RwSignal::new_local(None::<File>);
    let levels: Vec<_> =
        ["low", "moderate", "high", "critical"].map(|word| (word.to_owned(), word.to_owned())).to_vec();
    let wrong = Signal::derive(|| Some("Write a whole number".to_owned()));
    view! {
        <Shelf title="Fields">
            <div class="form">
                <Field label="Name" name="gallery-name" value=text("iris") hint="The last part of the URL. It cannot be changed later."/>
                <Field label="Empty" name="gallery-empty" value=text("") placeholder="nightly training"/>
                <Field label="Replicas" name="gallery-wrong" value=text("three") error=wrong class="short"/>
                <Choice label="Importance" name="gallery-level" options=levels value=level on_choose=move |value| level.set(value)/>
            </div>
            <Area label="user_config (JSON)" name="gallery-json" value=text("{\"threshold\": 0.43}") rows=3/>
            <Area label="user_config (JSON), wrong" name="gallery-json-wrong" value=text("{\"threshold\": 0.43,}") rows=3
                error=Signal::derive(|| Some("line 1, column 20: a name was expected after the comma".to_owned()))/>
            <Line state="Box to tick: off, on">
                <Check label="At a time" name="gallery-off" value=RwSignal::new(false)/>
                <Check label="Go ahead with 1 warning" name="gallery-on" value=RwSignal::new(true)/>
            </Line>
            <Line state="Search: empty, with words">
                <SearchBox label="Search models" placeholder="Search by name, tag, deployment…" typed=text("") key="/"/>
                <SearchBox label="Search history" placeholder="Search name, person, reason" typed=text("churn")/>
            </Line>
            <DropZone label="Drop a model file here" file=file problem=Signal::derive(|| None::<String>) on_file=move |chosen: File| file.set(Some(chosen))/>
            <Line state="Progress">
                <progress max="100" value="40" aria-label="Sending the file"></progress>
            </Line>
        </Shelf>
    }
}

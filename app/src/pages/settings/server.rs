//! The settings that the server was started with: what was written and where, and what else holds.

use std::sync::Arc;

use domain::wire::{SettingSource, SettingView, SettingsView};
use leptos::prelude::*;

use crate::api;
use crate::components::SearchBox;
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::query_answer::QueryAnswer;
use crate::state::Query;
use crate::words::count;

/// The list, with a search.
#[component]
pub(super) fn ServerSettings() -> impl IntoView {
    let query = Query::once(api::server::settings);
    let (show, set_show) = (parameter("show"), parameter_setter("show"));
    let all = Memo::new(move |_| show.with(|show| show == "all"));
    let typed = RwSignal::new(String::new());
    let segment = move |label: &'static str, value: &'static str| {
        let pressed = move || show.with(|show| show == value).to_string();
        view! {
            <button type="button" aria-pressed=pressed data-test=format!("settings-{}", if value.is_empty() { "written" } else { value }) on:click=move |_| set_show.run(value.to_owned())>{label}</button>
        }
    };
    let draw = move |view: Arc<SettingsView>| {
        let (file, version) = (view.file.clone(), view.version.clone());
        let rows = move || {
            let sought = typed.with(|typed| typed.trim().to_lowercase());
            let shown: Vec<_> = view.settings.iter().filter(|one| is_shown(one, all.get(), &sought)).cloned().collect();
            match (shown.is_empty(), sought.is_empty()) {
                (true, true) => view! {
                    <p class="nothing" data-test="no-settings">{format!("Nothing is set: the defaults of all {} hold.", count(view.settings.len(), "setting", "settings"))}</p>
                }
                .into_any(),
                (true, false) => view! { <p class="nothing">"No setting has these words."</p> }.into_any(),
                _ => shown.into_iter().map(|one| view! { <Row one=one/> }).collect_view().into_any(),
            }
        };
        view! {
            <p class="sub">{format!("Changeover {version}. ")}"They are read when the server starts: change them in "<code>{file}</code>", as flags or as variables, then start it again."</p>
            <div class="grid-table" role="list" aria-label="Settings of the server">{rows}</div>
        }
        .into_any()
    };
    view! {
        <section class="part" data-test="server-settings">
            <header class="part-head">
                <h2>"Settings of the server"</h2>
                <div class="segments" role="group" aria-label="Settings that are shown">{segment("Set", "")}{segment("All", "all")}</div>
                <span class="grow"></span>
                <SearchBox label="Search settings" placeholder="Search settings" typed=typed/>
            </header>
            <QueryAnswer query=query lines=6 draw=draw/>
        </section>
    }
}

/// A search goes through all of them.
fn is_shown(one: &SettingView, all: bool, sought: &str) -> bool {
    if sought.is_empty() {
        return all || one.source != SettingSource::Default;
    }
    let texts = [Some(&one.name), Some(&one.meaning), one.value.as_ref()];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(sought))
}

#[component]
fn Row(one: SettingView) -> impl IntoView {
    let (value, source) = match (one.value, one.default) {
        (Some(value), default) => {
            let written = match one.source {
                SettingSource::Command => "flag or variable",
                SettingSource::File | SettingSource::Default => "changeover.toml",
            };
            (value, default.map_or(written.to_owned(), |default| format!("{written}; default: {default}")))
        }
        (None, Some(default)) => (default, "default".to_owned()),
        (None, None) => ("not set".to_owned(), "default".to_owned()),
    };
    let name = one.name.clone();
    view! {
        <div class="grid-row setting-row" role="listitem" data-test="setting" data-name=name data-source=one.source.as_str()>
            <div><b class="mono">{one.name}</b><span class="sub second-line">{one.meaning}"."</span></div>
            <div><span class="mono">{value}</span><span class="sub second-line">{source}</span></div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_shown_and_a_search_goes_through_all() {
        let one = |name: &str, value: Option<&str>, source| SettingView {
            name: name.to_owned(),
            meaning: "Largest model file".to_owned(),
            value: value.map(str::to_owned),
            default: None,
            source,
        };
        let (set, not) =
            (one("listen", Some("127.0.0.1:1"), SettingSource::File), one("max_model", None, SettingSource::Default));
        assert!(is_shown(&set, false, "") && !is_shown(&not, false, "") && is_shown(&not, true, ""));
        assert!(is_shown(&not, false, "largest") && is_shown(&not, false, "max_") && is_shown(&set, true, ":1"));
        assert!(!is_shown(&set, true, "mail"));
    }
}

//! One line: when, how serious, by which replica of which revision, and what it says.

use std::sync::Arc;

use domain::id::ReplicaId;
use domain::wire::LineLevel;
use leptos::prelude::*;

use super::book::Row;
use super::search::Hits;
use crate::words::times;

/// A line as it stands in the list.
#[component]
pub(super) fn Line(row: Arc<Row>, hits: Hits) -> impl IntoView {
    let number = row.number;
    let class = row.line.as_ref().and_then(|line| line.level).map_or("", class);
    let current = move || hits.current.get() == Some(number);
    let head = match &row.line {
        None => view! { <span></span><span></span><span></span> }.into_any(),
        Some(line) => {
            let at = line
                .at
                .map(|at| view! { <span class="at" title=times::both(at)>{times::of_line(at)}</span> }.into_any());
            let level = line.level.map_or("", LineLevel::as_str);
            let revision = line.revision.map(|revision| format!("rev {revision} ")).unwrap_or_default();
            let whole = format!(
                "Replica {}{}",
                line.replica,
                line.revision.map(|n| format!(", revision {n}")).unwrap_or_default()
            );
            view! {
                {at.unwrap_or_else(|| view! { <span class="at"><span class="visually-hidden">"no time"</span></span> }.into_any())}
                <span class="level">{level}</span>
                <span class="by" title=whole>{revision}{short(&line.replica)}</span>
            }
            .into_any()
        }
    };
    let gap = row.line.is_none();
    let text = move || hits.words.with(|words| marked(&row.text, words));
    view! {
        <div class=format!("log-line {class}") class:gap=gap class:current=current data-number=number.to_string() aria-current=move || current().then_some("true")>
            {head}
            <span class="text">{move || text().into_iter().map(|(part, hit)| match hit {
                true => view! { <mark>{part}</mark> }.into_any(),
                false => part.into_any(),
            }).collect_view()}</span>
        </div>
    }
}

fn class(level: LineLevel) -> &'static str {
    match level {
        LineLevel::Error => "error",
        LineLevel::Warning => "warning",
        LineLevel::Info => "",
        LineLevel::Debug | LineLevel::Trace => "faint",
    }
}

/// Enough of an id to tell replicas apart.
fn short(replica: &ReplicaId) -> String {
    let text = replica.as_str();
    let from = text.len().saturating_sub(8);
    text.get(from..).unwrap_or(text).to_owned()
}

/// The parts of a text: those that are what is sought, in any case, and those between them.
fn marked(text: &str, words: &str) -> Vec<(String, bool)> {
    let words = words.trim().to_lowercase();
    let whole = || vec![(text.to_owned(), false)];
    if words.is_empty() {
        return whole();
    }
    // Small letters may take other bytes than large ones; where they do, the line is not marked.
    let small = text.to_lowercase();
    if small.len() != text.len() {
        return whole();
    }
    let (mut parts, mut done) = (Vec::new(), 0);
    for (at, found) in small.match_indices(&words) {
        let (Some(before), Some(hit)) = (text.get(done..at), text.get(at..at + found.len())) else { return whole() };
        parts.extend((!before.is_empty()).then(|| (before.to_owned(), false)));
        parts.push((hit.to_owned(), true));
        done = at + found.len();
    }
    parts.extend(text.get(done..).filter(|rest| !rest.is_empty()).map(|rest| (rest.to_owned(), false)));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_is_marked_in_any_case() {
        let parts = |text, words| -> Vec<String> {
            let part = |(part, hit): (String, bool)| if hit { format!("<{part}>") } else { part };
            marked(text, words).into_iter().map(part).collect()
        };
        assert_eq!(parts("Error: an error", " error "), ["<Error>", ": an ", "<error>"]);
        assert_eq!(parts("größe GRÖSSE Größe", "größe"), ["<größe>", " GRÖSSE ", "<Größe>"]);
        assert_eq!(parts("nothing", "x"), ["nothing"]);
        assert_eq!(parts("nothing", ""), ["nothing"]);
        assert_eq!(parts("", "x"), [""; 0]);
        assert_eq!(parts("İx", "x"), ["İx"]);
    }
}

//! A section above the table: a few lines of deployments, and the others when somebody asks for them.

use domain::id::DeploymentId;
use leptos::prelude::*;

/// The section; it is there only while it has lines.
#[component]
pub(super) fn Section<F, V>(
    title: &'static str,
    /// Names it in tests.
    name: &'static str,
    ids: Signal<Vec<DeploymentId>>,
    /// As many lines are shown before somebody asks for the others.
    few: usize,
    /// Draws one line.
    line: F,
) -> impl IntoView
where
    F: Fn(DeploymentId) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let all = RwSignal::new(false);
    let count = Memo::new(move |_| ids.with(Vec::len));
    let shown = move || {
        let few = if all.get() { usize::MAX } else { few };
        ids.with(|ids| ids.iter().take(few).cloned().collect::<Vec<_>>())
    };
    let more = move || Some(count.get().saturating_sub(few)).filter(|more| *more > 0 && !all.get());
    let line = StoredValue::new(line);
    view! {
        <Show when=move || { count.get() > 0 }>
            <section class="part" data-test=name>
                <div class="part-head"><h2>{title}</h2><span class="count">{count}</span></div>
                <div class="panel row-lines">
                    <For each=shown key=DeploymentId::clone let:id>{line.with_value(|line| line(id))}</For>
                    {move || more().map(|more| view! {
                        <div class="row-line">
                            <button type="button" class="button small quiet" on:click=move |_| all.set(true)>{format!("and {more} more")}</button>
                        </div>
                    })}
                </div>
            </section>
        </Show>
    }
}

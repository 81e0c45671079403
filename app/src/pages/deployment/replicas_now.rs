//! The replicas as they are: squares, counts by revision, traffic share and the floor.

use domain::replica::ReplicaState;
use domain::wire::DeploymentView;
use leptos::prelude::*;

use super::subject::Subject;
use crate::components::{SplitBar, Squares};
use crate::pages::replica_squares::{replicas_in_words, squares};
use crate::words;

/// As many squares are drawn; a thousand replicas need no thousand squares.
const MOST_SQUARES: usize = 120;
/// As many lines tell what replicas do.
const MOST_LINES: usize = 6;

/// Squares, traffic share, counts and the floor.
#[component]
pub(super) fn Replicas() -> impl IntoView {
    let subject: Subject = expect_context();
    let view = subject.view;
    let list = Memo::new(move |_| view.with(|view| view.as_deref().map(squares).unwrap_or_default()));
    let label = Signal::derive(move || view.with(|view| view.as_deref().map(replicas_in_words).unwrap_or_default()));
    let sides = Memo::new(move |_| view.with(|view| view.as_deref().map(sides).unwrap_or_default()));
    let two = Memo::new(move |_| sides.with(|sides| sides.earlier.is_some()));
    let floor = Memo::new(move |_| {
        let rollout = subject.newest().filter(|rollout| rollout.phase.is_active())?;
        let desired = view.with(|view| view.as_ref().map(|view| view.replicas.desired))?;
        let floor = rollout.strategy.resolve(desired).lowest_available(desired);
        Some(format!("never below {floor} of {desired}"))
    });
    let moves = Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.rollout.is_some())));
    let coming = move || if moves.get() { "new" } else { "old" };
    let doing = Memo::new(move |_| view.with(|view| view.as_deref().map(doing).unwrap_or_default()));
    view! {
        <div class="replicas-now">
            <Squares squares=list label=label most=MOST_SQUARES big=true/>
            <div class="legend">
                {move || sides.get().newer.map(|side| view! { <span><i class=coming aria-hidden="true"></i>{side.text}</span> })}
                {move || sides.get().earlier.map(|side| view! { <span><i class="old" aria-hidden="true"></i>{side.text}</span> })}
                {move || floor.get().map(|floor| view! { <span class="sub" data-test="floor">{floor}</span> })}
                {move || list.with(Vec::is_empty).then(|| view! { <span class="sub">"No replica is there now."</span> })}
            </div>
            {move || Some(doing.get()).filter(|doing| !doing.is_empty()).map(|doing| view! {
                <ul class="doing" data-test="doing">{doing.into_iter().map(|line| view! { <li class="sub">{line}</li> }).collect_view()}</ul>
            })}
            <Show when=move || two.get()>
                <SplitBar
                    percent=Signal::derive(move || sides.with(|sides| sides.percent))
                    before=Signal::derive(move || sides.with(|sides| share(sides.earlier.as_ref(), 100 - sides.percent)))
                    after=Signal::derive(move || sides.with(|sides| share(sides.newer.as_ref(), sides.percent)))
                />
            </Show>
        </div>
    }
}

/// Lines about what replicas do before they are ready, what is wrong with them, and which GPUs they have; those that say
/// the same together.
fn doing(view: &DeploymentView) -> Vec<String> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for replica in view.replica_list.iter().flatten() {
        let gpus = (!replica.gpus.is_empty()).then(|| format!("{}: {}", replica.id, words::gpus(&replica.gpus)));
        let doing = replica.doing.clone().map(|doing| words::sentence(&doing));
        let wrong = replica.problem.clone().filter(|_| replica.state != ReplicaState::Ready);
        let wrong = wrong.map(|problem| match replica.restarts {
            0 => words::sentence(&problem),
            times => format!("Restarted {}: {problem}", words::count(times as usize, "time", "times")),
        });
        for line in doing.into_iter().chain(wrong).chain(gpus) {
            match lines.iter_mut().find(|(known, _)| *known == line) {
                Some((_, count)) => *count += 1,
                None => lines.push((line, 1)),
            }
        }
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    let text = |(line, count): (String, usize)| match count {
        1 => line,
        count => format!("{line} ({})", words::count(count, "replica", "replicas")),
    };
    let mut texts: Vec<String> = lines.into_iter().take(MOST_LINES).map(text).collect();
    texts.extend((more > 0).then(|| format!("and {more} more")));
    texts
}

#[derive(Clone, Default, PartialEq)]
struct Side {
    revision: u32,
    ready: u32,
    text: String,
}

#[derive(Clone, Default, PartialEq)]
struct Sides {
    newer: Option<Side>,
    earlier: Option<Side>,
    /// Share of requests that the newer one answers.
    percent: u32,
}

fn share(side: Option<&Side>, percent: u32) -> String {
    side.map_or_else(String::new, |side| format!("revision {} · {percent} % of requests", side.revision))
}

/// The replicas by revision. Requests follow ready replicas (VX-3).
fn sides(view: &DeploymentView) -> Sides {
    let of = |revision: u32| {
        let mut counts: Vec<(&'static str, u32)> = Vec::new();
        let mut in_flight = 0;
        for replica in view.replica_list.iter().flatten().filter(|replica| replica.revision.0 == revision) {
            let (word, _) = words::replica(replica.state);
            match counts.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => counts.push((word, 1)),
            }
            if replica.state == ReplicaState::Draining {
                in_flight += replica.in_flight;
            }
        }
        if counts.is_empty() {
            return None;
        }
        let ready = counts.iter().find(|(word, _)| *word == "ready").map_or(0, |(_, count)| *count);
        counts.sort_by_key(|(word, _)| *word != "ready");
        let parts: Vec<String> = counts
            .iter()
            .map(|(word, count)| match *word {
                "draining" if in_flight > 0 => {
                    format!("{count} draining ({})", words::count(in_flight as usize, "request", "requests"))
                }
                word => format!("{count} {word}"),
            })
            .collect();
        Some(Side { revision, ready, text: format!("revision {revision}: {}", parts.join(", ")) })
    };
    let none = Side { revision: view.revision.0, ready: 0, text: format!("revision {}: none yet", view.revision) };
    let other = view
        .replica_list
        .iter()
        .flatten()
        .map(|replica| replica.revision.0)
        .filter(|number| *number != view.revision.0)
        .max();
    let earlier = other.and_then(of);
    let newer = of(view.revision.0).or_else(|| earlier.as_ref().map(|_| none));
    let ready = |side: &Option<Side>| side.as_ref().map_or(0, |side| side.ready);
    let percent = (ready(&newer) * 100).checked_div(ready(&newer) + ready(&earlier)).unwrap_or(0);
    Sides { newer, earlier, percent }
}

//! The left half of the live card: both rows, the cause under a failed square, traffic, what is promised, and the clock.

use domain::replica::ReplicaState;
use domain::rollout::PhaseWord;
use domain::wire::{DeploymentView, Occupant, ReplicaView, RolloutPicture, RolloutView};
use leptos::prelude::*;

use super::sides::{Sides, at_the_end, ready};
use super::subject::Subject;
use crate::api::href;
use crate::components::{Appearance, SlotSquare, Slots, SplitBar};
use crate::state::state;
use crate::words::{self, news, numbers, times};

/// The rows and everything below them.
#[component]
pub(super) fn LiveNow(rollout: Memo<Option<RolloutView>>, sides: Memo<Sides>) -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let view = subject.live;
    let picture = Memo::new(move |_| {
        rollout.with(|rollout| rollout.as_ref().and_then(|rollout| rollout.picture.clone())).unwrap_or_default()
    });
    let squares = move |new: bool| {
        Signal::derive(move || picture.with(|picture| view.with(|view| row(picture, view.as_deref(), new))))
    };
    let sums = Memo::new(move |_| picture.with(|picture| [sum(picture, false), sum(picture, true)]));
    let label = move |new: bool| {
        Signal::derive(move || {
            let (name, sum) = sides.with(|sides| {
                (if new { sides.new.1.clone() } else { sides.before().unwrap_or_default().to_owned() }, sums.get())
            });
            format!("{} {name}: {}", if new { "New" } else { "Old" }, sum[usize::from(new)])
        })
    };
    let note = Memo::new(move |_| picture.with(|picture| view.with(|view| Note::of(picture, view.as_deref()?))));
    let percent = Memo::new(move |_| {
        let (old, new) = picture.with(ready);
        (new * 100).checked_div(old + new).unwrap_or(0)
    });
    let rate = move || view.with(|view| view.as_ref().map_or(0.0, |view| view.traffic.requests_per_second));
    let has_old = Memo::new(move |_| sides.with(|sides| sides.old.is_some()));
    let promise = Memo::new(move |_| {
        rollout
            .with(|rollout| rollout.as_ref().map(|rollout| picture.with(|picture| promised(rollout, picture))))
            .unwrap_or_default()
    });
    let clock = Memo::new(move |_| {
        rollout.with(|rollout| {
            let rollout = rollout.as_ref()?;
            let left = times::seconds_until(rollout.deadline_at?, state.now().get());
            Some((left, u64::from(rollout.strategy.progress_deadline_seconds).max(1)))
        })
    });
    let end = Memo::new(move |_| {
        rollout
            .with(|rollout| rollout.as_ref().map(|rollout| sides.with(|sides| at_the_end(rollout, sides))))
            .unwrap_or_default()
    });
    let stands = Memo::new(move |_| rollout.with(|rollout| rollout.as_ref().map(|rollout| rollout.phase)));
    view! {
        <div class="live-now">
            <div class="two-rows">
                {move || has_old.get().then(|| view! {
                    <span class="label"><span>"Old"</span>" "<b>{move || sides.with(|sides| sides.before().unwrap_or_default().to_owned())}</b></span>
                    <div class="slots-and-sum"><Slots squares=squares(false) label=label(false) row="old"/><span class="sub">{move || sums.get()[0].clone()}</span></div>
                })}
                <span class="label"><span>{move || if has_old.get() { "New" } else { "First" }}</span>" "<b>{move || sides.with(|sides| sides.new.1.clone())}</b></span>
                <div class="slots-and-sum"><Slots squares=squares(true) label=label(true) row="new"/><span class="sub">{move || sums.get()[1].clone()}</span></div>
                {move || note.get().map(|note| {
                    let again = note.again;
                    let starts = move || again.map(|at| match times::seconds_until(at, state.now().get()) {
                        0 => "Starts again now. ".to_owned(),
                        left => format!("Starts again in {}. ", numbers::span(left)),
                    });
                    let log = href(&format!("/deployments/{}?tab=logs&replica={}", subject.name(), note.replica));
                    view! {
                        <div class="slot-note" style:--at=note.column.to_string() data-test="slot-note">
                            {words::with_full_stop(&words::sentence(&note.why))}" "{starts}<a href=log>"Log"</a>
                        </div>
                    }
                })}
            </div>
            {move || has_old.get().then(|| view! {
                <div class="traffic-now">
                    <SplitBar
                        percent=percent
                        before=Signal::derive(move || sides.with(|sides| format!("{} % {}", 100 - percent.get(), sides.before().unwrap_or_default())))
                        after=Signal::derive(move || sides.with(|sides| format!("{} {} %", sides.new.1, percent.get())))
                    />
                    <p class="sub">"Traffic follows the ready replicas. "{move || numbers::rate(rate())}" requests/s in all."</p>
                </div>
            })}
            <div class="deadline">
                <p>
                    <span>
                        <span data-test="floor">{move || promise.get().0}</span>
                        {move || match (stands.get(), clock.get()) {
                            (Some(PhaseWord::Paused), _) => " Paused: no replica is replaced and no deadline runs; replicas that stop by themselves are started again.".to_owned(),
                            (_, Some(_)) => format!(" {}", end.get()),
                            (_, None) => " The clock stands: only requests that replicas still finish are waited for.".to_owned(),
                        }}
                    </span>
                    {move || clock.get().map(|(left, _)| view! { <b data-test="clock">{numbers::clock_span(left)}</b> })}
                </p>
                {move || clock.get().map(|(left, of)| view! {
                    <span class="bar" class:bad=move || promise.get().1 aria-hidden="true">
                        <i style:--share=(100 - (left * 100 / of).min(100)).to_string()></i>
                    </span>
                })}
            </div>
        </div>
    }
}

/// A sentence about what is promised, and whether it is broken just now.
fn promised(rollout: &RolloutView, picture: &RolloutPicture) -> (String, bool) {
    let (old, new) = ready(picture);
    let desired = picture.desired;
    let floor = rollout.strategy.resolve(desired).lowest_available(desired);
    let fails = picture.rounds.iter().any(|round| round.ended_at.is_none() && !round.broke_off && round.restarts > 1);
    match desired.saturating_sub(old + new) {
        missing @ 1.. if rollout.from_revision.is_some() && (fails || old + new < floor) => {
            let verb = if missing == 1 { "is" } else { "are" };
            (format!("{missing} of {desired} replicas {verb} missing."), true)
        }
        _ => (format!("Never below {floor} of {desired}."), fails),
    }
}

/// A row of the picture.
fn row(picture: &RolloutPicture, view: Option<&DeploymentView>, new: bool) -> Vec<SlotSquare> {
    let known = |id: &domain::id::ReplicaId| {
        view.and_then(|view| view.replica_list.iter().flatten().find(|replica| replica.id == *id))
    };
    let empty =
        |appearance, title: &str| SlotSquare { id: String::new(), appearance, requests: 0, title: title.to_owned() };
    let columns = picture.columns.iter();
    columns
        .map(|column| match if new { &column.new } else { &column.old } {
            None if new && column.comes => empty(Some(Appearance::Planned), "to come"),
            None => empty(None, ""),
            Some(Occupant { replica, state: None }) => SlotSquare {
                id: replica.to_string(),
                appearance: Some(Appearance::Gone),
                requests: 0,
                title: format!("{replica} · has left"),
            },
            Some(Occupant { replica, state: Some(state) }) => square(replica, *state, known(replica), new),
        })
        .collect()
}

fn square(id: &domain::id::ReplicaId, state: ReplicaState, known: Option<&ReplicaView>, new: bool) -> SlotSquare {
    let appearance = match state {
        ReplicaState::Ready if new => Appearance::New,
        ReplicaState::Ready => Appearance::Old,
        ReplicaState::Starting => Appearance::Starting,
        ReplicaState::Draining | ReplicaState::Stopped => Appearance::Draining,
        ReplicaState::Failed => Appearance::Failed,
        ReplicaState::Unready => Appearance::Unready,
        ReplicaState::Unknown => Appearance::Unknown,
    };
    let requests = known.map_or(0, |replica| replica.in_flight);
    let mut title = format!("{id} · {}", words::replica(state).0);
    if requests > 0 {
        title += &format!(" · {}", words::count(requests as usize, "request", "requests"));
    }
    for more in known.into_iter().flat_map(|replica| [&replica.doing, &replica.problem]).flatten() {
        title += &format!(" · {more}");
    }
    if let Some(gpus) = known.map(|replica| &replica.gpus).filter(|gpus| !gpus.is_empty()) {
        title += &format!(" · {}", words::gpus(gpus));
    }
    SlotSquare { id: id.to_string(), appearance: Some(appearance), requests, title }
}

/// The counts of a row: *2 ready, 1 draining*.
fn sum(picture: &RolloutPicture, new: bool) -> String {
    let states = picture.columns.iter().filter_map(|column| {
        let occupant = if new { &column.new } else { &column.old };
        occupant.as_ref().and_then(|occupant| occupant.state)
    });
    let states: Vec<ReplicaState> = states.collect();
    let count = |state: ReplicaState| states.iter().filter(|other| **other == state).count();
    let mut parts = vec![format!("{} ready", count(ReplicaState::Ready))];
    for state in ReplicaState::ALL.into_iter().filter(|state| *state != ReplicaState::Ready) {
        let number = count(state);
        if number > 0 {
            parts.push(format!("{number} {}", words::replica(state).0));
        }
    }
    parts.join(", ")
}

/// The cause under a failed square.
#[derive(Clone, Debug, PartialEq)]
struct Note {
    column: usize,
    replica: String,
    why: String,
    again: Option<jiff::Timestamp>,
}

impl Note {
    fn of(picture: &RolloutPicture, view: &DeploymentView) -> Option<Self> {
        let troubled = |occupant: &Option<Occupant>| {
            let occupant = occupant.as_ref().filter(|one| {
                matches!(one.state, Some(ReplicaState::Failed | ReplicaState::Unready | ReplicaState::Starting))
            })?;
            let known = view.replica_list.iter().flatten().find(|replica| replica.id == occupant.replica)?;
            // One that starts for the first time has no trouble yet.
            let why = known
                .problem
                .clone()
                .filter(|_| occupant.state != Some(ReplicaState::Starting) || known.restarts > 0)?;
            Some((known.id.to_string(), news::cause(&why), known.starts_again_at))
        };
        picture.columns.iter().enumerate().find_map(|(column, pair)| {
            let (replica, why, again) = troubled(&pair.new).or_else(|| troubled(&pair.old))?;
            Some(Self { column, replica, why, again })
        })
    }
}

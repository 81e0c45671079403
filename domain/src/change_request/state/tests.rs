//! The whole table of states and events.

use RequestEvent as Event;
use RequestState::{Applied, Approved, Cancelled, ChangesRequested, Expired, Failed, Open, Scheduled, Stale};

use super::*;

const EVENTS: [Event; 13] = [
    Event::Edited,
    Event::ChangesRequested,
    Event::ChangesWithdrawn,
    Event::PoliciesMet(ApplyWord::WhenApproved),
    Event::PoliciesMet(ApplyWord::ByHand),
    Event::PoliciesMet(ApplyWord::At),
    Event::PoliciesUnmet,
    Event::BaseMoved,
    Event::Applied,
    Event::Failed,
    Event::Cancelled,
    Event::Expired,
    Event::DeploymentDeleted,
];

/// The states in which an event is possible, and the state after it.
fn table(event: Event) -> (&'static [RequestState], RequestState) {
    const LIVE: &[RequestState] = &[Open, ChangesRequested, Approved, Scheduled, Stale];
    match event {
        Event::Edited => (LIVE, Open),
        Event::ChangesRequested => (&[Open], ChangesRequested),
        Event::ChangesWithdrawn => (&[ChangesRequested], Open),
        Event::PoliciesMet(ApplyWord::WhenApproved | ApplyWord::ByHand) => (&[Open, ChangesRequested], Approved),
        Event::PoliciesMet(ApplyWord::At) => (&[Open, ChangesRequested], Scheduled),
        Event::PoliciesUnmet => (&[Approved, Scheduled], Open),
        Event::BaseMoved => (LIVE, Stale),
        Event::Applied => (&[Approved, Scheduled], Applied),
        Event::Failed => (&[Approved, Scheduled], Failed),
        Event::Cancelled | Event::DeploymentDeleted => (LIVE, Cancelled),
        Event::Expired => (LIVE, Expired),
    }
}

#[test]
fn a_state_and_an_event_say_the_next_state() {
    for state in RequestState::ALL {
        for event in EVENTS {
            let (states, after) = table(event);
            let expected = if states.contains(&state) { Ok(after) } else { Err(RequestForbids { state, event }) };
            assert_eq!(next(state, event), expected, "{state} {event:?}");
        }
    }
}

#[test]
fn an_ended_request_stays_as_it_ended() {
    for state in RequestState::ALL.into_iter().filter(|state| !state.is_live()) {
        for event in EVENTS {
            assert!(next(state, event).is_err(), "{state} {event:?}");
        }
    }
    let refused = next(Applied, Event::Cancelled).unwrap_err();
    assert_eq!(refused.to_string(), "a change request that is applied cannot be cancelled");
}

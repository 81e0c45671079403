//! Tables of what is due when, and of what may be applied.

use super::*;
use crate::change_request::ApplyTime;
use crate::change_request::standing::standing;
use crate::change_request::tests::{at, directory, request, review, two_of_risk};
use crate::change_request::{RequestState as State, ReviewVerdict};

fn of(mode: &ApplyMode, state: State) -> ChangeRequest<&'static str> {
    ChangeRequest { mode: mode.clone(), state, ..request() }
}

fn at_ten() -> ApplyMode {
    ApplyMode::At(ApplyTime::new(at("10:00"), None, Some(at("10:30"))).unwrap())
}

#[test]
fn what_is_approved_is_due_at_its_time_and_expires_after_it() {
    let apply = Some(ClockSays::Apply);
    let expire = Some(ClockSays::Expire);
    for (mode, state, time, expected) in [
        (at_ten(), State::Scheduled, "09:59", None),
        (at_ten(), State::Scheduled, "10:00", apply),
        (at_ten(), State::Scheduled, "10:30", apply),
        (at_ten(), State::Scheduled, "10:31", expire),
        (at_ten(), State::Open, "10:00", None),
        (at_ten(), State::Open, "10:30", None),
        (at_ten(), State::Open, "10:31", expire),
        (at_ten(), State::ChangesRequested, "10:31", expire),
        (at_ten(), State::Stale, "10:31", expire),
        (at_ten(), State::Cancelled, "10:31", None),
        (ApplyMode::WhenApproved, State::Approved, "09:00", apply),
        (ApplyMode::WhenApproved, State::Open, "09:00", None),
        (ApplyMode::ByHand, State::Approved, "09:00", None),
        (at_ten(), State::Applied, "10:00", None),
    ] {
        assert_eq!(due(&of(&mode, state), at(time)), expected, "{mode:?} {state} {time}");
    }
    for state in State::ALL {
        let request = ChangeRequest { expires_at: Some(at("10:15")), ..of(&ApplyMode::ByHand, state) };
        assert_eq!(due(&request, at("10:15")), state.is_live().then_some(ClockSays::Expire), "{state}");
    }
}

#[test]
fn the_clock_is_asked_again_when_it_may_say_something_else() {
    let scheduled = ChangeRequest { expires_at: Some(at("12:00")), ..of(&at_ten(), State::Scheduled) };
    let after = at("10:30").checked_add(jiff::SignedDuration::from_nanos(1)).unwrap();
    for (time, expected) in
        [(at("09:00"), Some(at("10:00"))), (at("10:00"), Some(after)), (after, Some(at("12:00"))), (at("12:00"), None)]
    {
        assert_eq!(wakes_at(&scheduled, time), expected, "{time}");
        assert!(expected.is_none_or(|next| due(&scheduled, next) != due(&scheduled, at("09:00"))), "{time}");
    }
    let open = ChangeRequest { state: State::Open, ..scheduled.clone() };
    assert_eq!(wakes_at(&open, at("09:00")), Some(after), "nobody can start it later");
    assert_eq!(due(&open, after), Some(ClockSays::Expire));
    assert_eq!(wakes_at(&ChangeRequest { state: State::Applied, ..scheduled }, at("09:00")), None);
}

#[test]
fn only_what_is_approved_now_and_has_the_same_plan_is_applied() {
    let approved = |mode: &ApplyMode, state| {
        let mut request = of(mode, state);
        for name in ["ada", "ben"] {
            request.review(review(&request, name, ReviewVerdict::Approved, "09:45")).unwrap();
        }
        request
    };
    for (mode, state, hash, time, expected) in [
        (ApplyMode::WhenApproved, State::Approved, "one", "10:00", Ok(())),
        (ApplyMode::ByHand, State::Approved, "one", "10:00", Ok(())),
        (at_ten(), State::Scheduled, "one", "10:00", Ok(())),
        (at_ten(), State::Scheduled, "one", "09:59", Err(MayNotApply::TooEarly(at("10:00")))),
        (at_ten(), State::Scheduled, "one", "10:31", Err(MayNotApply::Over)),
        (ApplyMode::ByHand, State::Approved, "two", "10:00", Err(MayNotApply::Stale)),
        (ApplyMode::ByHand, State::Stale, "one", "10:00", Err(MayNotApply::Stale)),
        (ApplyMode::ByHand, State::Open, "one", "10:00", Err(MayNotApply::NotApproved)),
        (ApplyMode::ByHand, State::ChangesRequested, "one", "10:00", Err(MayNotApply::NotApproved)),
        // The approvals have aged, though nobody has looked since.
        (ApplyMode::ByHand, State::Approved, "one", "10:45", Err(MayNotApply::NotApproved)),
        (ApplyMode::ByHand, State::Applied, "one", "10:00", Err(MayNotApply::Closed(State::Applied))),
        (ApplyMode::ByHand, State::Cancelled, "one", "10:00", Err(MayNotApply::Closed(State::Cancelled))),
    ] {
        let request = approved(&mode, state);
        let standing = standing(&request, [&two_of_risk()], &directory(), at(time));
        assert_eq!(may_apply(&request, hash, &standing, at(time)), expected, "{mode:?} {state} {hash} {time}");
    }
    let nobody = of(&ApplyMode::ByHand, State::Approved);
    let standing = standing(&nobody, [&two_of_risk()], &directory(), at("10:00"));
    assert_eq!(may_apply(&nobody, "one", &standing, at("10:00")), Err(MayNotApply::NotApproved));
}

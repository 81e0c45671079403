//! Tables of what counts as an approval, what blocks, and what that comes to.

use ReviewVerdict::{Approved, ChangesRequested, Comment};

use super::*;
use crate::change_request::tests::{at, directory, group, person, request, review, two_of_risk};
use crate::change_request::{ApplyMode, ApplyTime, ApplyWord};

type Request = ChangeRequest<&'static str>;

fn names(people: &BTreeSet<PrincipalId>) -> Vec<String> {
    people.iter().map(|id| id.as_str().trim_start_matches("p-").trim_start_matches('0').to_owned()).collect()
}

/// Names of those who have approved, of those who still can, and of those who block, at a time of day.
fn counted(request: &Request, directory: &Directory, time: &str) -> [String; 3] {
    let policy = two_of_risk();
    let standing = standing(request, [&policy], directory, at(time));
    let [one] = standing.as_slice() else { panic!("one policy, one standing") };
    assert_eq!((one.needed, one.met()), (2, one.given.len() >= 2 && one.blocked_by.is_empty()));
    [&one.given, &one.can_still, &one.blocked_by].map(|people| names(people).join(" "))
}

fn reviewed(reviews: &[(&str, ReviewVerdict, &str)]) -> Request {
    let mut request = request();
    for (author, verdict, time) in reviews {
        request.review(review(&request, author, *verdict, time)).unwrap();
    }
    request
}

#[test]
fn approvals_of_eligible_people_count_until_they_age() {
    let request = reviewed(&[("ada", Approved, "09:00"), ("ben", Approved, "09:30"), ("dan", Approved, "09:30")]);
    for (time, expected) in [
        ("09:30", ["ada ben", "cleo", ""]),
        ("09:59", ["ada ben", "cleo", ""]),
        ("10:00", ["ben", "ada cleo", ""]),
        ("10:30", ["", "ada ben cleo", ""]),
    ] {
        assert_eq!(counted(&request, &directory(), time), expected, "{time}");
    }
    let policy = two_of_risk();
    let ages = |time| standing(&request, [&policy], &directory(), at(time))[0].ages_at;
    assert_eq!([ages("09:30"), ages("10:00"), ages("10:30")], [Some(at("10:00")), Some(at("10:30")), None]);
}

#[test]
fn the_last_verdict_of_a_person_counts_and_an_earlier_one_never_again() {
    for (reviews, withdraws, expected) in [
        (vec![("ada", Approved, "09:00"), ("ada", Comment, "09:10")], false, ["ada", "ben cleo", ""]),
        (vec![("ada", Approved, "09:00"), ("ada", ChangesRequested, "09:10")], false, ["", "ada ben cleo", "ada"]),
        (vec![("ada", ChangesRequested, "09:00"), ("ada", Approved, "09:10")], false, ["ada", "ben cleo", ""]),
        (vec![("ada", Approved, "09:00"), ("ada", ChangesRequested, "09:10")], true, ["", "ada ben cleo", ""]),
        (vec![("ada", Approved, "09:00")], true, ["", "ada ben cleo", ""]),
        // The same person twice is one person.
        (vec![("ada", Approved, "09:00"), ("ada", Approved, "09:10")], false, ["ada", "ben cleo", ""]),
    ] {
        let mut request = reviewed(&reviews);
        if withdraws {
            assert!(request.withdraw(&person("ada")));
        }
        assert_eq!(counted(&request, &directory(), "09:20"), expected, "{reviews:?} {withdraws}");
    }
}

#[test]
fn an_edit_voids_approvals_also_when_it_comes_back_to_an_earlier_plan() {
    let mut request = reviewed(&[("ada", Approved, "09:00"), ("ben", Approved, "09:00")]);
    request.edit(person("eve"), at("09:10"), "two".to_owned(), "iris@3").unwrap();
    assert_eq!(counted(&request, &directory(), "09:20"), ["", "ada ben cleo", ""]);
    request.edit(person("eve"), at("09:20"), "one".to_owned(), "iris@2").unwrap();
    assert_eq!(counted(&request, &directory(), "09:20"), ["", "ada ben cleo", ""]);
    assert_eq!(request.reviews.len(), 2);
    // A hash that was computed in another way is another plan.
    let mut other = review(&request, "ada", Approved, "09:30");
    other.plan_hash = "two".to_owned();
    request.review(other).unwrap();
    assert_eq!(counted(&request, &directory(), "09:40"), ["", "ada ben cleo", ""]);
}

#[test]
fn whoever_has_written_a_version_approves_none() {
    let mut request = reviewed(&[]);
    request.edit(person("ada"), at("08:30"), "two".to_owned(), "iris@3").unwrap();
    request.edit(person("eve"), at("08:40"), "three".to_owned(), "iris@4").unwrap();
    request.review(review(&request, "ada", Approved, "09:00")).unwrap();
    request.review(review(&request, "ben", Approved, "09:00")).unwrap();
    assert_eq!(counted(&request, &directory(), "09:10"), ["ben", "cleo", ""]);
}

#[test]
fn who_is_eligible_is_judged_now() {
    let request =
        reviewed(&[("ada", Approved, "09:00"), ("ben", ChangesRequested, "09:00"), ("dan", Approved, "09:00")]);
    assert_eq!(counted(&request, &directory(), "09:10"), ["ada", "ben cleo", "ben"]);
    let mut disabled = directory();
    for name in ["ada", "ben"] {
        disabled.members.get_mut(&person(name)).unwrap().disabled = true;
    }
    assert_eq!(counted(&request, &disabled, "09:10"), ["", "cleo", ""]);
    let mut regrouped = directory();
    let risk = &mut regrouped.groups.get_mut(&group()).unwrap().members;
    risk.remove(&person("ben"));
    risk.insert(person("dan"));
    assert_eq!(counted(&request, &regrouped, "09:10"), ["ada dan", "cleo", ""]);
    let mut gone = directory();
    gone.groups.clear();
    assert_eq!(counted(&request, &gone, "09:10"), ["", "", ""]);
}

#[test]
fn one_approval_counts_for_each_policy_that_it_fits_and_all_must_be_met() {
    let request = reviewed(&[("ada", Approved, "09:00"), ("ben", Approved, "09:00")]);
    let (two, mut one_of_dan) = (two_of_risk(), two_of_risk());
    one_of_dan.terms.approvals = 1;
    one_of_dan.terms.reviewers = [person("dan"), person("ada")].into();
    let counted = standing(&request, [&two, &one_of_dan], &directory(), at("09:10"));
    assert!(met(&counted) && counted.iter().all(|policy| policy.given.contains(&person("ada"))));
    one_of_dan.terms.reviewers = [person("dan")].into();
    let counted = standing(&request, [&two, &one_of_dan], &directory(), at("09:10"));
    assert_eq!(counted.iter().map(PolicyStanding::met).collect::<Vec<_>>(), [true, false]);
    assert!(!met(&counted) && counted.iter().all(PolicyStanding::can_be_met));
    one_of_dan.terms.reviewers = [person("eve")].into();
    assert!(!standing(&request, [&one_of_dan], &directory(), at("09:10"))[0].can_be_met());
    assert!(met(&[]));
}

/// The events that a request goes through until nothing moves it.
fn moves(request: &mut Request, directory: &Directory, time: &str) -> Vec<RequestEvent> {
    let mut events = Vec::new();
    while let Some(event) = judged(request, &standing(request, [&two_of_risk()], directory, at(time))) {
        request.advance(event).unwrap();
        events.push(event);
    }
    events
}

#[test]
fn reviews_move_the_request() {
    use RequestEvent as Event;
    let mut request = reviewed(&[("ada", Approved, "09:00")]);
    assert_eq!(moves(&mut request, &directory(), "09:00"), []);
    request.review(review(&request, "ben", ChangesRequested, "09:00")).unwrap();
    assert_eq!(moves(&mut request, &directory(), "09:00"), [Event::ChangesRequested]);
    request.review(review(&request, "cleo", Approved, "09:01")).unwrap();
    assert_eq!(moves(&mut request, &directory(), "09:01"), []);
    // Taken back, and nobody else is left to wait for.
    request.withdraw(&person("ben"));
    assert_eq!(moves(&mut request, &directory(), "09:02"), [Event::PoliciesMet(ApplyWord::WhenApproved)]);
    assert_eq!(request.state, RequestState::Approved);
    // Its approver is disabled, and let in again.
    let mut without_ada = directory();
    without_ada.members.get_mut(&person("ada")).unwrap().disabled = true;
    assert_eq!(moves(&mut request, &without_ada, "09:03"), [Event::PoliciesUnmet]);
    assert_eq!(moves(&mut request, &directory(), "09:03"), [Event::PoliciesMet(ApplyWord::WhenApproved)]);
    // A second thought, which goes when whoever had it leaves the group.
    request.review(review(&request, "ben", ChangesRequested, "09:04")).unwrap();
    assert_eq!(moves(&mut request, &directory(), "09:04"), [Event::PoliciesUnmet, Event::ChangesRequested]);
    let mut without_ben = directory();
    without_ben.groups.get_mut(&group()).unwrap().members.remove(&person("ben"));
    assert_eq!(moves(&mut request, &without_ben, "09:05"), [Event::PoliciesMet(ApplyWord::WhenApproved)]);
    assert_eq!(moves(&mut request, &without_ben, "10:00"), [Event::PoliciesUnmet]);
}

#[test]
fn an_edit_opens_the_request_and_the_wish_for_changes_still_counts() {
    let mut request = reviewed(&[("ben", ChangesRequested, "09:00")]);
    assert_eq!(moves(&mut request, &directory(), "09:00"), [RequestEvent::ChangesRequested]);
    request.edit(person("eve"), at("09:10"), "two".to_owned(), "iris@3").unwrap();
    request.advance(RequestEvent::Edited).unwrap();
    assert_eq!((moves(&mut request, &directory(), "09:10"), request.state), (vec![], RequestState::Open));
    for name in ["ada", "cleo"] {
        request.review(review(&request, name, Approved, "09:20")).unwrap();
    }
    assert_eq!(moves(&mut request, &directory(), "09:20"), []);
    request.review(review(&request, "ben", Approved, "09:30")).unwrap();
    assert_eq!(moves(&mut request, &directory(), "09:30"), [RequestEvent::PoliciesMet(ApplyWord::WhenApproved)]);
}

#[test]
fn what_is_stale_or_has_ended_does_not_move_by_reviews() {
    for state in RequestState::ALL.into_iter().filter(|state| !state.is_live() || *state == RequestState::Stale) {
        let mut request = reviewed(&[("ada", Approved, "09:00"), ("ben", Approved, "09:00")]);
        request.state = state;
        assert_eq!(moves(&mut request, &directory(), "09:10"), [], "{state}");
    }
    let mut request = reviewed(&[]);
    request.mode = ApplyMode::At(ApplyTime::new(at("22:00"), None, None).unwrap());
    assert_eq!(judged(&request, &[]), Some(RequestEvent::PoliciesMet(ApplyWord::At)));
}

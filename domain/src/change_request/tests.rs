//! Bounds of a request, its form, and the requests that other tests ask about.

use serde_json::json;

use super::*;
use crate::policy::Policy;
use crate::principal::{Directory, Group, Member, ServerRole};

pub(super) fn person(name: &str) -> PrincipalId {
    format!("p-{name:0>26}").parse().unwrap()
}

pub(super) fn group() -> PrincipalId {
    format!("g-{:0>26}", "risk").parse().unwrap()
}

/// The time of day of one day.
pub(super) fn at(time: &str) -> Timestamp {
    format!("2026-07-01T{time}:00Z").parse().unwrap()
}

/// Editors, and the group risk of ada, ben and cleo.
pub(super) fn directory() -> Directory {
    let names = ["ada", "ben", "cleo", "dan", "eve"].map(person);
    let member = |id: &PrincipalId| Member { id: id.clone(), role: ServerRole::Editor, disabled: false, since: None };
    let members = names.iter().map(|id| (id.clone(), member(id))).collect();
    let risk = Group {
        id: group(),
        name: "Risk".to_owned(),
        members: names.into_iter().take(3).collect(),
        breaks_glass: false,
        provider_group: None,
    };
    Directory { members, groups: [(risk.id.clone(), risk)].into() }
}

/// Two of the group risk, whose approvals count for an hour.
pub(super) fn two_of_risk() -> Policy {
    serde_json::from_value(json!({"id": "two", "terms": {
        "name": "Two of Risk", "actions": ["replace"], "importance": "any", "reviewers": [group()], "approvals": 2,
        "approval_valid_for": "1h",
    }}))
    .unwrap()
}

/// A request that eve has asked for at eight.
pub(super) fn request() -> ChangeRequest<&'static str> {
    let (author, asked_at) = (person("eve"), at("08:00"));
    ChangeRequest {
        id: "r".parse().unwrap(),
        deployment: Some("iris".parse().unwrap()),
        author: author.clone(),
        current: RequestVersion { number: 1, author, at: asked_at, plan_hash: "one".to_owned(), content: "iris@2" },
        earlier: Vec::new(),
        reviews: Vec::new(),
        state: RequestState::Open,
        mode: ApplyMode::WhenApproved,
        waiting_for: None,
        expires_at: None,
        asked_at,
        ended: None,
    }
}

/// A review of the current version.
pub(super) fn review<C>(request: &ChangeRequest<C>, author: &str, verdict: ReviewVerdict, time: &str) -> Review {
    let (version, plan_hash) = (request.current.number, request.current.plan_hash.clone());
    Review { author: person(author), version, plan_hash, verdict, comment: None, at: at(time), withdrawn: false }
}

#[test]
fn a_request_has_bounds() {
    let mut request = request();
    for number in 2..=MOST_VERSIONS {
        request.edit(person("eve"), at("09:00"), format!("hash {number}"), "iris@3").unwrap();
    }
    let before = request.clone();
    assert_eq!(request.edit(person("eve"), at("09:00"), "more".to_owned(), "iris@3"), Err(RequestFull::Versions));
    assert_eq!(request, before);
    assert!(request.versions().map(|version| version.number).eq(1..=50));
    let comment = review(&request, "ada", ReviewVerdict::Comment, "09:00");
    for _ in 0..MOST_REVIEWS {
        request.review(comment.clone()).unwrap();
    }
    assert_eq!(request.review(comment), Err(RequestFull::Reviews));
    assert_eq!(request.reviews.len(), MOST_REVIEWS);
}

#[test]
fn the_last_verdict_of_a_person_is_taken_back_once_and_comments_are_none() {
    let mut request = request();
    assert!(!request.withdraw(&person("ada")));
    for verdict in [ReviewVerdict::Approved, ReviewVerdict::ChangesRequested, ReviewVerdict::Comment] {
        request.review(review(&request, "ada", verdict, "09:00")).unwrap();
    }
    assert!(request.withdraw(&person("ada")));
    let withdrawn: Vec<_> = request.reviews.iter().map(|review| review.withdrawn).collect();
    assert_eq!(withdrawn, [false, true, false]);
    assert!(!request.withdraw(&person("ada")));
    assert!(!request.withdraw(&person("ben")));
}

#[test]
fn what_it_waited_for_is_forgotten_when_it_moves() {
    let mut request = request();
    request.state = RequestState::Approved;
    request.waiting_for = Some(WaitingFor::Freeze);
    assert!(request.advance(RequestEvent::ChangesRequested).is_err());
    assert_eq!((request.state, request.waiting_for), (RequestState::Approved, Some(WaitingFor::Freeze)));
    request.advance(RequestEvent::BaseMoved).unwrap();
    assert_eq!((request.state, request.waiting_for), (RequestState::Stale, None));
}

#[test]
fn a_time_has_an_hour_to_start_unless_somebody_says_otherwise() {
    let time = ApplyTime::new(at("22:00"), None, None).unwrap();
    assert_eq!(time.not_after, at("23:00"));
    assert_eq!(ApplyTime::new(at("22:00"), None, Some(at("22:30"))).unwrap().not_after, at("22:30"));
    assert_eq!(ApplyTime::new(at("22:00"), None, Some(at("22:00"))).unwrap_err().field, "not_after");
}

#[test]
fn what_is_stored_is_read_again_and_so_is_what_another_version_wrote() {
    let mut full = request();
    full.mode = ApplyMode::At(ApplyTime::new(at("22:00"), Some("Europe/Berlin".to_owned()), None).unwrap());
    full.edit(person("dan"), at("09:00"), "two".to_owned(), "iris@3").unwrap();
    full.review(review(&full, "ada", ReviewVerdict::Approved, "09:30")).unwrap();
    full.ended =
        Some(RequestEnd { at: at("10:00"), code: Some(ErrorCode::Incompatible.into()), problem: None, rollout: None });
    let stored = serde_json::to_string(&full).unwrap();
    let read: ChangeRequest<String> = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), stored);
    let least = json!({
        "id": "r", "deployment": null, "author": "local", "state": "open", "mode": "by_hand",
        "asked_at": "2026-07-01T08:00:00Z", "later": true,
        "current": {"number": 1, "author": "local", "at": "2026-07-01T08:00:00Z", "plan_hash": "one", "content": 1},
    });
    let least: ChangeRequest<u8> = serde_json::from_value(least).unwrap();
    assert_eq!((least.mode.word(), least.reviews.len(), least.earlier.len()), (ApplyWord::ByHand, 0, 0));
}

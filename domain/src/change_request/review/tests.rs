//! A table of reviews that are refused.

use ReviewVerdict::{Approved, ChangesRequested, Comment};

use super::*;
use crate::change_request::tests::{at, directory, person, request, review, two_of_risk};

#[test]
fn a_review_is_of_an_eligible_person_who_has_seen_the_current_version() {
    use MayNotReview as Not;
    let mut directory = directory();
    directory.members.get_mut(&person("cleo")).unwrap().disabled = true;
    let mut request = request();
    request.edit(person("ben"), at("08:30"), "two".to_owned(), "iris@3").unwrap();
    request.review(review(&request, "ada", Approved, "09:00")).unwrap();
    let mut others = two_of_risk();
    others.terms.reviewers.insert(person("dan"));
    for (author, verdict, hash, through_token, time, expected) in [
        ("dan", Approved, "two", false, "09:10", Ok(())),
        ("dan", ChangesRequested, "two", false, "09:10", Ok(())),
        ("dan", Approved, "one", false, "09:10", Err(Not::PlanChanged)),
        ("dan", Approved, "two", true, "09:10", Err(Not::TokenScope)),
        ("eve", Approved, "two", false, "09:10", Err(Not::OwnRequest)),
        ("ben", Approved, "two", false, "09:10", Err(Not::OwnRequest)),
        ("cleo", Approved, "two", false, "09:10", Err(Not::NotAReviewer)),
        ("zoe", Approved, "two", false, "09:10", Err(Not::NotAReviewer)),
        ("ada", Approved, "two", false, "09:10", Err(Not::AlreadyReviewed)),
        ("ada", ChangesRequested, "two", false, "09:10", Ok(())),
        // It has aged.
        ("ada", Approved, "two", false, "10:00", Ok(())),
        ("eve", Comment, "one", false, "09:10", Ok(())),
        ("eve", Comment, "one", true, "09:10", Err(Not::TokenScope)),
    ] {
        let author = person(author);
        let reviewing = Reviewing { author: &author, verdict, plan_hash: hash, through_token, at: at(time) };
        assert_eq!(may_review(&request, reviewing, [&others], &directory), expected, "{reviewing:?}");
    }
    let author = person("ada");
    let again =
        Reviewing { author: &author, verdict: Approved, plan_hash: "two", through_token: false, at: at("09:10") };
    request.withdraw(&author);
    assert_eq!(may_review(&request, again, [&others], &directory), Ok(()));
    assert_eq!(may_review(&request, again, [], &directory), Err(Not::NotAReviewer));
    for state in RequestState::ALL {
        request.state = state;
        let expected = match state {
            RequestState::Stale => Err(Not::Stale),
            ended if !ended.is_live() => Err(Not::RequestClosed(ended)),
            _ => Ok(()),
        };
        assert_eq!(may_review(&request, again, [&others], &directory), expected, "{state}");
    }
}

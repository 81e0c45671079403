//! One change request, the people and policies around it, and the doors through which everything comes.

use domain::change_request::{
    ApplyMode, ApplyTime, ChangeRequest, MayNotApply, RequestEvent, RequestState, RequestVersion, Review,
    ReviewVerdict, Reviewing, judged, may_apply, may_review, standing,
};
use domain::policy::Policy;
use domain::principal::{Directory, Group, Member, PrincipalId, ServerRole};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Happening;
use super::voices::Voices;

/// The people; the first one has asked.
const PEOPLE: usize = 5;
const GROUPS: usize = 2;

pub(super) struct World {
    now: Timestamp,
    base: u8,
    directory: Directory,
    policies: Vec<Policy>,
    request: ChangeRequest<u8>,
    voices: Voices,
    /// The change was started.
    started: bool,
    /// It was started though a policy asked for approvals.
    pub(super) approved: bool,
    /// The tries to start it that were refused.
    pub(super) refused: u32,
}

fn person(number: usize) -> PrincipalId {
    format!("p-{:026}", number % PEOPLE).parse().expect("a valid id")
}

fn group(number: usize) -> PrincipalId {
    format!("g-{:026}", number % GROUPS).parse().expect("a valid id")
}

/// The hash of the plan to bring this content onto this base.
fn plan(content: u8, base: u8) -> String {
    format!("{content} on {base}")
}

impl World {
    /// The last three people are of the first group, the first policy asks two of them, the second one an
    /// administrator.
    pub(super) fn new(mode: usize) -> Self {
        let now: Timestamp = "2026-07-01T08:00:00Z".parse().expect("a time");
        let member = |id: PrincipalId, role| (id.clone(), Member { id, role, disabled: false, since: None });
        let role = |number| if number == 1 { ServerRole::Admin } else { ServerRole::Editor };
        let members = (0..PEOPLE).map(|number| member(person(number), role(number))).collect();
        let groups = (0..GROUPS).map(|number| {
            let members = (2..PEOPLE).filter(|_| number == 0).map(person).collect();
            (
                group(number),
                Group {
                    id: group(number),
                    name: format!("group {number}"),
                    members,
                    breaks_glass: false,
                    provider_group: None,
                },
            )
        });
        let policy = |id: &str, active: bool, reviewers: Vec<PrincipalId>, approvals: u32| {
            let terms = json!({
                "name": id, "active": active, "actions": ["replace"], "importance": "any", "reviewers": reviewers,
                "approvals": approvals, "approval_valid_for": "3h",
            });
            serde_json::from_value(json!({"id": id, "terms": terms})).expect("a policy")
        };
        let mode = match mode {
            0 => ApplyMode::ByHand,
            1 => {
                let at = now + SignedDuration::from_mins(30);
                ApplyMode::At(ApplyTime::new(at, None, Some(at + SignedDuration::from_hours(10))).expect("a time"))
            }
            _ => ApplyMode::WhenApproved,
        };
        let current = RequestVersion { number: 1, author: person(0), at: now, plan_hash: plan(0, 0), content: 0 };
        Self {
            now,
            base: 0,
            directory: Directory { members, groups: groups.collect() },
            policies: vec![policy("two", true, vec![group(0)], 2), policy("one", false, vec![], 1)],
            request: ChangeRequest {
                id: "request".parse().expect("a valid id"),
                deployment: Some("iris".parse().expect("a valid id")),
                author: person(0),
                current,
                earlier: Vec::new(),
                reviews: Vec::new(),
                state: RequestState::Open,
                mode,
                waiting_for: None,
                expires_at: Some(now + SignedDuration::from_hours(48)),
                asked_at: now,
                ended: None,
            },
            voices: Voices::about_a_request_of(person(0)),
            started: false,
            approved: false,
            refused: 0,
        }
    }

    fn active(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().filter(|policy| policy.terms.active)
    }

    fn policy(&mut self, number: usize) -> &mut Policy {
        let count = self.policies.len();
        &mut self.policies[number % count]
    }

    pub(super) fn happens(&mut self, happening: &Happening) {
        match *happening {
            Happening::Edit { by, content } => self.edits(&person(by), content),
            Happening::Review { by, verdict, versions_ago, through_token } => {
                let (_, plan_hash) = self.version(versions_ago);
                let author = person(by);
                let reviewing =
                    Reviewing { author: &author, verdict, plan_hash: &plan_hash, through_token, at: self.now };
                let may = may_review(&self.request, reviewing, self.active(), &self.directory);
                assert!(may.is_err() || !through_token);
                if may.is_ok() {
                    // An older version with the same plan shows what they review.
                    self.says(&author, verdict, 0, 0);
                }
            }
            Happening::Slip { by, verdict, versions_ago, plan_ago } => {
                self.says(&person(by), verdict, versions_ago, plan_ago);
            }
            Happening::Withdraw { by } => {
                self.request.withdraw(&person(by));
                self.voices.takes_back(&person(by));
            }
            Happening::Base { becomes, told } => {
                self.base = becomes;
                if told {
                    let _ = self.request.advance(RequestEvent::BaseMoved);
                }
            }
            Happening::Approvals { policy, needed } => self.policy(policy).terms.approvals = needed,
            Happening::Reviewers { policy, group: named, person: also } => {
                let named = named.map(group).into_iter().chain(also.map(person)).collect();
                self.policy(policy).terms.reviewers = named;
            }
            Happening::Active { policy, active } => self.policy(policy).terms.active = active,
            Happening::ValidFor { policy, hours } => {
                self.policy(policy).terms.approval_valid_for = format!("{hours}h").parse().expect("a period");
            }
            Happening::Disabled { person: who, disabled } => self.member(who).disabled = disabled,
            Happening::Admin { person: who, admin } => {
                self.member(who).role = if admin { ServerRole::Admin } else { ServerRole::Viewer };
            }
            Happening::Member { group: named, person: who, member } => {
                let group = self.directory.groups.get_mut(&group(named)).expect("a group");
                if member {
                    group.members.insert(person(who))
                } else {
                    group.members.remove(&person(who))
                };
            }
            Happening::HalfHours(count) => self.now += SignedDuration::from_mins(30 * i64::from(count)),
            Happening::Again(event) => drop(self.request.advance(event)),
            Happening::Apply => self.applies(),
        }
    }

    fn member(&mut self, number: usize) -> &mut Member {
        self.directory.members.get_mut(&person(number)).expect("a member")
    }

    fn edits(&mut self, author: &PrincipalId, content: u8) {
        if !self.request.state.is_live() {
            return;
        }
        let plan = plan(content, self.base);
        if self.request.edit(author.clone(), self.now, plan, content).is_ok() {
            self.voices.wrote.insert(author.clone());
            self.request.advance(RequestEvent::Edited).expect("what is live can be edited");
        }
    }

    /// The number and the plan of the version that was there so many edits ago, or of the first one.
    fn version(&self, ago: usize) -> (u32, String) {
        let versions: Vec<_> = self.request.versions().collect();
        let version = versions[versions.len().saturating_sub(1 + ago)];
        (version.number, version.plan_hash.clone())
    }

    fn says(&mut self, author: &PrincipalId, verdict: ReviewVerdict, versions_ago: usize, plan_ago: usize) {
        let ((version, _), (_, plan_hash)) = (self.version(versions_ago), self.version(plan_ago));
        self.voices.says(author, verdict, version as usize, &plan_hash, self.now);
        let (author, at) = (author.clone(), self.now);
        let review = Review { author, version, plan_hash, verdict, comment: None, at, withdrawn: false };
        self.request.review(review).expect("scripts are short");
    }

    /// Moves the state by what all that comes to, until nothing moves it.
    pub(super) fn follows(&mut self) {
        for _ in 0..4 {
            let standing = standing(&self.request, self.active(), &self.directory, self.now);
            match judged(&self.request, &standing) {
                Some(event) => self.request.advance(event).expect("what reviews come to is possible"),
                None => return,
            }
        }
        panic!("the state goes round in a circle: {:?}", self.request);
    }

    /// The transaction that starts the change: everything is asked again, by what there is now.
    fn applies(&mut self) {
        let live = plan(self.request.current.content, self.base);
        let standing = standing(&self.request, self.active(), &self.directory, self.now);
        let version = self.request.versions().count();
        // No policy may ask for anything: then it still is what was asked for.
        let approved = self.request.current.plan_hash == live
            && self.voices.approve(version, &live, &self.policies, &self.directory, self.now);
        match may_apply(&self.request, &live, &standing, self.now) {
            Ok(()) => {
                assert!(approved, "it starts without enough approvals: {:?} {standing:?}", self.request);
                assert!(!self.started, "it starts twice");
                self.request.advance(RequestEvent::Applied).expect("what may be applied can be");
                self.started = true;
                self.approved = !standing.is_empty();
            }
            Err(why) => {
                let waits = matches!(self.request.state, RequestState::Approved | RequestState::Scheduled);
                let unapproved = matches!(why, MayNotApply::NotApproved | MayNotApply::Stale);
                assert!(!(approved && waits && unapproved), "it is kept from starting: {why:?} {:?}", self.request);
                self.refused += 1;
            }
        }
    }
}

//! Reminds people of what waits for them, and tells them of what comes soon or needs somebody: what no entry says, but the
//! time does.
//!
//! # Guarantees
//!
//! - A person is reminded of everything that waits for them in one notice, at most three times of one version of a request.
//! - What nobody could say while no server ran is said once, not made up for.
//! - Everything else is said once.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::owners;
use domain::caller::Caller;
use domain::change_request::{ApplyMode, RequestState, standing};
use domain::freeze::FreezeTimes;
use domain::id::Actor;
use domain::ledger::Deployment;
use domain::notice::{self, Reminded, Said, Topic};
use domain::policy::Policy;
use domain::principal::{Directory, PrincipalId, PrincipalKind};
use domain::requested::Requested;
use domain::resources::Machine;
use jiff::Timestamp;

use super::gate::InForce;
use super::gated::authors;
use super::tell::{Recipients, Telling};
use super::{Moment, Refusal};
use crate::store::tables::deliveries::Lane;
use crate::store::tables::notices::Notice;
use crate::store::{Reading, Writing};

/// Groups of what was said already.
const REQUESTS: &str = "requests";
const FREEZES: &str = "freezes";
const DEPLOYMENTS: &str = "deployments";
const LANES: &str = "lanes";

/// Something to say to somebody.
struct Reminder {
    people: BTreeSet<PrincipalId>,
    topic: Topic,
    /// EntryNames the thing.
    group: String,
    said: Said,
}

/// What is due to be said, and what has to be remembered of it.
#[derive(Default)]
pub struct Reminders {
    say: Vec<Reminder>,
    remember: Vec<(&'static str, String, Reminded)>,
    forget: Vec<String>,
}

impl Reminders {
    /// True when there is nothing to say or to remember.
    pub fn is_empty(&self) -> bool {
        self.say.is_empty() && self.remember.is_empty() && self.forget.is_empty()
    }

    /// What is due at `now`. What nobody owns or can approve any more is looked for where `rights_changed` since the last
    /// time.
    ///
    /// # Errors
    /// Those of the store.
    pub fn due(reading: &Reading<'_>, now: Timestamp, rights_changed: bool) -> Result<Self, Refusal> {
        let mut due = Self::default();
        let requests = reading.live_requests()?;
        let freezes = reading.freezes()?;
        if requests.is_empty() && freezes.is_empty() && !rights_changed {
            return Ok(due);
        }
        let caller = Caller::new(Actor::server());
        let moment = Moment { reading: *reading, caller: &caller, machines: &Machine::ENDLESS };
        let in_force = moment.in_force()?;
        let directory = reading.directory()?;
        due.of_requests(&moment, &in_force, &requests, now, rights_changed)?;
        due.of_freezes(reading, &directory, now)?;
        if rights_changed {
            due.of_deployments(reading, &directory)?;
        }
        Ok(due)
    }

    fn of_requests(
        &mut self,
        moment: &Moment<'_>,
        in_force: &InForce,
        requests: &[Requested],
        now: Timestamp,
        rights_changed: bool,
    ) -> Result<(), Refusal> {
        let shortest = moment.reading.policies()?.iter().filter_map(|policy| policy.terms.reminder).min();
        let mut waits: BTreeMap<PrincipalId, Vec<String>> = BTreeMap::new();
        let mut stuck = Vec::new();
        for request in requests {
            let version = request.current.number;
            let key = |what: &str| format!("{what}:{}:{version}", request.id);
            let is_open = matches!(request.state, RequestState::Open | RequestState::ChangesRequested);
            let known = |key: &str| moment.reading.reminded(key);
            let given = known(&key("review"))?.unwrap_or_default();
            let may_remind =
                is_open && shortest.is_some_and(|every| given.due(request.current.at, every, now).is_some());
            let end = end(request);
            let ends = end.filter(|end| notice::is_soon(*end, now)).is_some() && known(&key("ends"))?.is_none();
            let may_be_stuck = rights_changed && is_open;
            if !may_remind && !ends && !may_be_stuck {
                continue;
            }
            let row = request.deployment.as_ref().map(|id| moment.reading.deployment(id)).transpose()?.flatten();
            let met = in_force.met(&moment.gated(&request.current.content, row.as_ref())?, &authors(request), now);
            let standing = standing(request, &met.policies, &met.directory, now);
            let left: BTreeSet<_> =
                standing.iter().filter(|policy| !policy.met()).flat_map(|policy| policy.can_still.clone()).collect();
            let title = moment.request_title(request, row.as_ref())?;
            let every = met.policies.iter().filter_map(|policy: &Policy| policy.terms.reminder).min();
            if let Some(next) = every
                .filter(|_| request.state == RequestState::Open)
                .and_then(|every| given.due(request.current.at, every, now))
            {
                left.iter().for_each(|person| waits.entry(person.clone()).or_default().push(title.clone()));
                self.remember.push((REQUESTS, key("review"), next));
            }
            if let Some(end) = end.filter(|_| ends) {
                let said = notice::ends_soon(&request.id, &title, end);
                let reviewers = if is_open { left.clone() } else { BTreeSet::new() };
                let mut askers: BTreeSet<_> = authors(request).into_iter().collect();
                askers.extend(row.as_ref().map(|row| owners_of(row, &met.directory)).unwrap_or_default());
                askers.retain(|person| !reviewers.contains(person));
                self.once(REQUESTS, key("ends"), reviewers, Topic::ReviewWanted, said.clone());
                self.once(REQUESTS, key("ends"), askers, Topic::RequestWaits, said);
            }
            if may_be_stuck {
                let is_stuck = standing.iter().any(|policy| !policy.can_be_met());
                match (is_stuck, known(&key("stuck"))?.is_some()) {
                    (true, false) => {
                        stuck.push(title);
                        self.remember.push((REQUESTS, key("stuck"), Reminded::default()));
                    }
                    (false, true) => self.forget.push(key("stuck")),
                    _ => {}
                }
            }
        }
        for (person, titles) in waits {
            let said = notice::digest(&titles);
            self.say.push(Reminder {
                people: [person].into(),
                topic: Topic::ReviewWanted,
                group: "reviews".to_owned(),
                said,
            });
        }
        if !stuck.is_empty() {
            let people = administrators(&moment.reading.directory()?);
            let said = notice::reviewerless(&stuck);
            self.say.push(Reminder { people, topic: Topic::ServerChanged, group: "stuck".to_owned(), said });
        }
        Ok(())
    }

    fn of_freezes(&mut self, reading: &Reading<'_>, directory: &Directory, now: Timestamp) -> Result<(), Refusal> {
        for freeze in reading.freezes()? {
            // One of every week would be said every week.
            let FreezeTimes::Once { .. } = freeze.terms.when else { continue };
            let begins = freeze.terms.when.next_edge(now).filter(|_| freeze.terms.when.holds_at(now).is_none());
            let Some(begins) = begins.filter(|begins| notice::is_soon(*begins, now)) else { continue };
            let key = format!("freeze:{}:{begins}", freeze.id);
            if reading.reminded(&key)?.is_some() {
                continue;
            }
            let rows = reading.deployments()?.into_iter();
            let held = rows.filter(|row| freeze.terms.scope.holds(row.freezable()));
            let people = held.flat_map(|row| owners_of(&row, directory)).collect();
            self.once(FREEZES, key, people, Topic::FreezeChanged, notice::freeze_soon(&freeze.terms.name, begins));
        }
        Ok(())
    }

    fn of_deployments(&mut self, reading: &Reading<'_>, directory: &Directory) -> Result<(), Refusal> {
        let mut without = Vec::new();
        for row in reading.deployments()? {
            // Where everyone owns it, somebody does.
            let roles = row.access.iter().map(|(named, grant)| (named, grant.role));
            let (key, owned) = (format!("ownerless:{}", row.id), !owners(roles, directory).is_empty());
            match (owned, reading.reminded(&key)?.is_some()) {
                (false, false) => {
                    without.push(row.name.to_string());
                    self.remember.push((DEPLOYMENTS, key, Reminded::default()));
                }
                (true, true) => self.forget.push(key),
                _ => {}
            }
        }
        if !without.is_empty() {
            let (people, said) = (administrators(directory), notice::ownerless(&without));
            self.say.push(Reminder { people, topic: Topic::ServerChanged, group: "ownerless".to_owned(), said });
        }
        Ok(())
    }

    fn once(&mut self, of: &'static str, key: String, people: BTreeSet<PrincipalId>, topic: Topic, said: Said) {
        self.say.push(Reminder { people, topic, group: key.clone(), said });
        self.remember.push((of, key, Reminded::default()));
    }

    /// Says all of it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn write(self, writing: &mut Writing<'_>) -> Result<(), Refusal> {
        let now = writing.now();
        let mut told = Telling::default();
        let reading = writing.reading();
        let mut recipients = Recipients::read(&reading)?;
        for Reminder { people, topic, group, said } in self.say {
            let is_let_in = |person: &PrincipalId| person.is_person() && recipients.directory.active(person).is_some();
            if topic == Topic::FreezeChanged {
                for webhook in recipients.webhooks_for(topic, None) {
                    let notice = Notice { topic, at: now, seq: None, deployment: None, said: said.clone() };
                    told.message(Lane::Webhook(webhook), None, &group, notice, None);
                }
            }
            for person in people.into_iter().filter(is_let_in).collect::<Vec<_>>() {
                let notice = Notice { topic, at: now, seq: None, deployment: None, said: said.clone() };
                told.person(&reading, &mut recipients, &person, &group, notice, false)?;
            }
        }
        told.write(writing)?;
        for (of, key, reminded) in self.remember {
            writing.put_reminded(of, &key, reminded)?;
        }
        self.forget.iter().try_for_each(|key| writing.forget_reminded(key))?;
        Ok(())
    }
}

/// What administrators are told of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneTrouble {
    /// Messages ended without being delivered.
    Undelivered,
    /// The webhook was switched off.
    SwitchedOff,
}

/// Tells administrators of trouble on a lane, at most once a day of the same; `name` is that of the webhook.
///
/// # Errors
/// Those of the store.
pub fn tell_trouble(
    writing: &mut Writing<'_>,
    lane: &Lane,
    trouble: LaneTrouble,
    name: &str,
    problem: &str,
) -> Result<(), Refusal> {
    let key = format!("{trouble:?}:{}", serde_json::json!(lane));
    let today = Reminded { count: 0, periods: writing.now().as_second().unsigned_abs() / 86_400 };
    if trouble == LaneTrouble::Undelivered && writing.reading().reminded(&key)? == Some(today) {
        return Ok(());
    }
    let said = match (trouble, lane) {
        (LaneTrouble::SwitchedOff, _) => notice::switched_off(name, problem),
        (LaneTrouble::Undelivered, Lane::Mail) => notice::undelivered(None, problem),
        (LaneTrouble::Undelivered, Lane::Webhook(_)) => notice::undelivered(Some(name), problem),
    };
    let people = administrators(&writing.reading().directory()?);
    let topic = Topic::ServerChanged;
    let mut say = Vec::new();
    if *lane == Lane::Mail {
        // Trouble with mail is not told by mail.
        let notice = Notice { topic, at: writing.now(), seq: None, deployment: None, said };
        people.iter().try_for_each(|person| writing.put_notice(person, &notice, false))?;
    } else {
        say.push(Reminder { people, topic, group: key.clone(), said });
    }
    Reminders { say, remember: vec![(LANES, key, today)], forget: Vec::new() }.write(writing)
}

/// Forgets what was said of requests, freezes and deployments that are no more.
///
/// # Errors
/// Those of the store.
pub fn forget_reminders(writing: &mut Writing<'_>) -> Result<(), Refusal> {
    let reading = writing.reading();
    let requests: BTreeSet<_> = reading.live_requests()?.into_iter().map(|request| request.id.to_string()).collect();
    let freezes: BTreeSet<_> = reading.freezes()?.into_iter().map(|freeze| freeze.id.to_string()).collect();
    let deployments: BTreeSet<_> = reading.deployments()?.into_iter().map(|row| row.id.to_string()).collect();
    for (group, live) in [(REQUESTS, requests), (FREEZES, freezes), (DEPLOYMENTS, deployments)] {
        let is_live = |key: &str| key.split(':').nth(1).is_some_and(|id| live.contains(id));
        writing.keep_reminded(group, is_live)?;
    }
    Ok(())
}

/// The instant at which a request ends by itself.
fn end(request: &Requested) -> Option<Timestamp> {
    let not_after = match &request.mode {
        ApplyMode::At(time) if request.state != RequestState::Scheduled => Some(time.not_after),
        _ => None,
    };
    request.expires_at.into_iter().chain(not_after).min()
}

fn owners_of(row: &Deployment, directory: &Directory) -> BTreeSet<PrincipalId> {
    let named = row.access.iter().filter(|(named, _)| named.kind() != PrincipalKind::Everyone);
    owners(named.map(|(named, grant)| (named, grant.role)), directory)
}

fn administrators(directory: &Directory) -> BTreeSet<PrincipalId> {
    directory.administrators().map(|member| member.id.clone()).collect()
}

#[cfg(test)]
mod tests;

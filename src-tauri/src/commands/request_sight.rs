//! The change requests that a caller may see, and those that wait for them: one of them, or many at one moment.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Rights, Role};
use domain::action::Action;
use domain::change_request::{RequestState, standing};
use domain::id::{DeploymentId, RequestId};
use domain::ledger::Deployment;
use domain::principal::PrincipalId;
use domain::requested::Requested;
use domain::wire::ErrorCode;
use jiff::Timestamp;

use super::gate::{InForce, Met};
use super::gated::authors;
use super::{Moment, Refusal, allow_reading};

/// A change request with its deployment.
pub struct Found {
    /// The request.
    pub request: Requested,
    /// Its deployment; none while it is to be made, or once it is gone.
    pub row: Option<Deployment>,
}

impl Moment<'_> {
    /// The request that is named, if the caller may see it: whoever may read its deployment, its author, who may review it,
    /// and who has.
    ///
    /// # Errors
    /// `not_found`, also for one that the caller may not see; those of the store.
    pub fn request(&self, id: &RequestId) -> Result<Found, Refusal> {
        let rights = allow_reading(self)?;
        let Some(found) = self.found(id)? else { return Err(no_such(id)) };
        let Found { request, row } = &found;
        let opens = |row: &Deployment| Ok(self.rights_on(&rights, row)?.allow(Action::Open.needs()).is_ok());
        let reviews = || self.is_reviewer(&self.in_force()?, &rights.id, request, None);
        if self.sees(&rights, request, row.as_ref(), opens, reviews)? { Ok(found) } else { Err(no_such(id)) }
    }

    /// The same for whoever is about to do something with it: that it has ended is told to those who could have reviewed it
    /// until then, and saw it.
    ///
    /// # Errors
    /// As [`Moment::request`]; `request_closed`.
    pub(super) fn request_in_hand(&self, id: &RequestId) -> Result<Found, Refusal> {
        let unseen = match self.request(id) {
            Err(refusal) if refusal.code == ErrorCode::NotFound => refusal,
            seen => return seen,
        };
        let rights = self.rights()?;
        let Some(Found { request, row }) = self.found(id)?.filter(|found| !found.request.state.is_live()) else {
            return Err(unseen);
        };
        let saw =
            reaches(&rights, &request) && self.is_reviewer(&self.in_force()?, &rights.id, &request, row.as_ref())?;
        Err(if saw { closed(request.state) } else { unseen })
    }

    fn found(&self, id: &RequestId) -> Result<Option<Found>, Refusal> {
        let Some(request) = self.reading.request(id)? else { return Ok(None) };
        let row = request.deployment.as_ref().map(|id| self.reading.deployment(id)).transpose()?.flatten();
        Ok(Some(Found { request, row }))
    }

    /// True when the caller may see a request. `opens` tells whether they may read its deployment, and `reviews` whether
    /// they may review what has none.
    fn sees(
        &self,
        rights: &Rights,
        request: &Requested,
        row: Option<&Deployment>,
        opens: impl FnOnce(&Deployment) -> Result<bool, Refusal>,
        reviews: impl FnOnce() -> Result<bool, Refusal>,
    ) -> Result<bool, Refusal> {
        if rights.server.is_none() || request.deployment.as_ref().is_some_and(|id| !rights.reaches(id)) {
            return Ok(false);
        }
        let is_own = request.author == rights.id || request.reviews.iter().any(|review| review.author == rights.id);
        if is_own && rights.only().is_none() {
            return Ok(true);
        }
        match (row, &request.deployment) {
            (Some(row), _) => opens(row),
            // It was deleted since: whoever saw it before.
            (None, Some(id)) => Ok(rights.is_admin() || self.reading.role_on(id, &rights.names)? >= Some(Role::User)),
            (None, None) if rights.sees_all() => Ok(true),
            (None, None) => Ok(rights.only().is_none() && request.state.is_live() && reviews()?),
        }
    }

    /// True when a policy that applies to a request names the person as a reviewer.
    fn is_reviewer(
        &self,
        in_force: &InForce,
        person: &PrincipalId,
        request: &Requested,
        row: Option<&Deployment>,
    ) -> Result<bool, Refusal> {
        // The time says nothing of who may review.
        let met = in_force.met(&self.gated(&request.current.content, row)?, &authors(request), request.asked_at);
        Ok(met.policies.iter().any(|policy| policy.eligible(person, &met.directory)))
    }

    /// True when the caller may review a live change request of a deployment.
    pub(super) fn reviews(&self, rights: &Rights, deployment: &DeploymentId) -> Result<bool, Refusal> {
        let Some(in_force) = self.in_force_for(rights)? else { return Ok(false) };
        let row = self.reading.deployment(deployment)?;
        let reviews = |request| self.is_reviewer(&in_force, &rights.id, &request, row.as_ref());
        self.reading.any_live_request_of(deployment, reviews)
    }

    /// The deployments with a live change request that the caller may review.
    ///
    /// # Errors
    /// Those of the store.
    pub fn reviewed_deployments(&self, rights: &Rights) -> Result<BTreeSet<DeploymentId>, Refusal> {
        match self.in_force_for(rights)? {
            Some(in_force) => self.reviewed_by(&in_force, rights),
            None => Ok(BTreeSet::new()),
        }
    }

    fn reviewed_by(&self, in_force: &InForce, rights: &Rights) -> Result<BTreeSet<DeploymentId>, Refusal> {
        let (mut reviewed, mut rows) = (BTreeSet::new(), Rows::default());
        for request in self.reading.live_requests()? {
            let Some(id) = request.deployment.as_ref().filter(|id| !reviewed.contains(*id)) else { continue };
            if self.is_reviewer(in_force, &rights.id, &request, rows.of(self, id)?)? {
                reviewed.insert(id.clone());
            }
        }
        Ok(reviewed)
    }

    /// The rules in force, for somebody whom a policy names as a reviewer; nobody else reviews anything.
    fn in_force_for(&self, rights: &Rights) -> Result<Option<InForce>, Refusal> {
        // Nobody else is there to have asked for anything, or nothing counts that they have.
        if rights.alone || rights.server.is_none() {
            return Ok(None);
        }
        Ok(Some(self.in_force()?).filter(|in_force| in_force.has_reviewer(&rights.id)))
    }

    /// The caller's sight of many requests.
    ///
    /// # Errors
    /// `not_found`, `token_scope`; those of the store.
    pub fn request_sight(&self) -> Result<RequestSight<'_>, Refusal> {
        let rights = allow_reading(self)?;
        let in_force = self.in_force()?;
        Ok(RequestSight { moment: self, rights, in_force, rows: Rows::default(), reviewed: OnceCell::new() })
    }
}

/// A caller's sight of change requests, with what is read once for however many they look at.
pub struct RequestSight<'a> {
    moment: &'a Moment<'a>,
    /// The caller's rights.
    pub rights: Rights,
    in_force: InForce,
    rows: Rows,
    /// The deployments with a request that they may review, once somebody had to know.
    reviewed: OnceCell<BTreeSet<DeploymentId>>,
}

impl RequestSight<'_> {
    /// A request with its deployment, if the caller may see it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn find(&mut self, request: Requested) -> Result<Option<Found>, Refusal> {
        let row = match &request.deployment {
            Some(id) => self.rows.of(self.moment, id)?.cloned(),
            None => None,
        };
        let opens = |row: &Deployment| {
            let needs = Action::Open.needs();
            let granted = self.rights.on(&row.id, &row.access, false).allow(needs).is_ok();
            Ok(granted || self.rights.on(&row.id, &row.access, self.reviewed()?.contains(&row.id)).allow(needs).is_ok())
        };
        let reviews = || self.moment.is_reviewer(&self.in_force, &self.rights.id, &request, None);
        let sees = self.moment.sees(&self.rights, &request, row.as_ref(), opens, reviews)?;
        Ok(sees.then_some(Found { request, row }))
    }

    /// The policies and freezes that a request meets at `now`.
    ///
    /// # Errors
    /// Those of the store.
    pub fn met(&self, Found { request, row }: &Found, now: Timestamp) -> Result<Met, Refusal> {
        let gated = self.moment.gated(&request.current.content, row.as_ref())?;
        Ok(self.in_force.met(&gated, &authors(request), now))
    }

    /// True when the caller could approve a request now, and has not.
    ///
    /// # Errors
    /// Those of the store.
    pub fn waits_for_caller(&self, found: &Found, now: Timestamp) -> Result<bool, Refusal> {
        let request = &found.request;
        let is_open = matches!(request.state, RequestState::Open | RequestState::ChangesRequested);
        if !is_open || !self.in_force.has_reviewer(&self.rights.id) {
            return Ok(false);
        }
        let met = self.met(found, now)?;
        let standing = standing(request, &met.policies, &met.directory, now);
        Ok(standing.iter().any(|policy| !policy.met() && policy.can_still.contains(&self.rights.id)))
    }

    fn reviewed(&self) -> Result<&BTreeSet<DeploymentId>, Refusal> {
        if let Some(known) = self.reviewed.get() {
            return Ok(known);
        }
        let reviewed = match self.in_force.has_reviewer(&self.rights.id) && !self.rights.alone {
            true => self.moment.reviewed_by(&self.in_force, &self.rights)?,
            false => BTreeSet::new(),
        };
        Ok(self.reviewed.get_or_init(|| reviewed))
    }
}

/// Deployments, each of which is read once.
#[derive(Default)]
struct Rows(BTreeMap<DeploymentId, Option<Deployment>>);

impl Rows {
    fn of(&mut self, moment: &Moment<'_>, id: &DeploymentId) -> Result<Option<&Deployment>, Refusal> {
        if !self.0.contains_key(id) {
            self.0.insert(id.clone(), moment.reading.deployment(id)?);
        }
        Ok(self.0.get(id).and_then(Option::as_ref))
    }
}

/// True unless the caller's token is for something else, or they are nobody.
fn reaches(rights: &Rights, request: &Requested) -> bool {
    let reached = match &request.deployment {
        Some(id) => rights.reaches(id),
        None => rights.only().is_none(),
    };
    rights.server.is_some() && reached
}

/// The refusal of what needs a request that has not ended.
pub(super) fn closed(state: RequestState) -> Refusal {
    Refusal::new(ErrorCode::RequestClosed, format!("The request has ended: it is {state}."))
        .with("state", state.as_str())
}

fn no_such(id: &RequestId) -> Refusal {
    Refusal::new(ErrorCode::NotFound, format!("There is no change request {id}."))
}

//! Freezes: made, changed, lifted, deleted.

use domain::access::ServerAction;
use domain::event::Event;
use domain::freeze::{Freeze, FreezeScope, FreezeTerms, FreezeTimes};
use domain::id::FreezeId;
use domain::wire::ErrorCode;

use super::settle::settle_all;
use super::use_cases::check_use_cases;
use super::{Act, Moment, Refusal, new_id};

/// Most freezes of a server.
const MOST: usize = 200;

/// Makes a freeze.
///
/// # Errors
/// `role_forbids`, `invalid_field`; those of the store.
pub fn create_freeze(act: &mut Act<'_, '_>, terms: FreezeTerms) -> Result<FreezeId, Refusal> {
    act.allow_on_server(ServerAction::ManageFreezes)?;
    if act.reading().freezes()?.len() >= MOST {
        return Err(Refusal::invalid("name", format!("A server has at most {MOST} freezes.")));
    }
    check_scope(act, &terms)?;
    let id: FreezeId = new_id().parse().map_err(|error| Refusal::fault("no id could be made", &error))?;
    enter(act, Freeze { id: id.clone(), terms })?;
    Ok(id)
}

/// Changes a freeze.
///
/// # Errors
/// `not_found`, and as [`create_freeze`].
pub fn change_freeze(act: &mut Act<'_, '_>, id: &FreezeId, terms: FreezeTerms) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManageFreezes)?;
    act.moment().freeze(id)?;
    check_scope(act, &terms)?;
    enter(act, Freeze { id: id.clone(), terms })
}

/// Lifts a freeze: a switch is off from now on. One of the calendar has to be changed or deleted.
///
/// # Errors
/// `not_found`, `nothing_to_change`, `role_forbids`; those of the store.
pub fn lift_freeze(act: &mut Act<'_, '_>, id: &FreezeId) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManageFreezes)?;
    let mut freeze = act.moment().freeze(id)?;
    let now = act.writing.now();
    match &mut freeze.terms.when {
        FreezeTimes::Switch { until } if until.is_none_or(|until| until > now) => *until = Some(now),
        FreezeTimes::Switch { .. } => {
            let sentence = format!("The freeze {} does not hold any more.", freeze.terms.name);
            return Err(Refusal::new(ErrorCode::NothingToChange, sentence));
        }
        FreezeTimes::Once { .. } | FreezeTimes::Weekly { .. } => {
            let sentence =
                format!("The freeze {} is one of the calendar. Change its times, or delete it.", freeze.terms.name);
            return Err(Refusal::new(ErrorCode::NothingToChange, sentence));
        }
    }
    enter(act, freeze)
}

/// Deletes a freeze. What waited for its end starts.
///
/// # Errors
/// `not_found`, `role_forbids`; those of the store.
pub fn delete_freeze(act: &mut Act<'_, '_>, id: &FreezeId) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManageFreezes)?;
    act.moment().freeze(id)?;
    act.writing.append(None, Event::FreezeDeleted { id: id.clone() })?;
    settle_all(act, None)
}

/// Refuses use cases that are not there.
fn check_scope(act: &Act<'_, '_>, terms: &FreezeTerms) -> Result<(), Refusal> {
    match &terms.scope {
        FreezeScope::UseCases(named) => check_use_cases(&act.reading(), "scope.use_cases", named),
        FreezeScope::All | FreezeScope::Importance(_) | FreezeScope::Deployments(_) => Ok(()),
    }
}

fn enter(act: &mut Act<'_, '_>, freeze: Freeze) -> Result<(), Refusal> {
    freeze.terms.check()?;
    act.writing.append(None, Event::FreezeChanged { freeze })?;
    settle_all(act, None)
}

impl Moment<'_> {
    /// The freeze that is named.
    ///
    /// # Errors
    /// `not_found`; those of the store.
    pub fn freeze(&self, id: &FreezeId) -> Result<Freeze, Refusal> {
        let found = self.reading.freeze(id)?;
        found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("There is no freeze {id}.")))
    }
}

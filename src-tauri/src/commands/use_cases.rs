//! Use cases: made, changed, deleted, and deployments linked to them (DR-14).

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Denied, Rights, Role, ServerAction};
use domain::action::Action;
use domain::event::Event;
use domain::id::UseCaseId;
use domain::ledger::Deployment;
use domain::use_case::{MOST, MOST_LINKS, RuledBy, UseCase, UseCaseTerms, may_change, sees};
use domain::wire::{ErrorCode, UseCaseChange};
use serde_json::json;

use super::settle::settle_all;
use super::{Act, Moment, Refusal, allow_reading, new_id};
use crate::store::Reading;

/// A use case that the caller sees.
pub struct SeenUseCase {
    /// The use case.
    pub use_case: UseCase,
    /// Those of its deployments that the caller may open, by name.
    pub opened: Vec<Deployment>,
    /// The caller's rights.
    pub rights: Rights,
}

/// Makes a use case.
///
/// # Errors
/// `role_forbids`, `token_scope`, `invalid_field`; those of the store.
pub fn create_use_case(act: &mut Act<'_, '_>, terms: UseCaseTerms) -> Result<UseCaseId, Refusal> {
    let rights = act.allow_on_server(ServerAction::CreateDeployment)?;
    if act.reading().use_case_count()? >= MOST as u64 {
        return Err(Refusal::invalid("name", format!("A server has at most {MOST} use cases.")));
    }
    let id: UseCaseId = new_id().parse().map_err(|error| Refusal::fault("no id could be made", &error))?;
    let made_at = act.writing.now();
    enter(act, UseCase { id: id.clone(), terms, made_by: rights.id, made_at })?;
    Ok(id)
}

/// Changes what is said of a use case.
///
/// # Errors
/// As [`create_use_case`]; `not_found`.
pub fn change_use_case(act: &mut Act<'_, '_>, id: &UseCaseId, change: &UseCaseChange) -> Result<(), Refusal> {
    let before = in_hand(act, id)?;
    let UseCaseChange { name, description } = change.clone();
    let terms = UseCaseTerms {
        name: name.unwrap_or_else(|| before.terms.name.clone()),
        description: description.unwrap_or_else(|| before.terms.description.clone()),
    };
    let changed = UseCase { terms, ..before.clone() };
    if changed == before { Ok(()) } else { enter(act, changed) }
}

/// Deletes a use case that no policy and no freeze names. Its deployments are linked to it no more; nothing else of them
/// changes.
///
/// # Errors
/// `not_found`, `role_forbids`, `token_scope`, `use_case_in_use`; those of the store.
pub fn delete_use_case(act: &mut Act<'_, '_>, id: &UseCaseId) -> Result<(), Refusal> {
    let use_case = in_hand(act, id)?;
    let (policies, freezes) = (act.reading().policies()?, act.reading().freezes()?);
    let ruled = RuledBy::of(id, &policies, &freezes);
    if !ruled.is_empty() {
        let detail = format!("{} Change or delete that first.", what_names(&ruled, &use_case));
        return Err(naming(Refusal::new(ErrorCode::UseCaseInUse, detail), &ruled));
    }
    for row in act.reading().deployments_of(id)? {
        act.writing.append(Some(&row.id), Event::UseCaseUnlinked { use_case: id.clone() })?;
    }
    act.writing.append(None, Event::UseCaseDeleted { id: id.clone() })?;
    Ok(())
}

/// Links a deployment to a use case. Open requests of it are judged anew; what a freeze of the use case holds from now on
/// waits, and what runs goes on.
///
/// # Errors
/// `not_found`, `role_forbids`, `token_scope`, `operation_in_progress`, `invalid_field`; those of the store.
pub fn link_use_case(act: &mut Act<'_, '_>, row: &Deployment, id: &UseCaseId) -> Result<(), Refusal> {
    act.allow(row, Action::LinkUseCases)?;
    let SeenUseCase { use_case, rights, .. } = act.moment().use_case(id)?;
    let (policies, freezes) = (act.reading().policies()?, act.reading().freezes()?);
    let ruled = RuledBy::of(id, &policies, &freezes);
    let on = act.moment().rights_for(&rights, row, Action::LinkUseCases)?;
    ruled.may_link(&on).map_err(|denied| {
        let own = "Whoever links a deployment to it puts it under that.";
        refused(&denied, &ruled, &use_case, own)
    })?;
    if row.use_cases.contains(id) {
        return Ok(());
    }
    if row.use_cases.len() >= MOST_LINKS {
        return Err(Refusal::invalid("use_case", format!("A deployment is linked to at most {MOST_LINKS} use cases.")));
    }
    act.writing.append(Some(&row.id), Event::UseCaseLinked { use_case: id.clone() })?;
    settle_all(act, Some(&row.id))
}

/// Takes a deployment out of a use case. Open requests of it are judged anew.
///
/// # Errors
/// `not_found`, `role_forbids`, `token_scope`, `reauthentication_needed`, `operation_in_progress`, `nothing_to_change`;
/// those of the store.
pub fn unlink_use_case(act: &mut Act<'_, '_>, row: &Deployment, id: &UseCaseId) -> Result<(), Refusal> {
    act.allow(row, Action::LinkUseCases)?;
    let SeenUseCase { use_case, rights, .. } = act.moment().use_case(id)?;
    let (policies, freezes) = (act.reading().policies()?, act.reading().freezes()?);
    let ruled = RuledBy::of(id, &policies, &freezes);
    let on = act.moment().rights_for(&rights, row, Action::LinkUseCases)?;
    ruled.may_unlink(&on, act.writing.now()).map_err(|denied| {
        let own = "To take a deployment out of it is as much as to change that.";
        refused(&denied, &ruled, &use_case, own)
    })?;
    if !row.use_cases.contains(id) {
        let detail = format!("{} is not linked to the use case {}.", row.name, use_case.terms.name);
        return Err(Refusal::new(ErrorCode::NothingToChange, detail));
    }
    act.writing.append(Some(&row.id), Event::UseCaseUnlinked { use_case: id.clone() })?;
    settle_all(act, Some(&row.id))
}

/// Refuses use cases that are not there, in what an administrator writes.
pub(super) fn check_use_cases(reading: &Reading<'_>, field: &str, named: &BTreeSet<UseCaseId>) -> Result<(), Refusal> {
    for id in named {
        if reading.use_case(id)?.is_none() {
            return Err(Refusal::invalid(field, format!("{field}: there is no use case {id}.")));
        }
    }
    Ok(())
}

impl Moment<'_> {
    /// The use case that is named, if the caller sees it.
    ///
    /// # Errors
    /// `not_found`, also for one that the caller does not see; `token_scope`; those of the store.
    pub fn use_case(&self, id: &UseCaseId) -> Result<SeenUseCase, Refusal> {
        let rights = allow_reading(self)?;
        let no_such = || Refusal::new(ErrorCode::NotFound, format!("There is no use case {id}."));
        let use_case = self.reading.use_case(id)?.ok_or_else(no_such)?;
        let mut opened = self.reading.deployments_of(id)?;
        self.retain_opened(&rights, &mut opened)?;
        if sees(&rights, &use_case, !opened.is_empty()) {
            Ok(SeenUseCase { use_case, opened, rights })
        } else {
            Err(no_such())
        }
    }

    /// The use cases that the caller sees, by name, each with the number of its deployments among `opened`, which
    /// the caller may open.
    ///
    /// # Errors
    /// Those of the store.
    pub fn use_cases(&self, rights: &Rights, opened: &[Deployment]) -> Result<Vec<(UseCase, u32)>, Refusal> {
        let mut counts: BTreeMap<&UseCaseId, u32> = BTreeMap::new();
        for id in opened.iter().flat_map(|row| &row.use_cases) {
            *counts.entry(id).or_default() += 1;
        }
        let all = self.reading.use_cases()?.into_iter();
        let counted = all.map(|use_case| (counts.get(&use_case.id).copied().unwrap_or_default(), use_case));
        let seen = counted.filter(|(linked, use_case)| sees(rights, use_case, *linked > 0));
        Ok(seen.map(|(linked, use_case)| (use_case, linked)).collect())
    }

    /// Keeps the deployments that the caller may open, also because they review a change of them.
    fn retain_opened(&self, rights: &Rights, rows: &mut Vec<Deployment>) -> Result<(), Refusal> {
        let granted = |row: &Deployment, reviews| rights.on(&row.id, &row.access, reviews).role >= Some(Role::User);
        if rows.iter().all(|row| granted(row, false)) {
            return Ok(());
        }
        let reviewed = self.reviewed_deployments(rights)?;
        rows.retain(|row| granted(row, reviewed.contains(&row.id)));
        Ok(())
    }
}

/// The use case that the caller is about to change.
fn in_hand(act: &Act<'_, '_>, id: &UseCaseId) -> Result<UseCase, Refusal> {
    let SeenUseCase { use_case, opened, rights } = act.moment().use_case(id)?;
    let allowed = may_change(&rights, &use_case, !opened.is_empty(), act.writing.now());
    allowed.map_err(|denied| Refusal::denied(&denied))?;
    Ok(use_case)
}

fn enter(act: &mut Act<'_, '_>, use_case: UseCase) -> Result<(), Refusal> {
    use_case.terms.check()?;
    act.writing.append(None, Event::UseCaseChanged { use_case })?;
    Ok(())
}

/// The refusal of a link that is made or taken back, which says what names the use case where that is the reason.
fn refused(denied: &Denied, ruled: &RuledBy<'_>, use_case: &UseCase, own: &str) -> Refusal {
    let refusal = Refusal::denied(denied);
    if ruled.is_empty() || *denied == Denied::Unseen {
        return refusal;
    }
    let detail = format!("{} {own} {}", what_names(ruled, use_case), refusal.detail);
    naming(Refusal { detail, ..refusal }, ruled)
}

/// A sentence about what names a use case.
fn what_names(ruled: &RuledBy<'_>, use_case: &UseCase) -> String {
    let policies = ruled.policies.iter().map(|policy| format!("the policy {}", policy.terms.name));
    let freezes = ruled.freezes.iter().map(|freeze| format!("the freeze {}", freeze.terms.name));
    let named: Vec<_> = policies.chain(freezes).collect();
    let (named, are) = match named.split_last() {
        Some((last, [])) => (last.clone(), "is"),
        Some((last, others)) => (format!("{} and {last}", others.join(", ")), "are"),
        None => ("nothing".to_owned(), "is"),
    };
    format!("{} {are} for the use case {}.", named.replacen("the", "The", 1), use_case.terms.name)
}

fn naming(refusal: Refusal, ruled: &RuledBy<'_>) -> Refusal {
    let policies: Vec<_> =
        ruled.policies.iter().map(|policy| json!({"id": policy.id, "name": policy.terms.name})).collect();
    let freezes: Vec<_> =
        ruled.freezes.iter().map(|freeze| json!({"id": freeze.id, "name": freeze.terms.name})).collect();
    refusal.with("policies", policies).with("freezes", freezes)
}

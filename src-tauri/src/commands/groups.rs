//! Groups of people and services. A whole group stands in each entry of the journal.

use std::collections::BTreeSet;

use domain::access::ServerAction;
use domain::event::Event;
use domain::principal::{Group, PrincipalId, PrincipalKind};
use domain::wire::{ErrorCode, GroupChange, GroupForm, GroupView};

use super::directory::{allow_reading, no_such};
use super::people::checked_name;
use super::{Act, Moment, Refusal, new_id};
use crate::store::Reading;

/// Most members of a group.
const MOST: usize = 10_000;

/// Groups, by name.
///
/// # Errors
/// `not_found`, `token_scope`; those of the store.
pub fn groups(moment: &Moment<'_>) -> Result<Vec<GroupView>, Refusal> {
    allow_reading(moment)?;
    Ok(moment.reading.groups()?.into_iter().map(view).collect())
}

/// Makes a group.
///
/// # Errors
/// `role_forbids`, `token_scope`, `reauthentication_needed`, `invalid_field`, `name_taken`; those of the store.
pub fn create_group(act: &mut Act<'_, '_>, form: &GroupForm) -> Result<GroupView, Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let id = PrincipalId::new(PrincipalKind::Group, &new_id())
        .map_err(|error| Refusal::fault("a new id is none", &error))?;
    let group = Group { id, name: checked_name("name", &form.name)?, members: form.members.clone() };
    enter(act, group)
}

/// Changes the name or the members of a group.
///
/// # Errors
/// As [`create_group`]; `not_found`.
pub fn change_group(act: &mut Act<'_, '_>, id: &str, change: &GroupChange) -> Result<GroupView, Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let group = find(&act.reading(), id)?;
    let name = change.name.as_deref().map(|name| checked_name("name", name)).transpose()?;
    let members = change.members.clone().unwrap_or_else(|| group.members.clone());
    let changed = Group { id: group.id.clone(), name: name.unwrap_or_else(|| group.name.clone()), members };
    if changed == group { Ok(view(group)) } else { enter(act, changed) }
}

/// Deletes a group. What it was given is nobody's by it any more.
///
/// # Errors
/// As [`create_group`]; `not_found`.
pub fn delete_group(act: &mut Act<'_, '_>, id: &str) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let Group { id, .. } = find(&act.reading(), id)?;
    act.writing.append(None, Event::GroupDeleted { id })?;
    Ok(())
}

fn enter(act: &mut Act<'_, '_>, group: Group) -> Result<GroupView, Refusal> {
    check_members(&act.reading(), &group.members)?;
    let taken = |other: &Group| other.name == group.name && other.id != group.id;
    if act.reading().groups()?.iter().any(taken) {
        let detail = "name: Another group has this name.";
        return Err(Refusal::new(ErrorCode::NameTaken, detail).with("field", "name"));
    }
    act.writing.append(None, Event::GroupChanged { group: group.clone() })?;
    Ok(view(group))
}

fn check_members(reading: &Reading<'_>, members: &BTreeSet<PrincipalId>) -> Result<(), Refusal> {
    if members.len() > MOST {
        return Err(Refusal::invalid("members", format!("members: A group holds at most {MOST}.")));
    }
    for id in members {
        if reading.member(id)?.is_none() {
            return Err(Refusal::invalid("members", format!("members: There is no person or service {id}.")));
        }
    }
    Ok(())
}

fn find(reading: &Reading<'_>, given: &str) -> Result<Group, Refusal> {
    let found = given.parse().ok().map(|id| reading.group(&id)).transpose()?.flatten();
    found.ok_or_else(|| no_such(PrincipalKind::Group, given))
}

fn view(Group { id, name, members }: Group) -> GroupView {
    GroupView { id, name, members }
}

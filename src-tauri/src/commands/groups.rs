//! Groups of people and services. A whole group stands in each entry of the journal.

use std::collections::BTreeSet;

use domain::access::{Role, ServerAction};
use domain::event::Event;
use domain::ledger::Deployment;
use domain::principal::{Group, PrincipalId, PrincipalKind};
use domain::provider;
use domain::sharing::{self, WantedRoles};
use domain::wire::{ErrorCode, GroupChange, GroupForm, GroupView};
use serde_json::json;

use super::directory::{allow_reading, no_such};
use super::people::checked_name;
use super::{Act, Moment, Refusal, new_id};
use crate::store::Reading;

/// Most members of a group.
const MOST: usize = 10_000;
/// Most deployments that a sentence names.
const MOST_NAMES: usize = 5;

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
    let GroupForm { name, members, breaks_glass, provider_group } = form;
    let provider_group = provider_group.as_deref().map(group_at_provider).transpose()?.flatten();
    if provider_group.is_some() && !members.is_empty() {
        return Err(fed("members"));
    }
    let (name, members) = (checked_name("name", name)?, members.clone());
    enter(act, Group { id, name, members, breaks_glass: *breaks_glass, provider_group })
}

/// Changes the name or the members of a group, or whether they may use break-glass.
///
/// # Errors
/// As [`create_group`]; `not_found`.
pub fn change_group(act: &mut Act<'_, '_>, id: &str, change: &GroupChange) -> Result<GroupView, Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let group = find(&act.reading(), id)?;
    let name = change.name.as_deref().map(|name| checked_name("name", name)).transpose()?;
    let provider_group = match &change.provider_group {
        Some(given) => group_at_provider(given)?,
        None => group.provider_group.clone(),
    };
    let members = match (&change.members, &provider_group) {
        (Some(members), Some(_)) if *members != group.members => return Err(fed("members")),
        // Those of another group come with their next sign-in; who belongs to it until then is not known.
        (_, Some(_)) if provider_group != group.provider_group => BTreeSet::new(),
        (Some(members), None) => members.clone(),
        (_, _) => group.members.clone(),
    };
    let changed = Group {
        id: group.id.clone(),
        name: name.unwrap_or_else(|| group.name.clone()),
        members,
        breaks_glass: change.breaks_glass.unwrap_or(group.breaks_glass),
        provider_group,
    };
    if changed == group { Ok(view(group)) } else { enter(act, changed) }
}

/// Deletes a group that no policy names. The roles that it was given are taken back.
///
/// # Errors
/// As [`create_group`]; `not_found`, `group_in_use`, `last_owner`.
pub fn delete_group(act: &mut Act<'_, '_>, id: &str) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let group = find(&act.reading(), id)?;
    check_unmentioned(&act.reading(), &group)?;
    for row in roles_of(&act.reading(), &group)? {
        act.writing.append(Some(&row.id), Event::AccessChanged { principal: group.id.clone(), role: None })?;
    }
    act.writing.append(None, Event::GroupDeleted { id: group.id })?;
    Ok(())
}

/// Refuses to delete a group that a policy names: it would be for nobody's changes then, or nobody could approve them.
fn check_unmentioned(reading: &Reading<'_>, group: &Group) -> Result<(), Refusal> {
    let policies: Vec<_> = reading.policies()?.into_iter().filter(|policy| policy.mentions(&group.id)).collect();
    if policies.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = policies.iter().map(|policy| policy.terms.name.as_str()).collect();
    let named: Vec<_> = policies.iter().map(|policy| json!({"id": policy.id, "name": policy.terms.name})).collect();
    let (which, each) = if names.len() == 1 { ("policy", "it") } else { ("policies", "them") };
    let detail = format!(
        "The {which} {} would ask for the approval of nobody, or of nobody's changes, without the group {}. Name others in {each} first, or delete {each}.",
        names.join(", "),
        group.name
    );
    Err(Refusal::new(ErrorCode::GroupInUse, detail).with("policies", named))
}

/// The deployments on which a group has a role; refused where one would have no owner without it.
fn roles_of(reading: &Reading<'_>, group: &Group) -> Result<Vec<Deployment>, Refusal> {
    let directory = reading.directory()?;
    let rows = reading.deployments_for(&[group.id.clone()].into())?;
    let taken_back = || WantedRoles::from([(group.id.clone(), None)]);
    let is_last = |row: &&Deployment| sharing::changes(&row.access, taken_back(), Role::Owner, &directory).is_err();
    let names: Vec<_> = rows.iter().filter(is_last).map(|row| row.name.as_str()).collect();
    if names.is_empty() {
        return Ok(rows);
    }
    let shown = names.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > MOST_NAMES { " and others" } else { "" };
    let detail = format!(
        "Nobody but the group {} owns {shown}{more}, and a deployment that has an owner keeps one. Make somebody else an owner first.",
        group.name
    );
    Err(Refusal::new(ErrorCode::LastOwner, detail).with("deployments", json!(names)))
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

/// The name of a group at the identity provider, as it was sent.
fn group_at_provider(given: &str) -> Result<Option<String>, Refusal> {
    provider::group_name(given).map_err(|why| Refusal::invalid("provider_group", format!("provider_group: {why}.")))
}

/// The refusal to say who belongs to a group of which the identity provider does.
pub(super) fn fed(field: &str) -> Refusal {
    let detail = "The identity provider says who belongs to this group. Change it there, or take provider_group back.";
    Refusal::invalid(field, format!("{field}: {detail}"))
}

fn view(Group { id, name, members, breaks_glass, provider_group }: Group) -> GroupView {
    GroupView { id, name, members, breaks_glass, provider_group }
}

//! People, services and groups as somebody who has been let in sees them: names to everybody, the rest to administrators
//! and to themselves.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::{Denied, Rights};
use domain::caller::{Scope, Through};
use domain::principal::{Member, PrincipalId, PrincipalKind};
use domain::wire::{ErrorCode, PersonView, PrincipalView, ServiceView};
use jiff::Timestamp;

use super::{Moment, Refusal};
use crate::store::Reading;
use crate::store::tables::profiles::Profile;

/// The caller's rights, where they may read names.
///
/// # Errors
/// `not_found`, `token_scope`; those of the store.
pub fn allow_reading(moment: &Moment<'_>) -> Result<Rights, Refusal> {
    let rights = moment.rights()?;
    let denied = match &rights.caller.through {
        _ if rights.server.is_none() => Some(Denied::Unseen),
        Through::Token { scopes, .. } if !scopes.contains(&Scope::Read) => Some(Denied::Scope(Scope::Read)),
        _ => None,
    };
    denied.map_or(Ok(rights), |denied| Err(Refusal::denied(&denied)))
}

/// The caller's rights, where they are a person and come through no API token: for what concerns their own account.
///
/// # Errors
/// `not_found`, `token_scope`; those of the store.
pub fn allow_own_account(moment: &Moment<'_>) -> Result<Rights, Refusal> {
    let rights = moment.rights()?;
    let denied = match &rights.caller.through {
        Through::Token { .. } => Denied::ThroughToken,
        _ if rights.server.is_none() || !rights.id.is_person() => Denied::Unseen,
        _ => return Ok(rights),
    };
    Err(Refusal::denied(&denied))
}

/// True for an administrator, through no API token that carries less.
pub(super) fn keeps_people(rights: &Rights) -> bool {
    let carries = match &rights.caller.through {
        Through::Token { scopes, .. } => scopes.contains(&Scope::Admin),
        _ => true,
    };
    carries && rights.sees_all()
}

/// The name of a person or a service, for people to read.
pub(super) fn name_of(id: &PrincipalId, profile: Option<&Profile>) -> String {
    match (profile, id.kind()) {
        (Some(profile), _) => profile.name.clone(),
        (None, PrincipalKind::Person) if *id != PrincipalId::local() => "erased person".to_owned(),
        (None, _) => id.to_string(),
    }
}

/// The name of a person, a service or a group, for people to read; of whoever cannot be read, the id.
pub fn name_of_principal(reading: &Reading<'_>, id: &PrincipalId) -> String {
    match id.kind() {
        PrincipalKind::Group => {
            reading.group(id).ok().flatten().map_or_else(|| "a group".to_owned(), |group| group.name)
        }
        _ => name_of(id, reading.profile(id).ok().flatten().as_ref()),
    }
}

/// Everybody who signs in, oldest first.
///
/// # Errors
/// As [`allow_reading`].
pub fn people(moment: &Moment<'_>) -> Result<Vec<PersonView>, Refusal> {
    let rights = allow_reading(moment)?;
    let known = Known::read(&moment.reading, &rights)?;
    let members = moment.reading.directory()?.members;
    Ok(members.values().filter(|member| member.id.is_person()).map(|member| known.person(&rights, member)).collect())
}

/// One person.
///
/// # Errors
/// As [`allow_reading`]; `not_found`.
pub fn person(moment: &Moment<'_>, id: &PrincipalId) -> Result<PersonView, Refusal> {
    let rights = allow_reading(moment)?;
    let member = find_member(&moment.reading, id.as_str(), PrincipalKind::Person)?;
    Ok(Known::read(&moment.reading, &rights)?.person(&rights, &member))
}

/// Services, oldest first.
///
/// # Errors
/// As [`allow_reading`].
pub fn services(moment: &Moment<'_>) -> Result<Vec<ServiceView>, Refusal> {
    allow_reading(moment)?;
    let profiles = moment.reading.profiles()?;
    let members = moment.reading.directory()?.members;
    let services = members.values().filter(|member| member.id.kind() == PrincipalKind::Service);
    Ok(services.map(|member| service_view(member, profiles.get(&member.id))).collect())
}

/// A service, as it is shown.
pub(super) fn service_view(member: &Member, profile: Option<&Profile>) -> ServiceView {
    let Member { id, role, disabled, since } = member.clone();
    ServiceView { name: name_of(&id, profile), id, role, disabled, since }
}

/// Everybody who can be named: people, services and groups, and everyone.
///
/// # Errors
/// As [`allow_reading`].
pub fn principals(moment: &Moment<'_>) -> Result<Vec<PrincipalView>, Refusal> {
    allow_reading(moment)?;
    let (directory, profiles) = (moment.reading.directory()?, moment.reading.profiles()?);
    let members = directory.members.values().map(|member| {
        let (id, name) = (member.id.clone(), name_of(&member.id, profiles.get(&member.id)));
        PrincipalView { kind: id.kind(), id, name, disabled: member.disabled }
    });
    let groups = directory.groups.values().map(|group| {
        let (id, name) = (group.id.clone(), group.name.clone());
        PrincipalView { kind: id.kind(), id, name, disabled: false }
    });
    let everyone = PrincipalId::everyone();
    let (kind, name) = (everyone.kind(), everyone.to_string());
    Ok(members.chain(groups).chain([PrincipalView { id: everyone, kind, name, disabled: false }]).collect())
}

/// A person or a service, as a path names one.
pub(super) fn find_member(reading: &Reading<'_>, given: &str, kind: PrincipalKind) -> Result<Member, Refusal> {
    let id = given.parse::<PrincipalId>().ok().filter(|id| id.kind() == kind);
    let found = id.map(|id| reading.member(&id)).transpose()?.flatten();
    found.ok_or_else(|| no_such(kind, given))
}

/// The refusal for an id that nobody has.
pub(super) fn no_such(kind: PrincipalKind, given: &str) -> Refusal {
    let given: String = given.chars().take(80).collect();
    Refusal::new(ErrorCode::NotFound, format!("There is no {kind} \"{given}\"."))
}

/// What the tables beside the journal hold of people.
struct Known {
    profiles: BTreeMap<PrincipalId, Profile>,
    with_password: BTreeSet<PrincipalId>,
    linked: BTreeSet<PrincipalId>,
    seen: BTreeMap<PrincipalId, Timestamp>,
}

impl Known {
    fn read(reading: &Reading<'_>, rights: &Rights) -> Result<Self, Refusal> {
        let sessions = if keeps_people(rights) { reading.sessions()? } else { reading.sessions_of(&rights.id)? };
        let mut seen = BTreeMap::new();
        for session in sessions {
            let last = seen.entry(session.person).or_insert(session.span.seen_at);
            *last = session.span.seen_at.max(*last);
        }
        let (with_password, linked) = (reading.with_password()?, reading.all_linked()?);
        Ok(Self { profiles: reading.profiles()?, with_password, linked, seen })
    }

    fn person(&self, rights: &Rights, member: &Member) -> PersonView {
        let Member { id, role, disabled, since } = member.clone();
        let profile = self.profiles.get(&id);
        let is_shown = keeps_people(rights) || rights.id == id;
        PersonView {
            name: name_of(&id, profile),
            email: profile.and_then(|profile| profile.email.clone()).filter(|_| is_shown),
            role,
            disabled,
            erased: profile.is_none() && id != PrincipalId::local(),
            since,
            has_password: is_shown.then(|| self.with_password.contains(&id)),
            is_linked: is_shown.then(|| self.linked.contains(&id)),
            last_seen: self.seen.get(&id).copied().filter(|_| is_shown),
            id,
        }
    }
}

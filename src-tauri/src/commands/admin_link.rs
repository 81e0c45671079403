//! The way back in: a link that is made on the machine, by which an administrator signs in once.

use domain::event::Event;
use domain::principal::{Directory, PrincipalId, ServerRole};
use domain::sign_in::ADMIN_LINK_MINUTES;
use domain::wire::ErrorCode;
use jiff::{SignedDuration, Timestamp};

use super::directory::name_of;
use super::{Act, Refusal};
use crate::store::tables::admin_links::AdminLinkRow;
use crate::store::{Reading, Writing};

/// Makes a link for an administrator, named by id or e-mail address; for the local person, or the only administrator
/// there is, where nobody is named. `hash` is that of what the link holds.
///
/// # Errors
/// `not_found`; those of the store.
pub fn make_admin_link(writing: &mut Writing<'_>, named: Option<&str>, hash: String) -> Result<AdminLinkRow, Refusal> {
    let person = administrator(&writing.reading(), named)?;
    let minutes = SignedDuration::from_mins(ADMIN_LINK_MINUTES);
    let expires_at = writing.now().saturating_add(minutes).unwrap_or(Timestamp::MAX);
    let link = AdminLinkRow { person: person.clone(), hash, expires_at };
    writing.put_admin_link(&link)?;
    writing.append(None, Event::AdminLinkMade { person })?;
    Ok(link)
}

/// Uses up the caller's link.
///
/// # Errors
/// `unauthenticated` where it was used, has ended, or is that of somebody who is no administrator any more; those of the
/// store.
pub fn use_admin_link(act: &mut Act<'_, '_>, hash: &str) -> Result<(), Refusal> {
    let person = PrincipalId::of(&act.caller().actor);
    let found = act.reading().admin_link_with_hash(hash)?;
    let is_open = found.is_some_and(|link| link.person == person && link.expires_at > act.writing.now());
    let member = act.reading().member(&person)?;
    let counts = member.is_some_and(|member| !member.disabled && member.role == ServerRole::Admin);
    if !(is_open && counts) {
        return Err(Refusal::new(ErrorCode::Unauthenticated, "The link was used, or has ended. Make a new one."));
    }
    Ok(act.writing.remove_admin_link(&person)?)
}

fn administrator(reading: &Reading<'_>, named: Option<&str>) -> Result<PrincipalId, Refusal> {
    let directory = reading.directory()?;
    let admins: Vec<&PrincipalId> = directory.administrators().map(|member| &member.id).collect();
    let found = match named {
        Some(named) => {
            let by_email = reading.profile_with_email(named)?.map(|profile| profile.id);
            let id = by_email.or_else(|| named.parse().ok());
            admins.iter().find(|admin| Some(**admin) == id.as_ref())
        }
        None => admins.iter().find(|admin| ***admin == PrincipalId::local() || admins.len() == 1),
    };
    found.map(|id| (*id).clone()).ok_or_else(|| refusal(reading, &directory, named))
}

fn refusal(reading: &Reading<'_>, directory: &Directory, named: Option<&str>) -> Refusal {
    let who = |id: &PrincipalId| {
        let profile = reading.profile(id).ok().flatten();
        format!("{id} ({})", name_of(id, profile.as_ref()))
    };
    let admins: Vec<String> = directory.administrators().map(|member| who(&member.id)).collect();
    let there = admins.join(", ");
    let detail = match named {
        Some(named) => format!("{named} is not an administrator who can sign in. Those are: {there}."),
        None => format!("Say for whom the link is. Administrators who can sign in: {there}."),
    };
    Refusal::new(ErrorCode::NotFound, detail)
}

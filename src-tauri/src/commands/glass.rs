//! Uses of break-glass, which stay open until somebody else has acknowledged them.

use domain::access::{Rights, ServerAction};
use domain::event::Event;
use domain::id::BreakGlassId;
use domain::principal::PrincipalId;
use domain::wire::ErrorCode;

use super::{Act, Moment, Refusal, allow_reading};
use crate::store::tables::break_glass::BrokenGlass;

/// Acknowledges it.
///
/// # Errors
/// `not_found`, `own_request`, `nothing_to_change`, `role_forbids`, `token_scope`; those of the store.
pub fn acknowledge(act: &mut Act<'_, '_>, id: &BreakGlassId) -> Result<(), Refusal> {
    let broken = act.moment().broken_glass(id)?;
    let rights = act.moment().rights()?;
    may_acknowledge(&rights, &broken)?;
    act.allow_on_server(ServerAction::Review)?;
    act.writing.append(broken.deployment.as_ref(), Event::GlassAcknowledged { id: id.clone() })?;
    Ok(())
}

/// Allows an administrator who is not the one who did it, or says why not.
///
/// # Errors
/// As [`acknowledge`].
pub fn may_acknowledge(rights: &Rights, broken: &BrokenGlass) -> Result<(), Refusal> {
    if broken.acknowledged.is_some() {
        return Err(Refusal::new(ErrorCode::NothingToChange, "Somebody has acknowledged it already."));
    }
    if PrincipalId::of(&broken.by) == rights.id {
        return Err(Refusal::new(ErrorCode::OwnRequest, "You did this yourself, so somebody else acknowledges it."));
    }
    if !rights.is_admin() {
        return Err(Refusal::new(ErrorCode::RoleForbids, "Administrators acknowledge this."));
    }
    Ok(())
}

impl Moment<'_> {
    /// The use of break-glass that is named, if the caller may see it.
    ///
    /// # Errors
    /// `not_found`; those of the store.
    pub fn broken_glass(&self, id: &BreakGlassId) -> Result<BrokenGlass, Refusal> {
        let no_such = || Refusal::new(ErrorCode::NotFound, format!("There is no use of break-glass {id}."));
        allow_reading(self)?;
        let broken = self.reading.broken_glass(id)?.ok_or_else(no_such)?;
        if self.sees_broken_glass(&self.rights()?, &broken)? { Ok(broken) } else { Err(no_such()) }
    }

    /// True when the caller may see it: whoever may read the deployment, and whoever did it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn sees_broken_glass(&self, rights: &Rights, broken: &BrokenGlass) -> Result<bool, Refusal> {
        if rights.server.is_none() {
            return Ok(false);
        }
        if rights.sees_all() || PrincipalId::of(&broken.by) == rights.id {
            return Ok(true);
        }
        let Some(id) = &broken.deployment else { return Ok(false) };
        let role = self.reading.role_on(id, &rights.names)?;
        Ok(rights.reaches(id) && (rights.is_admin() || role >= Some(domain::access::Role::User)))
    }
}

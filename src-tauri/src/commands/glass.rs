//! Uses of break-glass, which stay open until somebody else has acknowledged them.

use domain::access::Rights;
use domain::break_glass::{GlassUse, MayNotAcknowledge, may_acknowledge, sees};
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
    let may = act.moment().may_acknowledge(&act.moment().rights()?, &broken)?;
    may.map_err(|why| match why {
        MayNotAcknowledge::Denied(denied) => Refusal::denied(&denied),
        MayNotAcknowledge::Acknowledged | MayNotAcknowledge::OwnUse => Refusal::new(why.code(), why.to_string()),
    })?;
    act.writing.append(broken.deployment.as_ref(), Event::GlassAcknowledged { id: id.clone() })?;
    Ok(())
}

impl Moment<'_> {
    /// The use of break-glass that is named, if the caller may see it.
    ///
    /// # Errors
    /// `not_found`; those of the store.
    pub fn broken_glass(&self, id: &BreakGlassId) -> Result<BrokenGlass, Refusal> {
        let no_such = || Refusal::new(ErrorCode::NotFound, format!("There is no use of break-glass {id}."));
        let rights = allow_reading(self)?;
        let broken = self.reading.broken_glass(id)?.ok_or_else(no_such)?;
        if self.sees_broken_glass(&rights, &broken)? { Ok(broken) } else { Err(no_such()) }
    }

    /// True when the caller may see it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn sees_broken_glass(&self, rights: &Rights, broken: &BrokenGlass) -> Result<bool, Refusal> {
        self.judge_use(rights, broken, sees)
    }

    /// Allows the caller to acknowledge it, or says why not.
    ///
    /// # Errors
    /// Those of the store.
    pub fn may_acknowledge(
        &self,
        rights: &Rights,
        broken: &BrokenGlass,
    ) -> Result<Result<(), MayNotAcknowledge>, Refusal> {
        self.judge_use(rights, broken, may_acknowledge)
    }

    fn judge_use<T>(
        &self,
        rights: &Rights,
        broken: &BrokenGlass,
        judge: impl FnOnce(&Rights, GlassUse<'_>) -> T,
    ) -> Result<T, Refusal> {
        let deployment = broken.deployment.as_ref();
        let role = match deployment {
            Some(id) if !rights.is_admin() => self.reading.role_on(id, &rights.names)?,
            _ => None,
        };
        let by = PrincipalId::of(&broken.by);
        Ok(judge(rights, GlassUse { deployment, role, by: &by, acknowledged: broken.acknowledged.is_some() }))
    }
}

//! The caller's session: who they are, and facts about the server.

use domain::access::ServerAction;
use domain::caller::Through;
use domain::wire::{Entrance, ErrorCode, Session};

use crate::api::Views;
use crate::commands::Refusal;

impl Views<'_> {
    /// The session of the caller.
    ///
    /// # Errors
    /// `unauthenticated` for somebody who is disabled, and comes with the server's own token; those of the store.
    pub(crate) fn session(&self) -> Result<Session, Refusal> {
        let moment = self.moment();
        let rights = moment.rights()?;
        let Some(server_role) = rights.server else {
            return Err(Refusal::new(ErrorCode::Unauthenticated, "An administrator has disabled you here."));
        };
        let name = moment.reading.profile(&rights.id)?.map_or_else(|| rights.id.to_string(), |profile| profile.name);
        let (through, signed_in_at) = match &rights.caller.through {
            Through::Machine | Through::Schedule => (Entrance::Machine, None),
            Through::Session { signed_in_at, .. } => (Entrance::Session, Some(*signed_in_at)),
            Through::Token { .. } => (Entrance::Token, None),
        };
        let linked = moment.reading.linked(&rights.id)?;
        let live = &self.api.live;
        let may_break_glass = rights.may(ServerAction::BreakGlass, self.now());
        Ok(Session {
            has_password: moment.reading.password_of(&rights.id)?.is_some(),
            is_linked: linked.is_some_and(|linked| self.api.sign_ins.is_of_provider(&linked.subject)),
            actor: rights.caller.actor,
            id: rights.id,
            name,
            server_role,
            may_break_glass,
            alone: rights.alone,
            through,
            signed_in_at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            gateway: live.gateway_url(),
            targets: live.targets().into_iter().map(|name| (name.clone(), live.traits(&name))).collect(),
            max_model_bytes: self.api.bounds.model_bytes,
            storage_problem: self.api.store.trouble(),
        })
    }
}

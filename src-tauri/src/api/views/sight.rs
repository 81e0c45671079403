//! The part of the journal that a caller may see: what is about deployments of theirs, what concerns everyone, and what
//! they did themselves.

use std::collections::{BTreeSet, HashMap};

use domain::access::{Rights, Role};
use domain::event::EventKind;
use domain::id::{Actor, DeploymentId};
use domain::words::OpenWord;

use super::Views;
use crate::commands::{Refusal, allow_reading};
use crate::store::tables::seen_by::SeenBy;

/// A caller's sight. It holds until an entry changes somebody's rights ([`EventKind::changes_rights`]).
#[derive(Clone)]
pub(in crate::api) struct Sight {
    rights: Rights,
    /// Deployments with an open change request that they may review.
    reviewed: BTreeSet<DeploymentId>,
    /// The role on each deployment that was asked for.
    roles: HashMap<DeploymentId, Option<Role>>,
}

impl Sight {
    /// True for whoever sees everything.
    pub(in crate::api) fn sees_all(&self) -> bool {
        self.rights.sees_all()
    }
}

/// The answer to whether an entry is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum EntryShown {
    /// It is.
    Whole,
    /// It is not, but something that they see may have changed by it.
    Unsaid,
    /// It is not.
    Nothing,
}

impl Views<'_> {
    /// The sight of the caller now.
    pub(in crate::api) fn sight(&self) -> Result<Sight, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let reviewed = self.moment.reviewed_deployments(&rights)?;
        Ok(Sight { rights, reviewed, roles: HashMap::new() })
    }

    /// Decides what of an entry of `kind`, made by `actor`, the caller is shown.
    pub(in crate::api) fn shows(
        &self,
        sight: &mut Sight,
        deployment: Option<&DeploymentId>,
        kind: &OpenWord<EventKind>,
        actor: &Actor,
    ) -> Result<EntryShown, Refusal> {
        let rights = &sight.rights;
        if rights.server.is_none() {
            return Ok(EntryShown::Nothing);
        }
        if rights.sees_all() {
            return Ok(EntryShown::Whole);
        }
        let Some(id) = deployment else {
            let concerns = matches!(kind, OpenWord::Known(kind) if kind.concerns_everyone());
            let is_own = *actor == rights.caller.actor;
            let names = [EventKind::FreezeChanged, EventKind::UseCaseChanged, EventKind::UseCaseDeleted];
            if names.into_iter().any(|one| kind.is(one)) && !is_own {
                // It may name what they do not see.
                return Ok(EntryShown::Unsaid);
            }
            return Ok(if concerns || is_own { EntryShown::Whole } else { EntryShown::Nothing });
        };
        let role = match sight.roles.get(id) {
            Some(known) => *known,
            None => {
                let granted = if rights.is_admin() {
                    Some(Role::Owner)
                } else {
                    self.moment.reading.role_on(id, &rights.names)?
                };
                let role = granted.max(sight.reviewed.contains(id).then_some(Role::User));
                let role = role.filter(|_| rights.reaches(id));
                sight.roles.insert(id.clone(), role);
                role
            }
        };
        // Whether it is there, which input it takes, and what is said of that.
        let is_seen = matches!(
            kind,
            OpenWord::Known(
                EventKind::StatusChanged
                    | EventKind::RolloutMoved
                    | EventKind::ApplicationCreated
                    | EventKind::ApplicationChanged
                    | EventKind::ApplicationDeleted
                    | EventKind::DeploymentDeleted
            )
        );
        Ok(match role {
            Some(Role::User | Role::Owner) => EntryShown::Whole,
            Some(Role::Consumer) if is_seen => EntryShown::Unsaid,
            _ => EntryShown::Nothing,
        })
    }

    /// The same for a list that the database makes; none for whoever sees everything.
    pub(in crate::api) fn seen_by(&self) -> Result<Option<SeenBy>, Refusal> {
        let Sight { rights, reviewed, .. } = self.sight()?;
        if rights.sees_all() {
            return Ok(None);
        }
        let everyone = EventKind::ALL.into_iter().filter(|kind| kind.concerns_everyone()).collect();
        let all_deployments = rights.is_admin();
        let only = rights.only().cloned();
        Ok(Some(SeenBy { actor: rights.caller.actor, names: rights.names, all_deployments, reviewed, only, everyone }))
    }
}

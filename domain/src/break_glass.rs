//! Break-glass: who sees that something was started although policies or freezes forbade it, and who acknowledges it.

use crate::access::{Denied, Rights, Role, ServerAction};
use crate::error_code::ErrorCode;
use crate::id::DeploymentId;
use crate::principal::{PrincipalId, ServerRole};

/// The use of break-glass, as far as it decides who sees it and who acknowledges it.
#[derive(Clone, Copy, Debug)]
pub struct GlassUse<'a> {
    /// The deployment; none where it was made by it.
    pub deployment: Option<&'a DeploymentId>,
    /// The role that the caller was given on the deployment.
    pub role: Option<Role>,
    /// The person who did it.
    pub by: &'a PrincipalId,
    /// Somebody has acknowledged it.
    pub acknowledged: bool,
}

/// The reasons for which somebody may not acknowledge it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MayNotAcknowledge {
    /// Their rights do not allow it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It is not open any more.
    #[error("Somebody has acknowledged this override already.")]
    Acknowledged,
    /// They did it.
    #[error("You overrode this yourself, so somebody else acknowledges it.")]
    OwnUse,
}

impl MayNotAcknowledge {
    /// The word for it.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Acknowledged => ErrorCode::NothingToChange,
            Self::OwnUse => ErrorCode::OwnRequest,
        }
    }
}

/// True for a caller who sees it: an administrator, whoever did it, and whoever may read the deployment; through an API
/// token, where that is for the deployment.
pub fn sees(rights: &Rights, used: GlassUse<'_>) -> bool {
    let reaches = match used.deployment {
        Some(id) => rights.reaches(id),
        None => rights.only().is_none(),
    };
    let reads = used.deployment.is_some() && used.role >= Some(Role::User);
    rights.server.is_some() && reaches && (rights.is_admin() || *used.by == rights.id || reads)
}

/// Allows an administrator who did not do it themselves to acknowledge it, through no API token; or says why not.
///
/// # Errors
/// The first reason why not; [`Denied::Unseen`] for whoever does not see it.
pub fn may_acknowledge(rights: &Rights, used: GlassUse<'_>) -> Result<(), MayNotAcknowledge> {
    if !sees(rights, used) {
        return Err(Denied::Unseen.into());
    }
    if used.acknowledged {
        return Err(MayNotAcknowledge::Acknowledged);
    }
    if *used.by == rights.id {
        return Err(MayNotAcknowledge::OwnUse);
    }
    if !rights.is_admin() {
        return Err(Denied::ServerRole(ServerRole::Admin).into());
    }
    Ok(rights.meets(ServerAction::Review.needs())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::{Caller, Scope, Through};
    use crate::principal::Member;

    fn person(name: &str) -> PrincipalId {
        format!("p-{}", name.repeat(26)).parse().unwrap()
    }

    fn rights(role: ServerRole, disabled: bool, only: Option<Option<&str>>) -> Rights {
        let member = Member { id: person("a"), role, disabled, since: None };
        let mut caller = Caller::new(member.id.actor());
        if let Some(only) = only {
            caller.through = Through::Token {
                id: "t1".parse().unwrap(),
                scopes: [Scope::Admin].into(),
                deployments: only.map(|id| [id.parse().unwrap()].into()),
            };
        }
        Rights::of(caller, Some(&member), Vec::new(), false)
    }

    #[test]
    fn who_sees_it_and_who_acknowledges_it() {
        use MayNotAcknowledge::{Acknowledged, Denied as No, OwnUse};
        use Role::{Consumer, Owner, User};
        use ServerRole::{Admin, Editor, Viewer};
        let (here, made) = (Some("d1"), None);
        let (open, closed) = (false, true);
        let not_admin = Err(No(Denied::ServerRole(Admin)));
        let unseen = Err(No(Denied::Unseen));
        let token = Err(No(Denied::ThroughToken));
        for (caller, deployment, role, by, acknowledged, expected) in [
            // An administrator of everything, and nobody of what they did.
            (rights(Admin, false, None), here, None, "b", open, Ok(())),
            (rights(Admin, false, None), made, None, "b", open, Ok(())),
            (rights(Admin, false, None), here, None, "b", closed, Err(Acknowledged)),
            (rights(Admin, false, None), here, None, "a", open, Err(OwnUse)),
            (rights(Editor, false, None), here, Some(Owner), "a", open, Err(OwnUse)),
            (rights(Editor, false, None), here, None, "a", open, Err(OwnUse)),
            // Whoever reads the deployment sees it and is told who acknowledges it.
            (rights(Editor, false, None), here, Some(Owner), "b", open, not_admin),
            (rights(Viewer, false, None), here, Some(User), "b", open, not_admin),
            (rights(Viewer, false, None), here, Some(User), "b", closed, Err(Acknowledged)),
            // For everybody else it is not there.
            (rights(Viewer, false, None), here, Some(Consumer), "b", open, unseen),
            (rights(Editor, false, None), here, None, "b", open, unseen),
            (rights(Editor, false, None), here, None, "b", closed, unseen),
            (rights(Editor, false, None), made, Some(Owner), "b", open, unseen),
            (rights(Admin, true, None), here, Some(Owner), "a", open, unseen),
            // An API token acknowledges nothing, and one for other deployments sees nothing.
            (rights(Admin, false, Some(None)), here, None, "b", open, token),
            (rights(Admin, false, Some(Some("d1"))), here, None, "b", open, token),
            (rights(Admin, false, Some(Some("d2"))), here, None, "b", open, unseen),
            (rights(Admin, false, Some(Some("d2"))), here, None, "a", open, unseen),
            (rights(Admin, false, Some(Some("d1"))), made, None, "b", open, unseen),
        ] {
            let (id, by) = (deployment.map(|id| id.parse().unwrap()), person(by));
            let used = GlassUse { deployment: id.as_ref(), role, by: &by, acknowledged };
            assert_eq!(may_acknowledge(&caller, used), expected, "{caller:?} {used:?}");
            assert_eq!(sees(&caller, used), expected != unseen, "{caller:?} {used:?}");
        }
    }
}

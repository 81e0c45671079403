//! Roles on deployments, grants of them, and what a caller's roles and token allow (DR-7, DR-8, SAP-9).
//!
//! Rights are read anew for each request: a role that was taken away is gone with the next one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::caller::{Caller, Scope, Through};
use crate::error_code::ErrorCode;
use crate::id::{Actor, DeploymentId};
use crate::principal::{Directory, Member, Membership, PrincipalId, PrincipalKind, ServerRole};

#[cfg(test)]
mod tests;

words! {
    /// The roles on a deployment, lowest first (DR-7).
    pub enum Role {
        /// Predicts, and sees name, URL and status.
        Consumer = "consumer",
        /// Opens it, reads everything of it, tries candidates, and shares it.
        User = "user",
        /// Changes it.
        Owner = "owner",
    }
}

words! {
    /// The role that everyone has on a new deployment.
    #[derive(Default)]
    pub enum DefaultAccess {
        /// None: who is not named does not see it.
        None = "none",
        /// [`Role::Consumer`].
        Consumer = "consumer",
        /// [`Role::User`].
        #[default]
        User = "user",
        /// [`Role::Owner`].
        Owner = "owner",
    }
}

impl DefaultAccess {
    /// The role that it is, if it is one.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::None => None,
            Self::Consumer => Some(Role::Consumer),
            Self::User => Some(Role::User),
            Self::Owner => Some(Role::Owner),
        }
    }
}

/// One role that somebody was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The actor who gave it.
    pub by: Actor,
    /// The time at which it was given.
    pub at: Timestamp,
}

/// The roles that were given on one deployment.
pub type Grants = BTreeMap<PrincipalId, Grant>;

/// People who own a deployment by these roles and are not disabled.
pub fn owners<'a>(
    roles: impl IntoIterator<Item = (&'a PrincipalId, Role)>,
    directory: &Directory,
) -> BTreeSet<PrincipalId> {
    let mut owning = BTreeSet::new();
    for (named, _) in roles.into_iter().filter(|(_, role)| *role == Role::Owner) {
        match named.kind() {
            PrincipalKind::Person => drop(owning.insert(named)),
            PrincipalKind::Group => {
                owning.extend(directory.groups.get(named).into_iter().flat_map(|group| &group.members));
            }
            PrincipalKind::Everyone => owning.extend(directory.members.keys()),
            PrincipalKind::Service => {}
        }
    }
    let is_let_in = |id: &&PrincipalId| id.is_person() && directory.active(id).is_some();
    owning.into_iter().filter(is_let_in).cloned().collect()
}

/// What an action asks of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The least role on the deployment; none for what is about no deployment.
    pub role: Option<Role>,
    /// The least role on the server.
    pub server: ServerRole,
    /// The scope that a token must have; none for what is done through no token.
    pub scope: Option<Scope>,
}

/// The needs of whoever sees that a deployment is there: its name, URL and status.
pub const SEEING: Needs = Needs { role: Some(Role::Consumer), server: ServerRole::Viewer, scope: Some(Scope::Read) };

words! {
    /// What is done with the server as a whole.
    pub enum ServerAction {
        /// Register a model version, or delete one.
        RegisterModel = "register_model",
        /// Make a deployment, or a use case.
        CreateDeployment = "create_deployment",
        /// Invite people, change their roles and groups, disable them.
        ManagePeople = "manage_people",
        /// Make services, and tokens for them.
        ManageServices = "manage_services",
        /// Make policies and change them.
        ManagePolicies = "manage_policies",
        /// Make freezes, change and lift them.
        ManageFreezes = "manage_freezes",
        /// Make webhooks and change them, see what was delivered, try the mail settings.
        ManageWebhooks = "manage_webhooks",
        /// Read the settings that the server was started with.
        ReadSettings = "read_settings",
        /// Start something although a policy or a freeze forbids it.
        BreakGlass = "break_glass",
        /// Get the whole history as a file.
        Export = "export",
        /// Make API tokens for oneself.
        MakeTokens = "make_tokens",
        /// Review a change request.
        Review = "review",
    }
}

impl ServerAction {
    /// What it asks of a caller.
    pub fn needs(self) -> Needs {
        let (server, scope) = match self {
            Self::RegisterModel | Self::CreateDeployment => (ServerRole::Editor, Some(Scope::Deploy)),
            Self::ManageFreezes | Self::ManageWebhooks | Self::ReadSettings | Self::Export => {
                (ServerRole::Admin, Some(Scope::Admin))
            }
            Self::ManagePeople | Self::ManageServices | Self::ManagePolicies | Self::BreakGlass => {
                (ServerRole::Admin, None)
            }
            Self::MakeTokens | Self::Review => (ServerRole::Viewer, None),
        };
        Needs { role: None, server, scope }
    }

    /// True when it wants a sign-in that is young.
    pub fn wants_young_sign_in(self) -> bool {
        match self {
            Self::ManagePeople | Self::ManageServices | Self::ManagePolicies | Self::BreakGlass | Self::MakeTokens => {
                true
            }
            Self::RegisterModel
            | Self::CreateDeployment
            | Self::ManageFreezes
            | Self::ManageWebhooks
            | Self::ReadSettings
            | Self::Export
            | Self::Review => false,
        }
    }
}

/// The reasons for which a caller's rights do not allow an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// They may not even see that the deployment is there.
    #[error("This does not exist, or you do not see it.")]
    Unseen,
    /// Their role on the deployment is too low.
    #[error("This needs the role {0} on the deployment. An owner of the deployment can give you that role.")]
    Role(Role),
    /// Their role on the server is too low.
    #[error("This needs the role {0} on the server. An administrator can give you that role.")]
    ServerRole(ServerRole),
    /// The API token has not the scope.
    #[error("The API token does not have the scope {0}. Create a token that has it, or sign in.")]
    Scope(Scope),
    /// The API token is for some deployments alone.
    #[error("The API token is for some deployments alone, and this concerns the whole server.")]
    OtherDeployments,
    /// It is done through no API token.
    #[error("This cannot be done through an API token. Sign in.")]
    ThroughToken,
    /// They have signed in too long ago.
    #[error("You signed in more than 15 minutes ago. Sign in again for this.")]
    SignInTooOld,
}

impl Denied {
    /// The word for it.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Unseen => ErrorCode::NotFound,
            Self::Role(_) | Self::ServerRole(_) => ErrorCode::RoleForbids,
            Self::Scope(_) | Self::OtherDeployments | Self::ThroughToken => ErrorCode::TokenScope,
            Self::SignInTooOld => ErrorCode::ReauthenticationNeeded,
        }
    }
}

/// The longest time since a sign-in for what is dangerous, in seconds: 15 minutes.
pub const YOUNG_SIGN_IN_SECONDS: i64 = 15 * 60;

/// A caller's rights at one moment.
#[derive(Clone, Debug)]
pub struct Rights {
    /// The caller.
    pub caller: Caller,
    /// The person or service that they are.
    pub id: PrincipalId,
    /// Their role on the server; none for somebody who is disabled or no longer there.
    pub server: Option<ServerRole>,
    /// Everything by which a grant may name them: themselves, their groups, everyone.
    pub names: BTreeSet<PrincipalId>,
    /// A group of theirs may use break-glass.
    pub breaks_glass: bool,
    /// The local person is alone on this server, so nobody is asked anything.
    pub alone: bool,
}

/// A caller's rights on one deployment.
#[derive(Clone, Copy, Debug)]
pub struct RightsOn<'a> {
    /// Their rights everywhere.
    pub rights: &'a Rights,
    /// The deployment.
    pub deployment: &'a DeploymentId,
    /// Their role on it, by everything but a token; none for whoever may not see it.
    pub role: Option<Role>,
}

impl Rights {
    /// The rights of `caller`, who is `member` unless nobody is there, and belongs to `groups`.
    pub fn of(caller: Caller, member: Option<&Member>, groups: Vec<Membership>, alone: bool) -> Self {
        let id = PrincipalId::of(&caller.actor);
        let server = member.filter(|member| !member.disabled).map(|member| member.role);
        let breaks_glass = groups.iter().any(|group| group.breaks_glass);
        let names = groups.into_iter().map(|group| group.group).chain([id.clone(), PrincipalId::everyone()]).collect();
        Self { caller, id, server, names, breaks_glass, alone }
    }

    /// True for an administrator, also one who comes through a token.
    pub fn is_admin(&self) -> bool {
        self.server == Some(ServerRole::Admin)
    }

    /// True for whoever sees everything: an administrator, unless their token is for some deployments alone.
    pub fn sees_all(&self) -> bool {
        self.is_admin() && self.only().is_none()
    }

    /// The rights on `deployment`, which has these grants: an administrator counts as owner. Whoever reviews an open
    /// change request of it sees it as a user meanwhile.
    pub fn on<'a>(&'a self, deployment: &'a DeploymentId, grants: &Grants, is_reviewer: bool) -> RightsOn<'a> {
        let granted =
            || grants.iter().filter(|(named, _)| self.names.contains(named)).map(|(_, grant)| grant.role).max();
        let role = match self.server {
            None => None,
            Some(ServerRole::Admin) => Some(Role::Owner),
            Some(_) => granted().max(is_reviewer.then_some(Role::User)),
        };
        RightsOn { rights: self, deployment, role: role.filter(|_| self.reaches(deployment)) }
    }

    /// Allows `action` on the server at `now`, or says why not.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn allow(&self, action: ServerAction, now: Timestamp) -> Result<(), Denied> {
        let needs = match action {
            // What they override is a change, for which they need at least this role anyway.
            ServerAction::BreakGlass if self.breaks_glass => Needs { server: ServerRole::Editor, ..action.needs() },
            _ => action.needs(),
        };
        self.meets(needs)?;
        if self.only().is_some() {
            return Err(Denied::OtherDeployments);
        }
        let is_old = |signed_in_at: Timestamp| now.duration_since(signed_in_at).as_secs() > YOUNG_SIGN_IN_SECONDS;
        match self.caller.through {
            Through::Session { signed_in_at, .. }
                if action.wants_young_sign_in() && !self.alone && is_old(signed_in_at) =>
            {
                Err(Denied::SignInTooOld)
            }
            _ => Ok(()),
        }
    }

    /// True for whoever may do `action` on the server, if need be after signing in again.
    pub fn may(&self, action: ServerAction, now: Timestamp) -> bool {
        matches!(self.allow(action, now), Ok(()) | Err(Denied::SignInTooOld))
    }

    /// Allows what asks no more than `needs` of the role on the server and of the token.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn meets(&self, needs: Needs) -> Result<(), Denied> {
        let server = self.server.ok_or(Denied::Unseen)?;
        if server < needs.server {
            return Err(Denied::ServerRole(needs.server));
        }
        match (self.limits(), needs.scope) {
            (Some(_), None) => Err(Denied::ThroughToken),
            (Some((scopes, _)), Some(scope)) if !scopes.iter().any(|has| has.covers(scope)) => {
                Err(Denied::Scope(scope))
            }
            _ => Ok(()),
        }
    }

    /// The deployments that their token is for; none when they come through no token, or it is for all of theirs.
    pub fn only(&self) -> Option<&BTreeSet<DeploymentId>> {
        self.limits().and_then(|(_, only)| only.as_ref())
    }

    /// True unless their token is for other deployments.
    pub fn reaches(&self, deployment: &DeploymentId) -> bool {
        self.only().is_none_or(|only| only.contains(deployment))
    }

    /// The scopes of the token that they come through, and the deployments that it is for, if not all.
    fn limits(&self) -> Option<(&BTreeSet<Scope>, &Option<BTreeSet<DeploymentId>>)> {
        match &self.caller.through {
            Through::Token { scopes, deployments, .. } => Some((scopes, deployments)),
            _ => None,
        }
    }
}

impl RightsOn<'_> {
    /// Allows what `needs` asks for, or says why not.
    ///
    /// # Errors
    /// The first reason why not; [`Denied::Unseen`] for whoever may not see the deployment.
    pub fn allow(&self, needs: Needs) -> Result<(), Denied> {
        let role = self.role.ok_or(Denied::Unseen)?;
        match needs.role {
            Some(needed) if role < needed => Err(Denied::Role(needed)),
            _ => self.rights.meets(needs),
        }
    }
}

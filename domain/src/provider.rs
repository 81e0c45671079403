//! An identity provider: what it says of somebody, who is let in by that, and what it makes of their role and groups.
//!
//! # Guarantees
//!
//! - Somebody is known by issuer and subject, never by an address or a user name, which others may have had before.
//! - An address counts only where the provider has verified it.
//! - What the provider gave it takes: a role or a membership that an administrator gave stays.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::principal::{Group, PrincipalId, ServerRole};
use crate::sign_in::PROVIDER_HOURS;

/// Longest name of a group at a provider, in characters.
const LONGEST_GROUP: usize = 200;

words! {
    /// Those who become a person here when they sign in at the provider for the first time.
    #[derive(Default)]
    pub enum Newcomers {
        /// Who was invited.
        #[default]
        Invited = "invited",
        /// Also who belongs to an allowed group and has an address of an allowed domain.
        Allowed = "allowed",
    }
}

words! {
    /// The reasons for which somebody goes to the provider.
    pub enum Errand {
        /// To sign in.
        SignIn = "sign_in",
        /// To accept an invitation.
        Join = "join",
        /// To have their account there let them in here too.
        Link = "link",
        /// To show once more who they are.
        Again = "again",
    }
}

/// Somebody as an identity provider names them, for good.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    /// The address of the provider.
    pub issuer: String,
    /// Their name there, which means something to the provider alone.
    pub sub: String,
}

/// What an identity provider says of somebody who has just signed in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// Who they are.
    pub subject: Account,
    /// Their name, for people to read.
    pub name: Option<String>,
    /// Their e-mail address; none that the provider has not verified.
    pub email: Option<String>,
    /// The domain that they belong to: what the claim says that was configured for it, else that of their address.
    pub domain: Option<String>,
    /// The groups that they belong to there.
    pub groups: BTreeSet<String>,
    /// The time at which they showed there who they are, where the provider says so.
    pub authenticated_at: Option<Timestamp>,
}

/// Who is let in whom the provider knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Those who become a person here.
    pub newcomers: Newcomers,
    /// The group at the provider whose members are administrators here.
    pub admin_group: Option<String>,
    /// A newcomer belongs to one of these groups at the provider; empty where that does not matter.
    pub allowed_groups: BTreeSet<String>,
    /// A newcomer belongs to one of these domains; empty where that does not matter.
    pub allowed_domains: BTreeSet<String>,
}

/// The reasons for which a newcomer is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLetIn {
    /// Only who was invited becomes a person here.
    #[error("nobody here is known by this account. Ask an administrator for an invitation, and open its link")]
    NotInvited,
    /// None of their groups is allowed.
    #[error("this account belongs to no group that is let in here. Ask an administrator")]
    Group,
    /// The provider names no domain of theirs, and has verified no address.
    #[error(
        "the identity provider names no domain of this account, or has not verified its e-mail address, by which it could be let in"
    )]
    Domainless,
    /// Their domain is none that is allowed.
    #[error("accounts of this domain are not let in here. Ask an administrator")]
    Domain,
    /// An administrator has erased the person whom this account let in.
    #[error(
        "an administrator has taken out the person whom this account let in. Ask for an invitation, and open its link"
    )]
    TakenOut,
}

/// A server role, and whether the provider gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// The role.
    pub role: ServerRole,
    /// The role that they had before the provider made them an administrator; none where it did not.
    pub before: Option<ServerRole>,
}

impl Admission {
    /// Lets a newcomer in, or not.
    ///
    /// # Errors
    /// [`NotLetIn`].
    pub fn lets_in(&self, vouched: &Vouched) -> Result<(), NotLetIn> {
        if self.newcomers == Newcomers::Invited {
            return Err(NotLetIn::NotInvited);
        }
        if !self.allowed_groups.is_empty() && self.allowed_groups.is_disjoint(&vouched.groups) {
            return Err(NotLetIn::Group);
        }
        if !self.allowed_domains.is_empty() {
            let domain = vouched.domain.as_deref().ok_or(NotLetIn::Domainless)?;
            if !self.allowed_domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain)) {
                return Err(NotLetIn::Domain);
            }
        }
        Ok(())
    }

    /// The role of somebody who belongs to these groups at the provider and has the role `held`.
    pub fn role(&self, groups: &BTreeSet<String>, held: HeldRole) -> HeldRole {
        let is_told = self.admin_group.as_ref().is_some_and(|group| groups.contains(group));
        match (is_told, held.role) {
            (true, ServerRole::Admin) => held,
            (true, role) => HeldRole { role: ServerRole::Admin, before: Some(role) },
            (false, ServerRole::Admin) => HeldRole { role: held.before.unwrap_or(ServerRole::Admin), before: None },
            (false, role) => HeldRole { role, before: None },
        }
    }
}

/// The domain of an e-mail address.
pub fn domain_of(email: &str) -> Option<String> {
    email.rsplit_once('@').map(|(_, domain)| domain.to_owned())
}

/// The time at which what the provider gave lapses, where it told of somebody last at `told_at`: whoever has other ways in
/// keeps nothing that the provider may have taken meanwhile.
pub fn lapses_at(told_at: Timestamp) -> Timestamp {
    told_at.saturating_add(SignedDuration::from_hours(PROVIDER_HOURS)).unwrap_or(Timestamp::MAX)
}

/// The groups here that change when the provider says that `person` belongs to the groups `told` there: only those that it
/// feeds, as they are then.
pub fn fed(groups: impl IntoIterator<Item = Group>, person: &PrincipalId, told: &BTreeSet<String>) -> Vec<Group> {
    let changed = |mut group: Group| {
        let belongs = told.contains(group.provider_group.as_deref()?);
        let changes = match belongs {
            true => group.members.insert(person.clone()),
            false => group.members.remove(person),
        };
        changes.then_some(group)
    };
    groups.into_iter().filter_map(changed).collect()
}

/// `given` without spaces around it, as the name of a group at a provider; none where it is empty.
///
/// # Errors
/// [`InvalidProviderGroup`].
pub fn group_name(given: &str) -> Result<Option<String>, InvalidProviderGroup> {
    let name = given.trim();
    if crate::visible::hides(name) || name.chars().count() > LONGEST_GROUP {
        return Err(InvalidProviderGroup);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// The name of a group at a provider that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a group at the identity provider holds at most {LONGEST_GROUP} characters, all of which are seen")]
pub struct InvalidProviderGroup;

#[cfg(test)]
mod tests;

//! People, services and groups: who there is, as the journal knows them, which is by ids only.
//!
//! Names and addresses lie beside the journal, so that a person can be erased.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{Actor, InvalidId};

words! {
    /// The kinds of principals.
    pub enum PrincipalKind {
        /// Somebody who signs in.
        Person = "person",
        /// A program, which has API tokens only.
        Service = "service",
        /// People and services that are named together.
        Group = "group",
        /// Everybody who is let in.
        Everyone = "everyone",
    }
}

words! {
    /// The roles on a server, lowest first (SAP-9).
    #[derive(Default)]
    pub enum ServerRole {
        /// Reads what is shared with them, and changes nothing.
        #[default]
        Viewer = "viewer",
        /// Changes what their roles on deployments allow.
        Editor = "editor",
        /// Counts as owner of every deployment, and keeps people, policies and freezes.
        Admin = "admin",
    }
}

/// Names a person, a service, a group, or everyone, for good.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
pub struct PrincipalId(String);

impl PrincipalId {
    /// The pattern of each of them, a regular expression of JSON Schema.
    pub const PATTERN: &str = "^(local|everyone|[psg]-[0-9a-z]{26})$";
    /// The person on whose machine the server runs: there from the first start on, without an account.
    pub const LOCAL: &str = "local";
    const EVERYONE: &str = "everyone";

    /// The id of a new principal of `kind`, of which `unique` is 26 digits and lower-case letters.
    ///
    /// # Errors
    /// `unique` is something else, or there is only one of that kind.
    pub fn new(kind: PrincipalKind, unique: &str) -> Result<Self, InvalidId> {
        let letter = match kind {
            PrincipalKind::Person => "p",
            PrincipalKind::Service => "s",
            PrincipalKind::Group => "g",
            PrincipalKind::Everyone => "",
        };
        format!("{letter}-{unique}").parse()
    }

    /// The person on whose machine the server runs.
    pub fn local() -> Self {
        Self(Self::LOCAL.to_owned())
    }

    /// Everybody who is let in.
    pub fn everyone() -> Self {
        Self(Self::EVERYONE.to_owned())
    }

    /// Its kind.
    pub fn kind(&self) -> PrincipalKind {
        match self.0.as_bytes().first() {
            Some(b'e') => PrincipalKind::Everyone,
            Some(b'g') => PrincipalKind::Group,
            Some(b's') => PrincipalKind::Service,
            _ => PrincipalKind::Person,
        }
    }

    /// True for somebody who signs in.
    pub fn is_person(&self) -> bool {
        self.kind() == PrincipalKind::Person
    }

    /// The person or service whom the journal names as an actor. Journals from before there were people name whoever
    /// started the server, which is the local person.
    pub fn of(actor: &Actor) -> Self {
        actor.as_str().parse().unwrap_or_else(|_| Self::local())
    }

    /// The name that the journal gives them where they act.
    pub fn actor(&self) -> Actor {
        Actor::of(self)
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PrincipalId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        let unique = |rest: &str| {
            rest.len() == 26 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        };
        let numbered = text.split_once('-').is_some_and(|(kind, rest)| ["p", "s", "g"].contains(&kind) && unique(rest));
        if numbered || text == Self::LOCAL || text == Self::EVERYONE {
            Ok(Self(text))
        } else {
            Err(InvalidId::new("principal id", &text, "local, everyone, or p-, s- or g- and 26 digits and letters"))
        }
    }
}

impl FromStr for PrincipalId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::try_from(text.to_owned())
    }
}

impl From<PrincipalId> for String {
    fn from(id: PrincipalId) -> String {
        id.0
    }
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person or a service, as the journal knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Names them; a person or a service.
    pub id: PrincipalId,
    /// Their role on the server.
    pub role: ServerRole,
    /// Nobody lets them in, and nothing that they have counts.
    #[serde(default)]
    pub disabled: bool,
    /// The time since which they are there; none for the local person, who always was.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

/// People and services that are named together. A group cannot hold a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Names it.
    pub id: PrincipalId,
    /// The name that people read. It names no person.
    pub name: String,
    /// Its members.
    pub members: BTreeSet<PrincipalId>,
    /// Its members may use break-glass where they may change a deployment, as administrators may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub breaks_glass: bool,
    /// The group at the identity provider that feeds it: the provider says who belongs to it, whenever one of them signs in.
    /// None where administrators say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_group: Option<String>,
}

/// A group, as somebody who belongs to it has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The group.
    pub group: PrincipalId,
    /// [`Group::breaks_glass`].
    pub breaks_glass: bool,
}

/// Everybody there is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// People and services.
    pub members: BTreeMap<PrincipalId, Member>,
    /// Groups.
    pub groups: BTreeMap<PrincipalId, Group>,
}

impl Default for Directory {
    /// The local person alone, who is an administrator.
    fn default() -> Self {
        let local = Member { id: PrincipalId::local(), role: ServerRole::Admin, disabled: false, since: None };
        Self { members: [(local.id.clone(), local)].into(), groups: BTreeMap::new() }
    }
}

impl Directory {
    /// A person or service who is there and is not disabled.
    pub fn active(&self, id: &PrincipalId) -> Option<&Member> {
        self.members.get(id).filter(|member| !member.disabled)
    }

    /// True when `named`, a member, a group or everyone, includes `id`.
    pub fn includes(&self, named: &PrincipalId, id: &PrincipalId) -> bool {
        match named.kind() {
            PrincipalKind::Everyone => true,
            PrincipalKind::Group => self.groups.get(named).is_some_and(|group| group.members.contains(id)),
            PrincipalKind::Person | PrincipalKind::Service => named == id,
        }
    }

    /// Administrators who are not disabled.
    pub fn administrators(&self) -> impl Iterator<Item = &Member> {
        self.members
            .values()
            .filter(|member| member.id.is_person() && !member.disabled && member.role == ServerRole::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_its_kind_and_nothing_else_is_one() {
        let unique = "01hzx3k9d0q4w8r2t6y1v5b7n3";
        for kind in [PrincipalKind::Person, PrincipalKind::Service, PrincipalKind::Group] {
            assert_eq!(PrincipalId::new(kind, unique).unwrap().kind(), kind);
        }
        assert_eq!(PrincipalId::everyone().kind(), PrincipalKind::Everyone);
        assert_eq!(PrincipalId::local().kind(), PrincipalKind::Person);
        assert!(PrincipalId::new(PrincipalKind::Everyone, unique).is_err());
        for bad in ["", "p-", "p-01", "x-01hzx3k9d0q4w8r2t6y1v5b7n3", "P-01hzx3k9d0q4w8r2t6y1v5b7n3", "ada"] {
            assert!(bad.parse::<PrincipalId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn whoever_acted_before_there_were_people_is_the_local_person() {
        let before: Actor = "ada".parse().unwrap();
        assert_eq!(PrincipalId::of(&before), PrincipalId::local());
        let person = PrincipalId::new(PrincipalKind::Person, "01hzx3k9d0q4w8r2t6y1v5b7n3").unwrap();
        assert_eq!(PrincipalId::of(&person.actor()), person);
    }
}

//! People and services as the journal knows them: by ids, with their roles on the server. The local person has a row only
//! once something of them was changed.

use std::collections::BTreeMap;

use domain::event::Event;
use domain::principal::{Directory, Member, Membership, PrincipalId};
use rusqlite::{Connection, params};

use super::entered::Entered;
use super::rows::{count, execute, record, records, to_json};
use crate::store::{Reading, StoreError};

pub(in crate::store) const TABLE: &str = "
CREATE TABLE principals (
    id     TEXT PRIMARY KEY,
    record TEXT NOT NULL
);
";

pub(super) fn save(connection: &Connection, entered: &Entered<'_>) -> Result<(), StoreError> {
    let (Event::MemberAdded { member, .. } | Event::MemberChanged { member }) = &entered.entry.event else {
        return Ok(());
    };
    execute(
        connection,
        "INSERT OR REPLACE INTO principals (id, record) VALUES (?, ?)",
        params![member.id.as_str(), to_json("principals", member)?],
    )
}

impl Reading<'_> {
    /// A person or a service, disabled or not.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn member(&self, id: &PrincipalId) -> Result<Option<Member>, StoreError> {
        let found = record(self.0, "principals", "SELECT record FROM principals WHERE id = ?", [id.as_str()])?;
        Ok(found.or_else(|| Directory::default().members.remove(id)))
    }

    /// True while the local person is alone: nobody was ever invited, and there is no group and no service.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn is_alone(&self) -> Result<bool, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM principals WHERE id != ?1) + (SELECT count(*) FROM groups)";
        Ok(count(self.0, sql, [PrincipalId::LOCAL])? == 0)
    }

    /// The groups that somebody belongs to.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn groups_of(&self, id: &PrincipalId) -> Result<Vec<Membership>, StoreError> {
        let sql =
            "SELECT json_object('group', id, 'breaks_glass', json(iif(record ->> 'breaks_glass', 'true', 'false')))
                   FROM groups WHERE EXISTS (SELECT 1 FROM json_each(record, '$.members') WHERE value = ?)";
        records(self.0, "groups", sql, [id.as_str()])
    }

    /// Everybody there is.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn directory(&self) -> Result<Directory, StoreError> {
        let members: Vec<Member> = records(self.0, "principals", "SELECT record FROM principals", [])?;
        let mut directory = Directory::default();
        directory.members.extend(members.into_iter().map(|member| (member.id.clone(), member)));
        let groups = self.groups()?.into_iter().map(|group| (group.id.clone(), group));
        directory.groups = groups.collect::<BTreeMap<_, _>>();
        Ok(directory)
    }
}

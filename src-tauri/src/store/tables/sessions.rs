//! Sessions in browsers, found by the hash of what the browser sends; that itself stands nowhere.

use domain::id::SessionId;
use domain::principal::PrincipalId;
use domain::session::SignInMethod;
use domain::sign_in::SessionSpan;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::beside::{self, Beside, By, SESSIONS};
use crate::store::{Reading, StoreError, Writing};

/// A session of somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Names it.
    pub id: SessionId,
    /// SHA-256 of what the browser sends, in hexadecimal.
    pub hash: String,
    /// The person.
    pub person: PrincipalId,
    /// Beginning and last request.
    pub span: SessionSpan,
    /// The time at which they last showed what only they know.
    pub signed_in_at: Timestamp,
    /// The way in which they signed in.
    pub with: SignInMethod,
    /// The browser, as it calls itself.
    pub agent: Option<String>,
}

impl SessionRow {
    /// True while it lets somebody in.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.span.is_open(self.with, now)
    }
}

impl Reading<'_> {
    /// The session for which the browser sends what has this hash, ended by time or not.
    ///
    /// # Errors
    /// Those of SQLite; the row was changed.
    pub fn session_with_hash(&self, hash: &str) -> Result<Option<SessionRow>, StoreError> {
        beside::one(self.0, SESSIONS, By::Key, hash)
    }

    /// A session, ended by time or not.
    ///
    /// # Errors
    /// As [`Reading::session_with_hash`].
    pub fn session(&self, id: &SessionId) -> Result<Option<SessionRow>, StoreError> {
        beside::one(self.0, SESSIONS, By::Id, id.as_str())
    }

    /// A person's sessions, oldest first.
    ///
    /// # Errors
    /// As [`Reading::session_with_hash`].
    pub fn sessions_of(&self, person: &PrincipalId) -> Result<Vec<SessionRow>, StoreError> {
        beside::many(self.0, SESSIONS, Some(person.as_str()))
    }

    /// Everybody's sessions.
    ///
    /// # Errors
    /// As [`Reading::session_with_hash`].
    pub fn sessions(&self) -> Result<Vec<SessionRow>, StoreError> {
        beside::many(self.0, SESSIONS, None)
    }
}

impl Writing<'_> {
    /// Writes a session, in the place of how it was before.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn put_session(&mut self, session: &SessionRow) -> Result<(), StoreError> {
        let (id, owner) = (session.id.as_str(), session.person.as_str());
        beside::put(&self.tx, SESSIONS, &Beside { id, key: Some(&session.hash), owner, record: session })
    }

    /// Removes a session.
    ///
    /// # Errors
    /// Those of SQLite.
    pub fn remove_session(&mut self, id: &SessionId) -> Result<(), StoreError> {
        beside::remove(&self.tx, SESSIONS, By::Id, id.as_str()).map(drop)
    }
}

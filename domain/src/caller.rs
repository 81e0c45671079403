//! The caller of a request: a person or a program on the other side of a door.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::id::{Actor, DeploymentId, SessionId, TokenId};

words! {
    /// The parts of a person's rights that an API token may carry.
    pub enum Scope {
        /// Reads.
        Read = "read",
        /// Predicts, and gets scoring code.
        Predict = "predict",
        /// Changes what runs, and registers models.
        Deploy = "deploy",
        /// Shares deployments.
        Share = "share",
        /// Does what an administrator does, but for what no token may do.
        Admin = "admin",
    }
}

impl Scope {
    /// True when a token with this scope may do what `scope` is asked for: whoever changes something also reads it.
    pub fn covers(self, scope: Self) -> bool {
        self == scope || scope == Self::Read && matches!(self, Self::Deploy | Self::Share | Self::Admin)
    }
}

/// Somebody who has been let in. Every request, every command and every entry that a command makes is on behalf of one.
///
/// Callers with the same actor share their idempotency keys; what a caller may do is asked of [`crate::access`] and
/// [`crate::action`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name that the journal gives them.
    pub actor: Actor,
    /// The way in which they came in.
    pub through: Through,
}

/// The ways in which somebody is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// They have the server's own token or its window: whoever sits at the machine.
    Machine,
    /// They have signed in.
    Session {
        /// The session.
        id: SessionId,
        /// The time at which they showed what only they know.
        signed_in_at: Timestamp,
    },
    /// They have an API token.
    Token {
        /// The token.
        id: TokenId,
        /// The part of their rights that it carries.
        scopes: BTreeSet<Scope>,
        /// The deployments that it is for; none when it is for all of theirs.
        deployments: Option<BTreeSet<DeploymentId>>,
    },
    /// The server carries out at its time what they asked for before.
    Schedule,
}

impl Caller {
    /// The caller at the machine whom the journal calls `actor`.
    pub fn new(actor: Actor) -> Self {
        Self { actor, through: Through::Machine }
    }
}

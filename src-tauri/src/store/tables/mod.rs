//! A file for each table: how it is made, how what the ledger has come to is saved in it, and how it is read.
//!
//! A row is its keys, and the rest as JSON in `record`: SQL finds rows, Rust reads them. What an entry means stands in
//! [`domain::ledger`]. Every table is saved from what all of them held before the entry ([`entered`]), so that it does not
//! matter in which order they are written.

pub mod admin_links;
pub mod api_tokens;
pub mod applications;
mod at_work;
pub(super) mod base;
pub(super) mod beside;
pub mod break_glass;
pub mod change_requests;
pub mod checks;
pub mod configurations;
pub mod deliveries;
pub mod deployments;
pub(super) mod entered;
pub mod freezes;
pub mod grants;
pub mod groups;
pub mod idempotency;
pub mod identities;
pub mod invitations;
pub mod journal;
pub(super) mod load;
pub mod models;
pub mod notice_preferences;
pub mod notices;
pub mod page_preferences;
pub mod policies;
pub mod principals;
pub mod profiles;
pub mod reminders;
pub mod replica_pasts;
pub mod replicas;
pub mod revisions;
pub mod rollouts;
pub(super) mod rows;
pub mod search;
pub mod secrets;
pub mod seen_by;
pub mod sessions;
pub mod sign_in_failures;
pub mod steps;
pub mod use_case_links;
pub mod use_cases;
pub mod webhooks;

use domain::event::Entry;
use rusqlite::Connection;
use serde::de::DeserializeOwned;

use super::StoreError;
use entered::Entered;
use rows::from_json;

/// Reads a record, and forgets what it says.
type Check = fn(&'static str, &str) -> Result<(), StoreError>;

/// Tables that the journal covers, each with what its records must be.
pub(super) const COVERED: &[(&str, Check)] = &[
    ("checks", check::<domain::ledger::CandidateCheck>),
    ("steps", check::<domain::ledger::RolloutStep>),
    ("replicas", check::<domain::replica::ReplicaRecord>),
    ("replica_pasts", check::<domain::ledger::ReplicaPast>),
    ("rollouts", check::<domain::ledger::Rollout>),
    ("revisions", check::<domain::ledger::Revision>),
    ("configurations", check::<configurations::ConfigurationRow>),
    ("deployments", check::<domain::ledger::Deployment>),
    ("models", check::<domain::model::RegisteredModel>),
    ("grants", check::<domain::access::Grant>),
    ("groups", check::<domain::principal::Group>),
    ("principals", check::<domain::principal::Member>),
    ("policies", check::<domain::policy::Policy>),
    ("freezes", check::<domain::freeze::Freeze>),
    ("change_requests", check::<domain::requested::Requested>),
    ("break_glass", check::<break_glass::BrokenGlass>),
    ("use_cases", check::<domain::use_case::UseCase>),
    ("use_case_links", check::<domain::use_case::UseCaseLink>),
    ("applications", check::<domain::application::Application>),
];

fn check<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<(), StoreError> {
    from_json::<T>(table, text).map(drop)
}

/// Saves in a table what an entry has changed of it.
pub(super) type Save = fn(&Connection, &Entered<'_>) -> Result<(), StoreError>;

/// One for each table that the journal covers, and for the secrets, which go with their deployment.
pub(super) const SAVED: [Save; 19] = [
    models::save,
    deployments::save,
    configurations::save,
    revisions::save,
    rollouts::save,
    steps::save,
    secrets::save,
    checks::save,
    replicas::save,
    replica_pasts::save,
    grants::save,
    groups::save,
    principals::save,
    policies::save,
    freezes::save,
    change_requests::save,
    break_glass::save,
    use_cases::save,
    use_case_links::save,
    applications::save,
];

/// Enters an entry in the ledger, and saves what it changes.
pub(super) fn apply(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let entered = load::entered(connection, entry)?;
    SAVED.iter().try_for_each(|save| save(connection, &entered))
}

//! The commands of an operator, one file each: check with `domain`, then one transaction writes intent and event.
//!
//! A refused command changes nothing. The engine is not called from here; the committed event wakes it.

mod act;
mod capacity;
mod compat;
mod create_configuration;
mod create_deployment;
mod credentials;
mod deactivate;
mod delete_deployment;
mod delete_model;
mod move_rollout;
mod patch_deployment;
mod quarantine;
mod refusal;
mod register_model;
mod rehearse;
mod relaunch;
mod remove_revision;
mod rollback;
mod start_check;
mod start_rollout;

pub use act::{Act, Expected, Machines, Moment};
pub use compat::{check_report, compare_models};
pub use create_configuration::{Selection, create_configuration};
pub use create_deployment::create_deployment;
pub use credentials::{issue_token, keys, regenerate_key, revoke_tokens, token_until};
pub use deactivate::deactivate;
pub use delete_deployment::delete_deployment;
pub use delete_model::delete_model;
pub use move_rollout::move_rollout;
pub use patch_deployment::patch_deployment;
pub use quarantine::{lift_quarantine, quarantine};
pub use refusal::Refusal;
pub use register_model::{Artifact, InspectedPackage, check_form, register_external, register_model};
pub use rehearse::rehearse;
pub use relaunch::{activate, relaunch};
pub use remove_revision::remove_revision;
pub use rollback::rollback;
pub use start_check::start_check;
pub use start_rollout::{Started, start_rollout};

use ulid::Ulid;

/// A new opaque id.
fn new_id() -> String {
    Ulid::new().to_string().to_lowercase()
}

/// Refuses a note or description that is too long.
fn check_text(field: &'static str, text: Option<&str>) -> Result<(), Refusal> {
    match text {
        Some(text) if text.chars().count() > 2_000 => {
            Err(Refusal::invalid(field, format!("{field} may hold at most 2,000 characters.")))
        }
        _ => Ok(()),
    }
}

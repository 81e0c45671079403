//! The commands of an operator, one file each: check with `domain`, then one transaction writes intent and event.
//!
//! A refused command changes nothing. The engine is not called from here; the committed event wakes it.

mod act;
mod admin_link;
mod api_tokens;
mod application;
mod arrange;
mod ask;
mod capacity;
mod carry_out;
mod clear_statistics;
mod compat;
mod create_configuration;
mod create_deployment;
mod credentials;
mod deactivate;
mod delete_deployment;
mod delete_model;
mod directory;
mod dismiss;
mod exact;
mod freezes;
mod gate;
mod gated;
mod glass;
mod groups;
mod invitations;
mod last_good;
mod let_out;
mod linked;
mod move_rollout;
mod notices;
mod patch_deployment;
mod people;
mod policies;
mod quarantine;
mod refusal;
mod register_model;
mod rehearse;
mod relaunch;
mod remind;
mod remove_revision;
mod request_sight;
mod request_title;
mod reviews;
mod rollback;
mod services;
mod sessions;
mod settle;
mod share;
mod start_check;
mod start_rollout;
mod tell;
mod use_cases;
mod webhooks;

pub use act::{Act, Expected, Machines, Moment};
pub use admin_link::{make_admin_link, use_admin_link};
pub use api_tokens::{api_token, api_tokens, issue_api_token, revoke_api_token};
pub use application::{delete_application, put_application};
pub use arrange::{arrange_deployments_page, deployments_page};
pub use ask::GateOutcome;
pub use clear_statistics::clear_statistics;
pub use compat::{check_report, compare_models};
pub use create_configuration::{Selection, create_configuration};
pub use create_deployment::{Created, create_deployment};
pub use credentials::{issue_token, keys, regenerate_key, revoke_tokens, token_until};
pub use deactivate::deactivate;
pub use delete_deployment::delete_deployment;
pub use delete_model::delete_model;
pub use directory::{allow_own_account, allow_reading, name_of_principal, people, person, principals, services};
pub use dismiss::dismiss_failure;
pub use exact::rollout_of;
pub use freezes::{change_freeze, create_freeze, delete_freeze, lift_freeze};
pub use glass::acknowledge;
pub use groups::{change_group, create_group, delete_group, groups};
pub use invitations::{Newcomer, accept_invitation, greeting, invitation, invitations, invite, withdraw_invitation};
pub use linked::{
    Provider, admit, begin_errand, come_in, join_with_account, lapse, link, shown_again, unlink, unlink_person,
};
pub use move_rollout::move_rollout;
pub use notices::{change_notice_preferences, notice_preferences, notices, read_notices};
pub use patch_deployment::patch_deployment;
pub use people::{
    WaysIn, change_own, change_password, change_person, disable_person, enable_person, erase_person, first_password,
};
pub use policies::{change_policy, create_policy, delete_policy};
pub use quarantine::{lift_quarantine, quarantine};
pub use refusal::Refusal;
pub use register_model::{Artifact, InspectedPackage, check_form, register_external, register_model};
pub use rehearse::rehearse;
pub use relaunch::{activate, relaunch};
pub use remind::{LaneTrouble, Reminders, forget_reminders, tell_trouble};
pub use remove_revision::remove_revision;
pub use request_sight::{Found, RequestSight};
pub use request_title::request_name;
pub use reviews::{apply_request, cancel_request, edit_request, rebase_request, review, withdraw_review};
pub use rollback::rollback;
pub use services::{change_service, create_service};
pub use sessions::{NewSession, begin_session, end_other_sessions, end_session, reauthenticate, sessions, sign_out};
pub use settle::{Judged, settle, settle_all};
pub use share::{give_role, put_access};
pub use start_check::start_check;
pub use start_rollout::{Started, start_rollout};
pub use tell::tell;
pub use use_cases::{SeenUseCase, change_use_case, create_use_case, delete_use_case, link_use_case, unlink_use_case};
pub use webhooks::{
    AskedDeliveries, change_webhook, create_webhook, delete_webhook, deliveries, delivery, no_such_webhook,
    rotate_secret, send_again, webhook, webhooks,
};

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

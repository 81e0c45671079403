//! People, groups, services, invitations and API tokens.

use domain::id::{InvitationId, TokenId};
use domain::principal::PrincipalId;
use domain::wire::{
    ApiTokenForm, ApiTokenView, GroupChange, GroupForm, GroupView, InvitationForm, InvitationView, PersonChange,
    PersonView, PrincipalView, ServiceChange, ServiceForm, ServiceView,
};
use serde_json::json;

use super::Failure;

/// Everybody who can be named, with their names.
pub(crate) async fn principals() -> Result<Vec<PrincipalView>, Failure> {
    super::all("/principals").await
}

/// Every person.
pub(crate) async fn list() -> Result<Vec<PersonView>, Failure> {
    super::all("/people").await
}

/// Changes a person's name or role on the server.
pub(crate) async fn change(id: &PrincipalId, change: &PersonChange) -> Result<(), Failure> {
    super::patch(&format!("/people/{id}"), change).await
}

/// Something that is done with a person in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PersonStep {
    /// Nobody lets them in any more.
    Disable,
    /// They are let in again.
    Enable,
    /// Their name and address are forgotten.
    Erase,
    /// Their account at the identity provider lets them in no more.
    Unlink,
}

/// Disables, enables, erases or unlinks a person.
pub(crate) async fn step(id: &PrincipalId, step: PersonStep) -> Result<(), Failure> {
    let word = match step {
        PersonStep::Disable => "disable",
        PersonStep::Enable => "enable",
        PersonStep::Erase => "erase",
        PersonStep::Unlink => return super::delete(&format!("/people/{id}/identity")).await,
    };
    super::tell(&format!("/people/{id}/{word}"), &json!({})).await
}

/// Every group.
pub(crate) async fn groups() -> Result<Vec<GroupView>, Failure> {
    super::all("/groups").await
}

/// Makes a group.
pub(crate) async fn create_group(group: &GroupForm) -> Result<(), Failure> {
    super::tell("/groups", group).await
}

/// Changes a group's name or members.
pub(crate) async fn change_group(id: &PrincipalId, change: &GroupChange) -> Result<(), Failure> {
    super::patch(&format!("/groups/{id}"), change).await
}

/// Removes a group.
pub(crate) async fn delete_group(id: &PrincipalId) -> Result<(), Failure> {
    super::delete(&format!("/groups/{id}")).await
}

/// Every service.
pub(crate) async fn services() -> Result<Vec<ServiceView>, Failure> {
    super::all("/services").await
}

/// Makes a service.
pub(crate) async fn create_service(service: &ServiceForm) -> Result<(), Failure> {
    super::tell("/services", service).await
}

/// Changes a service.
pub(crate) async fn change_service(id: &PrincipalId, change: &ServiceChange) -> Result<(), Failure> {
    super::patch(&format!("/services/{id}"), change).await
}

/// The invitations that nobody has accepted yet.
pub(crate) async fn invitations() -> Result<Vec<InvitationView>, Failure> {
    super::all("/invitations").await
}

/// Invites somebody; the answer alone holds the link.
pub(crate) async fn invite(form: &InvitationForm) -> Result<InvitationView, Failure> {
    super::post("/invitations", form).await
}

/// Takes an invitation back.
pub(crate) async fn withdraw_invitation(id: &InvitationId) -> Result<(), Failure> {
    super::delete(&format!("/invitations/{id}")).await
}

/// The API tokens of the person who asks, and of services where they are an administrator.
pub(crate) async fn tokens() -> Result<Vec<ApiTokenView>, Failure> {
    super::all("/tokens").await
}

/// Makes an API token; the answer alone holds it.
pub(crate) async fn create_token(form: &ApiTokenForm) -> Result<ApiTokenView, Failure> {
    super::post("/tokens", form).await
}

/// Revokes an API token.
pub(crate) async fn revoke_token(id: &TokenId) -> Result<(), Failure> {
    super::delete(&format!("/tokens/{id}")).await
}

//! What people know and decide of themselves: name, address, password, sessions, and the arrangement of their pages.

use domain::id::SessionId;
use domain::page_preferences::DeploymentsPage;
use domain::wire::{NewPassword, OwnChange, PersonView, SessionView};

use super::Failure;

/// The person who asks.
pub(crate) async fn read() -> Result<PersonView, Failure> {
    super::get("/me").await
}

/// Changes one's own name or address.
pub(crate) async fn change(change: &OwnChange) -> Result<(), Failure> {
    super::patch("/me", change).await
}

/// Gives oneself a password.
pub(crate) async fn set_password(password: &NewPassword) -> Result<(), Failure> {
    super::tell("/me/password", password).await
}

/// One's own sessions.
pub(crate) async fn sessions() -> Result<Vec<SessionView>, Failure> {
    super::all("/sessions").await
}

/// Ends one session.
pub(crate) async fn end_session(id: &SessionId) -> Result<(), Failure> {
    super::delete(&format!("/sessions/{id}")).await
}

/// Ends all sessions but this one.
pub(crate) async fn end_other_sessions() -> Result<(), Failure> {
    super::delete("/sessions").await
}

/// How one has arranged the list of deployments.
pub(crate) async fn deployments_page() -> Result<DeploymentsPage, Failure> {
    super::get("/me/deployments-page").await
}

/// Arranges the list of deployments.
pub(crate) async fn arrange_deployments_page(page: &DeploymentsPage) -> Result<(), Failure> {
    super::put("/me/deployments-page", page).await
}

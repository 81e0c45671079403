//! Signing in, again, and out; joining by an invitation.

use domain::wire::{AcceptInvitation, Greeting, PeekInvitation, Reauthenticate, Secret, Session, SignIn};

use super::Failure;

/// The session of whoever is signed in.
pub(crate) async fn read() -> Result<Session, Failure> {
    super::get("/session").await
}

/// Trades a token, a password or a link for a cookie that scripts cannot read.
pub(crate) async fn sign_in(with: SignIn) -> Result<Session, Failure> {
    super::post("/session", &SignIn { root: Some(super::root().to_owned()), ..with }).await
}

/// Shows once more who one is.
pub(crate) async fn sign_in_again(with: &Reauthenticate) -> Result<(), Failure> {
    super::tell("/session/reauthenticate", with).await
}

/// Ends the session, and forgets the cookie.
pub(crate) async fn sign_out() -> Result<(), Failure> {
    super::delete(&format!("/session?root={}", super::escape(super::root()))).await
}

/// An invitation, without using it up.
pub(crate) async fn greeting(secret: &str) -> Result<Greeting, Failure> {
    super::ask("/invitations/peek", &PeekInvitation { secret: Secret::new(secret) }).await
}

/// Accepts an invitation; whoever did is signed in.
pub(crate) async fn join(form: AcceptInvitation) -> Result<Session, Failure> {
    super::post("/invitations/accept", &AcceptInvitation { root: Some(super::root().to_owned()), ..form }).await
}

//! The identity provider: which one there is, going there, and coming back.

use domain::wire::{Errand, ErrandDone, ErrandStarted, FinishErrand, ProviderView, Secret, StartErrand};

use super::Failure;

/// The identity provider, where one is configured.
pub(crate) async fn read() -> Result<ProviderView, Failure> {
    super::get("/session/oidc").await
}

/// The address at which one signs in there.
pub(crate) async fn start(errand: Errand, invitation: Option<String>) -> Result<String, Failure> {
    let root = Some(super::root().to_owned());
    let started = StartErrand { errand, invitation: invitation.map(Secret::new), root };
    let ErrandStarted { location } = super::ask("/session/oidc/start", &started).await?;
    Ok(location)
}

/// Comes back with what the provider gave; what one went for.
pub(crate) async fn finish(back: FinishErrand) -> Result<Errand, Failure> {
    let root = Some(super::root().to_owned());
    let ErrandDone { errand } = super::ask("/session/oidc/callback", &FinishErrand { root, ..back }).await?;
    Ok(errand)
}

/// Has the account there let one in no more.
pub(crate) async fn unlink() -> Result<(), Failure> {
    super::delete("/me/identity").await
}

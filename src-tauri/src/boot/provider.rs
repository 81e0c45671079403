//! The identity provider of the settings.

use std::sync::Arc;

use crate::api::Vouching;
use crate::config::OidcSettings;
use crate::oidc::{NamedClaims, Oidc, OidcError, ProviderSettings};

/// It, and whom it lets in. Nothing is asked of it yet.
///
/// # Errors
/// Those of [`Oidc::new`].
pub(super) fn vouching(settings: &OidcSettings) -> Result<Vouching, OidcError> {
    let OidcSettings { name, issuer, client_id, client_secret, scopes, groups_claim, domain_claim, admission } =
        settings.clone();
    let claims = NamedClaims { groups: groups_claim, domain: domain_claim };
    let oidc = Oidc::new(ProviderSettings { name, issuer, client_id, client_secret, scopes, claims })?;
    Ok(Vouching { provider: Arc::new(oidc), admission })
}

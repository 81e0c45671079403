//! Speaks OpenID Connect with the identity provider: the code flow, with PKCE, state and nonce.
//!
//! # Guarantees
//!
//! - What the provider says of somebody is believed when its token is signed with one of its keys by an algorithm that needs
//!   a key pair, names this provider, this client and this way, and has not expired; and when what it says further
//!   ([`claims`]) is of the same subject.
//! - The provider is asked only when somebody signs in. Nothing else waits for it, and what it sends has bounds
//!   ([`client`]).
//! - An address is believed only where the provider has verified it.

mod claims;
mod client;
mod known;

use std::time::Duration;

use domain::provider::Vouched;
use domain::secret::Secret;
use domain::sign_in::PROVIDER_HOURS;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreIdTokenVerifier,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields,
    IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse as _, UserInfoError,
};

use crate::api::{IdentityProvider, SetOut, Unvouched};
pub use claims::NamedClaims;
use claims::{Claims, UserInfo, vouched};
use client::{HttpError, Web};
use known::{Knowledge, Known};

/// The age of a sign-in at the provider beyond which it asks anew who somebody is.
const OLDEST_SIGN_IN: Duration = Duration::from_secs(PROVIDER_HOURS.unsigned_abs() * 60 * 60);
/// Algorithms by which a token may be signed: each with a key that the provider alone has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Longest name of somebody at the provider, in bytes: what the standard allows.
const LONGEST_SUBJECT: usize = 255;

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type TokenError = RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>;
type Client = openidconnect::Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The settings of the client.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The provider's name, for people to read.
    pub name: String,
    /// Its address, character for character as it names itself.
    pub issuer: String,
    /// The name under which it knows this server.
    pub client_id: String,
    /// The secret that this server has there; none for a client that has none.
    pub client_secret: Option<Secret>,
    /// Everything that it is asked to say, `openid` aside.
    pub scopes: Vec<String>,
    /// The claims that name somebody's groups and domain, where there are such.
    pub claims: NamedClaims,
}

/// The client of an identity provider.
pub struct Oidc {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    web: Web,
    knowledge: Knowledge,
}

/// The reasons for which there is no client.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The issuer is no address.
    #[error("the issuer of [oidc] is no address: {0}")]
    Issuer(String),
    /// No certificate is trusted.
    #[error("the certificates that this machine trusts cannot be read, so no identity provider can be asked: {0}")]
    Certificates(#[from] std::io::Error),
}

impl Oidc {
    /// One that has not asked anything yet.
    ///
    /// # Errors
    /// [`OidcError`].
    pub fn new(settings: ProviderSettings) -> Result<Self, OidcError> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| OidcError::Issuer(error.to_string()))?;
        let web = Web::new(settings.issuer.starts_with("https:"))?;
        Ok(Self { settings, issuer, web, knowledge: Knowledge::default() })
    }

    /// What the provider says of itself, as far as it is recent.
    async fn known(&self) -> Result<std::sync::Arc<Known>, Unvouched> {
        self.knowledge.recent(&self.issuer, &self.web).await
    }

    fn client(&self, known: &Known) -> Client {
        let ProviderSettings { client_id, client_secret, .. } = &self.settings;
        let secret = client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        let client = Client::from_provider_metadata(known.metadata.clone(), ClientId::new(client_id.clone()), secret);
        let methods = known.metadata.token_endpoint_auth_methods_supported();
        let by_head = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        client.set_auth_type(if by_head { AuthType::BasicAuth } else { AuthType::RequestBody })
    }

    async fn begin(&self, redirect: &str, asks_again: bool) -> Result<SetOut, Unvouched> {
        let known = self.known().await?;
        let client = self.client(&known).set_redirect_uri(redirect_url(redirect)?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut asked =
            client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            asked = asked.add_scope(Scope::new(scope.clone()));
        }
        // Whoever is asked for a greatest age has to say when somebody showed who they are (OpenID Connect Core, 3.1.2.1).
        asked = match asks_again {
            true => asked.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO),
            false => asked.set_max_age(OLDEST_SIGN_IN),
        };
        let (location, state, nonce) = asked.url();
        Ok(SetOut {
            location: location.into(),
            state: Secret::new(state.into_secret()),
            nonce: Secret::new(nonce.secret().clone()),
            verifier: Secret::new(verifier.into_secret()),
        })
    }

    async fn vouch(&self, code: &Secret, redirect: &str, begun: &SetOut) -> Result<Vouched, Unvouched> {
        let known = self.known().await?;
        let client = self.client(&known).set_redirect_uri(redirect_url(redirect)?);
        let exchange = client.exchange_code(AuthorizationCode::new(code.reveal().to_owned()));
        let exchange = exchange.map_err(|error| Unvouched::Unavailable(error.to_string()))?;
        let verifier = PkceCodeVerifier::new(begun.verifier.reveal().to_owned());
        let tokens: Tokens = exchange.set_pkce_verifier(verifier).request_async(&self.web).await.map_err(no_tokens)?;
        let nonce = Nonce::new(begun.nonce.reveal().to_owned());
        let claims = match self.proven(&known, &tokens, &nonce) {
            // The provider may have other keys by now.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey
                | SignatureVerificationError::AmbiguousKeyId(_)
                | SignatureVerificationError::CryptoError(_),
            )) => {
                let known = self.knowledge.anew(&known, &self.issuer, &self.web).await?;
                self.proven(&known, &tokens, &nonce)
            }
            claims => claims,
        };
        let claims = claims.map_err(|error| Unvouched::Unproven(of_claims(&error)))?;
        let further = self.further(&client, &tokens, &claims).await?;
        Ok(vouched(&self.settings.issuer, &claims, further.as_ref(), &self.settings.claims))
    }

    /// What the token says of somebody, if it is one that the provider has made for this way.
    fn proven(
        &self,
        known: &Known,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<IdTokenClaims<Claims, CoreGenderClaim>, ClaimsVerificationError> {
        let other = |what: &str| ClaimsVerificationError::Other(what.to_owned());
        let client_id = ClientId::new(self.settings.client_id.clone());
        // A public client's, whatever the settings: no token is signed with the secret that both sides know.
        let verifier = CoreIdTokenVerifier::new_public_client(client_id, self.issuer.clone(), known.keys());
        let verifier = verifier.set_allowed_algs(ALGORITHMS);
        let token = tokens.id_token().ok_or_else(|| other("there is no ID token"))?;
        let claims = token.claims(&verifier, nonce)?;
        if claims.subject().is_empty() || claims.subject().len() > LONGEST_SUBJECT {
            return Err(other("its subject is nobody"));
        }
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err(other("it was made for another client"));
        }
        if let Some(expected) = claims.access_token_hash() {
            let unsigned = ClaimsVerificationError::SignatureVerification;
            let (algorithm, key) = (token.signing_alg().map_err(unsigned)?, token.signing_key(&verifier));
            let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key.map_err(unsigned)?);
            if hash.map_err(|_| other("the hash of the access token cannot be made"))? != *expected {
                return Err(other("it belongs to another access token"));
            }
        }
        Ok(claims.clone())
    }

    /// What the provider says further of the same subject, where it has a place for that.
    async fn further(
        &self,
        client: &Client,
        tokens: &Tokens,
        claims: &IdTokenClaims<Claims, CoreGenderClaim>,
    ) -> Result<Option<UserInfo>, Unvouched> {
        if client.user_info_url().is_none() {
            return Ok(None);
        }
        let unavailable = |what: &dyn std::fmt::Display| Unvouched::Unavailable(format!("userinfo: {what}"));
        let asked = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
        let asked = asked.map_err(|error| unavailable(&error))?;
        asked.request_async(&self.web).await.map(Some).map_err(|error| match error {
            UserInfoError::ClaimsVerification(ClaimsVerificationError::InvalidSubject(_)) => {
                Unvouched::Unproven("userinfo is of another subject than the ID token".to_owned())
            }
            UserInfoError::ClaimsVerification(error) => Unvouched::Unproven(format!("userinfo: {}", of_claims(&error))),
            UserInfoError::Request(error) => unavailable(&error),
            error => unavailable(&error),
        })
    }
}

impl IdentityProvider for Oidc {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    fn sign_out(&self) -> Option<String> {
        let known = self.knowledge.last()?;
        let mut url = known.metadata.additional_metadata().end_session_endpoint.as_ref()?.url().clone();
        url.query_pairs_mut().append_pair("client_id", &self.settings.client_id);
        Some(String::from(url)).filter(|url| self.web.may_ask(url))
    }

    fn begin<'a>(&'a self, redirect: &'a str, asks_again: bool) -> BoxFuture<'a, Result<SetOut, Unvouched>> {
        Self::begin(self, redirect, asks_again).boxed()
    }

    fn vouch<'a>(
        &'a self,
        code: &'a Secret,
        redirect: &'a str,
        begun: &'a SetOut,
    ) -> BoxFuture<'a, Result<Vouched, Unvouched>> {
        Self::vouch(self, code, redirect, begun).boxed()
    }
}

fn redirect_url(redirect: &str) -> Result<RedirectUrl, Unvouched> {
    RedirectUrl::new(redirect.to_owned()).map_err(|error| Unvouched::Unavailable(format!("the way back: {error}")))
}

/// The reason why a code was not traded, in the provider's words.
fn no_tokens(error: TokenError) -> Unvouched {
    match error {
        RequestTokenError::ServerResponse(refused) => {
            Unvouched::Unproven(format!("the code was refused: {}", refused.error().as_ref()))
        }
        RequestTokenError::Request(error) => Unvouched::Unavailable(format!("tokens: {error}")),
        error => Unvouched::Unavailable(format!("tokens: {error}")),
    }
}

/// What is wrong with a token, without what it says of somebody.
fn of_claims(error: &ClaimsVerificationError) -> String {
    match error {
        ClaimsVerificationError::InvalidNonce(_) => "the nonce is another one".to_owned(),
        ClaimsVerificationError::InvalidSubject(_) => "the subject is another one".to_owned(),
        ClaimsVerificationError::SignatureVerification(error) => format!("the signature: {error}"),
        error => error.to_string(),
    }
}

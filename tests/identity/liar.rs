//! An identity provider of our own, which says what a test wants, and misbehaves as it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::anyhow;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ring::{digest, hmac};
use serde_json::{Value, json};
use tests::identity::{CLIENT, SECRET};
use tests::program::free_address;
use tokio::task::JoinHandle;
use url::form_urlencoded;

/// The way in which a token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    /// With the key that the provider shows.
    Well,
    /// With another key.
    ByAnother,
    /// With the secret that the client has, as HS256.
    WithSecret,
    /// With the bytes of the public key as a secret, as HS256.
    WithPublicKey,
    /// Not at all.
    Not,
}

/// The way in which the provider describes itself, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Describes {
    /// As it is.
    Well,
    /// As another issuer.
    Another,
    /// With a script in the place of its page to sign in.
    Script,
    /// With an answer that is longer than anybody needs.
    Megabytes,
    /// With nothing, and the connection stays open.
    Never,
    /// With a way to somewhere else.
    Elsewhere,
}

/// What it says.
#[derive(Clone, Debug)]
pub(crate) struct Says {
    pub(crate) describes: Describes,
    pub(crate) signed: Signed,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) userinfo: Value,
    /// The whole answer in the place of tokens, if that is something else.
    pub(crate) instead: Option<(u16, String)>,
    /// The name of its key.
    pub(crate) kid: String,
}

struct Shared {
    issuer: String,
    key: EcdsaKeyPair,
    another: EcdsaKeyPair,
    says: Mutex<Says>,
    /// The forms in which tokens were asked for, and the paths that nothing leads to but its own answers.
    asked: Mutex<Vec<BTreeMap<String, String>>>,
}

/// The provider; it ends when it goes out of scope.
pub(crate) struct Liar {
    shared: Arc<Shared>,
    address: SocketAddr,
    serving: Option<JoinHandle<()>>,
}

fn key() -> anyhow::Result<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
    let document = document.map_err(|_| anyhow!("no key is to be had"))?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random);
    pair.map_err(|why| anyhow!("the key is none: {why}"))
}

fn coded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Liar {
    /// One that is not there yet.
    pub(crate) fn prepare() -> anyhow::Result<Self> {
        let address = free_address();
        let issuer = format!("http://{address}");
        let says = Says {
            describes: Describes::Well,
            signed: Signed::Well,
            header: json!({"alg": "ES256", "typ": "JWT", "kid": "one"}),
            claims: Value::Null,
            userinfo: Value::Null,
            instead: None,
            kid: "one".to_owned(),
        };
        let (key, another) = (key()?, key()?);
        let shared = Shared { issuer, key, another, says: Mutex::new(says), asked: Mutex::default() };
        Ok(Self { shared: Arc::new(shared), address, serving: None })
    }

    /// One that answers.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let mut liar = Self::prepare()?;
        liar.appears().await?;
        Ok(liar)
    }

    /// Begins to answer.
    pub(crate) async fn appears(&mut self) -> anyhow::Result<()> {
        let listener = tokio::net::TcpListener::bind(self.address).await?;
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/elsewhere", get(elsewhere).post(elsewhere))
            .route("/keys", get(keys))
            .route("/token", post(tokens))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(&self.shared));
        self.serving = Some(tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        }));
        Ok(())
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Changes what it says.
    pub(crate) fn says(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.shared.says.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Says of `sub` what an honest provider would, to somebody who came with this address.
    pub(crate) fn is_honest(&self, sub: &str, there: &reqwest::Url) {
        let nonce = there.query_pairs().find(|(name, _)| name == "nonce").map(|(_, value)| value.into_owned());
        let now = jiff::Timestamp::now().as_second();
        let claims = json!({"iss": self.issuer(), "sub": sub, "aud": CLIENT, "nonce": nonce, "iat": now, "exp": now + 300,
                            "groups": ["ml"]});
        self.says(|says| {
            says.signed = Signed::Well;
            says.header = json!({"alg": "ES256", "typ": "JWT", "kid": says.kid});
            says.claims = claims;
            says.userinfo = json!({"sub": sub, "name": "Somebody"});
            says.instead = None;
        });
    }

    /// The forms in which tokens were asked for.
    pub(crate) fn asked(&self) -> Vec<BTreeMap<String, String>> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

impl Shared {
    fn now_says(&self) -> Says {
        self.says.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn noted(&self, form: BTreeMap<String, String>) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(form);
    }

    fn token(&self, says: &Says) -> anyhow::Result<String> {
        let body = format!("{}.{}", coded(says.header.to_string()), coded(says.claims.to_string()));
        let random = SystemRandom::new();
        let with =
            |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), body.as_bytes()).as_ref().to_vec();
        let by = |key: &EcdsaKeyPair| {
            let signed = key.sign(&random, body.as_bytes()).map_err(|_| anyhow!("nothing was signed"))?;
            anyhow::Ok(signed.as_ref().to_vec())
        };
        let signature = match says.signed {
            Signed::Well => by(&self.key)?,
            Signed::ByAnother => by(&self.another)?,
            Signed::WithSecret => with(SECRET.as_bytes()),
            Signed::WithPublicKey => with(self.key.public_key().as_ref()),
            Signed::Not => Vec::new(),
        };
        Ok(format!("{body}.{}", coded(signature)))
    }
}

async fn describe(State(shared): State<Arc<Shared>>) -> Response {
    let issuer = &shared.issuer;
    let mut description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
    });
    match shared.now_says().describes {
        Describes::Well => {}
        Describes::Another => description["issuer"] = "http://localhost:1".into(),
        Describes::Script => description["authorization_endpoint"] = "javascript:alert(1)".into(),
        Describes::Megabytes => description["more"] = "x".repeat(4 << 20).into(),
        Describes::Never => std::future::pending().await,
        Describes::Elsewhere => return Redirect::temporary("/elsewhere").into_response(),
    }
    Json(description).into_response()
}

/// Where nobody is to come who follows nothing.
async fn elsewhere(State(shared): State<Arc<Shared>>) -> Response {
    shared.noted([("followed".to_owned(), String::new())].into());
    StatusCode::NO_CONTENT.into_response()
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    // 0x04, then both coordinates.
    let point = shared.key.public_key().as_ref();
    let (x, y) = (coded(&point[1..33]), coded(&point[33..]));
    let kid = shared.now_says().kid;
    Json(json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y}]}))
}

async fn tokens(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> Response {
    let mut form: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    form.insert("authorization".to_owned(), authorization.to_owned());
    shared.noted(form);
    let says = shared.now_says();
    if let Some((status, body)) = &says.instead {
        let mut response = Response::new(Body::from(body.clone()));
        *response.status_mut() = StatusCode::from_u16(*status).unwrap_or_default();
        response.headers_mut().insert("content-type", axum::http::HeaderValue::from_static("application/json"));
        response.headers_mut().insert("location", axum::http::HeaderValue::from_static("/elsewhere"));
        return response;
    }
    match shared.token(&says) {
        Ok(token) => Json(json!({"access_token": "any", "token_type": "Bearer", "expires_in": 60, "id_token": token}))
            .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn userinfo(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.now_says().userinfo)
}

/// What stands in the claim `at_hash` for an access token.
pub(crate) fn hash_of(access_token: &str) -> String {
    let whole = digest::digest(&digest::SHA256, access_token.as_bytes());
    coded(&whole.as_ref()[..16])
}

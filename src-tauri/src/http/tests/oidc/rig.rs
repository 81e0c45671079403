//! A provider that says what a test wants, and a few words to go there and back with.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Body;
use domain::provider::{Account, Admission, Newcomers, Vouched};
use domain::secret::Secret;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::door::Who;
use super::super::rig::{Reply, Rig, rig_vouched};
use crate::api::{IdentityProvider, SetOut, Unvouched, Vouching};
use crate::clock::Clock;

pub(super) const ISSUER: &str = "https://login.example";

/// What it says next, and what it was asked.
pub(super) struct Told {
    says: Mutex<Result<Vouched, Unvouched>>,
    away: Mutex<bool>,
    /// How often it was asked for a way there, and whether that was to ask again.
    begun: Mutex<Vec<bool>>,
    /// It does not say when somebody showed who they are; else it was just now, where a test says nothing else.
    silent: Mutex<bool>,
    clock: OnceLock<Clock>,
}

impl IdentityProvider for Told {
    fn name(&self) -> &str {
        "Example"
    }

    fn issuer(&self) -> &str {
        ISSUER
    }

    fn sign_out(&self) -> Option<String> {
        Some(format!("{ISSUER}/end"))
    }

    fn begin<'a>(&'a self, redirect: &'a str, asks_again: bool) -> BoxFuture<'a, Result<SetOut, Unvouched>> {
        assert_eq!(redirect, "http://127.0.0.1:7070/api/v1/session/oidc/callback");
        if *self.away.lock().unwrap() {
            return async { Err(Unvouched::Unavailable("nobody is there".to_owned())) }.boxed();
        }
        let mut begun = self.begun.lock().unwrap();
        begun.push(asks_again);
        let secret = |name: &str| Secret::new(format!("{name} {}", begun.len()));
        let (state, nonce, verifier) = (secret("state"), secret("nonce"), secret("verifier"));
        let location = format!("{ISSUER}/authorize");
        async { Ok(SetOut { location, state, nonce, verifier }) }.boxed()
    }

    fn vouch<'a>(
        &'a self,
        code: &'a Secret,
        _: &'a str,
        begun: &'a SetOut,
    ) -> BoxFuture<'a, Result<Vouched, Unvouched>> {
        assert_eq!(code.reveal(), "the code");
        assert_eq!(begun.verifier.reveal().replace("verifier", ""), begun.state.reveal().replace("state", ""));
        let mut says = self.says.lock().unwrap().clone();
        if let (Ok(vouched), false) = (&mut says, *self.silent.lock().unwrap()) {
            vouched.authenticated_at.get_or_insert(self.clock.get().unwrap().now());
        }
        async { says }.boxed()
    }
}

/// A server with such a provider.
pub(super) struct Door {
    pub(super) rig: Rig,
    pub(super) told: Arc<Told>,
}

/// Somebody at the provider: their subject there, and the groups that it names.
pub(super) fn somebody(sub: &str, groups: &[&str]) -> Vouched {
    Vouched {
        subject: Account { issuer: ISSUER.to_owned(), sub: sub.to_owned() },
        name: Some(format!("{sub} at Example")),
        email: None,
        domain: None,
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        authenticated_at: None,
    }
}

/// Lets in whoever belongs to the group `ml`; members of `chiefs` are administrators.
pub(super) fn allowing() -> Admission {
    Admission {
        newcomers: Newcomers::Allowed,
        admin_group: Some("chiefs".to_owned()),
        allowed_groups: BTreeSet::from(["ml".to_owned()]),
        allowed_domains: BTreeSet::new(),
    }
}

pub(super) fn vouched_by(admission: Admission, closed: bool) -> Door {
    let told = Arc::new(Told {
        says: Mutex::new(Err(Unvouched::Unproven("nothing was said".to_owned()))),
        away: Mutex::default(),
        begun: Mutex::default(),
        silent: Mutex::default(),
        clock: OnceLock::new(),
    });
    let vouching = Vouching { provider: told.clone(), admission };
    let rig = rig_vouched(vouching, closed);
    told.clock.set(rig.clock.clone()).unwrap();
    Door { rig, told }
}

/// Somebody who is on their way, in their browser.
#[derive(Clone)]
pub(super) struct Gone {
    pub(super) cookie: String,
    pub(super) state: String,
}

impl Door {
    /// The provider is away, or is back.
    pub(super) fn away(&self, away: bool) {
        *self.told.away.lock().unwrap() = away;
    }

    /// The provider says from now on not when somebody showed who they are.
    pub(super) fn is_silent(&self) {
        *self.told.silent.lock().unwrap() = true;
    }

    /// The provider says this from now on.
    pub(super) fn says(&self, says: Result<Vouched, Unvouched>) {
        *self.told.says.lock().unwrap() = says;
    }

    /// Whether each of those who went was to be asked again.
    pub(super) fn begun(&self) -> Vec<bool> {
        self.told.begun.lock().unwrap().clone()
    }

    pub(super) async fn start(&self, who: &Who, body: Value) -> Reply {
        self.rig.by(who, "POST", "/session/oidc/start", body).await
    }

    /// Goes there.
    pub(super) async fn goes(&self, who: &Who, body: Value) -> Gone {
        let reply = self.start(who, body).await;
        assert_eq!(reply.is(200)["location"], format!("{ISSUER}/authorize"));
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        Gone { cookie, state: format!("state {}", self.begun().len()) }
    }

    /// Comes back with `more` beside the state, in the browser of whoever went, who shows `who` too.
    pub(super) async fn comes(&self, gone: &Gone, who: Option<&Who>, more: Value) -> Reply {
        let mut body = json!({"state": gone.state});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let nobody = Who::nobody();
        let mut request = self.rig.request_by(who.unwrap_or(&nobody), "POST", "/session/oidc/callback", body);
        let shown = request.headers().get("cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        let both = [Some(gone.cookie.clone()), shown].into_iter().flatten().collect::<Vec<_>>().join("; ");
        request.headers_mut().insert("cookie", both.parse().unwrap());
        self.rig.send(request).await
    }

    /// Goes there and comes back with the code.
    pub(super) async fn visits(&self, who: Option<&Who>, body: Value) -> Reply {
        let gone = self.goes(who.unwrap_or(&Who::nobody()), body).await;
        self.comes(&gone, who, json!({"code": "the code"})).await
    }

    /// Signs in as somebody of whom the provider says this.
    pub(super) async fn signs_in(&self, says: Vouched) -> Reply {
        self.says(Ok(says));
        self.visits(None, json!({"errand": "sign_in"})).await
    }

    /// The role of a person, as an administrator sees it.
    pub(super) async fn role(&self, id: &str) -> String {
        let people = self.rig.read_by(&Who::local(), "/people").await.is(200);
        let people = people["items"].as_array().unwrap().clone();
        people.iter().find(|person| person["id"] == id).unwrap()["role"].as_str().unwrap().to_owned()
    }

    /// The kinds of entries, newest first.
    pub(super) async fn kinds(&self) -> Vec<String> {
        let history = self.rig.read_by(&Who::local(), "/history").await.is(200);
        let items = history["items"].as_array().unwrap().clone();
        items.iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.rig.now()
    }

    /// The page that the provider sends people back to, as it asks for it.
    pub(super) async fn sent_back(&self, query: &str) -> Reply {
        let request = axum::http::Request::builder().uri(format!("/api/v1/session/oidc/callback?{query}"));
        self.rig.send(request.header("host", super::super::rig::HOST).body(Body::empty()).unwrap()).await
    }
}

/// The id of whoever has come in.
pub(super) async fn id_of(rig: &Rig, who: &Who) -> String {
    rig.read_by(who, "/session").await.is(200)["id"].as_str().unwrap().to_owned()
}

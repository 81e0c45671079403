//! Messages to webhooks, signed as *Standard Webhooks* 1.0 says.

use std::sync::OnceLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::notice::{DeliveryState, Said, Topic};
use domain::secret::Secret;
use domain::webhook::SECRET_PREFIX;
use domain::wire::TryAnswer;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use rustls::crypto::ring;
use sha2::Sha256;

use super::address::{PublicNames, Target, public_addresses, target};
use super::attempt::{AttemptOutcome, shown};
use super::letter;
use crate::cause::innermost;
use crate::config::HostAndPort;
use crate::store::tables::deliveries::{Lane, OutboxMessage};
use crate::store::tables::webhooks::WebhookRow;

/// The time that a receiver has to answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// The time in which the text of its answer is waited for.
const BODY: Duration = Duration::from_secs(2);
/// The part of an answer that is read, in bytes.
const READ: usize = 4 << 10;

type Guarded = Client<HttpsConnector<HttpConnector<PublicNames>>, Full<Bytes>>;
type Free = Client<HttpsConnector<HttpConnector<GaiResolver>>, Full<Bytes>>;

/// Calls webhooks. No redirect is followed, no proxy is asked, and no connection is kept.
pub(super) struct WebhookCaller {
    allowed: Vec<HostAndPort>,
    /// Made when the first message is sent: until then nobody reads the certificates that this machine trusts.
    clients: OnceLock<Clients>,
}

/// Those that connect.
struct Clients {
    guarded: Guarded,
    /// For receivers that the settings allow.
    free: Free,
}

impl Clients {
    fn new() -> Result<Self, String> {
        let client = || Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).to_owned();
        let guarded = client().build(connector(HttpConnector::new_with_resolver(PublicNames))?);
        Ok(Self { guarded, free: client().build(connector(HttpConnector::new())?) })
    }
}

impl WebhookCaller {
    /// One for which these may have any address.
    pub(super) fn new(allowed: Vec<HostAndPort>) -> Self {
        Self { allowed, clients: OnceLock::new() }
    }

    fn clients(&self) -> Result<&Clients, String> {
        match self.clients.get() {
            Some(clients) => Ok(clients),
            None => Clients::new().map(|made| self.clients.get_or_init(|| made)),
        }
    }

    /// Refuses a URL to which nothing may be sent.
    ///
    /// # Errors
    /// A sentence.
    pub(super) async fn check(&self, url: &str) -> Result<(), String> {
        let target = target(url, &self.allowed)?;
        match target.url.host() {
            Some(url::Host::Domain(name)) if !target.allowed => {
                let looked_up = tokio::time::timeout(PATIENCE, public_addresses(name)).await;
                looked_up.unwrap_or_else(|_| Err(format!("{name} cannot be looked up in time."))).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Sends one message.
    pub(super) async fn send(
        &self,
        row: &WebhookRow,
        delivery: &OutboxMessage,
        said: &Said,
        base: &str,
        now: Timestamp,
    ) -> AttemptOutcome {
        let target = match target(&row.webhook.terms.url, &self.allowed) {
            Ok(target) => target,
            Err(why) => return AttemptOutcome::NotNow(why),
        };
        let body = letter::body(delivery, said, base).to_string();
        let request = match signed(&target, delivery.id.as_str(), body, &secrets(row, now), now) {
            Ok(request) => request,
            Err(why) => return AttemptOutcome::NotNow(why),
        };
        self.ask(&target, request).await
    }

    async fn ask(&self, target: &Target, request: Request<Full<Bytes>>) -> AttemptOutcome {
        let clients = match self.clients() {
            Ok(clients) => clients,
            Err(why) => return AttemptOutcome::Away(why),
        };
        let asked = match target.allowed {
            true => clients.free.request(request),
            false => clients.guarded.request(request),
        };
        let response = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return AttemptOutcome::Away(shown(&innermost(&error))),
            Err(_) => return AttemptOutcome::Away(format!("It did not answer within {} s.", PATIENCE.as_secs())),
        };
        let status = response.status();
        // Whatever cannot be read of it, or does not come soon, is not needed.
        let body = tokio::time::timeout(BODY, Limited::new(response.into_body(), READ).collect()).await;
        let text = body.ok().and_then(Result::ok).map(http_body_util::Collected::to_bytes);
        let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let answer = shown(&format!("{status} {text}"));
        match status {
            _ if status.is_success() => AttemptOutcome::Accepted(answer),
            StatusCode::GONE => AttemptOutcome::Gone(answer),
            _ if status.is_redirection() => AttemptOutcome::NotNow(format!("{answer} (redirects are not followed)")),
            _ => AttemptOutcome::NotNow(answer),
        }
    }

    /// Sends a message that says nothing but that messages arrive.
    pub(super) async fn try_out(&self, row: &WebhookRow, base: &str, now: Timestamp) -> TryAnswer {
        let said = Said {
            subject: "Messages from Changeover arrive".to_owned(),
            happened: "Somebody tried this webhook. This is what was sent.".to_owned(),
            why: None,
            next: None,
            path: "/notifications".to_owned(),
        };
        let Ok(id) = format!("try-{}", now.as_nanosecond()).parse() else {
            return TryAnswer { accepted: false, answer: String::new() };
        };
        let delivery = OutboxMessage {
            id,
            lane: Lane::Webhook(row.webhook.id.clone()),
            person: None,
            topic: Topic::ServerChanged,
            at: now,
            seq: None,
            deployment: None,
            said: said.clone(),
            state: DeliveryState::Waiting,
            attempts: 0,
            made_at: now,
            since: now,
            next_at: None,
            tried_at: None,
            answer: None,
        };
        self.send(row, &delivery, &said, base, now).await.tried()
    }
}

fn connector<R>(mut http: HttpConnector<R>) -> Result<HttpsConnector<HttpConnector<R>>, String> {
    http.enforce_http(false);
    http.set_connect_timeout(Some(PATIENCE));
    let builder = HttpsConnectorBuilder::new().with_provider_and_native_roots(ring::default_provider());
    let builder =
        builder.map_err(|error| format!("the certificates that this machine trusts cannot be read: {error}"))?;
    Ok(builder.https_or_http().enable_http1().wrap_connector(http))
}

/// The secrets that sign now.
fn secrets(row: &WebhookRow, now: Timestamp) -> Vec<&Secret> {
    let before = row.before.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
    [&row.secret].into_iter().chain(before).collect()
}

fn signed(
    target: &Target,
    id: &str,
    body: String,
    secrets: &[&Secret],
    now: Timestamp,
) -> Result<Request<Full<Bytes>>, String> {
    let seconds = now.as_second();
    let content = format!("{id}.{seconds}.{body}");
    let signatures = secrets.iter().map(|secret| signature(secret, &content)).collect::<Result<Vec<_>, _>>()?;
    Request::post(target.url.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, concat!("Changeover/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signatures.join(" "))
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| format!("No request can be made of this: {error}."))
}

fn signature(secret: &Secret, content: &str) -> Result<String, String> {
    let unusable = |_| "The secret of the webhook cannot be used. Make a new one.".to_owned();
    let key = secret.reveal().strip_prefix(SECRET_PREFIX).unwrap_or_default();
    let key = STANDARD.decode(key).map_err(unusable)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| "The secret has a wrong length.".to_owned())?;
    mac.update(content.as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        let secret = Secret::new("whsec_plJ3nmyCDGBKInavdOK15jsl");
        let body = r#"{"event_type":"ping","data":{"success":true}}"#;
        let target = target("https://example.com/", &[]).unwrap();
        let now = Timestamp::from_second(1_731_705_121).unwrap();
        let id = "msg_loFOjxBNrRLzqYUf";
        let request = signed(&target, id, body.to_owned(), &[&secret], now).unwrap();
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("webhook-signature"), "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
        assert_eq!((header("webhook-id").as_str(), header("webhook-timestamp").as_str()), (id, "1731705121"));
        let both = signed(&target, id, body.to_owned(), &[&secret, &Secret::new("whsec_AAAA")], now).unwrap();
        assert_eq!(both.headers()["webhook-signature"].to_str().unwrap().split(' ').count(), 2);
    }
}

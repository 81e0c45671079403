//! Several people before one door.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::rig::{HOST, Reply, Rig, TOKEN};
use crate::connection::PeerAddress;

/// Somebody, by what their requests show.
#[derive(Clone, Debug)]
pub(super) struct Who {
    shows: Option<(&'static str, String)>,
    from: Option<PeerAddress>,
}

impl Who {
    /// Somebody whom nobody knows.
    pub(super) fn nobody() -> Self {
        Self { shows: None, from: None }
    }

    /// Somebody with this token.
    pub(super) fn bearer(token: &str) -> Self {
        Self { shows: Some(("authorization", format!("Bearer {token}"))), from: None }
    }

    /// Whoever sits at the machine.
    pub(super) fn local() -> Self {
        Self::bearer(TOKEN)
    }

    /// Whoever has just come in, by their cookie.
    #[track_caller]
    pub(super) fn came_in(reply: &Reply) -> Self {
        reply.is(200);
        let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { shows: Some(("cookie", cookie)), from: None }
    }

    /// The same from somewhere else.
    pub(super) fn from(self, address: &str) -> Self {
        Self { from: Some(PeerAddress(address.parse().unwrap())), ..self }
    }
}

impl Rig {
    /// A request of `who`.
    pub(super) async fn by(&self, who: &Who, method: &str, path: &str, body: Value) -> Reply {
        self.send(self.request_by(who, method, path, body)).await
    }

    pub(super) fn request_by(&self, who: &Who, method: &str, path: &str, body: Value) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}")).header("host", HOST);
        if let Some((name, value)) = &who.shows {
            request = request.header(*name, value);
        }
        if let Some(from) = who.from {
            request = request.extension(from);
        }
        if body.is_null() {
            return request.body(Body::empty()).unwrap();
        }
        request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
    }

    pub(super) async fn read_by(&self, who: &Who, path: &str) -> Reply {
        self.by(who, "GET", path, Value::Null).await
    }

    /// What a link holds by which somebody is invited with this role.
    pub(super) async fn invite(&self, role: &str) -> String {
        self.invite_by(&Who::local(), role).await
    }

    async fn invite_by(&self, inviter: &Who, role: &str) -> String {
        let body = json!({"role": role, "own_name": "Lou", "own_email": "lou@example.org"});
        let link = self.by(inviter, "POST", "/invitations", body).await.is(201)["link"].clone();
        link.as_str().unwrap().rsplit_once("/join#").unwrap().1.to_owned()
    }

    /// Somebody called `name`, who has been invited with this role and has come in; their address is `NAME@example.org`.
    pub(super) async fn person(&self, name: &str, role: &str) -> (Who, String) {
        self.person_by(&Who::local(), name, role).await
    }

    /// The same, invited by somebody else.
    pub(super) async fn person_by(&self, inviter: &Who, name: &str, role: &str) -> (Who, String) {
        let secret = self.invite_by(inviter, role).await;
        let reply = self.by(&Who::nobody(), "POST", "/invitations/accept", joining(&secret, name)).await;
        (Who::came_in(&reply), reply.json()["id"].as_str().unwrap().to_owned())
    }
}

pub(super) fn password(name: &str) -> String {
    format!("{name} has a long one")
}

/// An acceptance of the invitation whose link holds `secret`.
pub(super) fn joining(secret: &str, name: &str) -> Value {
    json!({"secret": secret, "name": name, "email": format!("{name}@example.org"), "password": password(name)})
}

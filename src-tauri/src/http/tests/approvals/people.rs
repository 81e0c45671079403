//! People at the doors of one server, each with what only they may see.

use axum::body::Body;
use axum::http::Method;
use domain::caller::Caller;
use domain::event::Event;
use domain::principal::{Group, Member, PrincipalId, ServerRole};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::commands::Refusal;
use crate::http::tests::rig::{Reply, Rig, request, rig};
use crate::http::{Access, router};

/// A server where ada (an editor) owns `iris`, bob and cy (viewers) are the group *Risk*, and the local person is the
/// administrator.
pub(in crate::http::tests) struct Team {
    pub(in crate::http::tests) rig: Rig,
}

pub(super) const RISK: &str = "g-0000000000000000000000risk";

/// The id of a person, by the first letter of their name.
pub(in crate::http::tests) fn id(name: &str) -> PrincipalId {
    let unique: String = name.chars().cycle().take(26).collect();
    format!("p-{unique}").parse().unwrap()
}

impl Team {
    /// With `iris@1` deployed by ada and running.
    pub(in crate::http::tests) async fn new() -> Self {
        let rig = rig();
        let team = Self { rig };
        for (name, role) in [("ada", ServerRole::Editor), ("bob", ServerRole::Viewer), ("cy", ServerRole::Viewer)] {
            team.member(name, role, false);
        }
        team.group(&["bob", "cy"]);
        team.rig.register("iris", "iris-v1.onnx").await.is(201);
        team.rig.register("iris", "iris-v2.onnx").await.is(201);
        let body = json!({"name": "iris", "importance": "high", "default_access": "none",
                          "configuration": {"models": ["iris@1"], "replicas": 3}});
        team.post("ada", "/deployments", body).await.is(202);
        team.rig.complete(1);
        team
    }

    pub(in crate::http::tests) fn member(&self, name: &str, role: ServerRole, disabled: bool) {
        let member = Member { id: id(name), role, disabled, since: Some(Timestamp::UNIX_EPOCH) };
        self.enter(Event::MemberChanged { member });
    }

    pub(super) fn group(&self, members: &[&str]) {
        let members = members.iter().map(|name| id(name)).collect();
        self.enter(Event::GroupChanged {
            group: Group {
                id: RISK.parse().unwrap(),
                name: "Risk".to_owned(),
                members,
                breaks_glass: false,
                provider_group: None,
            },
        });
    }

    fn enter(&self, event: Event) {
        let local = PrincipalId::local().actor();
        let entered = self.rig.store.write(&local, self.rig.now(), |writing| {
            writing.append(None, event)?;
            Ok::<_, Refusal>(())
        });
        entered.unwrap();
    }

    /// The administrator's door, or that of a person.
    async fn send(
        &self,
        who: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        let actor = if who == "local" { PrincipalId::local().actor() } else { id(who).actor() };
        let door = router(self.rig.api.clone(), Access::Window(Caller::new(actor)));
        let mut request = request(method.as_str(), path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let (head, body) = door.oneshot(request.body(body).unwrap()).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: head.status, headers: head.headers, body }
    }

    pub(in crate::http::tests) async fn get(&self, who: &str, path: &str) -> Reply {
        self.send(who, Method::GET, path, &[], None).await
    }

    pub(in crate::http::tests) async fn post(&self, who: &str, path: &str, body: Value) -> Reply {
        self.send(who, Method::POST, path, &[], Some(body)).await
    }

    /// Nothing but the request, with an idempotency key.
    pub(super) async fn keyed(&self, who: &str, path: &str, key: &str) -> Reply {
        self.send(who, Method::POST, path, &[("idempotency-key", key)], Some(json!({}))).await
    }

    pub(in crate::http::tests) async fn with(&self, who: &str, method: Method, path: &str, body: Value) -> Reply {
        self.send(who, method, path, &[], Some(body)).await
    }

    /// A policy of the administrator: replacing on high or critical needs so many approvals of Risk.
    pub(super) async fn policy(&self, approvals: u32) -> String {
        let terms = json!({"name": "Risk", "actions": ["replace"], "importance": "above_moderate",
                           "reviewers": [RISK], "approvals": approvals});
        let view = self.post("local", "/policies", terms).await.is(201);
        view["policy"]["id"].as_str().unwrap().to_owned()
    }

    /// Ada asks for `iris@2`.
    pub(super) async fn ask(&self, apply: Value) -> Value {
        let body = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true, "apply": apply, "note": "better"});
        self.post("ada", "/deployments/iris/rollouts", body).await.is(202)
    }

    pub(super) async fn review(&self, who: &str, request: &Value, verdict: &str) -> Reply {
        let id = request["id"].as_str().unwrap();
        let body = json!({"verdict": verdict, "plan_hash": request["plan_hash"], "comment": "I looked"});
        self.post(who, &format!("/change-requests/{id}/reviews"), body).await
    }

    /// Everything that is kept is as it was written, and every hash the one of its plan.
    pub(super) async fn verify(&self) {
        let verified = self.get("local", "/history/verify").await.is(200);
        assert_eq!(verified["intact"], true, "{verified}");
    }

    pub(super) async fn request(&self, who: &str, request: &Value) -> Value {
        self.get(who, &format!("/change-requests/{}", request["id"].as_str().unwrap())).await.is(200)
    }
}

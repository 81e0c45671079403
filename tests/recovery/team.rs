//! A real server on which one person asks for changes and another one approves them.
//!
//! The deployment has one replica, and what is asked for changes its `user_config` alone, so that no process has to be
//! started for it.

use anyhow::{Context as _, bail, ensure};
use changeover::store::Store;
use domain::event::Event;
use domain::id::{RequestId, Seq};
use domain::principal::PrincipalId;
use domain::rollout::Phase;
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tests::program::until;
use tests::server::{Server, answer};

use crate::scene;

/// The server, and who approves on it.
pub(crate) struct Team {
    pub(crate) server: Server,
    reviewer: Newcomer,
    asked: u32,
}

/// Somebody who was invited.
pub(crate) struct Newcomer {
    pub(crate) id: PrincipalId,
    /// Their session, as their browser sends it.
    pub(crate) cookie: String,
}

/// A change that was asked for.
pub(crate) struct Asked {
    pub(crate) id: RequestId,
    pub(crate) plan_hash: String,
    /// The newest entry of the journal by then.
    pub(crate) seq: u64,
}

/// Invites somebody; what their link holds.
pub(crate) async fn invite(server: &Server, groups: &[&Value]) -> anyhow::Result<String> {
    let form = json!({"role": "viewer", "groups": groups, "own_name": "Ada", "own_email": "ada@example.org"});
    let made = server.post("/invitations", &form).await?;
    let (_, secret) = made["link"].as_str().and_then(|link| link.rsplit_once('#')).context("no link")?;
    Ok(secret.to_owned())
}

/// An acceptance by somebody of this name.
pub(crate) fn accepting(server: &Server, secret: &str, name: &str) -> RequestBuilder {
    let body = json!({"secret": secret, "name": name, "email": email(name), "password": password(name)});
    server.request_as(None, Method::POST, "/invitations/accept").json(&body)
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.org")
}

pub(crate) fn password(name: &str) -> String {
    format!("{name} has a long one")
}

impl Newcomer {
    /// Whoever sends this acceptance.
    pub(crate) async fn join(accepting: RequestBuilder) -> anyhow::Result<Self> {
        let response = accepting.send().await?;
        let cookie = response.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookie.unwrap_or_default().to_owned();
        let session: Value = response.json().await?;
        let id = session["id"].as_str().with_context(|| format!("nobody came in: {session}"))?.parse()?;
        Ok(Self { id, cookie })
    }
}

impl Team {
    /// With a policy by which each change of the running `iris` needs one approval.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let server = Server::start().await?;
        server.register("iris", "iris-v1.onnx").await?;
        server.deploy("iris", json!({"models": ["iris@1"], "replicas": 1, "max_queue_ms": 60_000})).await?;
        let secret = invite(&server, &[]).await?;
        let reviewer = Newcomer::join(accepting(&server, &secret, "bob")).await?;
        let policy = json!({"name": "Two pairs of eyes", "actions": ["replace"], "importance": "any",
                            "reviewers": [reviewer.id], "approvals": 1});
        server.post("/policies", &policy).await?;
        Ok(Self { server, reviewer, asked: 0 })
    }

    /// Asks for another change.
    pub(crate) async fn ask(&mut self, apply: Value) -> anyhow::Result<Asked> {
        self.asked += 1;
        let labels = [format!("setosa-{}", self.asked), "versicolor".to_owned(), "virginica".to_owned()];
        let change = json!({"set": {"user_config": {"labels": labels}}, "accept_warnings": true, "apply": apply});
        let view = self.server.post("/deployments/iris/rollouts", &change).await?;
        let text = |field: &str| view[field].as_str().with_context(|| format!("it was not asked for: {view}"));
        let (id, plan_hash) = (text("id")?.parse()?, text("plan_hash")?.to_owned());
        Ok(Asked { id, plan_hash, seq: scene::last_seq(&self.server).await? })
    }

    /// Asks for a change at a time, which is approved at once.
    pub(crate) async fn schedule(&mut self, at: Timestamp, not_after: Option<Timestamp>) -> anyhow::Result<Asked> {
        let mut apply = json!({"at": at});
        if let Some(not_after) = not_after {
            apply["not_after"] = json!(not_after);
        }
        let asked = self.ask(apply).await?;
        self.approve(&asked).await?;
        Ok(asked)
    }

    /// The other person's approval of it.
    pub(crate) fn approval(&self, asked: &Asked) -> RequestBuilder {
        let path = format!("/change-requests/{}/reviews", asked.id);
        let review = json!({"verdict": "approved", "plan_hash": asked.plan_hash});
        self.server.request_as(Some(&self.reviewer.cookie), Method::POST, &path).json(&review)
    }

    /// Has it approved.
    pub(crate) async fn approve(&self, asked: &Asked) -> anyhow::Result<()> {
        let answer = answer(self.approval(asked)).await?;
        ensure!(answer.status == 200, "{answer:?}");
        Ok(())
    }

    /// The request as it is shown.
    pub(crate) async fn view(&self, asked: &Asked) -> anyhow::Result<Value> {
        self.server.get(&format!("/change-requests/{}", asked.id)).await
    }

    /// Waits until it is in one of these states, and checks that it is in that one wholly: it was started exactly once,
    /// as it was approved, or nothing was started. The request as it is shown.
    pub(crate) async fn until_in(&self, states: &[&str], asked: &Asked) -> anyhow::Result<Value> {
        let look = async || {
            let view = self.view(asked).await?;
            Ok(states.iter().any(|state| view["state"] == *state).then_some(view))
        };
        let view = match until(&format!("the request being {states:?}"), look).await {
            Ok(view) => view,
            Err(error) => bail!("{error}: {:#}", self.view(asked).await?),
        };
        let rollout = self.server.until_over("iris").await?;
        ensure!(rollout["phase"] == "completed", "{rollout:#}");
        let events = scene::entries_after(&self.server, asked.seq).await?;
        let started = self.started(&events, asked)?;
        let reviews = view["reviews"].as_array().map_or(0, Vec::len);
        match view["state"].as_str() {
            Some("open") => ensure!(started == 0 && reviews == 0, "{started} were started: {view:#}"),
            Some("expired") => ensure!(started == 0, "{started} were started: {view:#}"),
            _ => ensure!(started == 1 && reviews == 1, "{started} were started: {view:#}"),
        }
        if let (Some(due), Some(ended)) = (time(&view["apply"]["at"]["at"]), time(&view["ended"]["at"])) {
            ensure!(ended >= due, "it ended before it was due: {view:#}");
        }
        let verified = self.server.command(&["history", "verify"]).await?;
        ensure!(verified.status == Some(0), "{verified:?}");
        Ok(view)
    }

    /// The number of rollouts among these entries. Each must be what was asked for, as it was approved.
    pub(crate) fn started(&self, events: &[Event], asked: &Asked) -> anyhow::Result<usize> {
        let mut started = 0;
        for event in events {
            let Event::RolloutStarted { plan_hash, warrant, .. } = event else { continue };
            let approval = warrant.approval.as_ref().context("a rollout was started that nobody approved")?;
            ensure!(
                approval.request == asked.id && *plan_hash == asked.plan_hash,
                "another one was started: {event:?}"
            );
            ensure!(approval.approvers == [self.reviewer.id.clone()], "approved by {:?}", approval.approvers);
            started += 1;
        }
        Ok(started)
    }

    /// The state in which a store has the request, which must be whole; none before it was asked for.
    pub(crate) fn state_in(&self, store: &Store, asked: &Asked) -> anyhow::Result<Option<String>> {
        let verified = store.read(|reading| reading.verify_history())?;
        ensure!(verified.intact, "{verified:?}");
        let Some(request) = store.read(|reading| reading.request(&asked.id))? else { return Ok(None) };
        let written = store.read(|reading| reading.entries_after(Seq(asked.seq), u32::MAX))?;
        let events: Vec<_> = written.iter().map(|one| Ok(one.read()?.entry.event)).collect::<anyhow::Result<_>>()?;
        // From the next request on, others are started.
        let end = events.iter().position(|event| matches!(event, Event::ChangeAsked { .. })).unwrap_or(events.len());
        let started = self.started(&events[..end], asked)?;
        let expected = match request.state.as_str() {
            "open" => (0, 0),
            "scheduled" => (1, 0),
            "applied" => (1, 1),
            other => bail!("it is {other}"),
        };
        ensure!((request.reviews.len(), started) == expected, "{started} rollouts in {request:?}");
        Ok(Some(request.state.to_string()))
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// True for the entry that starts a rollout.
pub(crate) fn starts(event: &Event) -> bool {
    matches!(event, Event::RolloutStarted { .. })
}

/// True for the entry that ends one.
pub(crate) fn completes(event: &Event) -> bool {
    matches!(event, Event::RolloutMoved { phase: Phase::Completed, .. })
}

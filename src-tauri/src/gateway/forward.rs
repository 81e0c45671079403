//! The way of one request: find the deployment, take a place at a replica, pass on, answer.
//!
//! Guarantees: a request is given to a second replica only when nothing of it was written to the
//! first. Whatever happens, the client gets an answer, and it is counted once.

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use http::request::Parts;
use http::{Request, Response, Version};
use hyper::body::{Body as _, Incoming};

use super::balance::{Choice, choose};
use super::body::{Body, Flow, ReplicaBody};
use super::client::{Client, Elapsed, Upload, after};
use super::deployment::{Deployment, Endpoint, Permit, RouteLimits};
use super::headers;
use super::link::{LinkOutcome, ReplicaLink};
use super::note::Note;
use super::problem::GatewayProblem;
use super::tally::Tallied;
use super::upload::BoundedBody;
use super::worker::Worker;
use crate::connection;

/// Answers a request.
pub(super) async fn answer(worker: Rc<Worker>, client: Rc<Client>, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = client.begin(&parts.headers, body);
    let mut response = match forward(&worker, &client, parts, body).await {
        Ok(response) => response,
        Err(refusal) => {
            client.end();
            let response = refusal.into_response().map(Body::own);
            client.note_refusal(refusal, response.body().size_hint().lower());
            response
        }
    };
    client.unread.answered(&mut response);
    response
}

async fn forward(
    worker: &Rc<Worker>,
    client: &Rc<Client>,
    mut parts: Parts,
    body: connection::RequestBody,
) -> Result<Response<Body>, GatewayProblem> {
    let began = Instant::now();
    let (name, path) = headers::split(&parts.uri).ok_or(GatewayProblem::UnknownDeployment)?;
    let deployment = worker.find(name)?;
    {
        let snapshot = deployment.snapshot.load();
        if let (Some(keeps), Some(recorder)) = (snapshot.keeps(), &worker.recorder) {
            let head = (&parts.method, path.path(), &parts.headers);
            client.note_in(Note::begin(recorder, &deployment, keeps, began, head));
        }
        snapshot.credential.check(&parts.headers, &worker.settings.clock)?;
    }
    if headers::wants_tunnel(&parts.method, &parts.headers) {
        return Err(GatewayProblem::UpgradeNotSupported);
    }
    let limit = worker.settings.max_body_bytes;
    if body.size_hint().lower() > limit {
        return Err(GatewayProblem::RequestTooLarge(limit));
    }
    headers::to_replica(&mut parts.headers, name);
    parts.uri = path;
    parts.version = Version::HTTP_11;
    parts.extensions.clear();
    let mut body = BoundedBody::new(body, &worker.settings, &worker.room, client);
    let route = deployment.snapshot.load().route;
    let there = match route {
        // Nobody waits for a body that will not be passed on.
        Some(limits) if limits.active && body.hold(after(began, limits.scoring_timeout)).await? => Instant::now(),
        _ => began,
    };
    let has_body = !body.is_end_stream();
    let request = Some(Request::from_parts(parts, body));
    let failed = Vec::new();
    Visit { worker, client, deployment: &deployment, request, has_body, began, there, waited: false, failed }
        .run()
        .await
}

/// A request on its way to a replica.
struct Visit<'a> {
    worker: &'a Rc<Worker>,
    client: &'a Rc<Client>,
    deployment: &'a Arc<Deployment>,
    /// Until it is given away.
    request: Option<Request<BoundedBody>>,
    has_body: bool,
    began: Instant,
    /// Time from which a replica could have had the request: its body is complete, or is passed on as it comes.
    there: Instant,
    waited: bool,
    /// Replicas that could not be connected to.
    failed: Vec<Arc<Endpoint>>,
}

impl Visit<'_> {
    async fn run(&mut self) -> Result<Response<Body>, GatewayProblem> {
        loop {
            let (permit, limits) = match self.enter().await {
                Ok(entered) => entered,
                Err(refusal) => {
                    if refusal.is_for_want_of_room() {
                        self.deployment.load.refused();
                    }
                    self.deployment.ended(None, refusal.outcome(), self.began.elapsed());
                    return Err(refusal);
                }
            };
            self.client.note(|note| note.asked(&permit.endpoint));
            if let Some(last) = self.failed.last() {
                last.counters.retried();
            }
            match self.ask(&permit, &limits).await {
                Ok(Some((response, link))) => return Ok(self.pass_back(response, link, permit)),
                Ok(None) => {
                    self.deployment.cool_down(&permit.endpoint, self.worker.settings.cool_down);
                    self.failed.push(permit.endpoint.clone());
                }
                Err(refusal) => {
                    if refusal.outcome() == Tallied::Failed {
                        self.deployment.judge(&permit.endpoint, None);
                    }
                    self.deployment.ended(Some(&permit.endpoint), refusal.outcome(), self.began.elapsed());
                    return Err(refusal);
                }
            }
        }
    }

    /// Takes a place at a replica, in line if need be.
    async fn enter(&mut self) -> Result<(Permit, RouteLimits), GatewayProblem> {
        loop {
            let choice = if self.deployment.queue.is_empty() { Some(self.choose()) } else { None };
            let limits = match choice {
                Some(Choice::Taken(permit, limits)) => return Ok((permit, limits)),
                Some(Choice::Withdrawn) => return Err(GatewayProblem::UnknownDeployment),
                Some(Choice::Deactivated) => return Err(GatewayProblem::Deactivated),
                Some(Choice::Changing) => {
                    tokio::task::yield_now().await;
                    continue;
                }
                Some(Choice::AllAvoided(limits)) => {
                    self.await_publication(&limits).await?;
                    continue;
                }
                Some(Choice::Busy(limits) | Choice::NothingReady(limits)) => limits,
                // Others wait already.
                None => match self.deployment.snapshot.load().route {
                    Some(limits) => limits,
                    None => return Err(GatewayProblem::UnknownDeployment),
                },
            };
            if let Some(entered) = self.wait_in_line(&limits).await? {
                return Ok(entered);
            }
        }
    }

    fn choose(&self) -> Choice {
        choose(self.deployment, &self.failed, self.worker.next_turn())
    }

    /// `None` when every replica is one that could not be connected to.
    async fn wait_in_line(&mut self, limits: &RouteLimits) -> Result<Option<(Permit, RouteLimits)>, GatewayProblem> {
        self.waited = true;
        let most = self.worker.settings.max_queue_len;
        let joined = self.deployment.queue.join(most);
        self.deployment.load.peak(self.deployment.outstanding());
        let ticket = joined.ok_or(GatewayProblem::QueueFull(most))?;
        let deadline = after(self.there, limits.max_queue);
        let turn = poll_fn(|cx| {
            if !ticket.is_first(cx) {
                return Poll::Pending;
            }
            match self.choose() {
                Choice::Taken(permit, limits) => Poll::Ready(Ok(Some((permit, limits)))),
                Choice::Withdrawn => Poll::Ready(Err(GatewayProblem::UnknownDeployment)),
                Choice::Deactivated => Poll::Ready(Err(GatewayProblem::Deactivated)),
                Choice::AllAvoided(_) => Poll::Ready(Ok(None)),
                Choice::Busy(_) | Choice::NothingReady(_) => Poll::Pending,
                Choice::Changing => {
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            }
        });
        match self.client.alarm.within(deadline, turn).await {
            Ok(entered) => entered,
            Err(Elapsed) => Err(self.why_waited_in_vain(limits)),
        }
    }

    fn why_waited_in_vain(&self, limits: &RouteLimits) -> GatewayProblem {
        if self.deployment.snapshot.load().endpoints.is_empty() {
            GatewayProblem::NothingReady
        } else {
            GatewayProblem::QueueTimeout(limits.max_queue)
        }
    }

    /// Every replica failed to be connected to: perhaps the engine is about to publish another one.
    async fn await_publication(&mut self, limits: &RouteLimits) -> Result<(), GatewayProblem> {
        self.waited = true;
        let mut published = std::pin::pin!(self.deployment.published.notified());
        published.as_mut().enable();
        if !matches!(self.choose(), Choice::AllAvoided(_)) {
            return Ok(());
        }
        let deadline = after(self.there, limits.max_queue);
        self.client.alarm.within(deadline, published).await.map_err(|Elapsed| GatewayProblem::ReplicaUnreachable)
    }

    /// Asks one replica, over a connection that is kept or a new one. `None` when it was not reached; the
    /// request is then still here.
    async fn ask(
        &mut self,
        permit: &Permit,
        limits: &RouteLimits,
    ) -> Result<Option<(Response<Incoming>, ReplicaLink)>, GatewayProblem> {
        let start = if self.waited { Instant::now() } else { self.there };
        let deadline = after(start, limits.scoring_timeout);
        let endpoint = &permit.endpoint;
        let client = self.client;
        let asked = client.alarm.within(deadline, async {
            loop {
                let kept = self.worker.pool.borrow_mut().take(endpoint);
                let fresh = kept.is_none();
                let mut link = match kept {
                    Some(link) => link,
                    None => match ReplicaLink::open(&endpoint.peer, self.worker.settings.connect_timeout).await {
                        Ok(link) => link,
                        Err(_) => return Ok(None),
                    },
                };
                let Some(request) = self.request.take() else { return Err(GatewayProblem::ReplicaBroke) };
                match link.ask(request).await {
                    LinkOutcome::Answer(response) => return Ok(Some((response, link))),
                    LinkOutcome::Unsent(back) => self.request = Some(*back),
                    LinkOutcome::Broken => return Err(self.why_broken()),
                }
                // A kept connection was closed by the replica while it was idle: a new one tells more.
                if fresh {
                    return Ok(None);
                }
            }
        });
        match asked.await {
            Ok(asked) => asked,
            Err(Elapsed) if client.upload.get() == Upload::AwaitsClient => Err(GatewayProblem::RequestTimeout),
            Err(Elapsed) => Err(GatewayProblem::ScoringTimeout(limits.scoring_timeout)),
        }
    }

    fn why_broken(&self) -> GatewayProblem {
        match self.client.upload.get() {
            Upload::TooLarge => GatewayProblem::RequestTooLarge(self.worker.settings.max_body_bytes),
            Upload::Broken => GatewayProblem::RequestBroken,
            Upload::TooSlow => GatewayProblem::RequestTimeout,
            Upload::Flowing | Upload::AwaitsClient => GatewayProblem::ReplicaBroke,
        }
    }

    fn pass_back(&self, response: Response<Incoming>, link: ReplicaLink, permit: Permit) -> Response<Body> {
        let (mut parts, incoming) = response.into_parts();
        self.client.answering.set(true);
        headers::to_client(&mut parts.headers, &permit.endpoint);
        self.client.note(|note| note.answering(parts.status.as_u16(), &parts.headers));
        parts.version = Version::HTTP_11;
        parts.extensions.clear();
        self.deployment.judge(&permit.endpoint, Some(parts.status.as_u16()));
        let outcome = if parts.status.is_server_error() { Tallied::Failed } else { Tallied::Answered };
        // Who refuses a body may not have read it, and may close on what is left of it without having said so.
        let keeps = !self.has_body || !(parts.status.is_client_error() || parts.status.is_server_error());
        let flow = Flow { link, keeps, permit, took: self.began.elapsed(), outcome };
        let mut body = ReplicaBody::new(incoming, flow, self.worker.clone(), self.client.clone());
        body.end_if_empty();
        Response::from_parts(parts, Body::Replica(body))
    }
}

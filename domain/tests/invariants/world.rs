//! A world of replicas that does what a script says, and checks each step before it is carried out. What is meant to run,
//! and what a failure does, is the ledger's: whatever happens is an entry in it, at the time of a clock that the script
//! moves.

mod take;

use std::collections::{BTreeMap, BTreeSet};

use domain::configuration::{Autoscaling, Configuration, Reconfigure, Routes, Runtime};
use domain::deployment::{OnFailure, TargetStatus, Terms};
use domain::event::{Entry, Event};
use domain::id::{ReplicaId, RevisionNumber, Seq, TargetName};
use domain::ledger::{Ledger, Rollout};
use domain::plan::{self, Decision, Replica, Scene};
use domain::receipt::Receipt;
use domain::replica::{Delivery, Intent, Observed, ReplicaRecord, Seen};
use domain::rollout::{self, Cause, Due, Phase, RolloutEvent, RolloutKind};
use domain::step_kind::StepKind;
use domain::strategy::Strategy;
use domain::target::Traits;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Becomes, Happening};

pub(super) struct World {
    now: Timestamp,
    ledger: Option<Ledger>,
    /// Requests that replicas are answering.
    in_flight: BTreeMap<ReplicaId, u32>,
    room: u32,
    /// The time since the last progress for which something was waited for that says anything of the goal's revision.
    judged: SignedDuration,
    made: u32,
    /// Revisions that have completed, the last one last, and those that are known to be bad.
    worked: Vec<RevisionNumber>,
    bad: BTreeSet<RevisionNumber>,
    /// The revision that the last failure is to go back to.
    pub(super) back: Option<RevisionNumber>,
    pub(super) ended: Vec<(RevisionNumber, Phase)>,
}

impl World {
    pub(super) fn new(strategy: Strategy, on_failure: OnFailure, room: u32, desired: u32) -> Self {
        let mut world = Self {
            now: Timestamp::UNIX_EPOCH,
            ledger: None,
            in_flight: BTreeMap::new(),
            room,
            judged: SignedDuration::ZERO,
            made: 0,
            worked: Vec::new(),
            bad: BTreeSet::new(),
            back: None,
            ended: Vec::new(),
        };
        let name = "iris".parse().expect("a valid name");
        let terms = Terms { on_failure, strategy, ..Terms::default() };
        world.enter(Event::DeploymentCreated {
            name,
            target: TargetName::default(),
            expires_at: None,
            default_access: Default::default(),
            terms,
        });
        let autoscaling = Autoscaling { min_replicas: 1, max_replicas: 8, ..Autoscaling::default() };
        let first = Configuration {
            runtime: Runtime::Command,
            routes: Routes { reconfigure: Some("/config".to_owned()), ..Routes::default() },
            reconfigure: on_the_route(),
            drain_seconds: Some(5),
            autoscaling: Some(autoscaling),
            ..Configuration::default()
        };
        world.start(first, desired);
        world
    }

    fn enter(&mut self, event: Event) {
        let deployment = Some("d".parse().expect("a valid id"));
        let actor = "ada".parse().expect("a valid name");
        let entry = Entry { seq: Seq(1), at: self.now, actor, deployment, event };
        self.ledger = Ledger::after(self.ledger.take(), &entry);
    }

    pub(super) fn ledger(&self) -> &Ledger {
        self.ledger.as_ref().expect("nobody deletes it")
    }

    /// The newest rollout.
    pub(super) fn rollout(&self) -> &Rollout {
        let ledger = self.ledger();
        &ledger.rollouts[&ledger.deployment.newest_rollout]
    }

    pub(super) fn scene(&self) -> Scene {
        let in_flight = |id: &ReplicaId| self.in_flight.get(id).copied().unwrap_or_default();
        Scene { room: self.room, ..self.ledger().scene(Traits::LOCAL, in_flight) }
    }

    fn at(&self, index: usize) -> Option<&ReplicaRecord> {
        let replicas = &self.ledger().replicas;
        replicas.get(index.checked_rem(replicas.len())?)
    }

    pub(super) fn happens(&mut self, happening: &Happening) {
        let now = self.now;
        match *happening {
            Happening::Ready(at) => self.see(at, |was| match was {
                Observed::Ready { .. } | Observed::Exited { .. } => was,
                _ => Observed::Ready { since: now },
            }),
            Happening::Unready(at) => self.see(at, |was| match was {
                Observed::Ready { .. } => Observed::Unready { since: now },
                _ => was,
            }),
            Happening::Exited(at) => self.see(at, |_| Observed::Exited { at: now }),
            Happening::Unseen(at) => self.see(at, |was| if was.may_exist() { Observed::Unknown } else { was }),
            Happening::Requests(at, n) => {
                let asked = self.at(at).filter(|record| record.intent == Intent::Run || n == 0);
                if let Some(id) = asked.map(|record| record.id.clone()) {
                    self.in_flight.insert(id, n);
                }
            }
            Happening::Gone(at) => {
                let ends = self.at(at).filter(|record| matches!(record.intent, Intent::Stop { .. }));
                if let Some(gone) = ends.map(|record| record.seen(Seen::absent(), now)) {
                    self.enter(Event::ReplicaChanged { replica: gone });
                }
            }
            Happening::Time(ms) => self.passes(SignedDuration::from_millis(ms.into())),
            Happening::Update { desired, becomes } => self.update(desired, becomes),
            Happening::Scale(to) => {
                let (from, reason) = (to, String::new());
                self.enter(Event::Scaled { from, to, in_flight: 0, waiting: 0, reason });
            }
            Happening::Refuses(at) => {
                let revision = self.ledger().deployment.newest_revision;
                if let Some(record) = self.at(at).filter(|record| record.intent == Intent::Run).cloned() {
                    let failed = record.delivery.map_or(0, |delivery| delivery.failed + 1);
                    let delivery = Some(Delivery { revision, at: now, failed, finishes: false, refused: false });
                    self.enter(Event::ReplicaChanged { replica: ReplicaRecord { delivery, ..record } });
                }
            }
            Happening::Quarantine(at) => {
                if let Some(number) = at.checked_rem(self.worked.len()).map(|at| self.worked[at]) {
                    self.bad.insert(number);
                    self.enter(Event::RevisionQuarantined { number, reason: "wrong answers".to_owned() });
                }
            }
            Happening::Deactivate => {
                self.moved(RolloutEvent::Supersede);
                self.enter(Event::Deactivated { note: None });
            }
            Happening::Pause => self.moved(RolloutEvent::Pause),
            Happening::Resume => self.moved(RolloutEvent::Resume),
            Happening::Cancel => self.moved(RolloutEvent::Cancel),
        }
    }

    fn passes(&mut self, time: SignedDuration) {
        if !plan::progress(&self.scene(), self.now).stands {
            self.judged += time;
        }
        self.now += time;
    }

    /// Sees something else of a replica that is to serve.
    fn see(&mut self, at: usize, change: impl FnOnce(Observed) -> Observed) {
        let Some(record) = self.at(at).filter(|record| record.intent == Intent::Run) else { return };
        let seen = Seen { observed: change(record.observed), ..Seen::absent() };
        let replica = record.seen(seen, self.now);
        self.enter(Event::ReplicaChanged { replica });
    }

    fn update(&mut self, desired: u32, becomes: Becomes) {
        let mut configuration = self.ledger().shown_configuration().expect("one is shown").clone();
        let next = self.ledger().deployment.newest_revision.next();
        match becomes {
            Becomes::Replaced => configuration.version = Some(next.to_string()),
            Becomes::Alike => {}
            Becomes::Reconfigured => {
                configuration.user_config = json!({ "revision": next });
                configuration.reconfigure = on_the_route();
            }
            Becomes::ReconfiguredOffTheRoute => {
                configuration.user_config = json!({ "revision": next });
                configuration.reconfigure = Reconfigure { attempts: 2, ..Reconfigure::default() };
            }
        }
        self.moved(RolloutEvent::Supersede);
        self.start(configuration, desired);
    }

    /// Starts the next rollout as the commands do; one of a deployment without replicas brings them back.
    fn start(&mut self, configuration: Configuration, desired: u32) {
        let deployment = &self.ledger().deployment;
        let kind = match deployment.target_status {
            TargetStatus::Running => RolloutKind::Update,
            _ => RolloutKind::Activate,
        };
        let (number, to_revision) = (deployment.newest_rollout.next(), deployment.newest_revision.next());
        let id: domain::id::ConfigurationId = format!("c{to_revision}").parse().expect("a valid id");
        let change = Box::new(deployment.change_to(kind, id.clone(), &configuration, desired));
        assert_eq!(change.from_revision, self.worked.last().copied().filter(|_| kind == RolloutKind::Update));
        self.enter(Event::ConfigurationCreated { id, configuration: Box::new(configuration) });
        self.enter(Event::RolloutStarted {
            number,
            to_revision,
            plan_hash: String::new(),
            plan: None,
            warrant: Default::default(),
            supersedes: None,
            change,
        });
        self.judged = SignedDuration::ZERO;
    }

    /// Lets `event` happen to the rollout if its phase has a place for it.
    fn moved(&mut self, event: RolloutEvent) {
        let rollout = self.rollout();
        let Ok(phase) = rollout::next(rollout.phase, event) else { return };
        let (number, revision, from) = (rollout.number, rollout.to_revision, rollout.change.from_revision);
        let progress = plan::progress(&self.scene(), self.now);
        let (problem, blameless) = match event {
            RolloutEvent::Fail(cause) | RolloutEvent::Stop(cause) | RolloutEvent::Die(cause) => (
                Some(self.ledger().why_failed(rollout, &self.scene(), cause)),
                rollout::is_blameless(cause, &rollout.change.strategy, progress, self.now),
            ),
            _ => (None, false),
        };
        let is_update = rollout.change.kind == RolloutKind::Update;
        let status = self.ledger().status_after(rollout, event, phase, problem.as_deref());
        let receipt = Receipt::default();
        self.enter(Event::RolloutMoved { number, event, phase, problem, receipt, blameless });
        status.into_iter().for_each(|event| self.enter(event));
        self.judged = SignedDuration::ZERO;
        let last_good = self.worked.iter().rev().find(|number| !self.bad.contains(number)).copied();
        match (event, phase) {
            (RolloutEvent::Fail(_), Phase::Reverting(_)) | (RolloutEvent::Stop(_), _) => {
                self.back = from.and(last_good);
            }
            (RolloutEvent::Cancel, _) => self.back = from.and(self.worked.last().copied()),
            (_, Phase::Completed) => self.worked.push(revision),
            _ => {}
        }
        let failed = matches!(event, RolloutEvent::Fail(_) | RolloutEvent::Stop(_) | RolloutEvent::Die(_));
        let is_known_bad = self.ledger().revisions[&revision].quarantined.is_some();
        let already = self.bad.contains(&revision);
        assert_eq!(is_known_bad, already || (failed && is_update && !blameless && phase != Phase::RevertFailed));
        if is_known_bad {
            self.bad.insert(revision);
        }
        if !phase.is_active() {
            self.ended.push((revision, phase));
        }
    }

    /// Judges and plans as the engine does, until there is nothing to do but wait.
    pub(super) fn settle(&mut self) {
        for _ in 0..1_000 {
            let scene = self.scene();
            let progress = plan::progress(&scene, self.now);
            let rollout = self.rollout();
            let (number, phase, marks) = (rollout.number, rollout.phase, rollout.marks);
            let on_failure = self.ledger().failure_mode(rollout);
            match rollout::due(phase, marks, &rollout.change.strategy, on_failure, progress, self.now) {
                Due::Event(event) => {
                    if event == RolloutEvent::Settle {
                        self.check_settled();
                    }
                    if let RolloutEvent::Fail(cause) | RolloutEvent::Stop(cause) | RolloutEvent::Die(cause) = event {
                        self.check_failed(cause);
                    }
                    self.moved(event);
                    continue;
                }
                Due::Progress(available) => {
                    assert!(available > marks.best, "progress is a new height");
                    self.enter(Event::RolloutProgressed { number, available, receipt: Receipt::default() });
                    self.judged = SignedDuration::ZERO;
                    continue;
                }
                Due::Nothing(_) => {}
            }
            match plan::next(&scene, self.now) {
                Decision::Do { step, .. } => {
                    self.stands(false);
                    self.take(step);
                }
                decision => {
                    let settled = self.ledger().settled().filter(|_| decision == Decision::Settled);
                    if let Some(event) = settled.or(self.ledger().revived()) {
                        self.enter(event);
                        continue;
                    }
                    if matches!(phase, Phase::Rolling | Phase::Reverting(_)) {
                        self.stands(progress.stands);
                    }
                    return;
                }
            }
        }
        panic!("the planner never comes to rest: {:#?}", self.scene());
    }

    /// Enters a step, by which the rollout's clock stands or runs from now on.
    fn stands(&mut self, stands: bool) {
        let (rollout, reason) = (self.ledger().deployment.rollout, String::new());
        self.enter(Event::StepTaken { rollout, step: StepKind::Wait.into(), replica: None, reason, stands });
    }

    /// A deadline counts only what says something of the revision; what needs no deadline has its reason in a replica.
    fn check_failed(&self, cause: Cause) {
        let strategy = self.rollout().change.strategy;
        let deadline = SignedDuration::from_secs(strategy.progress_deadline_seconds.into());
        let scene = self.scene();
        let progress = plan::progress(&scene, self.now);
        match cause {
            Cause::ProgressDeadline => assert!(self.judged >= deadline, "{} of {deadline}", self.judged),
            Cause::StartFailures => assert!(progress.start_failures >= strategy.start_failures),
            Cause::CannotRun => assert!(progress.cannot_run),
            Cause::TotalDeadline | Cause::Cancelled => {}
        }
        if !matches!(cause, Cause::TotalDeadline | Cause::Cancelled)
            && !rollout::is_blameless(cause, &strategy, progress, self.now)
        {
            let goal = scene.goal.as_ref().map(|goal| goal.revision);
            let said = |r: &&Replica| !r.observed.is_ready() || r.failures > 0 || r.start_failures > 0;
            let blamed = |r: &&Replica| (Some(r.revision) == goal && said(r)) || r.delivery.is_some();
            assert!(scene.replicas.iter().any(|r| blamed(&r)), "nothing speaks against it: {scene:#?}");
        }
    }

    fn check_settled(&self) {
        let scene = self.scene();
        let Some(goal) = &scene.goal else {
            assert!(scene.replicas.is_empty());
            return;
        };
        assert_eq!(scene.replicas.len() as u32, goal.desired);
        for replica in &scene.replicas {
            let is_meant = replica.revision == goal.revision || goal.survivors_of == Some(replica.revision);
            assert!(replica.observed.is_ready() && is_meant && replica.delivery.is_none(), "{replica:?}");
        }
    }

    fn available(&self) -> u32 {
        let scene = self.scene();
        let goal = scene.goal.as_ref().map(|goal| goal.revision);
        let off_the_route = scene.goal.as_ref().is_some_and(|goal| goal.off_the_route);
        let old_enough = SignedDuration::from_secs(scene.min_ready_seconds.into());
        let counts = |r: &&Replica| match (r.intent, r.observed) {
            _ if off_the_route && r.delivery.is_some_and(Delivery::may_be_taken) => false,
            (Intent::Run, Observed::Ready { since }) => {
                Some(r.revision) != goal || self.now.duration_since(since) >= old_enough
            }
            _ => false,
        };
        scene.replicas.iter().filter(counts).count() as u32
    }

    /// From now on everything works, and nobody interferes.
    pub(super) fn heals(&mut self) {
        self.moved(RolloutEvent::Resume);
        self.room = u32::MAX;
        for _ in 0..10_000 {
            self.settle();
            let (scene, phase) = (self.scene(), self.rollout().phase);
            let left_alone = phase == Phase::Failed && scene.paused && scene.goal.is_some();
            if !phase.is_active() && (left_alone || plan::progress(&scene, self.now).settled) {
                return;
            }
            self.passes(SignedDuration::from_millis(50));
            self.in_flight.clear();
            for record in self.ledger().replicas.clone() {
                let observed = match (record.intent, record.observed) {
                    (Intent::Stop { .. }, _) => Observed::Absent,
                    (_, Observed::Starting { .. } | Observed::Unknown) => Observed::Ready { since: self.now },
                    _ => continue,
                };
                let seen = Seen { observed, ..Seen::absent() };
                self.enter(Event::ReplicaChanged { replica: record.seen(seen, self.now) });
            }
        }
        panic!("it never heals: {:?} {:#?}", self.rollout().phase, self.scene());
    }
}

/// Replicas get requests while they take a new `user_config`.
fn on_the_route() -> Reconfigure {
    Reconfigure { takes_requests: true, attempts: 100, ..Reconfigure::default() }
}

//! A world of replicas that does what a script says, and checks each step before it is carried out.

use domain::deployment::OnFailure;
use domain::id::{ReplicaId, RevisionNumber};
use domain::plan::{self, Decision, Goal, InFlight, Replica, Scene, Step};
use domain::replica::{Delivery, Intent, Observed};
use domain::rollout::{self, Cause, Due, Marks, Phase, RolloutEvent};
use domain::strategy::Strategy;
use jiff::{SignedDuration, Timestamp};

use super::{Becomes, Happening};

pub(super) struct World {
    now: Timestamp,
    pub(super) scene: Scene,
    strategy: Strategy,
    on_failure: OnFailure,
    pub(super) phase: Phase,
    marks: Marks,
    /// How long since the last progress something was waited for that says anything of the goal's revision.
    judged: SignedDuration,
    pub(super) newest: RevisionNumber,
    /// The revision that last completed, with its number of replicas.
    pub(super) good: Option<(RevisionNumber, u32)>,
    made: u32,
    pub(super) ended: Vec<(RevisionNumber, Phase)>,
}

impl World {
    pub(super) fn new(strategy: Strategy, on_failure: OnFailure, room: u32, desired: u32) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let newest = RevisionNumber(1);
        Self {
            now,
            scene: Scene {
                goal: Some(Goal::of(newest, desired)),
                limits: strategy.resolve(desired),
                min_ready_seconds: strategy.min_ready_seconds,
                drain_limit_ms: 5_000,
                paused: false,
                room,
                replicas: Vec::new(),
            },
            strategy,
            on_failure,
            phase: Phase::Pending,
            marks: Marks::new(now),
            judged: SignedDuration::ZERO,
            newest,
            good: None,
            made: 0,
            ended: Vec::new(),
        }
    }

    fn at(&mut self, index: usize) -> Option<&mut Replica> {
        let count = self.scene.replicas.len();
        (count > 0).then(|| &mut self.scene.replicas[index % count])
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
            Happening::Exited(at) => {
                let starting = self.at(at).is_some_and(|replica| matches!(replica.observed, Observed::Starting { .. }));
                self.see(at, |_| Observed::Exited { at: now });
                if let Some(replica) = self.at(at) {
                    replica.failures += 1;
                    replica.start_failures += u32::from(starting);
                }
            }
            Happening::Unseen(at) => self.see(at, |was| if was.may_exist() { Observed::Unknown } else { was }),
            Happening::Requests(at, n) => {
                if let Some(replica) = self.at(at).filter(|r| r.intent == Intent::Run || n == 0) {
                    replica.in_flight = InFlight::Counted(n);
                }
            }
            Happening::Gone(at) => {
                if let Some(replica) = self.at(at).filter(|r| matches!(r.intent, Intent::Stop { .. })) {
                    replica.observed = Observed::Absent;
                }
            }
            Happening::Time(ms) => self.passes(SignedDuration::from_millis(ms.into())),
            Happening::Update { desired, becomes } => self.update(desired, becomes),
            Happening::Scale(desired) => {
                if let Some(goal) = &mut self.scene.goal {
                    goal.desired = desired;
                    self.scene.limits = self.strategy.resolve(desired);
                }
            }
            Happening::Refuses(at) => {
                let revision = self.newest;
                if let Some(replica) = self.at(at).filter(|r| r.intent == Intent::Run) {
                    let failed = replica.delivery.map_or(0, |delivery| delivery.failed + 1);
                    replica.delivery = Some(Delivery { revision, at: now, failed, finishes: false, refused: false });
                }
            }
            Happening::Deactivate if !self.phase.is_active() => self.scene.goal = None,
            Happening::Deactivate => {}
            Happening::Pause => self.moved(RolloutEvent::Pause),
            Happening::Resume => self.moved(RolloutEvent::Resume),
            Happening::Cancel => self.moved(RolloutEvent::Cancel),
        }
    }

    fn passes(&mut self, time: SignedDuration) {
        if !plan::progress(&self.scene, self.now).stands {
            self.judged += time;
        }
        self.now += time;
    }

    fn see(&mut self, at: usize, change: impl FnOnce(Observed) -> Observed) {
        if let Some(replica) = self.at(at).filter(|r| r.intent == Intent::Run) {
            replica.observed = change(replica.observed);
        }
    }

    fn update(&mut self, desired: u32, becomes: Becomes) {
        let before = self.scene.goal.as_ref().map(|goal| goal.revision);
        self.moved(RolloutEvent::Supersede);
        self.newest = self.newest.next();
        let mut goal = Goal::of(self.newest, desired);
        match becomes {
            Becomes::Replaced => {}
            Becomes::Alike => goal.alike.extend(before),
            Becomes::Reconfigured => goal.reconfigurable.extend(before),
            Becomes::ReconfiguredOffTheRoute => {
                goal.reconfigurable.extend(before);
                (goal.off_the_route, goal.attempts) = (true, 2);
            }
        }
        self.scene.goal = Some(goal);
        self.scene.paused = false;
        self.scene.limits = self.strategy.resolve(desired);
        self.phase = Phase::Pending;
        (self.marks, self.judged) = (Marks::new(self.now), SignedDuration::ZERO);
    }

    /// Lets `event` happen to the rollout if its phase has a place for it.
    fn moved(&mut self, event: RolloutEvent) {
        // Without a revision to make capacity up with, the survivors are left alone.
        let event = match event {
            RolloutEvent::Stop(cause) if self.good.is_none() => RolloutEvent::Die(cause),
            event => event,
        };
        let Ok(phase) = rollout::next(self.phase, event) else { return };
        self.phase = phase;
        self.scene.paused = phase == Phase::Paused;
        self.marks = Marks { progress_at: self.now, ..self.marks.running(self.now) };
        self.judged = SignedDuration::ZERO;
        match phase {
            Phase::Reverting(_) => {
                self.marks.best = 0;
                self.scene.goal = self.good.map(|(revision, desired)| Goal::of(revision, desired));
                if let Some((_, desired)) = self.good {
                    self.scene.limits = self.strategy.resolve(desired);
                }
            }
            Phase::Failed => match (event, self.good) {
                (RolloutEvent::Stop(_), Some((revision, desired))) => {
                    self.scene.goal = Some(Goal { kept: Some(self.newest), ..Goal::of(revision, desired) });
                    self.scene.limits = self.strategy.resolve(desired);
                }
                _ => self.scene.paused = true,
            },
            Phase::Completed => self.good = self.scene.goal.as_ref().map(|goal| (goal.revision, goal.desired)),
            _ => {}
        }
        if !phase.is_active() {
            self.ended.push((self.newest, phase));
        }
    }

    /// Judges and plans as the engine does, until there is nothing to do but wait.
    pub(super) fn settle(&mut self) {
        for _ in 0..1_000 {
            let progress = plan::progress(&self.scene, self.now);
            match rollout::due(self.phase, self.marks, &self.strategy, self.on_failure, progress, self.now) {
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
                    assert!(available > self.marks.best, "progress is a new height");
                    let marks = self.marks.running(self.now);
                    self.marks = Marks { best: available, progress_at: self.now, ..marks };
                    self.judged = SignedDuration::ZERO;
                    continue;
                }
                Due::Nothing(_) => {}
            }
            match plan::next(&self.scene, self.now) {
                Decision::Do { step, .. } => {
                    self.marks = self.marks.running(self.now);
                    self.take(step);
                }
                Decision::Wait { .. } | Decision::Settled => {
                    let stands = plan::progress(&self.scene, self.now).stands;
                    self.marks = if stands { self.marks.standing(self.now) } else { self.marks.running(self.now) };
                    return;
                }
            }
        }
        panic!("the planner never comes to rest: {:#?}", self.scene);
    }

    /// A deadline counts only what says something of the revision; what needs no deadline has its reason in a replica.
    fn check_failed(&self, cause: Cause) {
        let deadline = SignedDuration::from_secs(self.strategy.progress_deadline_seconds.into());
        let progress = plan::progress(&self.scene, self.now);
        match cause {
            Cause::ProgressDeadline => assert!(self.judged >= deadline, "{} of {deadline}", self.judged),
            Cause::StartFailures => assert!(progress.start_failures >= self.strategy.start_failures),
            Cause::CannotRun => assert!(progress.cannot_run),
            Cause::TotalDeadline | Cause::Cancelled => {}
        }
        if !matches!(cause, Cause::TotalDeadline | Cause::Cancelled)
            && !rollout::is_blameless(cause, &self.strategy, progress, self.now)
        {
            let goal = self.scene.goal.as_ref().map(|goal| goal.revision);
            let said = |r: &&Replica| !r.observed.is_ready() || r.failures > 0 || r.start_failures > 0;
            let blamed = |r: &&Replica| (Some(r.revision) == goal && said(r)) || r.delivery.is_some();
            assert!(self.scene.replicas.iter().any(|r| blamed(&r)), "nothing speaks against it: {:#?}", self.scene);
        }
    }

    fn check_settled(&self) {
        let Some(goal) = &self.scene.goal else {
            assert!(self.scene.replicas.is_empty());
            return;
        };
        assert_eq!(self.scene.replicas.len() as u32, goal.desired);
        for replica in &self.scene.replicas {
            let is_meant = replica.revision == goal.revision || goal.kept == Some(replica.revision);
            assert!(replica.observed.is_ready() && is_meant && replica.delivery.is_none(), "{replica:?}");
        }
    }

    fn available(&self) -> u32 {
        let goal = self.scene.goal.as_ref().map(|goal| goal.revision);
        let off_the_route = self.scene.goal.as_ref().is_some_and(|goal| goal.off_the_route);
        let old_enough = SignedDuration::from_secs(self.scene.min_ready_seconds.into());
        let counts = |r: &&Replica| match (r.intent, r.observed) {
            _ if off_the_route && r.delivery.is_some_and(Delivery::may_be_taken) => false,
            (Intent::Run, Observed::Ready { since }) => {
                Some(r.revision) != goal || self.now.duration_since(since) >= old_enough
            }
            _ => false,
        };
        self.scene.replicas.iter().filter(counts).count() as u32
    }

    /// Carries out a step, after checking that it may be taken.
    fn take(&mut self, step: Step) {
        let now = self.now;
        let (available, floor) = (self.available(), self.goal_floor());
        let total = self.scene.replicas.iter().filter(|r| r.observed.may_exist()).count() as u32;
        let limit = SignedDuration::from_millis(self.scene.drain_limit_ms.into());
        let (paused, room) = (self.scene.paused && self.scene.goal.is_some(), self.scene.room);
        match step {
            Step::Start { revision } => {
                let goal = self.scene.goal.as_ref().expect("something is to run");
                assert!(!paused && room > 0 && revision == goal.revision);
                assert!(total < self.scene.limits.highest_total(goal.desired), "{total} run already");
                self.made += 1;
                let id: ReplicaId = format!("r{}", self.made).parse().expect("a valid id");
                let observed = Observed::Starting { since: now };
                self.scene.replicas.push(Replica::new(id, revision, observed));
            }
            Step::Restart { replica } => {
                let goal = self.scene.goal.as_ref().map(|goal| goal.revision);
                let replica = self.find(&replica);
                assert!(!replica.observed.is_ready() && replica.observed != Observed::Unknown);
                assert!(paused || Some(replica.revision) == goal);
                assert!(may_end(replica, limit, now), "its requests are cut: {replica:?}");
                replica.in_flight = InFlight::Counted(0);
                (replica.observed, replica.delivery) = (Observed::Starting { since: now }, None);
            }
            Step::Relabel { replica, revision } => {
                let replica = self.find(&replica);
                let untouched = |delivery: Delivery| delivery.finishes || delivery.refused;
                assert!(replica.delivery.is_none_or(untouched), "nobody knows what it has");
                (replica.revision, replica.delivery) = (revision, None);
            }
            Step::Reconfigure { replica, revision } => {
                let first_off_the_route = self.scene.goal.as_ref().is_some_and(|goal| goal.off_the_route);
                let replica = self.find(&replica);
                assert!(!paused && replica.intent == Intent::Run && replica.observed.is_ready());
                if first_off_the_route && replica.delivery.is_none() {
                    let delivery = Delivery { revision, at: now, failed: 0, finishes: true, refused: false };
                    replica.delivery = Some(delivery);
                    let left = self.available();
                    assert!(left == available || left >= floor, "{left} are left, the floor is {floor}");
                    return;
                }
                if let Some(delivery) = replica.delivery.filter(|d| d.finishes && d.revision == revision) {
                    assert!(
                        replica.in_flight.is_none() || now >= delivery.at + limit,
                        "its requests are cut: {replica:?}"
                    );
                }
                (replica.revision, replica.delivery) = (revision, None);
            }
            Step::Drain { replica } => {
                let replica = self.find(&replica);
                assert!(replica.observed != Observed::Unknown, "nobody has looked at it");
                let was_ready = replica.observed.is_ready();
                replica.intent = Intent::Drain { since: now };
                let left = self.available();
                assert!(!paused);
                assert!(!was_ready || left == available || left >= floor, "{left} are left, the floor is {floor}");
            }
            Step::Stop { replica } => {
                let replica = self.find(&replica);
                match replica.intent {
                    Intent::Run => {
                        assert!(!replica.observed.is_ready() && replica.observed != Observed::Unknown);
                        assert!(may_end(replica, limit, now), "its requests are cut: {replica:?}");
                    }
                    Intent::Drain { since } => assert!(replica.in_flight.is_none() || now >= since + limit),
                    Intent::Stop { .. } => panic!("it was told already"),
                }
                replica.intent = Intent::Stop { since: now };
                replica.in_flight = InFlight::Counted(0);
            }
            Step::Forget { replica } => {
                assert!(!self.find(&replica).observed.may_exist());
                self.scene.replicas.retain(|r| r.id != replica);
            }
        }
    }

    fn goal_floor(&self) -> u32 {
        self.scene.goal.as_ref().map_or(0, |goal| self.scene.limits.lowest_available(goal.desired))
    }

    fn find(&mut self, id: &ReplicaId) -> &mut Replica {
        self.scene.replicas.iter_mut().find(|r| r.id == *id).expect("the plan names a replica that exists")
    }

    /// From now on everything works, and nobody interferes.
    pub(super) fn heals(&mut self) {
        self.moved(RolloutEvent::Resume);
        self.scene.room = u32::MAX;
        for _ in 0..10_000 {
            self.settle();
            let left_alone = self.phase == Phase::Failed && self.scene.paused && self.scene.goal.is_some();
            let over = !self.phase.is_active() && (left_alone || plan::progress(&self.scene, self.now).settled);
            if over {
                return;
            }
            self.passes(SignedDuration::from_millis(50));
            let now = self.now;
            for replica in &mut self.scene.replicas {
                replica.in_flight = InFlight::Counted(0);
                match (replica.intent, replica.observed) {
                    (Intent::Stop { .. }, _) => replica.observed = Observed::Absent,
                    (_, Observed::Starting { .. } | Observed::Unknown) => {
                        replica.observed = Observed::Ready { since: now }
                    }
                    _ => {}
                }
            }
        }
        panic!("it never heals: {:?} {:#?}", self.phase, self.scene);
    }
}

/// Whether nothing is cut when the process of a replica that does not drain ends now.
fn may_end(replica: &Replica, limit: SignedDuration, now: Timestamp) -> bool {
    match replica.observed {
        Observed::Unready { since } => replica.in_flight.is_none() || now >= since + limit,
        _ => true,
    }
}

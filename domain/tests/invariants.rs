//! The planner's guarantees, over random interleavings of faults, operator commands and time.
//!
//! A world of replicas does what a script of random events says; after each event the planner's steps are
//! carried out until it waits. A failing script is shrunk and printed by proptest.

use domain::id::{ReplicaId, RevisionNumber};
use domain::observed::{Intent, Observed};
use domain::plan::{self, Decision, Goal, Replica, Scene, Step};
use domain::rollout::{self, Due, Marks, Phase, RolloutEvent};
use domain::strategy::{Amount, Strategy};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::Strategy as Generator;
use proptest::prelude::{Just, any};
use proptest::{collection, prop_oneof, proptest};

/// What can happen. Indices choose one of the replicas there are.
#[derive(Clone, Debug)]
enum Happening {
    Ready(usize),
    Unready(usize),
    Exited(usize),
    Unseen(usize),
    Requests(usize, u32),
    Gone(usize),
    Time(u16),
    Update { desired: u32, alike: bool },
    Pause,
    Resume,
    Cancel,
}

fn happening() -> impl Generator<Value = Happening> {
    let at = any::<usize>;
    prop_oneof![
        6 => at().prop_map(Happening::Ready),
        1 => at().prop_map(Happening::Unready),
        2 => at().prop_map(Happening::Exited),
        1 => at().prop_map(Happening::Unseen),
        2 => (at(), 0u32..3).prop_map(|(at, n)| Happening::Requests(at, n)),
        4 => at().prop_map(Happening::Gone),
        6 => (1u16..4_000).prop_map(Happening::Time),
        2 => (1u32..8, any::<bool>()).prop_map(|(desired, alike)| Happening::Update { desired, alike }),
        1 => Just(Happening::Pause),
        1 => Just(Happening::Resume),
        1 => Just(Happening::Cancel),
    ]
}

struct World {
    now: Timestamp,
    scene: Scene,
    strategy: Strategy,
    phase: Phase,
    marks: Marks,
    newest: RevisionNumber,
    /// The revision that last completed, with its number of replicas.
    good: Option<(RevisionNumber, u32)>,
    made: u32,
    ended: Vec<(RevisionNumber, Phase)>,
}

impl World {
    fn new(strategy: Strategy, desired: u32) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let newest = RevisionNumber(1);
        Self {
            now,
            scene: Scene {
                goal: Some(Goal { revision: newest, desired, alike: Vec::new() }),
                limits: strategy.resolve(desired),
                min_ready_seconds: strategy.min_ready_seconds,
                drain_limit_ms: 5_000,
                paused: false,
                replicas: Vec::new(),
            },
            strategy,
            phase: Phase::Pending,
            marks: Marks { started_at: now, progress_at: now, best: 0 },
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

    fn happens(&mut self, happening: &Happening) {
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
                self.see(at, |_| Observed::Exited { at: now });
                if let Some(replica) = self.at(at) {
                    replica.failures += 1;
                }
            }
            Happening::Unseen(at) => self.see(at, |was| if was.may_exist() { Observed::Unknown } else { was }),
            Happening::Requests(at, n) => {
                if let Some(replica) = self.at(at).filter(|r| r.intent == Intent::Run || n == 0) {
                    replica.in_flight = n;
                }
            }
            Happening::Gone(at) => {
                if let Some(replica) = self.at(at).filter(|r| matches!(r.intent, Intent::Stop { .. })) {
                    replica.observed = Observed::Absent;
                }
            }
            Happening::Time(ms) => self.now += SignedDuration::from_millis(ms.into()),
            Happening::Update { desired, alike } => self.update(desired, alike),
            Happening::Pause => self.moved(RolloutEvent::Pause),
            Happening::Resume => self.moved(RolloutEvent::Resume),
            Happening::Cancel => self.moved(RolloutEvent::Cancel),
        }
    }

    fn see(&mut self, at: usize, change: impl FnOnce(Observed) -> Observed) {
        if let Some(replica) = self.at(at).filter(|r| r.intent == Intent::Run) {
            replica.observed = change(replica.observed);
        }
    }

    fn update(&mut self, desired: u32, alike: bool) {
        let before = self.scene.goal.as_ref().map(|goal| goal.revision);
        self.moved(RolloutEvent::Supersede);
        self.newest = self.newest.next();
        let alike = before.into_iter().filter(|_| alike).collect();
        self.scene.goal = Some(Goal { revision: self.newest, desired, alike });
        self.scene.limits = self.strategy.resolve(desired);
        self.phase = Phase::Pending;
        self.marks = Marks { started_at: self.now, progress_at: self.now, best: 0 };
    }

    /// Lets `event` happen to the rollout if its phase has a place for it.
    fn moved(&mut self, event: RolloutEvent) {
        let Ok(phase) = rollout::next(self.phase, event) else { return };
        self.phase = phase;
        self.scene.paused = phase == Phase::Paused;
        self.marks.progress_at = self.now;
        match phase {
            Phase::Reverting(_) => {
                self.marks.best = 0;
                self.scene.goal = self.good.map(|(revision, desired)| Goal { revision, desired, alike: Vec::new() });
                if let Some((_, desired)) = self.good {
                    self.scene.limits = self.strategy.resolve(desired);
                }
            }
            Phase::Completed => self.good = self.scene.goal.as_ref().map(|goal| (goal.revision, goal.desired)),
            _ => {}
        }
        if !phase.is_active() {
            self.ended.push((self.newest, phase));
        }
    }

    /// Judges and plans as the engine does, until there is nothing to do but wait.
    fn settle(&mut self) {
        for _ in 0..1_000 {
            let progress = plan::progress(&self.scene, self.now);
            match rollout::due(self.phase, self.marks, &self.strategy, progress, self.now) {
                Due::Event(event) => {
                    if event == RolloutEvent::Settle {
                        self.check_settled();
                    }
                    self.moved(event);
                    continue;
                }
                Due::Progress(available) => {
                    assert!(available > self.marks.best, "progress is a new height");
                    (self.marks.best, self.marks.progress_at) = (available, self.now);
                    continue;
                }
                Due::Nothing(_) => {}
            }
            match plan::next(&self.scene, self.now) {
                Decision::Do { step, .. } => self.take(step),
                Decision::Wait { .. } | Decision::Settled => return,
            }
        }
        panic!("the planner never comes to rest: {:#?}", self.scene);
    }

    fn check_settled(&self) {
        let Some(goal) = &self.scene.goal else {
            assert!(self.scene.replicas.is_empty());
            return;
        };
        assert_eq!(self.scene.replicas.len() as u32, goal.desired);
        for replica in &self.scene.replicas {
            assert!(replica.observed.is_ready() && replica.revision == goal.revision, "{replica:?}");
        }
    }

    fn available(&self) -> u32 {
        let goal = self.scene.goal.as_ref().map(|goal| goal.revision);
        let old_enough = SignedDuration::from_secs(self.scene.min_ready_seconds.into());
        let counts = |r: &&Replica| match (r.intent, r.observed) {
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
        let paused = self.scene.paused;
        match step {
            Step::Start { revision } => {
                let goal = self.scene.goal.as_ref().expect("something is to run");
                assert!(!paused && revision == goal.revision);
                assert!(total < self.scene.limits.highest_total(goal.desired), "{total} run already");
                self.made += 1;
                let id: ReplicaId = format!("r{}", self.made).parse().expect("a valid id");
                let observed = Observed::Starting { since: now };
                self.scene.replicas.push(Replica {
                    id,
                    revision,
                    intent: Intent::Run,
                    observed,
                    in_flight: 0,
                    failures: 0,
                });
            }
            Step::Restart { replica } => {
                let goal = self.scene.goal.as_ref().map(|goal| goal.revision);
                let replica = self.find(&replica);
                assert!(!replica.observed.is_ready() && replica.observed != Observed::Unknown);
                assert!(paused || Some(replica.revision) == goal);
                replica.observed = Observed::Starting { since: now };
            }
            Step::Relabel { replica, revision } => self.find(&replica).revision = revision,
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
                let limit = SignedDuration::from_millis(self.scene.drain_limit_ms.into());
                let replica = self.find(&replica);
                match replica.intent {
                    Intent::Run => assert!(!replica.observed.is_ready() && replica.observed != Observed::Unknown),
                    Intent::Drain { since } => assert!(replica.in_flight == 0 || now >= since + limit),
                    Intent::Stop { .. } => panic!("it was told already"),
                }
                replica.intent = Intent::Stop { since: now };
                replica.in_flight = 0;
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
    fn heals(&mut self) {
        self.moved(RolloutEvent::Resume);
        for _ in 0..10_000 {
            self.settle();
            let over = !self.phase.is_active() && plan::progress(&self.scene, self.now).settled;
            if over {
                return;
            }
            self.now += SignedDuration::from_millis(50);
            let now = self.now;
            for replica in &mut self.scene.replicas {
                replica.in_flight = 0;
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

fn strategy() -> impl Generator<Value = Strategy> {
    (0u32..3, 0u32..3, 0u32..3, 2u32..20, any::<bool>()).prop_filter_map(
        "something must be able to move",
        |(surge, unavailable, min_ready_seconds, progress_deadline_seconds, total)| {
            let strategy = Strategy {
                max_surge: Amount::Count(surge),
                max_unavailable: Amount::Count(unavailable),
                min_ready_seconds,
                progress_deadline_seconds,
                total_deadline_seconds: total.then_some(30),
            };
            strategy.check().is_ok().then_some(strategy)
        },
    )
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]

    #[test]
    fn whatever_happens_the_limits_hold_and_in_the_end_it_settles(
        strategy in strategy(), desired in 1u32..8, script in collection::vec(happening(), 0..80),
    ) {
        let mut world = World::new(strategy, desired);
        world.settle();
        for happening in &script {
            world.happens(happening);
            world.settle();
        }
        world.heals();
        // The highest revision wins; what it overtook ended superseded, unless it had ended before.
        for (revision, phase) in &world.ended {
            if *revision < world.newest {
                assert_ne!(*phase, Phase::Pending);
            }
        }
        let runs = world.scene.goal.as_ref().map(|goal| goal.revision);
        match world.phase {
            Phase::Completed => assert_eq!(runs, Some(world.newest)),
            Phase::Reverted | Phase::Cancelled | Phase::RevertFailed => {
                assert_eq!(runs, world.good.map(|(revision, _)| revision));
            }
            other => panic!("it ended {other:?}"),
        }
    }
}

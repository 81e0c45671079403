//! Pictures of rollouts that the planner plays, and the promises that every moment of them keeps.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::{Strategy as _, any};
use proptest::{collection, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::*;
use crate::id::RevisionNumber;
use crate::plan::{self, Decision, Goal, InFlight, Replica, Step};
use crate::step_kind::StepKind;
use crate::strategy::{Amount, Strategy};

const OLD: RevisionNumber = RevisionNumber(1);
const NEW: RevisionNumber = RevisionNumber(2);

/// A rollout as the engine has it: the planner's steps, carried out and told.
struct Play {
    scene: Scene,
    now: Timestamp,
    steps: Vec<RolloutStep>,
    stays: bool,
    desired: u32,
    made: u32,
}

impl Play {
    fn new(current: u32, desired: u32, strategy: Strategy, stays: bool) -> Self {
        let now = Timestamp::from_second(1_000).unwrap();
        let mut goal = Goal::of(NEW, desired);
        if stays {
            goal.alike.push(OLD);
        }
        let replica = |n| Replica::new(name(n), OLD, Observed::Ready { since: Timestamp::from_second(1).unwrap() });
        let scene = Scene {
            goal: Some(goal),
            limits: strategy.resolve(desired),
            min_ready_seconds: strategy.min_ready_seconds,
            drain_limit_ms: 60_000,
            paused: false,
            room: u32::MAX,
            replicas: (1..=current).map(replica).collect(),
        };
        Self { scene, now, steps: Vec::new(), stays, desired, made: current }
    }

    fn records(&self) -> Vec<ReplicaRecord> {
        let record = |replica: &Replica| ReplicaRecord {
            intent: replica.intent,
            observed: replica.observed,
            failures: replica.failures,
            ..ReplicaRecord::new(replica.id.clone(), replica.revision, self.now)
        };
        self.scene.replicas.iter().map(record).collect()
    }

    fn draw(&self) -> DrawnRollout {
        let (scene, usual_ms) = (self.scene.clone(), (1_000, 50));
        let (desired, stays, now) = (self.desired, self.stays, self.now);
        Drawing { steps: &self.steps, replicas: &self.records(), desired, stays, scene, now, usual_ms }.draw()
    }

    fn tell(&mut self, kind: StepKind, replica: Option<ReplicaId>) {
        self.steps.push(RolloutStep { kind: kind.into(), reason: String::new(), at: self.now, replica });
    }

    fn find(&mut self, id: &ReplicaId) -> &mut Replica {
        self.scene.replicas.iter_mut().find(|replica| replica.id == *id).unwrap()
    }

    /// Takes the planner's next step; false when it waits.
    fn step(&mut self) -> bool {
        let Decision::Do { step, .. } = plan::next(&self.scene, self.now) else {
            return false;
        };
        let (kind, now) = (step.kind(), self.now);
        let about = match step {
            Step::Start { revision } => {
                self.made += 1;
                let id = name(self.made);
                self.scene.replicas.push(Replica::new(id.clone(), revision, Observed::Starting { since: now }));
                id
            }
            Step::Restart { replica } => {
                self.find(&replica).observed = Observed::Starting { since: now };
                replica
            }
            Step::Relabel { replica, revision } | Step::Reconfigure { replica, revision } => {
                self.find(&replica).revision = revision;
                replica
            }
            Step::Drain { replica } => {
                self.find(&replica).intent = Intent::Drain { since: now };
                replica
            }
            Step::Stop { replica } => {
                self.find(&replica).intent = Intent::Stop { since: now };
                replica
            }
            Step::Forget { replica } => {
                self.scene.replicas.retain(|other| other.id != replica);
                replica
            }
        };
        self.tell(kind, Some(about));
        true
    }

    fn turn(&mut self, current: u32) {
        let mut goal = Goal::of(OLD, current.max(1));
        if self.stays {
            goal.alike.push(NEW);
        }
        self.scene.goal = Some(goal);
        self.tell(StepKind::Cancel, None);
    }

    /// Everything becomes what it is meant to be after a second; false when nothing changes by that.
    fn goes_well(&mut self) -> bool {
        self.now += SignedDuration::from_secs(1);
        let now = self.now;
        let mut changed = false;
        for replica in &mut self.scene.replicas {
            let before = replica.observed;
            replica.in_flight = InFlight::Counted(0);
            replica.observed = match (replica.intent, before) {
                (Intent::Stop { .. }, _) => Observed::Absent,
                (_, Observed::Starting { .. } | Observed::Unknown) => Observed::Ready { since: now },
                _ => before,
            };
            changed |= replica.observed != before;
        }
        changed
    }
}

fn name(n: u32) -> ReplicaId {
    format!("r{n:03}").parse().unwrap()
}

fn strategy(surge: &str, unavailable: &str) -> Strategy {
    Strategy {
        max_surge: Some(surge.parse().unwrap()),
        max_unavailable: unavailable.parse().unwrap(),
        ..Strategy::default()
    }
}

/// The rows as text: a letter for each state, `-` for one that has left, `.` for one to come.
fn rows(picture: &RolloutPicture) -> [String; 2] {
    let letter = |occupant: &Option<Occupant>, comes: bool| match occupant {
        None if comes => '.',
        None => ' ',
        Some(Occupant { state: None, .. }) => '-',
        Some(Occupant { state: Some(state), .. }) => state.as_str().chars().next().unwrap(),
    };
    let old = picture.columns.iter().map(|column| letter(&column.old, false)).collect();
    let new = picture.columns.iter().map(|column| letter(&column.new, column.comes)).collect();
    [old, new]
}

fn until_it_waits(play: &mut Play) {
    while play.step() {}
}

#[test]
fn the_new_replica_takes_the_place_of_the_one_that_has_left() {
    let mut play = Play::new(3, 3, strategy("0", "1"), false);
    assert_eq!(rows(&play.draw().picture), ["rrr", "..."]);
    until_it_waits(&mut play);
    play.goes_well();
    until_it_waits(&mut play);
    assert_eq!(rows(&play.draw().picture), ["-rr", "s.."]);
    play.goes_well();
    play.step();
    assert_eq!(rows(&play.draw().picture), ["-dr", "r.."]);
    // Somebody has it go back: the same rows and columns, and what starts again stands in its row.
    until_it_waits(&mut play);
    play.goes_well();
    until_it_waits(&mut play);
    assert_eq!(rows(&play.draw().picture), ["--r", "rs."]);
    play.turn(3);
    until_it_waits(&mut play);
    play.goes_well();
    until_it_waits(&mut play);
    let [old, new] = rows(&play.draw().picture);
    assert_eq!((old.len(), new.len(), new.ends_with('.')), (3, 3, true), "{old} {new}");
    while play.goes_well() {
        until_it_waits(&mut play);
    }
    assert_eq!(rows(&play.draw().picture), ["rrr", "--."]);
}

#[test]
fn rounds_are_told_with_their_lengths_and_the_rest_is_planned() {
    let mut play = Play::new(3, 3, strategy("0", "1"), false);
    let planned = play.draw().picture;
    assert_eq!(
        planned.to_come.iter().map(|round| (round.place, round.back)).collect::<Vec<_>>(),
        [(1, false), (2, false), (3, false)]
    );
    assert!(planned.rounds.is_empty() && planned.done_at.is_some());
    for _ in 0..2 {
        until_it_waits(&mut play);
        play.goes_well();
    }
    until_it_waits(&mut play);
    let drawn = play.draw();
    let first = drawn.picture.rounds[0];
    assert_eq!((first.place, first.back, first.broke_off, first.restarts), (1, false, false, 0));
    assert_eq!(first.ended_at.unwrap().duration_since(first.began_at), SignedDuration::from_secs(2));
    assert_eq!(drawn.picture.rounds[1].ended_at, None, "the second goes on");
    // At the pace of the first.
    assert_eq!(drawn.picture.to_come, [RoundToCome { place: 3, back: false, takes_ms: Some(2_000) }]);
    assert_eq!(drawn.rounds_of.len(), play.steps.len());
    play.turn(3);
    until_it_waits(&mut play);
    let drawn = play.draw();
    assert!(drawn.picture.rounds[1].broke_off, "{:#?}", drawn.picture.rounds);
    assert!(drawn.picture.to_come.iter().all(|round| round.back), "{:#?}", drawn.picture.to_come);
    while play.goes_well() {
        until_it_waits(&mut play);
    }
    let told: Vec<_> = play.draw().picture.rounds.iter().map(|one| (one.place, one.back, one.broke_off)).collect();
    assert_eq!(told.iter().filter(|(_, back, _)| *back).count(), 2, "{told:?}");
    assert_eq!(told[..2], [(1, false, false), (2, false, true)], "the first had come to its end before: {told:?}");
    assert!(play.draw().picture.rounds.iter().all(|one| one.broke_off || one.ended_at.is_some()));
}

#[test]
fn a_replica_that_fails_again_and_again_stays_one_round_and_nothing_is_guessed() {
    let mut play = Play::new(2, 2, strategy("0", "1"), false);
    until_it_waits(&mut play);
    play.goes_well();
    until_it_waits(&mut play);
    for failures in 1..=3 {
        let now = play.now;
        let id = play.scene.replicas.iter().find(|replica| replica.revision == NEW).unwrap().id.clone();
        let replica = play.find(&id);
        (replica.observed, replica.failures) = (Observed::Exited { at: now }, failures);
        play.tell(StepKind::Wait, None);
        play.now += SignedDuration::from_secs(60);
        until_it_waits(&mut play);
    }
    let drawn = play.draw();
    let round = drawn.picture.rounds[0];
    assert_eq!((drawn.picture.rounds.len(), round.restarts, round.ended_at), (1, 3, None));
    assert_eq!(drawn.picture.to_come, [RoundToCome { place: 2, back: false, takes_ms: None }]);
    assert_eq!(drawn.picture.done_at, None);
    assert!(drawn.rounds_of.iter().all(|round| *round == Some(0)), "waits belong to it too: {:?}", drawn.rounds_of);
}

#[test]
fn one_that_only_changes_its_revision_stays_in_its_column() {
    let mut play = Play::new(2, 3, strategy("1", "0"), true);
    until_it_waits(&mut play);
    play.goes_well();
    until_it_waits(&mut play);
    assert_eq!(rows(&play.draw().picture), ["-- ", "rrr"]);
    let fewer = Play::new(3, 2, strategy("0", "1"), false);
    assert_eq!(rows(&fewer.draw().picture), ["rrr", ".. "]);
}

#[test]
fn a_first_rollout_has_places_only_for_what_comes() {
    let mut play = Play::new(0, 2, strategy("0", "1"), false);
    assert_eq!(rows(&play.draw().picture), ["  ", ".."]);
    until_it_waits(&mut play);
    assert_eq!(rows(&play.draw().picture), ["  ", "ss"]);
}

#[derive(Clone, Debug)]
enum Chance {
    Step,
    /// Every step that there is to take, after a time that is longer than any pause.
    Rest,
    GoesWell,
    Exits(usize),
    Unready(usize),
    Unseen(usize),
    Turn,
    Pause(bool),
}

fn chance() -> impl proptest::strategy::Strategy<Value = Chance> {
    prop_oneof![
        12 => any::<bool>().prop_map(|_| Chance::Step),
        8 => any::<bool>().prop_map(|_| Chance::GoesWell),
        2 => any::<usize>().prop_map(Chance::Exits),
        1 => any::<usize>().prop_map(Chance::Unready),
        1 => any::<usize>().prop_map(Chance::Unseen),
        1 => any::<bool>().prop_map(|_| Chance::Turn),
        1 => any::<bool>().prop_map(Chance::Pause),
    ]
}

/// Where each replica that there is stands: its column, and true in the row of the new revision.
fn places(picture: &RolloutPicture) -> BTreeMap<ReplicaId, Vec<(usize, bool)>> {
    let mut places: BTreeMap<ReplicaId, Vec<(usize, bool)>> = BTreeMap::new();
    for (at, column) in picture.columns.iter().enumerate() {
        for (occupant, new) in [(&column.old, false), (&column.new, true)] {
            if let Some(Occupant { replica, state: Some(_) }) = occupant {
                places.entry(replica.clone()).or_default().push((at, new));
            }
        }
    }
    places
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(100))]

    #[test]
    fn a_place_never_changes_and_every_replica_has_exactly_one(
        current in 0u32..8, desired in 1u32..8, surge in 0u8..=100, unavailable in 0u8..=100, stays in any::<bool>(),
        script in collection::vec(chance(), 0..80),
    ) {
        let mut strategy = Strategy { max_surge: Some(Amount::Percent(surge)), max_unavailable: Amount::Percent(unavailable), ..Strategy::default() };
        if strategy.check().is_err() {
            strategy.max_unavailable = Amount::Count(1);
        }
        let mut play = Play::new(current, desired, strategy, stays);
        let mut known: BTreeMap<ReplicaId, (usize, bool)> = BTreeMap::new();
        let (mut width, mut turned, mut told) = (0, false, Vec::new());
        let settling = std::iter::repeat_n([Chance::Rest, Chance::GoesWell], 40).flatten();
        for chance in script.into_iter().chain([Chance::Pause(false)]).chain(settling) {
            let now = play.now;
            let replicas = play.scene.replicas.len();
            match chance {
                Chance::Step => drop(play.step()),
                Chance::Rest => {
                    play.now += SignedDuration::from_secs(31);
                    until_it_waits(&mut play);
                }
                Chance::GoesWell => drop(play.goes_well()),
                Chance::Exits(at) => if let Some(at) = at.checked_rem(replicas) {
                    let replica = &mut play.scene.replicas[at];
                    (replica.observed, replica.failures) = (Observed::Exited { at: now }, replica.failures + 1);
                },
                Chance::Unready(at) => if let Some(at) = at.checked_rem(replicas) {
                    play.scene.replicas[at].observed = Observed::Unready { since: now };
                },
                Chance::Unseen(at) => if let Some(at) = at.checked_rem(replicas) {
                    play.scene.replicas[at].observed = Observed::Unknown;
                },
                Chance::Turn if !turned && current > 0 => {
                    play.turn(current);
                    turned = true;
                }
                Chance::Turn => {}
                Chance::Pause(paused) => play.scene.paused = paused,
            }
            let drawn = play.draw();
            let places = places(&drawn.picture);
            prop_assert_eq!(places.len(), play.scene.replicas.len(), "{:#?}", drawn.picture);
            for (replica, at) in places {
                prop_assert_eq!(at.len(), 1, "{} stands in {:?}", replica, at);
                let (column, new) = *known.entry(replica.clone()).or_insert(at[0]);
                prop_assert_eq!(column, at[0].0, "{} has moved", &replica);
                // Only one that runs on as the other revision changes the row.
                prop_assert!(stays || new == at[0].1, "{} has changed the row", replica);
                known.insert(replica, at[0]);
            }
            prop_assert!(drawn.picture.columns.len() >= width, "a column went away");
            width = drawn.picture.columns.len();
            // What was told of a round is not told of another later.
            prop_assert_eq!(drawn.rounds_of.len(), play.steps.len());
            prop_assert_eq!(&drawn.rounds_of[..told.len()], &told[..]);
            told = drawn.rounds_of;
        }
        let picture = play.draw().picture;
        prop_assert!(picture.to_come.is_empty(), "it has settled: {:#?}", picture);
        prop_assert!(picture.rounds.iter().all(|round| round.broke_off || round.ended_at.is_some()), "{:#?}", picture);
    }
}

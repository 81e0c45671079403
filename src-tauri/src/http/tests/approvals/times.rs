//! What is asked for at a time: carried out from that time on, and expired after its last one, by the clock of the server.

use std::time::Duration;

use domain::moment;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::people::{RISK, Team};
use crate::clock::Clock;
use crate::schedule::Schedule;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// The schedule of a server that has just been started; it ends with what is returned.
fn begin(team: &Team, clock: Clock) -> tokio_util::sync::DropGuard {
    let end = CancellationToken::new();
    let (store, machines) = (team.rig.store.clone(), team.rig.live.clone());
    let actor = "changeover".parse().unwrap();
    tokio::spawn(Schedule { store, machines, clock, actor }.run(end.clone()));
    end.drop_guard()
}

/// Lets the time pass until `at`.
async fn until(team: &Team, at: Timestamp) {
    tokio::time::sleep(Duration::try_from(at.duration_since(team.rig.now())).unwrap()).await;
}

/// The request once it has ended, which takes the schedule no more time than a moment.
async fn ended(team: &Team, asked: &Value) -> Value {
    for _ in 0..100 {
        let view = team.request("ada", asked).await;
        if !view["ended"].is_null() {
            return view;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it has not ended: {}", team.request("ada", asked).await);
}

fn ended_at(view: &Value) -> Timestamp {
    view["ended"]["at"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_scheduled_starts_at_its_time_and_not_before() {
    let team = Team::new().await;
    let at = team.rig.now() + HOUR;
    let asked = team.ask(json!({"at": at})).await;
    let _schedule = begin(&team, team.rig.clock.clone());
    until(&team, at - MILLISECOND).await;
    assert_eq!(team.request("ada", &asked).await["state"], "scheduled");
    let iris = team.get("ada", "/deployments/iris").await.is(200);
    assert_eq!(iris["condition"], json!({"word": "scheduled"}));
    let applied = ended(&team, &asked).await;
    assert_eq!(applied["state"], "applied");
    assert!(ended_at(&applied) >= at && ended_at(&applied) <= at + 2 * MILLISECOND, "due {at}: {applied}");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_start_by_its_last_time_expires_and_says_why() {
    let team = Team::new().await;
    let (at, last) = (team.rig.now() + HOUR, team.rig.now() + 2 * HOUR);
    let asked = team.ask(json!({"at": at, "not_after": last})).await;
    let _schedule = begin(&team, team.rig.clock.clone());
    let freeze = json!({"name": "Year end", "reason": "the books are closed", "scope": "all", "when": {"switch": {}}});
    team.post("local", "/freezes", freeze).await.is(201);
    until(&team, last).await;
    let waits = team.request("ada", &asked).await;
    assert_eq!((&waits["state"], &waits["waiting_for"]), (&json!("scheduled"), &json!("freeze")));
    let expired = ended(&team, &asked).await;
    assert_eq!((&expired["state"], &expired["ended"]["rollout"]), (&json!("expired"), &json!(null)));
    assert!(ended_at(&expired) > last && ended_at(&expired) <= last + 2 * MILLISECOND, "until {last}: {expired}");
    let problem = expired["ended"]["problem"].as_str().unwrap();
    assert_eq!(
        problem,
        format!("It could start until {}, and a freeze held until then. Ask for it again.", moment::in_words(last))
    );
    team.verify().await;
}

/// What its page says of when it ends is true.
#[tokio::test(start_paused = true)]
async fn what_nobody_approved_by_its_last_time_expires_and_says_why() {
    let team = Team::new().await;
    let policy = json!({"name": "Four eyes", "actions": ["replace"], "importance": "any", "reviewers": [RISK],
                        "approvals": 1});
    team.post("local", "/policies", policy).await.is(201);
    let (at, last) = (team.rig.now() + HOUR, team.rig.now() + 2 * HOUR);
    let asked = team.ask(json!({"at": at, "not_after": last})).await;
    assert_eq!((&asked["state"], &asked["expires_at"]), (&json!("open"), &json!(last)));
    let _schedule = begin(&team, team.rig.clock.clone());
    until(&team, last).await;
    assert_eq!(team.request("ada", &asked).await["state"], "open");
    let expired = ended(&team, &asked).await;
    assert_eq!(expired["state"], "expired");
    assert!(ended_at(&expired) > last && ended_at(&expired) <= last + 2 * MILLISECOND, "until {last}: {expired}");
    let problem = expired["ended"]["problem"].as_str().unwrap();
    assert_eq!(
        problem,
        format!("It could start until {}, and it was not approved by then. Ask for it again.", moment::in_words(last))
    );
    team.review("bob", &asked, "approved").await.is(409);
    team.verify().await;
}

/// A laptop whose lid was closed: the clock goes on, and nobody is woken by the runtime's timers.
#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_carries_out_what_is_due_as_soon_as_it_is_awake() {
    for (slept, state) in [(HOUR, "applied"), (2 * HOUR - MILLISECOND, "applied"), (2 * HOUR + MILLISECOND, "expired")]
    {
        let team = Team::new().await;
        let (at, last) = (team.rig.now() + HOUR, team.rig.now() + 2 * HOUR);
        let asked = team.ask(json!({"at": at, "not_after": last})).await;
        let _schedule = begin(&team, team.rig.clock.clone());
        tokio::time::sleep(Duration::from_millis(1)).await;
        team.rig.clock.skip(slept);
        let awake = team.rig.now();
        let ended = ended(&team, &asked).await;
        assert_eq!(ended["state"], state, "{ended}");
        assert!(ended_at(&ended) <= awake + 2 * MILLISECOND, "awake {awake}: {ended}");
    }
}

/// The schedule has not come to it yet.
#[tokio::test(start_paused = true)]
async fn what_is_due_can_be_applied_by_hand() {
    let team = Team::new().await;
    let asked = team.ask(json!({"at": team.rig.now() + HOUR})).await;
    let path = format!("/change-requests/{}/apply", asked["id"].as_str().unwrap());
    team.post("ada", &path, json!({})).await.refused(409, "approval_required");
    team.rig.clock.skip(HOUR);
    let applied = team.post("ada", &path, json!({})).await;
    assert!(applied.status.is_success(), "{}", applied.status);
    assert_eq!(team.request("ada", &asked).await["state"], "applied");
    assert_eq!(team.rig.store.read(|reading| reading.deployment_called("iris")).unwrap().unwrap().newest_rollout.0, 2);
}

/// It begins while the machine sleeps, and holds what becomes due meanwhile.
#[tokio::test(start_paused = true)]
async fn a_freeze_that_began_while_the_machine_slept_holds() {
    let team = Team::new().await;
    let (at, last) = (team.rig.now() + HOUR, team.rig.now() + 10 * HOUR);
    let asked = team.ask(json!({"at": at, "not_after": last})).await;
    let (from, to) = (team.rig.now() + HOUR / 2, team.rig.now() + 5 * HOUR);
    let local = |time: Timestamp| time.to_zoned(TimeZone::UTC).datetime();
    let when = json!({"once": {"from": local(from), "to": local(to), "zone": "UTC"}});
    let freeze = json!({"name": "Night", "reason": "nobody is there", "scope": "all", "when": when});
    team.post("local", "/freezes", freeze).await.is(201);
    let _schedule = begin(&team, team.rig.clock.clone());
    tokio::time::sleep(Duration::from_millis(1)).await;
    team.rig.clock.skip(3 * HOUR);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let waits = team.request("ada", &asked).await;
    assert_eq!((&waits["state"], &waits["waiting_for"]), (&json!("scheduled"), &json!("freeze")));
    team.rig.clock.skip(2 * HOUR);
    let ended = ended(&team, &asked).await;
    assert_eq!(ended["state"], "applied", "{ended}");
    assert!(ended_at(&ended) >= to, "{ended}");
}

/// A server that was down, or whose clock was moved, goes by the time that it finds when it starts.
#[tokio::test(start_paused = true)]
async fn a_start_within_its_time_carries_it_out_and_a_later_one_lets_it_expire() {
    let nanosecond = SignedDuration::from_nanos(1);
    for (late, state) in [(SignedDuration::ZERO, "applied"), (nanosecond, "expired")] {
        let team = Team::new().await;
        let (at, last) = (team.rig.now() + HOUR, team.rig.now() + 2 * HOUR);
        let asked = team.ask(json!({"at": at, "not_after": last})).await;
        let _schedule = begin(&team, Clock::anchored(last + late));
        let ended = ended(&team, &asked).await;
        assert_eq!(ended["state"], state, "{ended}");
        if state == "expired" {
            let problem = ended["ended"]["problem"].as_str().unwrap();
            assert!(problem.contains(&moment::in_words(last)) && problem.contains("does not run"), "{problem}");
        }
        team.verify().await;
    }
}

/// A clock that was set back while a change waits for its time.
#[tokio::test(start_paused = true)]
async fn a_start_with_an_earlier_clock_starts_nothing_early() {
    let team = Team::new().await;
    let at = team.rig.now() + HOUR;
    let asked = team.ask(json!({"at": at})).await;
    let _schedule = begin(&team, Clock::anchored(at - 3 * HOUR));
    until(&team, at + HOUR).await;
    assert_eq!(team.request("ada", &asked).await["state"], "scheduled");
    // Its own time has come.
    until(&team, at + 2 * HOUR).await;
    assert_eq!(ended(&team, &asked).await["state"], "applied");
}

//! The task that tries candidates, over a fake target: no second passes in these tests.

use changeover::targets::Target as _;
use changeover::targets::fake::Behaviour;
use domain::compat::CheckStep;
use domain::model::Tried;
use domain::resources::{Capacity, Machine};
use jiff::SignedDuration;
use serde_json::json;

use crate::scene::Scene;

fn failed(tried: &Tried) -> &str {
    match tried {
        Tried::Failed { problem } => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_loads_and_answers_leaves_nothing_behind() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    scene.stage.target.behave("iris@2", Behaviour::Ready(SignedDuration::from_secs(3)));
    let before = scene.stage.deployment("iris")?;
    let id = scene.check("iris@2")?;
    let step = |step| scene.row(&id).map(|row| row.is_some_and(|row| row.step == step));
    scene.stage.until("the start", |_| step(CheckStep::Starting)).await?;
    assert_eq!((scene.scratch().len(), scene.counted()?), (1, (1, 1)), "it is not counted");
    let trial = scene.ended(&id).await?;
    assert_eq!((&trial.loads, trial.startup_ms), (&Tried::Worked, Some(3_000)));
    assert!(matches!(&trial.answers, Tried::Worked | Tried::NotTried { .. }), "{trial:?}");
    assert_eq!((scene.scratch().len(), scene.counted()?), (0, (1, 1)));
    assert_eq!(scene.stage.deployment("iris")?, before, "the deployment is not touched");
    let log = scene.stage.target.take_log();
    assert_eq!(log, ["start scratch1 iris@2", "stop scratch1"]);
    assert!(!scene.stage.target.observe(&"scratch1".parse()?)?.observed.may_exist());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_ends_or_cannot_be_started_has_not_loaded() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    scene.stage.target.behave("iris@2", Behaviour::Crashes(SignedDuration::from_secs(1)));
    let trial = scene.ended(&scene.check("iris@2")?).await?;
    assert_eq!(failed(&trial.loads), "it crashed");
    assert!(matches!(trial.answers, Tried::NotTried { .. }));
    scene.stage.target.behave("iris@2", Behaviour::CannotStart);
    let trial = scene.ended(&scene.check("iris@2")?).await?;
    assert!(failed(&trial.loads).contains("no such program"), "{trial:?}");
    assert!(scene.scratch().is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_is_silent_is_given_up_after_two_minutes_and_the_next_has_its_turn() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    scene.stage.operator.register("iris")?;
    scene.stage.target.behave("iris@2", Behaviour::NeverReady);
    let first = scene.check("iris@2")?;
    scene.pass(1).await;
    let second = scene.check("iris@3")?;
    scene.pass(50).await;
    scene.stage.target.says(&"scratch1".parse()?, "nobody listens on port 4711 yet", false);
    scene.pass(110).await;
    assert_eq!(scene.row(&first)?.map(|row| row.step), Some(CheckStep::Starting));
    assert_eq!(scene.row(&second)?.map(|row| row.step), Some(CheckStep::Queued), "one at a time");
    scene.pass(20).await;
    let trial = scene.row(&first)?.and_then(|row| row.trial).expect("it was given up");
    let problem = failed(&trial.loads);
    assert!(
        problem.ends_with("nothing new was heard of it for 120 seconds; nobody listens on port 4711 yet"),
        "{problem}"
    );
    assert_eq!(scene.ended(&second).await?.loads, Tried::Worked);
    assert!(scene.scratch().is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_builds_its_environment_has_ten_minutes() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    scene.stage.target.behave("iris@2", Behaviour::NeverReady);
    let id = scene.check("iris@2")?;
    scene.pass(1).await;
    scene.stage.target.says(&"scratch1".parse()?, "building the Python environment", true);
    scene.pass(590).await;
    assert_eq!(scene.row(&id)?.map(|row| row.step), Some(CheckStep::Starting));
    scene.pass(20).await;
    let trial = scene.row(&id)?.and_then(|row| row.trial).expect("it was given up");
    assert_eq!(failed(&trial.loads), "it was not ready within 600 seconds; building the Python environment");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_that_answers_elsewhere_has_half_a_minute() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    scene.stage.operator.register_elsewhere("iris")?;
    scene.stage.target.behave("iris@3", Behaviour::NeverReady);
    let id = scene.check_with(json!({"models": ["iris@3"], "runtime": "external"}))?;
    scene.pass(1).await;
    scene.stage.target.says(&"scratch1".parse()?, "http://127.0.0.1:1/ does not answer: connection refused", false);
    scene.pass(20).await;
    assert_eq!(scene.row(&id)?.map(|row| row.step), Some(CheckStep::Starting));
    scene.pass(15).await;
    let trial = scene.row(&id)?.and_then(|row| row.trial).expect("it was given up");
    let problem = failed(&trial.loads);
    assert_eq!(problem, "it was not ready within 30 seconds; http://127.0.0.1:1/ does not answer: connection refused");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_check_that_was_under_way_is_taken_again_by_the_next_server() -> anyhow::Result<()> {
    let mut scene = Scene::open().await?;
    scene.stage.target.behave("iris@2", Behaviour::Ready(SignedDuration::from_secs(30)));
    let id = scene.check("iris@2")?;
    scene.pass(5).await;
    assert_eq!(scene.scratch(), ["scratch1"]);
    scene.kill().await?;
    assert_eq!(scene.scratch(), ["scratch1"], "nobody has ended it");
    scene.stage.start_engine().await?;
    assert!(scene.scratch().is_empty(), "it is a stray, and no replica of the deployment");
    scene.start()?;
    let trial = scene.ended(&id).await?;
    assert_eq!((trial.loads, trial.startup_ms), (Tried::Worked, Some(30_000)));
    assert_eq!((scene.scratch().len(), scene.counted()?), (0, (1, 1)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nothing_is_recorded_of_a_deployment_that_is_deleted_meanwhile() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    scene.stage.target.behave("iris@2", Behaviour::NeverReady);
    let id = scene.check("iris@2")?;
    scene.pass(5).await;
    assert_eq!(scene.scratch().len(), 1);
    scene.stage.operator.delete("iris")?;
    scene.pass(5).await;
    assert!(scene.scratch().is_empty());
    assert!(scene.row(&id)?.is_none(), "it went with its deployment");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_machine_without_room_for_one_more_tries_nothing() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    let capacity = Capacity { memory_mb: 700, ..Capacity::ENDLESS };
    scene.stage.target.set_machine(Machine { capacity, ..Machine::ENDLESS });
    let trial = scene.ended(&scene.check("iris@2")?).await?;
    assert!(matches!(&trial.loads, Tried::NotTried { why } if why.contains("no room")), "{trial:?}");
    assert!(scene.stage.target.take_log().iter().all(|line| !line.starts_with("start")));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_scratch_replica_makes_room_for_a_replica_that_takes_it() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    let capacity = Capacity { memory_mb: 1_000, ..Capacity::ENDLESS };
    scene.stage.target.set_machine(Machine { capacity, ..Machine::ENDLESS });
    scene.stage.target.behave("iris@2", Behaviour::NeverReady);
    let id = scene.check("iris@2")?;
    scene.pass(1).await;
    assert_eq!(scene.scratch().len(), 1);
    scene.stage.operator.deploy("rose", json!({"models": ["iris@1"]}), json!({}))?;
    scene.pass(1).await;
    assert!(scene.scratch().is_empty(), "two replicas are all that the machine has room for");
    assert_eq!(scene.stage.replicas("rose")?.len(), 1);
    let trial = scene.ended(&id).await?;
    assert!(matches!(&trial.loads, Tried::NotTried { why } if why.contains("no room")), "{trial:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_tried_takes_back_neither_a_failure_nor_a_success() -> anyhow::Result<()> {
    for (behaviour, known) in [
        (Behaviour::Crashes(SignedDuration::from_secs(1)), "failed"),
        (Behaviour::Ready(SignedDuration::ZERO), "worked"),
    ] {
        let scene = Scene::open().await?;
        let capacity = Capacity { memory_mb: 700, ..Capacity::ENDLESS };
        scene.stage.target.set_machine(Machine { capacity, ..Machine::ENDLESS });
        let first = scene.check("iris@2")?;
        assert!(matches!(scene.ended(&first).await?.loads, Tried::NotTried { .. }));
        assert_eq!(scene.latest(&first)?, "not_tried", "while nothing better is known");
        scene.stage.target.set_machine(Machine::ENDLESS);
        scene.stage.target.behave("iris@2", behaviour);
        scene.ended(&scene.check("iris@2")?).await?;
        scene.stage.target.set_machine(Machine { capacity, ..Machine::ENDLESS });
        let last = scene.check("iris@2")?;
        assert!(matches!(scene.ended(&last).await?.loads, Tried::NotTried { .. }));
        assert_eq!(scene.latest(&last)?, known);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_wrong_answer_and_none_are_told_in_the_replicas_words() -> anyhow::Result<()> {
    let scene = Scene::open().await?;
    scene.answers(Ok((500, json!({"error": "the model failed"}))));
    let trial = scene.ended(&scene.check("iris@2")?).await?;
    assert_eq!(trial.loads, Tried::Worked);
    assert!(failed(&trial.answers).contains("status 500: the model failed"), "{trial:?}");
    let asked = scene.asked.lock().expect("no test panics with it").clone();
    assert_eq!(asked[0].path, "/v2/models/iris/infer");
    scene.answers(Err("it broke off"));
    let trial = scene.ended(&scene.check("iris@2")?).await?;
    assert_eq!(failed(&trial.answers), "it broke off");
    Ok(())
}

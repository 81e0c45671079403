//! A stage with the task that tries candidates.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use changeover::checks::{CheckError, Checks, Parts, ScratchAnswer, ScratchRequest};
use changeover::commands::{self, Act, Expected, Moment};
use domain::caller::Caller;
use domain::compat::Trial;
use domain::id::{CheckId, DeploymentId};
use domain::ledger::CandidateCheck;
use domain::resources::Machine;
use serde_json::{Value, json};
use tests::stage::Stage;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Deployment `iris` runs `iris@1`; `iris@2` is the candidate.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    /// The answer that scratch replicas give.
    answer: Arc<Mutex<Result<ScratchAnswer, String>>>,
    /// The requests that they were sent.
    pub(crate) asked: Arc<Mutex<Vec<ScratchRequest>>>,
    replicas: Arc<AtomicU32>,
    task: Option<(CancellationToken, JoinHandle<()>)>,
}

impl Scene {
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let stage = Stage::open().await?;
        stage.operator.register("iris")?;
        stage.operator.register("iris")?;
        stage.operator.deploy("iris", json!({"models": ["iris@1"]}), json!({}))?;
        stage.until_over("iris").await?;
        let good = json!({"outputs": [{"name": "label", "datatype": "INT64", "shape": [1], "data": [1]}]});
        let answer = ScratchAnswer { status: 200, body: good.to_string().into() };
        let mut scene = Self {
            stage,
            answer: Arc::new(Mutex::new(Ok(answer))),
            asked: Arc::default(),
            replicas: Arc::default(),
            task: None,
        };
        scene.start()?;
        scene.stage.target.take_log();
        Ok(scene)
    }

    /// Sets the answer that scratch replicas give from now on.
    pub(crate) fn answers(&self, answer: Result<(u16, Value), &str>) {
        let answer = answer.map(|(status, body)| ScratchAnswer { status, body: body.to_string().into() });
        *self.answer.lock().expect("no test panics with it") = answer.map_err(str::to_owned);
    }

    /// Starts the task that tries candidates.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        let (clock, replicas) = (self.stage.clock.clone(), self.replicas.clone());
        let (answer, asked) = (self.answer.clone(), self.asked.clone());
        let server = Caller::new("changeover".parse()?);
        let checks = Checks::new(Parts {
            store: self.stage.store.clone(),
            targets: self.stage.targets(),
            actor: "changeover".parse()?,
            clock,
            new_replica: Box::new(move || {
                let n = replicas.fetch_add(1, Ordering::Relaxed) + 1;
                format!("scratch{n}").parse().expect("a valid id")
            }),
            package_path: Box::new(|digest| digest.as_str().into()),
            report: Box::new(move |reading, row, candidate, trial| {
                let moment = Moment { reading: *reading, caller: &server, machines: &Machine::ENDLESS };
                let report = commands::check_report(moment, row, candidate, Some(trial));
                report.map_err(|refusal| CheckError::Report(refusal.into()))
            }),
            ask: Box::new(move |_, question| {
                asked.lock().expect("no test panics with it").push(question);
                let answer = answer.lock().expect("no test panics with it").clone();
                Box::pin(async move { answer })
            }),
        });
        let end = CancellationToken::new();
        self.task = Some((end.clone(), tokio::spawn(checks.run(end))));
        Ok(())
    }

    /// Ends the task, as a killed server does: whatever it was at stays.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some((_, task)) = self.task.take() {
            task.abort();
            let _ = task.await;
        }
        self.stage.stop_engine().await
    }

    /// Asks for a check of `models`.
    pub(crate) fn check(&self, models: &str) -> anyhow::Result<CheckId> {
        self.check_with(json!({"models": [models]}))
    }

    /// Asks for a check of what `set` changes.
    pub(crate) fn check_with(&self, set: Value) -> anyhow::Result<CheckId> {
        let request = serde_json::from_value(json!({"set": set}))?;
        let ada = Caller::new("ada".parse()?);
        let check = self.stage.store.write(&ada.actor, self.stage.now(), |writing| {
            let mut act = Act::new(writing, &ada, &Machine::ENDLESS);
            let row = act.on("iris", &Expected::default())?;
            commands::start_check(&mut act, &row, &request)
        })?;
        Ok(check.id)
    }

    pub(crate) fn row(&self, id: &CheckId) -> anyhow::Result<Option<CandidateCheck>> {
        Ok(self.stage.store.read(|reading| reading.check(id))?)
    }

    /// The latest finding about the configuration that was checked: the word for whether its model loads.
    pub(crate) fn latest(&self, id: &CheckId) -> anyhow::Result<Value> {
        let row = self.row(id)?.expect("it was not removed");
        let latest = self.stage.store.read(|reading| reading.latest_check(&row.deployment, &row.configuration))?;
        Ok(json!(latest.and_then(|row| row.trial).expect("one has ended").loads)["result"].clone())
    }

    /// Moves time on until the check has ended; what it showed.
    pub(crate) async fn ended(&self, id: &CheckId) -> anyhow::Result<Trial> {
        self.stage.until("the check's end", |_| Ok(self.row(id)?.is_none_or(|row| row.trial.is_some()))).await?;
        let row = self.row(id)?.expect("it was not removed");
        assert!(row.report.is_some() && row.ended_at.is_some());
        Ok(row.trial.expect("it has ended"))
    }

    /// The ids of scratch replicas whose process runs.
    pub(crate) fn scratch(&self) -> Vec<String> {
        let running = self.stage.target.running().into_iter().map(|id| id.to_string());
        running.filter(|id| id.starts_with("scratch")).collect()
    }

    /// The number of replicas of the deployment, and the number of those that get requests.
    pub(crate) fn counted(&self) -> anyhow::Result<(usize, usize)> {
        let id: DeploymentId = self.stage.deployment("iris")?.id;
        Ok((self.stage.replicas("iris")?.len(), self.stage.routing.routed(&id).len()))
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.stage.pass_time(Duration::from_secs(seconds)).await;
    }
}

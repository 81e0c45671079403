//! A person who asks for operations on a stage, by the commands that the API takes.

use std::sync::Arc;

use changeover::clock::Clock;
use changeover::commands::{self, Act, Expected, Machines, Started};
use changeover::store::Store;
use changeover::targets::Target as _;
use changeover::targets::fake::FakeTarget;
use domain::caller::Caller;
use domain::id::{Actor, RevisionNumber, TargetName};
use domain::model::{PackageKind, Packing, Tried};
use domain::resources::Machine;
use domain::rollout::RolloutEvent;
use domain::target::Traits;
use domain::wire::{CreateDeployment, Rollback, StartRollout};
use serde_json::{Value, json};

/// A person who asks for operations. Cheap to clone.
#[derive(Clone)]
pub struct Operator {
    actor: Actor,
    store: Arc<Store>,
    target: Arc<FakeTarget>,
    clock: Clock,
}

/// The one target that there is.
struct TheTarget<'a>(&'a FakeTarget);

impl Machines for TheTarget<'_> {
    fn machine(&self, _: &TargetName) -> Machine {
        self.0.room().machine()
    }

    fn traits(&self, _: &TargetName) -> Traits {
        self.0.traits()
    }

    fn targets(&self) -> Vec<TargetName> {
        vec![TargetName::default()]
    }
}

impl Operator {
    pub(crate) fn new(actor: Actor, store: Arc<Store>, target: Arc<FakeTarget>, clock: Clock) -> Self {
        Self { actor, store, target, clock }
    }

    fn write<T>(&self, write: impl FnOnce(&mut Act<'_, '_>) -> Result<T, commands::Refusal>) -> anyhow::Result<T> {
        let (caller, machines) = (Caller::new(self.actor.clone()), TheTarget(&self.target));
        Ok(self
            .store
            .write(&self.actor, self.clock.now(), |writing| write(&mut Act::new(writing, &caller, &machines)))?)
    }

    /// Registers the next version of `name`, with a made-up file.
    pub fn register(&self, name: &str) -> anyhow::Result<()> {
        let signature = json!({"inputs": [], "outputs": [], "classes": ["no", "yes"], "class_source": "graph", "opsets": {}, "ir_version": 8, "producer": "", "metadata": {}});
        let signature = serde_json::from_value(signature)?;
        let meta = serde_json::from_value(json!({"name": name}))?;
        let loads = Tried::NotTried { why: "it is made up".to_owned() };
        let (kind, entry) = (PackageKind::Onnx, String::new());
        let package = Some(commands::InspectedPackage { kind, entry, signature, loads, environment: None });
        self.write(|act| {
            // Each version is a file of its own.
            let count = act.reading().digests()?.len();
            let digest = format!("{count:064x}").parse().unwrap_or_else(|_| unreachable!("64 digits are a digest"));
            let artifact = commands::Artifact { digest, size: 1, packing: Packing::File, package };
            commands::register_model(act, meta, artifact)
        })?;
        Ok(())
    }

    /// Registers the next version of a model that answers elsewhere.
    pub fn register_elsewhere(&self, name: &str) -> anyhow::Result<()> {
        let meta = json!({"name": name, "kind": "external", "url": "http://127.0.0.1:1/"});
        let meta = serde_json::from_value(meta)?;
        self.write(|act| commands::register_external(act, meta))?;
        Ok(())
    }

    /// Makes a deployment.
    pub fn deploy(&self, name: &str, configuration: Value, strategy: Value) -> anyhow::Result<()> {
        self.create(json!({"name": name, "configuration": configuration, "strategy": strategy}))
    }

    /// Makes a deployment of all that a request may say.
    pub fn create(&self, request: Value) -> anyhow::Result<()> {
        let request: CreateDeployment = serde_json::from_value(request)?;
        self.write(|act| commands::create_deployment(act, request))?;
        Ok(())
    }

    /// Starts a rollout.
    pub fn update(&self, name: &str, request: Value) -> anyhow::Result<Started> {
        let request: StartRollout = serde_json::from_value(request)?;
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            commands::start_rollout(act, &row, &request)
        })
    }

    /// Starts a rollback.
    pub fn roll_back(&self, name: &str, request: Value) -> anyhow::Result<Started> {
        let request: Rollback = serde_json::from_value(request)?;
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            commands::rollback(act, &row, &request)
        })
    }

    /// Pauses, resumes or cancels the newest rollout.
    pub fn move_rollout(&self, name: &str, event: RolloutEvent) -> anyhow::Result<()> {
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            let number = row.newest_rollout;
            commands::move_rollout(act, &row, number, event)
        })
    }

    /// Takes a deployment's replicas away.
    ///
    /// # Errors
    /// It is refused.
    pub fn deactivate(&self, name: &str) -> anyhow::Result<()> {
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            commands::deactivate(act, &row, Default::default()).map(drop)
        })
    }

    /// Brings them back.
    ///
    /// # Errors
    /// It is refused.
    pub fn activate(&self, name: &str, request: Value) -> anyhow::Result<()> {
        let request = serde_json::from_value(request)?;
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            commands::activate(act, &row, request).map(drop)
        })
    }

    /// Replaces every replica by one like it.
    ///
    /// # Errors
    /// It is refused.
    pub fn relaunch(&self, name: &str, request: Value) -> anyhow::Result<()> {
        let request = serde_json::from_value(request)?;
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            commands::relaunch(act, &row, &request).map(drop)
        })
    }

    /// Changes what no rollout is needed for.
    ///
    /// # Errors
    /// It is refused.
    pub fn patch(&self, name: &str, request: Value) -> anyhow::Result<()> {
        let request = serde_json::from_value(request)?;
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            commands::patch_deployment(act, &row, request).map(drop)
        })
    }

    /// Marks a revision as known to be bad, or takes that back.
    ///
    /// # Errors
    /// It is refused.
    pub fn quarantine(&self, name: &str, number: u32, bad: bool) -> anyhow::Result<()> {
        let number = RevisionNumber(number);
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            match bad {
                true => commands::quarantine(act, &row, number, "it answers nonsense"),
                false => commands::lift_quarantine(act, &row, number, "it was the data"),
            }
        })
    }

    /// Asks for a deployment to be removed.
    pub fn delete(&self, name: &str) -> anyhow::Result<()> {
        self.write(|act| {
            let row = act.on(name, &Expected::default())?;
            commands::delete_deployment(act, &row, Default::default()).map(drop)
        })
    }
}

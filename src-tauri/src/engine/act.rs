//! Taking a step: record what is about to be touched, touch it, record what came of it.

use domain::event::{Event, ReplicaRecord};
use domain::id::{ReplicaId, RevisionNumber};
use domain::observed::{Intent, Observed};
use domain::plan::Step;
use domain::rehearsal;
use jiff::Timestamp;

use super::view::View;
use super::{Core, EngineError};
use crate::targets::{Launch, ModelFile, Seen, Target};

impl<T: Target> Core<T> {
    pub(super) fn take(&self, view: &View, step: Step, reason: String, now: Timestamp) -> Result<(), EngineError> {
        let id = &view.deployment.id;
        let replica = match &step {
            Step::Start { .. } => (self.new_replica)(),
            Step::Restart { replica }
            | Step::Relabel { replica, .. }
            | Step::Drain { replica }
            | Step::Stop { replica }
            | Step::Forget { replica } => replica.clone(),
        };
        let taken = Event::StepTaken {
            rollout: view.deployment.rollout,
            step: rehearsal::word(&step).to_owned(),
            replica: Some(replica.clone()),
            reason,
        };
        let mut record = match &step {
            Step::Start { revision } => new_record(&replica, *revision, now),
            _ => view
                .replicas
                .iter()
                .find(|r| r.id == replica)
                .cloned()
                .ok_or(EngineError::NoSuchReplica(replica.clone()))?,
        };
        match step {
            Step::Start { .. } => self.launch(view, record, taken, now),
            Step::Restart { .. } => {
                record.observed = Observed::Unknown;
                record.started_at = now;
                record.restarts += 1;
                self.launch(view, record, taken, now)
            }
            Step::Relabel { revision, .. } => {
                record.revision = revision;
                self.record(id, now, [taken, Event::ReplicaChanged { replica: record }])
            }
            // The next pass routes around it before it looks at what is in flight.
            Step::Drain { .. } => {
                record.intent = Intent::Drain { since: now };
                self.record(id, now, [taken, Event::ReplicaChanged { replica: record }])
            }
            Step::Stop { .. } => {
                record.intent = Intent::Stop { since: now };
                self.record(id, now, [taken, Event::ReplicaChanged { replica: record }])?;
                self.target.stop(&replica);
                Ok(())
            }
            Step::Forget { .. } => {
                self.target.forget(&replica);
                self.record(id, now, [taken, Event::ReplicaForgotten { id: replica }])
            }
        }
    }

    /// Records *unknown*, starts the process, records what came of it. Killed in between, the next server
    /// finds the process by its replica's id.
    fn launch(&self, view: &View, record: ReplicaRecord, taken: Event, now: Timestamp) -> Result<(), EngineError> {
        let id = &view.deployment.id;
        let launch = self.launch_of(view, &record)?;
        self.record(id, now, [taken, Event::ReplicaChanged { replica: record.clone() }])?;
        let started = match self.target.start(&launch) {
            Ok(Seen { observed, process, address, problem }) => {
                ReplicaRecord { observed, process, address, problem: problem.or(record.problem), ..record }
            }
            Err(error) => ReplicaRecord {
                observed: Observed::Exited { at: now },
                problem: Some(error.to_string()),
                failures: record.failures + 1,
                ..record
            },
        };
        self.record(id, now, [Event::ReplicaChanged { replica: started }])
    }

    /// What the target needs to start a replica, or to know one that runs.
    pub(super) fn launch_of(&self, view: &View, record: &ReplicaRecord) -> Result<Launch, EngineError> {
        let configuration =
            view.configurations.get(&record.revision).cloned().ok_or(EngineError::NoConfiguration(record.revision))?;
        let model = match view.model(record.revision) {
            None => None,
            Some(model) => {
                let registered = self.store.read(|reading| reading.model(model))?;
                let registered = registered.ok_or_else(|| EngineError::NoModel(model.clone()))?;
                let path = (self.artifact_path)(&registered.digest);
                Some(ModelFile { model: model.clone(), path, digest: registered.digest })
            }
        };
        Ok(Launch {
            replica: record.id.clone(),
            deployment: view.deployment.id.clone(),
            name: view.deployment.name.clone(),
            revision: record.revision,
            configuration,
            model,
            generation: view.deployment.generation,
        })
    }
}

fn new_record(id: &ReplicaId, revision: RevisionNumber, now: Timestamp) -> ReplicaRecord {
    ReplicaRecord {
        id: id.clone(),
        revision,
        intent: Intent::Run,
        observed: Observed::Unknown,
        process: None,
        address: None,
        started_at: now,
        restarts: 0,
        failures: 0,
        problem: None,
    }
}

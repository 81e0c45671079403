//! Numbers over all deployments.

use std::collections::BTreeMap;

use domain::deployment::Status;
use domain::id::{DeploymentName, RevisionNumber};
use domain::metrics::DurationCounts;
use domain::replica::ReplicaState;
use domain::wire::Receipt;

use super::Views;
use crate::commands::{Refusal, allow_reading};

/// Numbers over all deployments that the caller may see.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    /// The status of each deployment.
    pub(crate) statuses: Vec<Status>,
    /// The state of each replica, with the name of its deployment.
    pub(crate) replicas: Vec<(String, ReplicaState)>,
    /// The requests of each deployment since this server started.
    pub(crate) requests: Vec<(DeploymentName, Receipt)>,
    /// How long they took, by the revision that answered them; those that no replica saw have none.
    pub(crate) durations: Vec<(DeploymentName, Option<RevisionNumber>, DurationCounts)>,
}

impl Views<'_> {
    /// As they are now.
    pub(crate) fn numbers(&self) -> Result<Numbers, Refusal> {
        let deployments = self.readable(&allow_reading(&self.moment)?)?;
        let names: BTreeMap<_, _> = deployments.iter().map(|row| (&row.id, row.name.as_str())).collect();
        let replicas = self.moment.reading.readable_replicas()?.into_iter().filter_map(|(deployment, replica)| {
            let name = names.get(&deployment)?;
            Some(((*name).to_owned(), ReplicaState::of(replica.intent, replica.observed)))
        });
        let replicas = replicas.collect();
        let counts = deployments.iter().map(|row| (row.name.clone(), self.api.live.counts(&row.id)));
        let durations = deployments.iter().flat_map(|row| {
            let counts = self.api.live.durations(&row.id).into_iter();
            counts.map(|(revision, counts)| (row.name.clone(), revision, counts))
        });
        Ok(Numbers {
            statuses: deployments.iter().map(|row| row.status).collect(),
            replicas,
            requests: counts.collect(),
            durations: durations.collect(),
        })
    }
}

//! The targets of this server, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::id::{DeploymentId, ReplicaId, TargetName};
use domain::replica::Seen;
use domain::target::{Room, Traits};
use futures_util::future::{BoxFuture, select_all};
use tokio::sync::broadcast::{self, error::RecvError};

use super::output::{NoOutput, Output};
use super::target::{KnownReplica, Order, Target, TargetError, Unseen};

/// The targets that are configured.
pub struct Targets {
    named: BTreeMap<TargetName, Arc<dyn Target>>,
}

impl Targets {
    /// These, each under its name.
    pub fn new(named: impl IntoIterator<Item = (TargetName, Arc<dyn Target>)>) -> Self {
        Self { named: named.into_iter().collect() }
    }

    /// The target of this name. One that is not configured is a target that cannot be seen: nothing of its replicas is
    /// started, stopped or judged until it is configured again.
    pub fn of(&self, name: &TargetName) -> Arc<dyn Target> {
        self.configured(name).cloned().unwrap_or_else(|| Arc::new(NotConfigured { name: name.clone() }))
    }

    /// The target of this name, where it is configured.
    pub fn configured(&self, name: &TargetName) -> Option<&Arc<dyn Target>> {
        self.named.get(name)
    }

    /// All that are configured.
    pub fn all(&self) -> impl Iterator<Item = (&TargetName, &Arc<dyn Target>)> {
        self.named.iter()
    }

    /// Hears what they announce from now on.
    pub fn changes(&self) -> Changes {
        Changes(self.named.values().map(|target| target.changes()).collect())
    }
}

/// The announcements of all targets.
pub struct Changes(Vec<broadcast::Receiver<DeploymentId>>);

impl Changes {
    /// The next deployment of which something else is seen. May be dropped at any time; nothing is lost by that.
    ///
    /// # Errors
    /// [`RecvError::Lagged`] when announcements were missed.
    pub async fn next(&mut self) -> Result<DeploymentId, RecvError> {
        if self.0.is_empty() {
            return std::future::pending().await;
        }
        select_all(self.0.iter_mut().map(|target| Box::pin(target.recv()))).await.0
    }
}

/// A target that deployments name and the settings do not.
struct NotConfigured {
    name: TargetName,
}

impl NotConfigured {
    fn why(&self) -> String {
        format!(
            "No target \"{0}\" is configured. Write [targets.{0}] into changeover.toml again and start the server anew.",
            self.name
        )
    }
}

impl Target for NotConfigured {
    fn traits(&self) -> Traits {
        Traits::default()
    }

    fn room(&self) -> Room {
        Room::ItsOwn
    }

    fn look(&self, _: &[ReplicaId]) -> Result<Vec<Seen>, Unseen> {
        Err(Unseen { why: self.why() })
    }

    fn act(&self, _: Order) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(async { Err(TargetError::NotDone(self.why())) })
    }

    fn adopt(&self, _: Vec<KnownReplica>) -> BoxFuture<'_, Result<(), TargetError>> {
        Box::pin(async { Ok(()) })
    }

    fn peak_memory(&self, _: &ReplicaId) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { None })
    }

    fn output(&self) -> &dyn Output {
        &NoOutput
    }

    fn changes(&self) -> broadcast::Receiver<DeploymentId> {
        broadcast::channel(1).1
    }
}

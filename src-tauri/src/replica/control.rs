//! The routes for the server that owns this replica: who it is, whether it is ready, a new `user_config`.
//!
//! They have a socket of their own, because the gateway passes every path on to the inference socket.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use domain::id::{DeploymentName, Digest, ModelRef, ReplicaId, RevisionNumber};
use serde::{Deserialize, Serialize};

use super::command::ProgramHealth;
use super::external::Elsewhere;
use super::first::First;
use super::life::{Activity, Life, LifeStage};
use super::log::say;
use super::user_config::{Given, NotTaken, UserConfig};

/// Largest body, in bytes: a `user_config` has at most a quarter of that.
const LARGEST: usize = 256 << 10;

/// The identity of a replica, as `GET /identity` answers it.
///
/// A server adopts a process only when pid, start time and instance are the ones that it wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Id of the replica.
    pub id: ReplicaId,
    /// Deployment that it belongs to.
    pub deployment: DeploymentName,
    /// Revision whose `user_config` it was last given.
    pub revision: RevisionNumber,
    /// Names the data directory whose server owns it.
    pub instance: String,
    /// Model that it serves.
    pub model: Option<ModelRef>,
    /// SHA-256 of the model's file.
    pub digest: Option<Digest>,
    /// Process id.
    pub pid: i32,
    /// When the process started: clock ticks since boot, as in field 22 of `/proc/PID/stat`.
    pub start_time: u64,
}

/// The answer of `GET /ready`: status 200 when ready, else 503.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// True when the replica takes requests.
    pub ready: bool,
    /// The reason why the replica takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The replica unpacks its package or builds its environment, which may take long.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preparing: bool,
}

struct Shown {
    identity: Identity,
    life: Life,
    health: Option<HealthSource>,
    user_config: UserConfig,
}

/// The source of the health of a replica that serves, where serving alone does not say it.
pub(super) enum HealthSource {
    /// The replica's program.
    Program(ProgramHealth, First),
    /// The part that watches a model served elsewhere.
    Elsewhere(Elsewhere),
}

/// The control routes.
pub(super) fn router(identity: Identity, life: Life, health: Option<HealthSource>, user_config: UserConfig) -> Router {
    Router::new()
        .route("/identity", get(who))
        .route("/ready", get(ready))
        .route("/user-config", put(give))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Arc::new(Shown { identity, life, health, user_config }))
}

async fn who(State(shown): State<Arc<Shown>>) -> Json<Identity> {
    Json(Identity { revision: shown.user_config.revision(), ..shown.identity.clone() })
}

/// Status 204 when it was taken; else a sentence that says why not.
async fn give(State(shown): State<Arc<Shown>>, Json(given): Json<Given>) -> Result<StatusCode, (StatusCode, String)> {
    if shown.life.phase() == LifeStage::Draining {
        return Err((StatusCode::SERVICE_UNAVAILABLE, "it is stopping".to_owned()));
    }
    match shown.user_config.give(&given).await {
        Ok(()) => {
            say!("{}: took the user_config of revision {}", shown.identity.id, shown.user_config.revision());
            Ok(StatusCode::NO_CONTENT)
        }
        Err(why) => {
            let status = match &why {
                // Asking again changes nothing.
                NotTaken::Refused(_) | NotTaken::NoRoute => StatusCode::UNPROCESSABLE_ENTITY,
                NotTaken::Program(answer) if answer.is_refusal() => StatusCode::UNPROCESSABLE_ENTITY,
                NotTaken::Starting => StatusCode::SERVICE_UNAVAILABLE,
                NotTaken::Program(_) => StatusCode::BAD_GATEWAY,
            };
            Err((status, why.to_string()))
        }
    }
}

async fn ready(State(shown): State<Arc<Shown>>) -> (StatusCode, Json<Readiness>) {
    let mut preparing = false;
    let reason = match (shown.life.phase(), &shown.health) {
        (LifeStage::Starting, _) => {
            let Activity { what, prepares } = shown.life.doing();
            preparing = prepares;
            Some(what)
        }
        (LifeStage::Draining, _) => Some("it is stopping and takes no more requests".to_owned()),
        (LifeStage::Serving, None) => None,
        (LifeStage::Serving, Some(HealthSource::Program(health, first))) => match health.ask().await {
            Ok(()) => first.problem(),
            Err(unready) => Some(unready.to_string()),
        },
        (LifeStage::Serving, Some(HealthSource::Elsewhere(elsewhere))) => elsewhere.problem(),
    };
    let status = if reason.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready: reason.is_none(), reason, preparing }))
}

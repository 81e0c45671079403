//! A deployment's replicas as squares, and in a sentence.

use domain::id::RevisionNumber;
use domain::replica::ReplicaState;
use domain::wire::{DeploymentView, ReplicaView};

use crate::components::{Appearance, Square};
use crate::words;

/// A deployment's replicas as squares, those of the newest revision first.
pub(crate) fn squares(deployment: &DeploymentView) -> Vec<Square> {
    let Some(list) = &deployment.replica_list else { return Vec::new() };
    let mut replicas: Vec<&ReplicaView> = list.iter().collect();
    replicas.sort_by_key(|replica| {
        let newest = replica.revision == deployment.revision;
        (!newest, rank(replica.state), replica.started_at)
    });
    // Blue is for what is new while something rolls out. A settled replica is grey, whatever its version.
    let moves = deployment.rollout.is_some();
    replicas.into_iter().map(|replica| square(replica, moves.then_some(deployment.revision))).collect()
}

fn rank(state: ReplicaState) -> u8 {
    match state {
        ReplicaState::Ready => 0,
        ReplicaState::Unready => 1,
        ReplicaState::Unknown => 2,
        ReplicaState::Failed => 3,
        ReplicaState::Starting => 4,
        ReplicaState::Draining => 5,
        ReplicaState::Stopped => 6,
    }
}

fn square(replica: &ReplicaView, coming: Option<RevisionNumber>) -> Square {
    let appearance = match replica.state {
        ReplicaState::Ready if Some(replica.revision) == coming => Appearance::New,
        ReplicaState::Ready => Appearance::Old,
        ReplicaState::Starting => Appearance::Starting,
        ReplicaState::Draining | ReplicaState::Stopped => Appearance::Draining,
        ReplicaState::Failed => Appearance::Failed,
        ReplicaState::Unready => Appearance::Unready,
        ReplicaState::Unknown => Appearance::Unknown,
    };
    let (state, _) = words::replica(replica.state);
    let mut title = format!("{} · revision {} · {state}", replica.id, replica.revision);
    if replica.in_flight > 0 {
        title += &format!(" · {} in flight", replica.in_flight);
    }
    if let Some(doing) = &replica.doing {
        title += &format!(" · {doing}");
    }
    if !replica.gpus.is_empty() {
        title += &format!(" · {}", words::gpus(&replica.gpus));
    }
    if let Some(problem) = &replica.problem {
        title += &format!(" · {problem}");
    }
    Square { id: replica.id.to_string(), appearance, title }
}

/// The replicas in a sentence, for people who do not see the squares.
pub(crate) fn replicas_in_words(deployment: &DeploymentView) -> String {
    let counts = deployment.replicas;
    let mut text = format!("{} of {} replicas ready", counts.ready, counts.desired);
    for (count, what) in [(counts.starting, "starting"), (counts.draining, "draining"), (counts.unready, "not ready")] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    text
}

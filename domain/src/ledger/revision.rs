//! A revision as the journal has made it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::Reason;
use crate::id::{Actor, ConfigurationId, RevisionNumber, RolloutNumber};
use crate::revision::{Quarantine, RevisionState};

/// One revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Which one.
    pub number: RevisionNumber,
    /// What it was given.
    pub configuration: ConfigurationId,
    /// The rollout that brought it.
    pub rollout: RolloutNumber,
    /// What became of it.
    pub state: RevisionState,
    /// Known to be bad.
    pub quarantined: Option<Quarantine>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Why.
    pub reason: Option<Reason>,
    /// Who made it.
    pub actor: Actor,
    /// How often the deployment had been relaunched by then: replicas of an earlier count are not alike.
    #[serde(default)]
    pub relaunches: u32,
    /// The earlier revision whose configuration it was made to go back to. A relaunch or an activation keeps what it
    /// finds: it changes no content.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
}

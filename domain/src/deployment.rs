//! A deployment's status, and what may be done in which status.

use serde::{Deserialize, Serialize};

/// How a deployment is (SAP-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Status {
    /// Its first configuration is not running yet.
    Pending,
    /// A configuration runs.
    Running,
    /// Its intended configuration cannot run; somebody must act.
    Dead,
    /// Its replicas are being stopped.
    Stopping,
    /// It has no replicas, on purpose.
    Stopped,
    /// Its target cannot be seen.
    Unknown,
}

/// What a deployment is meant to become (SAP-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TargetStatus {
    /// To run.
    Running,
    /// To have no replicas.
    Stopped,
    /// To be gone.
    Deleted,
}

/// What was last asked of a deployment (SAP-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OperationKind {
    /// It was made.
    Create,
    /// It was given a configuration.
    Update,
    /// It is being removed.
    Delete,
}

/// How much depends on a deployment (DR-6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Importance {
    /// The most.
    Critical,
    /// Much.
    High,
    /// Something.
    #[default]
    Moderate,
    /// Little.
    Low,
}

/// What a failed rollout does (CO-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OnFailure {
    /// Every replica goes back to the revision before.
    #[default]
    Revert,
}

/// Where replicas run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TargetKind {
    /// Processes on this machine.
    #[default]
    Local,
}

/// Why a deployment was given a configuration (DR-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reason {
    /// The model predicts better.
    Accuracy,
    /// The data has moved away from what the model learned.
    DataDrift,
    /// The model in use makes errors.
    Errors,
    /// It was time.
    ScheduledRefresh,
    /// It answers faster.
    ScoringSpeed,
    /// The model in use is to be retired.
    Deprecation,
    /// Something else; the note says what.
    Other,
}

/// Whether a deployment may be given another configuration while it is in `status` (SAP-4).
pub fn may_update(status: Status) -> bool {
    match status {
        Status::Pending | Status::Running | Status::Dead => true,
        Status::Stopping | Status::Stopped | Status::Unknown => false,
    }
}

/// A time to live as written: `10m`, `24h`, `7d` (SAP-8). In seconds; 1 minute to 365 days.
pub fn parse_ttl(text: &str) -> Option<u32> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    let total = count.checked_mul(seconds)?;
    (60..=365 * 86_400).contains(&total).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_needs_pending_running_or_dead() {
        let table = [
            (Status::Pending, true),
            (Status::Running, true),
            (Status::Dead, true),
            (Status::Stopping, false),
            (Status::Stopped, false),
            (Status::Unknown, false),
        ];
        for (status, may) in table {
            assert_eq!(may_update(status), may, "{status:?}");
        }
    }

    #[test]
    fn a_time_to_live_is_a_number_and_a_unit() {
        assert_eq!(parse_ttl("10m"), Some(600));
        assert_eq!(parse_ttl("24h"), Some(86_400));
        assert_eq!(parse_ttl("7d"), Some(604_800));
        for bad in ["", "m", "10", "-1h", "0m", "1s", "999d", "99999999999d", "ü"] {
            assert_eq!(parse_ttl(bad), None, "{bad}");
        }
    }
}

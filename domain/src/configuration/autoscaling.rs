//! The numbers of replicas between which a deployment scales by itself, and the times at which it does (RAY-7, AZ-3).

use serde::{Deserialize, Serialize};

use super::invalid::InvalidConfiguration;
use crate::strategy::MAX_REPLICAS;

/// Between how many replicas, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Autoscaling {
    /// The fewest replicas. Default 1, 1 to 1,000.
    pub min_replicas: u32,
    /// The most replicas. Default 10, `min_replicas` to 1,000.
    pub max_replicas: u32,
    /// Seconds between two looks. Default 1, 1 to 3,600.
    pub refresh_seconds: u32,
    /// Share of `max_concurrent_requests` that a replica is meant to be busy with, in percent. Default 70, 1 to 100.
    pub target_percent: u32,
    /// Seconds for which more must have been asked for. Default 5, at most 3,600.
    pub up_delay_seconds: u32,
    /// Seconds for which fewer must have been enough. Default 60, at most 86,400.
    pub down_delay_seconds: u32,
}

impl Default for Autoscaling {
    fn default() -> Self {
        Self {
            min_replicas: 1,
            max_replicas: 10,
            refresh_seconds: 1,
            target_percent: 70,
            up_delay_seconds: 5,
            down_delay_seconds: 60,
        }
    }
}

impl Autoscaling {
    pub(super) fn check(&self) -> Result<(), InvalidConfiguration> {
        for (field, value, least, most) in [
            ("autoscaling.min_replicas", self.min_replicas, 1, MAX_REPLICAS),
            ("autoscaling.max_replicas", self.max_replicas, 1, MAX_REPLICAS),
            ("autoscaling.refresh_seconds", self.refresh_seconds, 1, 3_600),
            ("autoscaling.target_percent", self.target_percent, 1, 100),
            ("autoscaling.up_delay_seconds", self.up_delay_seconds, 0, 3_600),
            ("autoscaling.down_delay_seconds", self.down_delay_seconds, 0, 86_400),
        ] {
            if !(least..=most).contains(&value) {
                return Err(InvalidConfiguration {
                    field,
                    problem: format!("{value} is out of range: {least} to {most}"),
                });
            }
        }
        if self.min_replicas > self.max_replicas {
            return Err(InvalidConfiguration {
                field: "autoscaling.min_replicas",
                problem: format!("{} is more than max_replicas, {}", self.min_replicas, self.max_replicas),
            });
        }
        Ok(())
    }

    /// `replicas`, brought between the fewest and the most.
    pub fn clamp(&self, replicas: u32) -> u32 {
        replicas.clamp(self.min_replicas, self.max_replicas.max(self.min_replicas))
    }

    /// The number of replicas that `requests_milli` thousandths of a request at a time need, when each answers
    /// `max_concurrent_requests`.
    pub fn wanted(&self, requests_milli: u64, max_concurrent_requests: u32) -> u32 {
        let each = u64::from(max_concurrent_requests) * u64::from(self.target_percent) * 10;
        self.clamp(u32::try_from(requests_milli.div_ceil(each.max(1))).unwrap_or(MAX_REPLICAS))
    }
}

//! The zone of a freeze.

use domain::freeze::FreezeTimes;

/// The zone in which a freeze was written, if it was written in one.
pub(super) fn zone_of(when: &FreezeTimes) -> Option<String> {
    match when {
        FreezeTimes::Switch { .. } => None,
        FreezeTimes::Once { zone, .. } | FreezeTimes::Weekly { zone, .. } => Some(zone.clone()),
    }
}

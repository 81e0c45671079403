//! Time that went by in which nobody could look, and so counts for nobody: the machine slept, or its clock was set forward.

use jiff::Timestamp;

use super::scene::Scene;
use crate::replica::{Intent, Observed};

/// A span of time that counts for no replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The last instant before it.
    pub since: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

impl Skip {
    /// A time as it has to be for nothing of this span to lie between it and now. One within the span was noted before as one
    /// to come.
    fn leave_out(self, time: &mut Timestamp) {
        if *time < self.until {
            *time = time.saturating_add(self.until.duration_since(self.since)).unwrap_or(Timestamp::MAX);
        }
    }
}

impl Scene {
    /// The scene as it would be had these spans, which are in their order, not been: a replica that finishes its requests
    /// has all of its time for them, also where the machine slept meanwhile.
    pub fn without(mut self, skips: &[Skip]) -> Self {
        for skip in skips {
            for replica in &mut self.replicas {
                if let Intent::Drain { since } | Intent::Stop { since } = &mut replica.intent {
                    skip.leave_out(since);
                }
                match &mut replica.observed {
                    Observed::Starting { since } | Observed::Ready { since } | Observed::Unready { since } => {
                        skip.leave_out(since);
                    }
                    Observed::Exited { at } => skip.leave_out(at),
                    Observed::Unknown | Observed::Absent => {}
                }
                if let Some(delivery) = &mut replica.delivery {
                    skip.leave_out(&mut delivery.at);
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RevisionNumber;
    use crate::plan::{Decision, InFlight, Replica, Step, next};
    use crate::replica::Delivery;
    use crate::strategy::{Adjustment, Limits};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn skip(since: i64, until: i64) -> Skip {
        Skip { since: at(since), until: at(until) }
    }

    /// Nothing is to run any more.
    fn closing(drain_limit_ms: u32, replica: Replica) -> Scene {
        let limits = Limits { surge: 1, unavailable: 0, adjustment: Adjustment::None };
        let (goal, replicas) = (None, vec![replica]);
        Scene { goal, limits, min_ready_seconds: 0, drain_limit_ms, paused: false, room: 1, replicas }
    }

    #[test]
    fn what_is_skipped_uses_up_no_drain_limit() {
        let drains = |since| Replica {
            intent: Intent::Drain { since: at(since) },
            in_flight: InFlight::Counted(1),
            ..Replica::new("r".parse().unwrap(), RevisionNumber(1), Observed::Ready { since: at(0) })
        };
        let scene = |since| closing(60_000, drains(since));
        let is_stopped =
            |scene: Scene, now| matches!(next(&scene, at(now)), Decision::Do { step: Step::Stop { .. }, .. });
        for (skips, since, ends) in [
            (&[][..], 100, 160),
            (&[skip(110, 5_110)][..], 100, 5_160),
            (&[skip(100, 5_100)][..], 100, 5_160),
            // Over before it began.
            (&[skip(50, 90)][..], 100, 160),
            (&[skip(50, 100)][..], 100, 160),
            // One after the other, the second soon after the first.
            (&[skip(110, 5_110), skip(5_120, 6_120)][..], 100, 6_160),
            (&[skip(10, 90), skip(110, 1_110)][..], 100, 1_160),
        ] {
            assert!(!is_stopped(scene(since).without(skips), ends - 1), "{skips:?}");
            assert!(is_stopped(scene(since).without(skips), ends), "{skips:?}");
        }
    }

    #[test]
    fn every_time_of_a_replica_is_later() {
        let delivery = |second| Delivery {
            revision: RevisionNumber(2),
            at: at(second),
            failed: 0,
            refused: false,
            finishes: true,
        };
        for (before, after) in [
            (Observed::Starting { since: at(1) }, Observed::Starting { since: at(11) }),
            (Observed::Ready { since: at(1) }, Observed::Ready { since: at(11) }),
            (Observed::Unready { since: at(1) }, Observed::Unready { since: at(11) }),
            // It was to rest until then.
            (Observed::Unready { since: at(14) }, Observed::Unready { since: at(24) }),
            (Observed::Ready { since: at(15) }, Observed::Ready { since: at(15) }),
            (Observed::Exited { at: at(1) }, Observed::Exited { at: at(11) }),
            (Observed::Absent, Observed::Absent),
        ] {
            let replica = Replica::new("r".parse().unwrap(), RevisionNumber(1), before);
            let replica = Replica { intent: Intent::Stop { since: at(2) }, delivery: Some(delivery(3)), ..replica };
            let replica = closing(0, replica).without(&[skip(5, 15)]).replicas.remove(0);
            assert_eq!((replica.observed, replica.intent), (after, Intent::Stop { since: at(12) }));
            assert_eq!(replica.delivery, Some(delivery(13)));
        }
    }
}

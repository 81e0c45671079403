//! The models that a deployment has had in use (DR-13): since when and until when, who brought each, who took it away, and
//! why.
//!
//! A model comes into use when the rollout that brings it is complete, as a revision does; it goes when a rollout to
//! something else is complete, or the deployment is deactivated. What failed or was cancelled was never in use.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::{OperationKind, Reason};
use crate::id::{Actor, ModelRef, RevisionNumber, RolloutNumber};

/// A moment from which on other models may be in use, and whoever asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelTurn {
    /// When it had come about.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// `create`, `update`, `relaunch`, `activate` or `deactivate`.
    pub operation: OperationKind,
    /// The models that are in use from then on; none after a deactivation.
    pub models: Vec<ModelRef>,
    /// The person who asked for it.
    pub actor: Actor,
    /// The rollout that did it; none for a deactivation.
    #[serde(default)]
    pub rollout: Option<RolloutNumber>,
    /// The earlier revision whose configuration it went back to.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
    /// Why (DR-1).
    #[serde(default)]
    pub reason: Option<Reason>,
    /// A sentence about why.
    #[serde(default)]
    pub note: Option<String>,
}

/// A time for which a model was in use without a break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelPeriod {
    /// The model.
    pub model: ModelRef,
    /// What brought it into use.
    pub began: ModelTurn,
    /// What took it out of use; `null` while it is in use.
    pub ended: Option<ModelTurn>,
}

/// The periods that `turns`, of whatever order, come to; the newest first.
pub fn periods(mut turns: Vec<ModelTurn>) -> Vec<ModelPeriod> {
    // Nothing can be deactivated before it was brought.
    turns.sort_by_key(|turn| (turn.at, turn.rollout.is_none(), turn.rollout));
    let (mut periods, mut open) = (Vec::<ModelPeriod>::new(), Vec::<usize>::new());
    for turn in turns {
        open.retain(|at| {
            let Some(period) = periods.get_mut(*at) else { return false };
            let stays = turn.models.contains(&period.model);
            if !stays {
                period.ended = Some(turn.clone());
            }
            stays
        });
        for model in &turn.models {
            if !open.iter().any(|at| periods.get(*at).is_some_and(|period| period.model == *model)) {
                open.push(periods.len());
                periods.push(ModelPeriod { model: model.clone(), began: turn.clone(), ended: None });
            }
        }
    }
    periods.reverse();
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A turn by a rollout, or with number 0 a deactivation.
    fn turn(second: i64, number: u32, models: &[&str]) -> ModelTurn {
        ModelTurn {
            at: Timestamp::from_second(second).unwrap(),
            operation: if number == 0 { OperationKind::Deactivate } else { OperationKind::Update },
            models: models.iter().map(|model| model.parse().unwrap()).collect(),
            actor: "ada".parse().unwrap(),
            rollout: (number > 0).then_some(RolloutNumber(number)),
            rolled_back_to: None,
            reason: None,
            note: None,
        }
    }

    /// Each period as `model since until`.
    fn told(turns: Vec<ModelTurn>) -> Vec<String> {
        let period = |period: &ModelPeriod| {
            let until = period.ended.as_ref().map(|ended| ended.at.as_second().to_string());
            format!("{} {} {}", period.model, period.began.at.as_second(), until.unwrap_or_else(|| "now".to_owned()))
        };
        periods(turns).iter().map(period).collect()
    }

    #[test]
    fn a_model_is_in_use_from_the_rollout_that_brings_it_to_the_one_that_takes_it_away() {
        let cases: [(Vec<ModelTurn>, &[&str]); 8] = [
            (vec![], &[]),
            (vec![turn(1, 1, &["iris@1"])], &["iris@1 1 now"]),
            (vec![turn(1, 1, &["iris@1"]), turn(5, 2, &["iris@2"])], &["iris@2 5 now", "iris@1 1 5"]),
            // Other settings, or every replica anew: the model stays.
            (
                vec![turn(1, 1, &["iris@1"]), turn(5, 2, &["iris@1"]), turn(9, 4, &["iris@2"])],
                &["iris@2 9 now", "iris@1 1 9"],
            ),
            // There and back again.
            (
                vec![turn(1, 1, &["iris@1"]), turn(5, 2, &["iris@2"]), turn(9, 3, &["iris@1"])],
                &["iris@1 9 now", "iris@2 5 9", "iris@1 1 5"],
            ),
            // Nothing was in use between being deactivated and being activated.
            (vec![turn(1, 1, &["iris@1"]), turn(5, 0, &[]), turn(9, 2, &["iris@1"])], &["iris@1 9 now", "iris@1 1 5"]),
            (vec![turn(1, 1, &["iris@1"]), turn(5, 0, &[])], &["iris@1 1 5"]),
            // Each of several models has a time of its own; they come in any order.
            (
                vec![turn(5, 2, &["iris@2", "rose@4"]), turn(1, 1, &["iris@1", "rose@4"])],
                &["iris@2 5 now", "rose@4 1 now", "iris@1 1 5"],
            ),
        ];
        for (turns, expected) in cases {
            assert_eq!(told(turns.clone()), expected, "{turns:?}");
        }
    }

    #[test]
    fn what_happened_in_one_moment_is_told_in_its_order() {
        let turns = vec![turn(5, 0, &[]), turn(5, 2, &["iris@2"]), turn(5, 1, &["iris@1"])];
        assert_eq!(told(turns), ["iris@2 5 5", "iris@1 5 5"]);
    }

    #[test]
    fn a_period_says_what_ended_it() {
        let mut second = turn(5, 2, &["iris@2"]);
        second.note = Some("It sees more.".to_owned());
        second.reason = Some(Reason::Accuracy);
        let found = periods(vec![turn(1, 1, &["iris@1"]), second.clone()]);
        assert_eq!(found[1].ended, Some(second.clone()));
        assert_eq!((&found[0].began, &found[0].ended), (&second, &None));
    }
}

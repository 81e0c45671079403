//! Limits for numbers of replicas, and refused strategies.

use super::*;
use proptest::{prop_assert, prop_assert_eq, proptest};

fn strategy(surge: &str, unavailable: &str) -> Strategy {
    Strategy {
        max_surge: Some(surge.parse().unwrap()),
        max_unavailable: unavailable.parse().unwrap(),
        ..Strategy::default()
    }
}

#[test]
fn limits_round_as_vertex_and_kubernetes_round() {
    use Adjustment::{Capped, Forced, None};
    for (desired, surge, unavailable, expected) in [
        (1, "25%", "25%", (1, 0, 2, 1, None)),
        (3, "25%", "25%", (1, 0, 4, 3, None)),
        (4, "25%", "25%", (1, 1, 5, 3, None)),
        (5, "25%", "25%", (2, 1, 7, 4, None)),
        (10, "25%", "25%", (3, 2, 13, 8, None)),
        (7, "15%", "15%", (2, 1, 9, 6, None)),
        (3, "0", "30%", (0, 1, 3, 2, Forced)),
        (1, "0", "25%", (0, 1, 1, 0, Forced)),
        (2, "0", "5", (0, 2, 2, 0, Capped)),
        (5, "0", "20%", (0, 1, 5, 4, None)),
    ] {
        let limits = strategy(surge, unavailable).resolve(desired);
        let got = (
            limits.surge,
            limits.unavailable,
            limits.highest_total(desired),
            limits.lowest_available(desired),
            limits.adjustment,
        );
        assert_eq!(got, expected, "desired {desired}, surge {surge}, unavailable {unavailable}");
    }
}

#[test]
fn the_default_is_never_an_outage() {
    use Adjustment::{None, Surged};
    for (desired, expected) in [
        (1, (1, 0, Surged)),
        (2, (1, 0, Surged)),
        (4, (1, 0, Surged)),
        (5, (0, 1, None)),
        (9, (0, 1, None)),
        (10, (0, 2, None)),
    ] {
        let limits = Strategy::default().resolve(desired);
        assert_eq!((limits.surge, limits.unavailable, limits.adjustment), expected, "desired {desired}");
        assert!(limits.unavailable * 100 <= desired * 20, "at most 20 % are down");
    }
    // Also where somebody said only how many may be away.
    let none_away = Strategy { max_unavailable: Amount::Count(0), ..Strategy::default() };
    assert_eq!(none_away.check(), Ok(()));
    assert_eq!(none_away.resolve(7), Limits { surge: 1, unavailable: 0, adjustment: Surged });
    let change: StrategyChange = serde_json::from_str(r#"{"max_surge":null}"#).unwrap();
    assert_eq!(change.on(strategy("1", "20%")), Strategy::default());
}

#[test]
fn both_zero_is_refused() {
    for (surge, unavailable) in [("0", "0"), ("0%", "0"), ("0", "0%")] {
        assert_eq!(strategy(surge, unavailable).check(), Err(StrategyError::BothZero));
    }
    assert_eq!(Strategy::default().check(), Ok(()));
}

#[test]
fn amounts_out_of_range_are_refused() {
    for bad in ["101%", "-1", "-1%", "1001", "1.5", "", "%", "many"] {
        assert!(bad.parse::<Amount>().is_err(), "{bad}");
    }
    for bad in ["-1", "1.5", "1001", "\"101%\"", "null", "true"] {
        assert!(serde_json::from_str::<Amount>(bad).is_err(), "{bad}");
    }
}

#[test]
fn an_unknown_field_is_refused_by_name() {
    let sent = serde_json::json!({"max_surgee": 1});
    let error = crate::strict::deserialize::<Strategy, _>(sent).unwrap_err().to_string();
    assert!(error.contains("max_surgee"), "{error}");
}

#[test]
fn what_a_rollout_does_not_say_is_its_deployments() {
    let base = Strategy { total_deadline_seconds: Some(60), ..strategy("1", "0") };
    let change: StrategyChange = serde_json::from_str(r#"{"max_surge":"50%"}"#).unwrap();
    assert_eq!(change.on(base), Strategy { max_surge: Some(Amount::Percent(50)), ..base });
    let change: StrategyChange = serde_json::from_str(r#"{"total_deadline_seconds":null}"#).unwrap();
    assert_eq!(change.on(base), Strategy { total_deadline_seconds: None, ..base });
    assert_eq!(StrategyChange::from(base).on(Strategy::default()), base);
    assert_eq!(serde_json::to_string(&StrategyChange::default()).unwrap(), "{}");
}

proptest! {
    #[test]
    fn something_can_always_move_and_nothing_exceeds_what_exists(
        desired in 1..=MAX_REPLICAS, surge in 0u8..=100, unavailable in 0u8..=100,
    ) {
        let limits = strategy(&format!("{surge}%"), &format!("{unavailable}%")).resolve(desired);
        prop_assert!(limits.surge + limits.unavailable > 0);
        prop_assert!(limits.unavailable <= desired && limits.surge <= desired);
    }

    #[test]
    fn an_amount_reads_back_as_it_was_written(count in 0..=MAX_REPLICAS, percent in 0u8..=100) {
        for amount in [Amount::Count(count), Amount::Percent(percent)] {
            let json = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
        }
    }
}

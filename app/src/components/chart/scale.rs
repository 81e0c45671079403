//! A scale from 0 up to a round number above the highest value.

use crate::words::numbers;

/// Steps between 0 and the top.
const STEPS: f64 = 4.0;
/// What is left free above the highest value.
const HEADROOM: f64 = 1.05;

/// A scale from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct UpTo {
    /// The value at its upper edge, a multiple of `step`.
    pub(super) top: f64,
    /// The distance between two values that are written beside it.
    pub(super) step: f64,
}

impl UpTo {
    /// The scale for values up to `highest`, with steps of 1, 2 or 5 with zeros, and no smaller ones than `least`.
    pub(super) fn above(highest: f64, least: f64) -> Self {
        let wanted = (highest * HEADROOM / STEPS).max(least);
        let power = 10_f64.powf(wanted.log10().floor());
        let rounds = [1.0, 2.0, 5.0, 10.0].into_iter().map(|round| round * power);
        let step = rounds.into_iter().find(|step| *step >= wanted * 0.999_999).unwrap_or(wanted);
        Self { top: (highest * HEADROOM / step).ceil().max(2.0) * step, step }
    }

    /// The same, ending at `most`.
    pub(super) fn at_most(self, most: f64) -> Self {
        Self { top: self.top.min(most), ..self }
    }

    /// The values that are written beside it, from 0 up, and the height of each from 0 to 1.
    pub(super) fn ticks(self, word: impl Fn(f64) -> String) -> Vec<(f64, String)> {
        let count = (self.top / self.step + 1e-6).floor() as u32;
        let value = |number: u32| f64::from(number) * self.step;
        (0..=count).map(|number| (value(number) / self.top, word(value(number)))).collect()
    }

    /// A value on it, with as many digits as tell its steps apart.
    pub(super) fn amount(self, value: f64) -> String {
        match self.step {
            step if step >= 1.0 || value == 0.0 => numbers::whole(value.round() as u64),
            step if step >= 0.1 => format!("{value:.1}"),
            _ => format!("{value:.2}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_round_steps_and_room_above() {
        for (highest, least, top, step) in [
            (40.0, 0.01, 60.0, 20.0),
            (412.0, 0.01, 600.0, 200.0),
            (0.3, 0.01, 0.4, 0.1),
            (3.0, 1.0, 4.0, 1.0),
            (0.0, 1.0, 2.0, 1.0),
            (1_000.0, 1.0, 1_500.0, 500.0),
        ] {
            let scale = UpTo::above(highest, least);
            assert!((scale.top - top).abs() < 1e-9 && (scale.step - step).abs() < 1e-9, "{highest}: {scale:?}");
        }
    }

    #[test]
    fn its_values_stand_beside_it() {
        let scale = UpTo::above(40.0, 0.01);
        let ticks: Vec<_> = scale.ticks(|value| scale.amount(value)).into_iter().map(|(_, word)| word).collect();
        assert_eq!(ticks, ["0", "20", "40", "60"]);
        let heights: Vec<_> = UpTo::above(90.0, 1.0).at_most(100.0).ticks(|_| String::new());
        assert_eq!(heights.last().map(|(height, _)| *height), Some(1.0));
        let small = UpTo::above(0.14, 0.01);
        assert_eq!(
            (small.amount(0.0), small.amount(0.05), small.amount(0.15)),
            ("0".into(), "0.05".into(), "0.15".into())
        );
    }

    #[test]
    fn the_highest_value_is_on_it() {
        for power in -8..40 {
            for digit in 1..10 {
                let highest = f64::from(digit) * 2_f64.powi(power);
                let scale = UpTo::above(highest, 1e-9);
                assert!(
                    scale.top >= highest && (1..=5).contains(&scale.ticks(|_| String::new()).len().saturating_sub(1)),
                    "{highest}: {scale:?}"
                );
            }
        }
    }
}

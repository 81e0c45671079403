//! Rows that stay where they are while somebody is among them. Pure.

use std::collections::HashMap;

use domain::id::DeploymentId;

/// The rows as they are shown: in the order before, those that are new at the end, without those that are gone.
pub(super) fn kept(before: &[DeploymentId], wanted: &[DeploymentId]) -> Vec<DeploymentId> {
    let places: HashMap<_, _> = wanted.iter().enumerate().map(|(at, id)| (id, at)).collect();
    let known: HashMap<_, _> = before.iter().map(|id| (id, ())).collect();
    let stay = before.iter().filter(|id| places.contains_key(id));
    stay.chain(wanted.iter().filter(|id| !known.contains_key(id))).cloned().collect()
}

/// The number of rows that would change their place, if the rows were sorted now: the fewest with which it can be done.
pub(super) fn moved(shown: &[DeploymentId], wanted: &[DeploymentId]) -> usize {
    let places: HashMap<_, _> = wanted.iter().enumerate().map(|(at, id)| (id, at)).collect();
    // The longest run that is in order already: for each length, the least place that it can end with.
    let mut ends: Vec<usize> = Vec::new();
    for at in shown.iter().filter_map(|id| places.get(id)) {
        let length = ends.partition_point(|end| end < at);
        match ends.get_mut(length) {
            Some(end) => *end = *at,
            None => ends.push(*at),
        }
    }
    shown.len() - ends.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(names: &str) -> Vec<DeploymentId> {
        names.chars().map(|name| format!("d{name}").parse().unwrap()).collect()
    }

    #[test]
    fn rows_stay_new_ones_come_last_and_those_that_move_are_counted() {
        for (before, wanted, shown, count) in [
            ("abc", "abc", "abc", 0),
            ("abc", "cab", "abc", 1),
            ("abcd", "dcba", "abcd", 3),
            ("abc", "ac", "ac", 0),
            ("abc", "xabc", "abcx", 1),
            ("abc", "abcx", "abcx", 0),
            ("", "ab", "ab", 0),
            ("abc", "", "", 0),
            ("abcd", "badc", "abcd", 2),
        ] {
            let kept = kept(&ids(before), &ids(wanted));
            assert_eq!(kept, ids(shown), "{before} to {wanted}");
            assert_eq!(moved(&kept, &ids(wanted)), count, "{before} to {wanted}");
        }
    }

    proptest! {
        #[test]
        fn the_same_rows_are_shown_and_sorting_them_moves_none(
            before in Just((0..12_u8).collect::<Vec<_>>()).prop_shuffle(),
            wanted in Just((4..16_u8).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let of = |all: &[u8]| all.iter().map(|one| format!("d{one}").parse().unwrap()).collect::<Vec<DeploymentId>>();
            let (before, wanted) = (of(&before), of(&wanted));
            let shown = kept(&before, &wanted);
            let (mut one, mut other) = (shown.clone(), wanted.clone());
            one.sort();
            other.sort();
            prop_assert_eq!(one, other);
            prop_assert_eq!(moved(&shown, &wanted) == 0, shown == wanted);
        }
    }
}

//! The place of a replica on its machine: its claim, and the GPUs that it may use.

use crate::resources::{Capacity, Claim, room};

/// The part of its machine that one replica holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The claim that it was given.
    pub claim: Claim,
    /// Numbers of its GPUs.
    pub gpus: Vec<u32>,
}

impl Place {
    /// A place for one more replica that asks for `claim`, beside the places that are `held`; `None` when the machine has none.
    pub fn find(capacity: &Capacity, held: &[Self], claim: Claim) -> Option<Self> {
        let used = held.iter().fold(Claim::default(), |sum, held| sum.plus(held.claim));
        if room(capacity, used, claim) == 0 {
            return None;
        }
        choose_gpus(capacity.gpus, held, claim.gpu_milli).map(|gpus| Self { claim, gpus })
    }
}

/// The number of further replicas, each asking for so many thousandths of a GPU, that find them beside the places `held`, at most
/// `most`. Sums do not tell that.
pub fn gpu_room(gpus: u32, held: &[Place], request_milli: u64, most: u32) -> u32 {
    if request_milli == 0 {
        return most;
    }
    let mut held = held.to_vec();
    let claim = Claim { gpu_milli: request_milli, ..Claim::default() };
    (0..most)
        .take_while(|_| {
            let chosen = choose_gpus(gpus, &held, request_milli);
            held.extend(chosen.clone().map(|gpus| Place { claim, gpus }));
            chosen.is_some()
        })
        .count() as u32
}

/// Chooses GPUs for one more replica: whole ones that nobody has for a request of 1 and more, else the fullest
/// that still has its share free. `None` when there are not enough.
fn choose_gpus(gpus: u32, held: &[Place], request_milli: u64) -> Option<Vec<u32>> {
    if request_milli == 0 {
        return Some(Vec::new());
    }
    let mut taken = vec![0u64; gpus as usize];
    for place in held {
        for number in &place.gpus {
            if let Some(taken) = taken.get_mut(*number as usize) {
                *taken += place.claim.gpu_milli.min(1_000);
            }
        }
    }
    let numbered = || taken.iter().zip(0u32..);
    if request_milli >= 1_000 {
        // A request above one takes whole GPUs.
        let count = usize::try_from(request_milli.div_ceil(1_000)).ok()?;
        let free: Vec<_> = numbered().filter(|(taken, _)| **taken == 0).map(|(_, n)| n).take(count).collect();
        return (free.len() == count).then_some(free);
    }
    let fitting = numbered().filter(|(taken, _)| **taken + request_milli <= 1_000);
    fitting.max_by_key(|(taken, n)| (**taken, std::cmp::Reverse(*n))).map(|(_, n)| vec![n])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection, prop_assert, proptest};

    fn held<const N: usize>(places: [(u32, u64); N]) -> [Place; N] {
        let claim = |gpu_milli| Claim { gpu_milli, ..Claim::default() };
        places.map(|(gpu, milli)| Place { claim: claim(milli), gpus: vec![gpu] })
    }

    #[test]
    fn gpus_that_are_free_in_parts_have_no_room_for_a_whole_request() {
        let held = held([(0, 600), (1, 600)]);
        assert_eq!(gpu_room(2, &held, 600, 3), 0);
        assert_eq!(gpu_room(2, &held, 200, 9), 4);
        assert_eq!(gpu_room(2, &held, 0, 9), 9);
    }

    #[test]
    fn gpus_are_shared_closely_and_whole_ones_are_kept_free() {
        assert_eq!(choose_gpus(2, &[], 0), Some(vec![]));
        assert_eq!(choose_gpus(0, &[], 500), None);
        assert_eq!(choose_gpus(2, &held([(1, 500)]), 500), Some(vec![1]));
        assert_eq!(choose_gpus(2, &held([(0, 500)]), 600), Some(vec![1]));
        assert_eq!(choose_gpus(2, &held([(0, 500)]), 1_000), Some(vec![1]));
        assert_eq!(choose_gpus(2, &held([(0, 500)]), 2_000), None);
        assert_eq!(choose_gpus(2, &[], 2_000), Some(vec![0, 1]));
    }

    proptest! {
        #[test]
        fn nothing_is_given_out_twice(requests in collection::vec((1u64..2_000, 1u64..2_500), 0..12)) {
            let capacity = Capacity { cpu_milli: 4_000, gpus: 4, ..Capacity::ENDLESS };
            let mut held = Vec::new();
            for (cpu_milli, gpu_milli) in requests {
                held.extend(Place::find(&capacity, &held, Claim { cpu_milli, memory_mb: 1, gpu_milli }));
            }
            prop_assert!(held.iter().fold(Claim::default(), |sum, held| sum.plus(held.claim)).fits(&capacity));
            for gpu in 0..4 {
                let share = |held: &Place| if held.gpus.contains(&gpu) { held.claim.gpu_milli.min(1_000) } else { 0 };
                prop_assert!(held.iter().map(share).sum::<u64>() <= 1_000);
            }
        }
    }
}

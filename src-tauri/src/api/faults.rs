//! Faults of pages, which go to the server's log: so many an hour at most, whoever tells of them.

use std::sync::{Mutex, PoisonError};

use domain::id::Actor;
use domain::wire::PageFault;
use jiff::{SignedDuration, Timestamp};

use crate::commands::Refusal;

/// The faults that are logged in an hour; a page that breaks off again and again says nothing new.
const MOST: u32 = 100;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// When the hour began, and the faults in it.
#[derive(Default)]
pub(super) struct Faults(Mutex<(Timestamp, u32)>);

impl Faults {
    /// Counts one; true where it is logged.
    fn count(&self, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(counted.0) >= HOUR {
            *counted = (now, 0);
        }
        counted.1 = counted.1.saturating_add(1);
        counted.1 <= MOST
    }

    /// Logs what a page says of its own fault, on behalf of `person`.
    ///
    /// # Errors
    /// `invalid_field` for one that says too much.
    pub(super) fn log(&self, person: &Actor, fault: &PageFault, now: Timestamp) -> Result<(), Refusal> {
        let PageFault { page, what } = fault;
        for (field, text, longest) in [("page", page, PageFault::LONGEST_PAGE), ("what", what, PageFault::LONGEST_WHAT)]
        {
            if text.len() > longest {
                return Err(Refusal::invalid(field, format!("{field}: at most {longest} bytes.")));
            }
        }
        if self.count(now) {
            tracing::error!(%person, ?page, ?what, "a page of the interface broke off");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_an_hour_are_logged() {
        let (faults, start) = (Faults::default(), Timestamp::from_second(1_800_000_000).unwrap());
        let logged = |now: Timestamp| (0..MOST + 10).filter(|_| faults.count(now)).count();
        assert_eq!(logged(start), MOST as usize);
        assert_eq!(logged(start + SignedDuration::from_mins(59)), 0);
        assert_eq!(logged(start + HOUR), MOST as usize);
    }
}

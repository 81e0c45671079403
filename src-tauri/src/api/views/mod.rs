//! The views of each thing, put together from rows and from what is only known while the program runs.

mod check;
mod configuration;
mod deployment;
mod entry;
mod history;
mod history_search;
mod list;
mod logged;
mod model;
mod model_history;
mod newer;
mod numbers;
mod order;
mod policy;
mod prediction;
mod request;
mod revision;
mod rollout;
mod served;
mod sight;
mod told_rollout;
mod use_case;

pub(crate) use deployment::{Include, Sought};
pub(super) use entry::{entry, written};
pub(super) use history_search::Candidate;
pub(crate) use history_search::HistoryAbout;
pub(crate) use list::Matching;
pub(crate) use numbers::Numbers;
pub(crate) use request::{WaitingCounts, Whose};
pub(super) use sight::{EntryShown, Sight};

use jiff::Timestamp;

use super::Api;
use crate::commands::Moment;

/// Everything there is at one moment, as a caller is shown it.
pub(crate) struct Views<'a> {
    pub(super) api: &'a Api,
    pub(super) moment: Moment<'a>,
}

impl<'a> Views<'a> {
    /// The rows and machines that all of it is made from, as commands that change nothing ask them.
    pub(crate) fn moment(&self) -> Moment<'a> {
        self.moment
    }

    /// The time by which rights are judged.
    pub(crate) fn now(&self) -> Timestamp {
        self.api.clock.now()
    }
}

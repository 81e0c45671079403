//! A request that has ended, as it is kept.

use std::sync::Arc;
use std::time::Duration;

use domain::wire::RequestOutcome;
use http::Method;
use jiff::Timestamp;

use crate::gateway::deployment::{Deployment, Endpoint};
use crate::gateway::route::{Keeps, RecordKind};

/// A request that has ended.
pub(in crate::gateway) struct Ended {
    pub(in crate::gateway) deployment: Arc<Deployment>,
    pub(in crate::gateway) keeps: Keeps,
    pub(in crate::gateway) at: Timestamp,
    pub(in crate::gateway) took: Duration,
    pub(in crate::gateway) method: Method,
    pub(in crate::gateway) path: String,
    pub(in crate::gateway) status: Option<u16>,
    pub(in crate::gateway) endpoint: Option<Arc<Endpoint>>,
    pub(in crate::gateway) outcome: RequestOutcome,
    pub(in crate::gateway) code: Option<&'static str>,
    pub(in crate::gateway) input: Passed,
    pub(in crate::gateway) output: Passed,
}

/// The part of a body that passed through.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Passed {
    pub(in crate::gateway) bytes: u64,
    pub(in crate::gateway) media_type: Option<String>,
    /// Its beginning.
    pub(in crate::gateway) kept: Vec<u8>,
}

impl Ended {
    /// Bytes of bodies that it holds.
    pub(super) fn weight(&self) -> usize {
        self.input.kept.len() + self.output.kept.len()
    }

    pub(super) fn drop_prediction(&mut self) {
        self.keeps.predictions = false;
        (self.input.kept, self.output.kept) = (Vec::new(), Vec::new());
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = RecordKind> {
        let requests = self.keeps.requests.then_some(RecordKind::Requests);
        requests.into_iter().chain(self.keeps.predictions.then_some(RecordKind::Predictions))
    }
}

impl Passed {
    pub(in crate::gateway) fn pass(&mut self, piece: &[u8], keeps: Keeps, most: usize) {
        self.bytes += piece.len() as u64;
        if keeps.predictions {
            let room = most.saturating_sub(self.kept.len()).min(piece.len());
            self.kept.extend_from_slice(&piece[..room]);
        }
    }
}

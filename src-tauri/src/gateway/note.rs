//! The notes on one request while it is in flight, for a deployment that keeps records.
//!
//! It lies with the client's connection, which carries one request at a time. When it is dropped, it goes to the
//! [`Recorder`]; until somebody says otherwise, the client has left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::wire::RequestOutcome;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};

use super::deployment::{Deployment, Endpoint};
use super::records::{Ended, Passed, Recorder};
use super::route::Keeps;

/// Longest path that is kept, in characters.
const PATH: usize = 1024;
/// Longest `Content-Type` that is kept, in characters.
const MEDIA_TYPE: usize = 256;

/// See the module.
pub(super) struct Note {
    recorder: Recorder,
    began: Instant,
    ended: Option<Box<Ended>>,
}

impl Note {
    pub(super) fn begin(
        recorder: &Recorder,
        deployment: &Arc<Deployment>,
        keeps: Keeps,
        began: Instant,
        head: (&Method, &str, &HeaderMap),
    ) -> Self {
        let (method, path, headers) = head;
        // Only a POST can be a prediction.
        let keeps = Keeps { predictions: keeps.predictions && method == Method::POST, ..keeps };
        let ended = Ended {
            deployment: deployment.clone(),
            keeps,
            at: recorder.now(),
            took: Duration::ZERO,
            method: method.clone(),
            path: path.chars().take(PATH).collect(),
            status: None,
            endpoint: None,
            outcome: RequestOutcome::Left,
            code: None,
            input: Passed { media_type: media_type(keeps, headers), ..Passed::default() },
            output: Passed::default(),
        };
        Self { recorder: recorder.clone(), began, ended: Some(Box::new(ended)) }
    }

    fn with(&mut self, change: impl FnOnce(&mut Ended, usize)) {
        let most = self.recorder.body_bytes();
        if let Some(ended) = &mut self.ended {
            change(ended, most);
        }
    }

    /// A replica is asked.
    pub(super) fn asked(&mut self, endpoint: &Arc<Endpoint>) {
        self.with(|ended, _| ended.endpoint = Some(endpoint.clone()));
    }

    /// A piece of the request's body was passed on.
    pub(super) fn received(&mut self, piece: &[u8]) {
        self.with(|ended, most| ended.input.pass(piece, ended.keeps, most));
    }

    /// The replica has begun its answer.
    pub(super) fn answering(&mut self, status: u16, headers: &HeaderMap) {
        self.with(|ended, _| {
            ended.status = Some(status);
            ended.output.media_type = media_type(ended.keeps, headers);
        });
    }

    /// A piece of the answer's body was passed on.
    pub(super) fn sent(&mut self, piece: &[u8]) {
        self.with(|ended, most| ended.output.pass(piece, ended.keeps, most));
    }

    /// The outcome of the request; the note may be dropped now.
    pub(super) fn end(&mut self, outcome: RequestOutcome) {
        self.with(|ended, _| ended.outcome = outcome);
    }

    /// It is cut because the gateway ends, before or after the replica began its answer; the note may be dropped now.
    pub(super) fn cut(&mut self) {
        self.with(|ended, _| {
            ended.outcome = if ended.status.is_some() { RequestOutcome::Cut } else { RequestOutcome::Failed };
        });
    }

    /// The gateway answered by itself; the note may be dropped now.
    pub(super) fn refused(&mut self, outcome: RequestOutcome, status: u16, code: &'static str, bytes: u64) {
        self.with(|ended, _| {
            (ended.outcome, ended.status, ended.code) = (outcome, Some(status), Some(code));
            ended.output.bytes = bytes;
        });
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let Some(mut ended) = self.ended.take() else { return };
        ended.took = self.began.elapsed();
        let predicted = ended.outcome == RequestOutcome::Answered
            && ended.status.is_some_and(|status| (200..300).contains(&status));
        ended.keeps.predictions &= predicted;
        if !ended.keeps.predictions {
            (ended.input.kept, ended.output.kept) = (Vec::new(), Vec::new());
        }
        self.recorder.keep(ended);
    }
}

fn media_type(keeps: Keeps, headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE).filter(|_| keeps.predictions)?;
    Some(value.to_str().ok()?.chars().take(MEDIA_TYPE).collect())
}

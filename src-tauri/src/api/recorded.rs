//! What is kept of a deployment's requests, newest first: looked through, opened, and given out as a file.

use std::ops::ControlFlow;

use bytes::Bytes;
use domain::id::{DeploymentId, RecordId, ReplicaId, RevisionNumber};
use domain::wire::{ErrorCode, ExportForm, Page, PredictionLine, RequestLine, RequestOutcome};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, ApiFor, RecordKind, recorded_table};
use crate::commands::Refusal;

/// Records in a file, at most.
const MOST_IN_FILE: usize = 10_000;
/// Bytes of the lines that a file is made of, at most.
const MOST_BYTES: usize = 32 << 20;

/// The records that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordsAbout {
    /// Only those that this revision answered.
    pub(crate) revision: Option<RevisionNumber>,
    /// Only those that were not answered with a status below 400.
    pub(crate) errors: bool,
    /// Only those from this time on.
    pub(crate) from: Option<Timestamp>,
    /// Only those before this time.
    pub(crate) to: Option<Timestamp>,
    /// Only those of which input and output are kept; these are also there where no request log was kept.
    pub(crate) kept: bool,
}

/// A prediction without what was asked and answered, so that a list of them costs little.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    id: Option<RecordId>,
    at: Timestamp,
    path: String,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    ms: f64,
    revision: RevisionNumber,
    replica: ReplicaId,
    input: Length,
    output: Length,
    #[serde(default)]
    lost: u64,
}

#[derive(Deserialize)]
struct Length {
    bytes: u64,
}

impl Head {
    fn request(self) -> RequestLine {
        RequestLine {
            id: self.id,
            at: self.at,
            method: "POST".to_owned(),
            path: self.path,
            status: self.status.or(Some(200)),
            ms: self.ms,
            bytes_in: self.input.bytes,
            bytes_out: self.output.bytes,
            revision: Some(self.revision),
            replica: Some(self.replica),
            outcome: RequestOutcome::Answered,
            code: None,
            kept: true,
            lost: self.lost,
        }
    }
}

impl RecordsAbout {
    fn kind(&self) -> RecordKind {
        if self.kept { RecordKind::Predictions } else { RecordKind::Requests }
    }

    /// A line of the file as a request; none where it is no whole line.
    fn read(&self, line: &str) -> Option<RequestLine> {
        match self.kind() {
            RecordKind::Requests => serde_json::from_str(line).ok(),
            RecordKind::Predictions => serde_json::from_str::<Head>(line).ok().map(Head::request),
        }
    }

    fn fits(&self, request: &RequestLine) -> bool {
        self.revision.is_none_or(|revision| request.revision == Some(revision))
            && (!self.errors || request.is_error())
            && self.from.is_none_or(|from| request.at >= from)
            && self.to.is_none_or(|to| request.at < to)
    }
}

/// Those that fit, newest first, each with its line; `true` when these are all.
fn found(
    own: &ApiFor,
    deployment: &DeploymentId,
    about: &RecordsAbout,
    most: usize,
    most_bytes: usize,
) -> Result<(Vec<(RequestLine, String)>, bool), Refusal> {
    let (mut found, mut bytes, mut whole) = (Vec::new(), 0, true);
    let mut before: Option<RecordId> = None;
    let mut take = |line: &str| {
        let Some(request) = about.read(line) else { return ControlFlow::Continue(()) };
        // One that comes twice does not count twice.
        if before.as_ref().is_some_and(|before| request.id.as_ref().is_some_and(|id| id >= before)) {
            return ControlFlow::Continue(());
        }
        before = request.id.clone().or(before.take());
        if !about.fits(&request) {
            return ControlFlow::Continue(());
        }
        bytes += line.len();
        if found.len() >= most || bytes > most_bytes {
            whole = false;
            return ControlFlow::Break(());
        }
        found.push((request, line.to_owned()));
        ControlFlow::Continue(())
    };
    let read = own.api.live.records_back(deployment, about.kind(), &mut take);
    read.map_err(|error| unreadable(&error))?;
    Ok((found, whole))
}

fn unreadable(error: &std::io::Error) -> Refusal {
    Refusal::fault("what was kept of requests cannot be read", error)
}

impl ApiFor {
    /// The newest records that fit, at most `limit`, newest first.
    pub(crate) async fn recorded(
        &self,
        name_or_id: String,
        about: RecordsAbout,
        limit: u32,
    ) -> Result<Answer, Refusal> {
        let id = self.read(move |views| views.id_with_logs(&name_or_id)).await?;
        self.blocking(move |own| {
            let (found, _) = found(own, &id, &about, limit as usize, usize::MAX)?;
            let items: Vec<RequestLine> = found.into_iter().map(|(request, _)| request).collect();
            Answer::done(&Page { items, next_cursor: None })
        })
        .await
    }

    /// What was asked and answered, where it is kept.
    pub(crate) async fn prediction(&self, name_or_id: String, record: RecordId) -> Result<Answer, Refusal> {
        let id = self.read(move |views| views.id_with_logs(&name_or_id)).await?;
        self.blocking(move |own| {
            let mut found = None;
            // A line begins with the id, so that the others need not be read.
            let begin = format!("{{\"id\":\"{record}\"");
            let mut take = |line: &str| match line.starts_with(&begin) {
                true => {
                    found = serde_json::from_str::<PredictionLine>(line).ok();
                    ControlFlow::Break(())
                }
                false => ControlFlow::Continue(()),
            };
            let read = own.api.live.records_back(&id, RecordKind::Predictions, &mut take);
            read.map_err(|error| unreadable(&error))?;
            match found {
                Some(prediction) => Answer::done(&prediction),
                None => Err(Refusal::new(
                    ErrorCode::NotFound,
                    "Input and output of this request are not kept. Of each deployment the newest ones are kept, as far as there is room.",
                )),
            }
        })
        .await
    }

    /// The newest records that fit, oldest first, as the text of a file; its end says how many there are.
    pub(crate) async fn recorded_file(
        &self,
        name_or_id: String,
        about: RecordsAbout,
        form: ExportForm,
    ) -> Result<Bytes, Refusal> {
        let id = self.read(move |views| views.id_with_logs(&name_or_id)).await?;
        self.blocking(move |own| {
            let (mut found, whole) = found(own, &id, &about, MOST_IN_FILE, MOST_BYTES)?;
            found.reverse();
            match form {
                ExportForm::Lines => Ok(lines(&found, whole)),
                ExportForm::Table => recorded_table::written(&found, whole)
                    .map_err(|error| Refusal::fault("the table cannot be written", &error)),
            }
        })
        .await
    }
}

fn lines(found: &[(RequestLine, String)], whole: bool) -> Bytes {
    let mut text: String = found.iter().flat_map(|(_, line)| [line.as_str(), "\n"]).collect();
    let end = json!({"end": {"records": found.len(), "complete": whole}});
    text += &format!("{end}\n");
    text.into()
}

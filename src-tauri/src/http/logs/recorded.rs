//! Looks through what the gateway has kept of requests, opens one, and gives them out as a file.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use domain::id::{RecordId, RevisionNumber};
use domain::wire::{ExportForm, Page, PredictionLine, RequestLine};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{Answer, ApiFor, RecordsAbout};
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams, WithoutQuery, limit};

/// The records that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedRecords {
    /// Only those that this revision answered.
    #[param(value_type = Option<u32>)]
    revision: Option<RevisionNumber>,
    /// Only those that were not answered with a status below 400.
    errors: bool,
    /// Only those from this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only those before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Only those of which input and output are kept; these are also there where no request log was kept.
    kept: bool,
    /// The most that are listed: 1 to 1,000; by default 200.
    limit: Option<u32>,
}

/// The records that a file is to hold, and its form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedFile {
    /// The form: `jsonl`, or `csv`, which is a table for spreadsheets.
    #[param(inline, value_type = Option<ExportForm>)]
    format: ExportForm,
    /// Only those that this revision answered.
    #[param(value_type = Option<u32>)]
    revision: Option<RevisionNumber>,
    /// Only those that were not answered with a status below 400.
    errors: bool,
    /// Only those from this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only those before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Only those of which input and output are kept, with both.
    kept: bool,
}

/// List what is kept of a deployment's requests, the newest first: those whose answer ended last. A deployment keeps a line of
/// each request where `request_log` is on, and input and output of each prediction where `data_collection` is.
#[utoipa::path(get, path = "/deployments/{d}/records", tag = "logs", params(WantedRecords),
    responses((status = 200, body = Page<RequestLine>)))]
pub(super) async fn list(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<WantedRecords>,
) -> Result<Answer, Refusal> {
    let most = limit(wanted.limit, 200, 1_000)?;
    let WantedRecords { revision, errors, from, to, kept, .. } = wanted;
    api.recorded(d, RecordsAbout { revision, errors, from, to, kept }, most).await
}

/// Read what was asked and answered, where input and output of a request are kept. Of a longer body only the first 64 KiB are.
#[utoipa::path(get, path = "/deployments/{d}/records/{id}", tag = "logs", responses((status = 200, body = PredictionLine)))]
pub(super) async fn open(
    api: ApiFor,
    PathParams((d, id)): PathParams<(String, RecordId)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.prediction(d, id).await
}

/// Download what is kept of a deployment's requests: the newest 10,000 that fit, of at most 32 MiB, oldest first. The last line
/// says how many there are, and whether these are all.
#[utoipa::path(get, path = "/deployments/{d}/records/export", tag = "logs", params(WantedFile),
    responses((status = 200, body = RequestLine, content_type = "application/x-ndjson")))]
pub(super) async fn export(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<WantedFile>,
) -> Result<Response, Refusal> {
    let WantedFile { format, revision, errors, from, to, kept } = wanted;
    let text = api.recorded_file(d, RecordsAbout { revision, errors, from, to, kept }, format).await?;
    let (kind, disposition) = match format {
        ExportForm::Lines => ("application/x-ndjson", "attachment; filename=\"requests.ndjson\""),
        ExportForm::Table => ("text/csv; charset=utf-8", "attachment; filename=\"requests.csv\""),
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], text).into_response())
}

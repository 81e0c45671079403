//! What is kept of a deployment's requests.

use domain::id::{DeploymentName, RecordId, RevisionNumber};
use domain::wire::{ExportForm, Page, PredictionLine, RequestLine};
use jiff::Timestamp;

use super::{Failure, escape};

/// The records that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordFilter {
    /// Only those that this revision answered.
    pub(crate) revision: Option<RevisionNumber>,
    /// Only errors.
    pub(crate) errors: bool,
    /// Only those from this time on.
    pub(crate) from: Option<Timestamp>,
    /// Only those of which input and output are kept.
    pub(crate) kept: bool,
}

impl RecordFilter {
    fn parameters(&self) -> String {
        let mut text = String::new();
        if let Some(revision) = self.revision {
            text += &format!("&revision={revision}");
        }
        if self.errors {
            text += "&errors=true";
        }
        if let Some(from) = self.from {
            text += &format!("&from={}", escape(&from.to_string()));
        }
        if self.kept {
            text += "&kept=true";
        }
        text
    }
}

/// The newest ones, newest first.
pub(crate) async fn list(
    name: &DeploymentName,
    filter: &RecordFilter,
    limit: u32,
) -> Result<Vec<RequestLine>, Failure> {
    let page: Page<RequestLine> =
        super::get(&format!("/deployments/{name}/records?limit={limit}{}", filter.parameters())).await?;
    Ok(page.items)
}

/// What was asked and answered.
pub(crate) async fn open(name: &DeploymentName, id: &RecordId) -> Result<PredictionLine, Failure> {
    super::get(&format!("/deployments/{name}/records/{id}")).await
}

/// The address of a file with those that fit.
pub(crate) fn file(name: &DeploymentName, filter: &RecordFilter, form: ExportForm) -> String {
    format!("{}/deployments/{name}/records/export?format={form}{}", super::base(), filter.parameters())
}

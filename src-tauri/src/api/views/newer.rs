//! The newer model versions that a deployment is told of (AZ-1).

use domain::id::{DeploymentId, ModelRef};
use domain::known_bad::{self, BoundRevision};
use domain::ledger::Revision;
use domain::model::RegisteredModel;

use super::Views;
use crate::commands::Refusal;
use crate::store::{Reading, StoreError};

/// Versions that are read at a time.
const PAGE: u32 = 20;

impl Views<'_> {
    /// The newest version of each of the `models` in use that is news ([`RegisteredModel::is_news_for`]).
    pub(super) fn newer(&self, deployment: &DeploymentId, models: &[ModelRef]) -> Result<Vec<ModelRef>, Refusal> {
        let reading = &self.moment.reading;
        let mut newer = Vec::new();
        for model in models {
            let is_last = reading.newest_version(&model.name)?.is_none_or(|newest| newest <= model.version);
            let used = if is_last { None } else { reading.model(model)? };
            if let Some(used) = used {
                newer.extend(newest_news(reading, &used, &known_bad(reading, deployment)?)?);
            }
        }
        Ok(newer)
    }
}

fn newest_news(
    reading: &Reading<'_>,
    used: &RegisteredModel,
    known_bad: &[RegisteredModel],
) -> Result<Option<ModelRef>, StoreError> {
    let mut before = None;
    loop {
        let versions = reading.model_versions(&used.name, before, PAGE)?;
        if let Some(news) = versions.iter().find(|version| version.is_news_for(used, known_bad)) {
            return Ok(Some(news.reference()));
        }
        match versions.last() {
            Some(last) if last.version > used.version => before = Some(last.version),
            _ => return Ok(None),
        }
    }
}

/// The model versions that are known to be bad here.
fn known_bad(reading: &Reading<'_>, deployment: &DeploymentId) -> Result<Vec<RegisteredModel>, StoreError> {
    let revisions = reading.readable_revisions(deployment)?;
    if revisions.iter().all(|revision| revision.quarantined.is_none()) {
        return Ok(Vec::new());
    }
    let mut bound = Vec::with_capacity(revisions.len());
    for Revision { configuration, state, quarantined, .. } in revisions {
        if let Some(found) = reading.configuration(&configuration)? {
            bound.push(BoundRevision { models: found.configuration.models, state, quarantined });
        }
    }
    let bad = known_bad::known_bad(bound);
    bad.keys().map(|model| reading.model(model)).filter_map(Result::transpose).collect()
}

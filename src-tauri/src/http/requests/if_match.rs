//! `If-Match`: a write that was made on the basis of an older state is refused (VX-10).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use domain::id::Generation;
use domain::wire::ErrorCode;

use crate::commands::Refusal;
use domain::ledger::Deployment;

/// The tags that a request names; none means that any state will do.
#[derive(Clone, Debug)]
pub(in crate::http) struct IfMatch(Option<Vec<String>>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let values = parts.headers.get_all(header::IF_MATCH);
        let tags = values.iter().flat_map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            text.split(',').map(|tag| tag.trim().to_owned()).collect::<Vec<_>>()
        });
        let tags: Vec<_> = tags.collect();
        Ok(Self(if tags.is_empty() || tags.iter().any(|tag| tag == "*") { None } else { Some(tags) }))
    }
}

impl IfMatch {
    /// Whether the state that has `tag` is one that the request was made for.
    ///
    /// # Errors
    /// `precondition_failed`.
    pub(in crate::http) fn check(&self, tag: &str) -> Result<(), Refusal> {
        match &self.0 {
            Some(tags) if !tags.iter().any(|given| given == tag) => Err(Refusal::new(
                ErrorCode::PreconditionFailed,
                format!(
                    "If-Match does not name the ETag, which is {tag}: somebody changed it in between. Read it again and decide anew."
                ),
            )),
            _ => Ok(()),
        }
    }

    /// The generation that `row` must have, as the commands check it.
    ///
    /// # Errors
    /// `precondition_failed` when no tag is one that a deployment ever had.
    pub(in crate::http) fn expected(&self, row: &Deployment) -> Result<Option<Generation>, Refusal> {
        let Some(tags) = &self.0 else { return Ok(None) };
        let generations = tags.iter().filter_map(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        let generations: Vec<Generation> = generations.collect();
        if generations.contains(&row.generation) {
            return Ok(Some(row.generation));
        }
        generations.first().copied().map(Some).ok_or_else(|| {
            Refusal::new(
                ErrorCode::PreconditionFailed,
                format!(
                    "If-Match does not name the ETag of {}, which is \"{}\". Read it again and decide anew.",
                    row.name, row.generation
                ),
            )
        })
    }
}

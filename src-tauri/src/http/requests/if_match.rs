//! `If-Match`: a write that was made on the basis of an older state is refused (VX-10).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use domain::wire::ErrorCode;

use crate::api::Answer;
use crate::commands::{Expected, Refusal};

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
    /// Refuses an answer that shows another state than one that the request was made for.
    ///
    /// # Errors
    /// `precondition_failed`.
    pub(in crate::http) fn check(&self, answer: &Answer) -> Result<(), Refusal> {
        let tag = answer.tag.as_deref().unwrap_or_default();
        match &self.0 {
            Some(tags) if !tags.iter().any(|given| unquoted(given) == Some(tag)) => Err(Refusal::new(
                ErrorCode::PreconditionFailed,
                format!(
                    "If-Match does not name the ETag, which is \"{tag}\": somebody changed it in between. Read it again and decide anew."
                ),
            )),
            _ => Ok(()),
        }
    }

    /// The generations of a deployment that its tags name.
    pub(in crate::http) fn expected(&self) -> Expected {
        let Some(tags) = &self.0 else { return Expected::default() };
        Expected::one_of(tags.iter().filter_map(|tag| unquoted(tag)?.parse().ok()).collect())
    }
}

fn unquoted(tag: &str) -> Option<&str> {
    tag.strip_prefix('"')?.strip_suffix('"')
}

//! The gateway's records of requests: the request log, and collected predictions (AZ-3).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{RecordId, ReplicaId, RevisionNumber};

words! {
    /// The outcome of a request.
    pub enum RequestOutcome {
        /// A replica answered completely, with a status below 500.
        Answered = "answered",
        /// With a status of 500 or above.
        Failed = "failed",
        /// Its answer had begun, and was cut on this side. The receipt counts it among those that failed.
        Cut = "cut",
        /// The gateway did not pass it on, or not to its end, because of what the client sent. In no receipt.
        Refused = "refused",
        /// The client hung up before the answer's end. In no receipt.
        Left = "left",
    }
}

/// One request, as the request log has it. Neither query nor headers are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestLine {
    /// Names the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// When it arrived.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// `GET`, `POST`, ….
    pub method: String,
    /// Its path below the inference URL, at most 1,024 characters.
    pub path: String,
    /// The answer's status, if there was an answer.
    pub status: Option<u16>,
    /// From its arrival to the end of its answer, in milliseconds.
    pub ms: f64,
    /// Bytes of its body that were passed on.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
    /// What answered, or was asked last.
    pub revision: Option<RevisionNumber>,
    /// Which replica that was.
    pub replica: Option<ReplicaId>,
    /// Its outcome.
    pub outcome: RequestOutcome,
    /// Why the gateway answered by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its input and output are kept too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
    /// Requests since the line before of which no line could be kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost: u64,
}

impl RequestLine {
    /// True for a request that was not answered with a status below 400.
    pub fn is_error(&self) -> bool {
        self.outcome != RequestOutcome::Answered || self.status.is_none_or(|status| status >= 400)
    }
}

/// A prediction: a `POST` that a replica answered with a status of 200 to 299.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionLine {
    /// Names the record; the same as that of its line in the request log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// When it was asked for.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Path below the inference URL, at most 1,024 characters.
    pub path: String,
    /// The answer's status.
    #[serde(default)]
    pub status: Option<u16>,
    /// From its arrival to the end of its answer, in milliseconds.
    #[serde(default)]
    pub ms: f64,
    /// The revision that answered.
    pub revision: RevisionNumber,
    /// The replica that answered.
    pub replica: ReplicaId,
    /// The request.
    pub input: CollectedBody,
    /// The answer.
    pub output: CollectedBody,
    /// Predictions since the line before that could not be kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lost: u64,
}

/// A body, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CollectedBody {
    /// Its `Content-Type`.
    pub media_type: Option<String>,
    /// Its whole length in bytes.
    pub bytes: u64,
    /// All of it is here; of a longer one only the first 64 KiB are.
    pub complete: bool,
    /// What it says: one of `json` (complete JSON), `text` (UTF-8) and `base64` (anything else).
    #[serde(flatten)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub content: Content,
}

/// What a body says, as readable as it can be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Complete JSON.
    Json(Value),
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64(String),
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_names_its_content() {
        let body = CollectedBody { media_type: None, bytes: 2, complete: true, content: Content::Json(1.into()) };
        let text = serde_json::to_string(&body).unwrap();
        assert_eq!(text, r#"{"media_type":null,"bytes":2,"complete":true,"json":1}"#);
        assert_eq!(serde_json::from_str::<CollectedBody>(&text).unwrap(), body);
    }

    #[test]
    fn an_error_is_whatever_was_not_answered_with_a_status_below_400() {
        use RequestOutcome::{Answered, Cut, Failed, Left, Refused};
        for (outcome, status, is_error) in [
            (Answered, Some(200), false),
            (Answered, Some(304), false),
            (Answered, Some(404), true),
            (Answered, None, true),
            (Failed, Some(500), true),
            (Cut, Some(200), true),
            (Refused, Some(401), true),
            (Left, None, true),
        ] {
            let line: RequestLine = serde_json::from_value(serde_json::json!({
                "at": "2026-01-01T00:00:00Z", "method": "POST", "path": "", "status": status, "ms": 1.0,
                "bytes_in": 0, "bytes_out": 0, "revision": null, "replica": null, "outcome": outcome,
            }))
            .unwrap();
            assert_eq!((line.is_error(), line.kept, line.id.clone()), (is_error, false, None), "{line:?}");
        }
    }
}

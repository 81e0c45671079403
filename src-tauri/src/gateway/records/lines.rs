//! A request that has ended, as the lines that are kept of it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::id::RecordId;
use domain::wire::{CollectedBody, Content, PredictionLine, RequestLine};
use jiff::Timestamp;

use super::ended::{Ended, Passed};

/// Its line in the request log.
pub(super) fn request(ended: &Ended, id: Option<RecordId>, lost: u64) -> RequestLine {
    RequestLine {
        id,
        at: at(ended),
        method: ended.method.to_string(),
        path: ended.path.clone(),
        status: ended.status,
        ms: ms(ended),
        bytes_in: ended.input.bytes,
        bytes_out: ended.output.bytes,
        revision: ended.endpoint.as_ref().map(|endpoint| endpoint.revision),
        replica: ended.endpoint.as_ref().map(|endpoint| endpoint.id.clone()),
        outcome: ended.outcome,
        code: ended.code.map(str::to_owned),
        kept: ended.keeps.predictions && ended.endpoint.is_some(),
        lost,
    }
}

/// Its line among the predictions; none for one that no replica answered.
pub(super) fn prediction(ended: Ended, id: Option<RecordId>, lost: u64) -> Option<PredictionLine> {
    let (at, ms) = (at(&ended), ms(&ended));
    let endpoint = ended.endpoint?;
    Some(PredictionLine {
        id,
        at,
        path: ended.path,
        status: ended.status,
        ms,
        revision: endpoint.revision,
        replica: endpoint.id.clone(),
        input: body(ended.input),
        output: body(ended.output),
        lost,
    })
}

fn at(ended: &Ended) -> Timestamp {
    ended.at.round(jiff::Unit::Millisecond).unwrap_or(ended.at)
}

fn ms(ended: &Ended) -> f64 {
    (ended.took.as_secs_f64() * 1e6).round() / 1e3
}

fn body(passed: Passed) -> CollectedBody {
    let complete = passed.bytes == passed.kept.len() as u64;
    let json = if complete { serde_json::from_slice(&passed.kept).ok() } else { None };
    let content = json.map(Content::Json).unwrap_or_else(|| text(passed.kept, complete));
    CollectedBody { media_type: passed.media_type, bytes: passed.bytes, complete, content }
}

fn text(bytes: Vec<u8>, complete: bool) -> Content {
    match String::from_utf8(bytes) {
        Ok(text) => Content::Text(text),
        // Cut inside of its last letter, it is text all the same.
        Err(error) if !complete && error.utf8_error().error_len().is_none() => {
            let valid = error.utf8_error().valid_up_to();
            Content::Text(String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned())
        }
        Err(error) => Content::Base64(BASE64_STANDARD.encode(error.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8], whole: u64) -> CollectedBody {
        body(Passed { bytes: whole, media_type: None, kept: bytes.to_vec() })
    }

    #[test]
    fn a_body_is_as_readable_as_it_can_be() {
        let json = of(b"{\n \"a\": 1.50\n}", 14);
        assert_eq!((json.complete, json.content), (true, Content::Json(serde_json::json!({"a": 1.5}))));
        let cut = of(b"{\"a\": 1", 100);
        assert_eq!((cut.complete, cut.content), (false, Content::Text("{\"a\": 1".to_owned())));
        assert_eq!(of("hé".as_bytes(), 3).content, Content::Text("hé".to_owned()));
        assert_eq!(of(&"hé".as_bytes()[..2], 3).content, Content::Text("h".to_owned()));
        assert_eq!(of(&[0xff, 0x00], 2).content, Content::Base64("/wA=".to_owned()));
        assert_eq!(of(b"", 0).content, Content::Text(String::new()));
    }
}

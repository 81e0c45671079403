//! Answers are sent in few bytes to whoever takes that: in brotli, else in gzip.
//!
//! Not what comes little by little, which would be held back until there is enough of it; not what is small; and not model
//! files, whose bytes hardly repeat.

use axum::http::header;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// The fewest bytes that are worth it.
const LEAST: u16 = 1_024;
/// Of brotli: a tenth of the bytes, at the speed of a network.
const QUALITY: CompressionLevel = CompressionLevel::Precise(4);

/// What is compressed.
#[derive(Clone, Copy)]
pub(super) struct Whole;

impl Predicate for Whole {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let kind =
            response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        let repeats =
            ["application/json", "application/problem+json", "application/wasm", "text/css", "text/javascript"];
        repeats.contains(&kind) && SizeAbove::new(LEAST).should_compress(response)
    }
}

/// The layer that does it.
pub(super) fn layer() -> CompressionLayer<Whole> {
    CompressionLayer::new().quality(QUALITY).compress_when(Whole)
}

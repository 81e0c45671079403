//! State that is only known while the program runs: requests, output, targets.

mod output;
mod predictions;
mod requests;
mod targets;

pub use output::{LiveOutput, LogFrom, LogPiece, OutputFrom, OutputPiece, RecordKind};
pub use predictions::{GatewayAnswer, GatewayCall, LivePredictions};
pub use requests::LiveRequests;
pub use targets::LiveTargets;

/// Answered by what runs beside the API: gateway, engine and target.
///
/// Assumptions: no method calls the store, because answers to writes are made up inside their transaction.
/// All answer from memory, but those of [`LiveOutput`] and [`LivePredictions`] and those of the others that say otherwise.
pub trait Live: LiveRequests + LiveOutput + LivePredictions + LiveTargets {
    /// The URL of the gateway, without a slash at the end; a deployment's URL is this with its name.
    fn gateway_url(&self) -> String;

    /// True while requests can be served.
    fn ready(&self) -> bool;
}

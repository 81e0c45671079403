//! Requests for predictions that somebody makes by hand: they go to the gateway, as every other request does.

use std::time::Duration;

use domain::secret::Secret;
use domain::wire::PredictMethod;
use futures_util::future::BoxFuture;

/// A request to the gateway.
#[derive(Clone, Debug)]
pub struct GatewayCall {
    /// The path with the deployment's name.
    pub path: String,
    /// The HTTP method.
    pub method: PredictMethod,
    /// The body, sent as JSON unless it is empty.
    pub body: String,
    /// The credentials of the deployment: a token and a key, of which the gateway wants one or none.
    pub credentials: Option<(Secret, Secret)>,
    /// The most bytes of an answer that are read.
    pub most_bytes: usize,
}

/// The answer of the gateway, or of a replica behind it.
#[derive(Clone, Debug)]
pub struct GatewayAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body; of one that is too long, its beginning.
    pub body: Vec<u8>,
    /// The body was too long.
    pub is_cut: bool,
    /// The revision that answered, as its header says.
    pub revision: Option<String>,
    /// The replica that answered, as its header says.
    pub replica: Option<String>,
    /// The time until the answer was there.
    pub took: Duration,
}

/// The gateway as its callers see it.
pub trait LivePredictions: Send + Sync + 'static {
    /// Asks the gateway at its own address. A call that is dropped is broken off.
    ///
    /// # Errors
    /// A sentence when there is no answer.
    fn predict(&self, call: GatewayCall) -> BoxFuture<'static, Result<GatewayAnswer, String>>;
}

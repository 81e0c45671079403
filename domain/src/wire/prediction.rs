//! Predictions by hand: what a deployment takes, the request, and the answer (DR-15).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deployment::{Status, TargetStatus};
use crate::id::{DeploymentName, ReplicaId, RevisionNumber};
use crate::prediction::InputForm;

words! {
    /// The HTTP method of a request for a prediction.
    #[derive(Default)]
    pub enum PredictMethod {
        /// With a body.
        #[default]
        Post = "POST",
        /// Without one.
        Get = "GET",
        /// With a body.
        Put = "PUT",
    }
}

/// The input that a deployment takes, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InputView {
    /// The name of the deployment.
    pub deployment: DeploymentName,
    /// The URL at which it answers.
    pub url: String,
    /// The model runs elsewhere and answers there: requests do not go through Changeover.
    pub runs_elsewhere: bool,
    /// The status of the deployment.
    pub status: Status,
    /// The status that it is meant to reach.
    pub target_status: TargetStatus,
    /// The path below the URL that takes requests for predictions.
    pub path: String,
    /// The form that the signature makes; `null` where no signature says what a request holds, or a program decides it.
    pub form: Option<InputForm>,
    /// The body of an example request: the one of the configuration, else one made from the signature; `null` where
    /// there is none, or it is too large to be read.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, nullable))]
    pub example: Option<Value>,
}

/// A request for a prediction, which the server passes on to the deployment's own URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskPrediction {
    /// The path below the inference URL, which begins with `/`; by default the one for predictions.
    pub path: Option<String>,
    /// The HTTP method.
    pub method: PredictMethod,
    /// The body, passed on as it is. JSON as a rule.
    pub body: String,
}

/// The answer to a request for a prediction, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PredictionView {
    /// HTTP status of the answer.
    pub status: u16,
    /// The body as text; of a large one, its beginning.
    pub body: String,
    /// The body was larger, and its end is missing.
    pub is_cut: bool,
    /// The revision that answered; `null` when the gateway answered by itself.
    pub revision: Option<RevisionNumber>,
    /// The replica that answered; `null` when the gateway answered by itself.
    pub replica: Option<ReplicaId>,
    /// Milliseconds until the answer was there.
    pub milliseconds: u64,
}

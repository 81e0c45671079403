//! A model behind the protocol.

use domain::id::ModelRef;

use super::refusal::InferenceRefusal;
use super::request::Sent;
use crate::replica::model::{Datatype, InferredOutput, ModelInput, ModelOutput};

/// A model behind the protocol.
pub(in crate::replica) trait Answers: Send + Sync + 'static {
    /// The platform that runs the model, in the protocol's word.
    fn platform(&self) -> &'static str;
    /// The inputs of the model, as the protocol describes them.
    fn inputs(&self) -> &[ModelInput];
    /// The outputs of the model.
    fn outputs(&self) -> &[ModelOutput];
    /// The datatype in which the output at `place` is answered.
    fn datatype(&self, place: usize) -> Datatype {
        self.outputs()[place].datatype
    }
    /// Answers a request: one answer for each output.
    fn infer(&self, sent: &mut Sent<'_>) -> impl Future<Output = Result<Vec<InferredOutput>, InferenceRefusal>> + Send;
}

/// The model that the routes answer with.
pub(in crate::replica) struct ServedModel<M> {
    /// The model.
    pub(in crate::replica) model: M,
    /// The name and version of the model.
    pub(in crate::replica) name: ModelRef,
    /// Largest request body in bytes.
    pub(in crate::replica) max_body_bytes: usize,
}

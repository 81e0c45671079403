//! The state that every route shares.

use std::sync::Arc;

use super::access::Access;
use crate::api::Api;

/// The state behind every route: the API, and everybody who may send requests.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) api: Arc<Api>,
    pub(super) access: Access,
}

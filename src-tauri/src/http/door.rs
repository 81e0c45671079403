//! The state that every route shares.

use std::sync::Arc;

use super::access::Access;
use crate::api::Api;

/// What stands behind every route: the API, and who may come in.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) api: Arc<Api>,
    pub(super) access: Access,
}

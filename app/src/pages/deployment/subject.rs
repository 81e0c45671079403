//! What every part of a deployment's page looks at.

use std::sync::Arc;

use domain::wire::{DeploymentView, RolloutView};
use leptos::prelude::*;

use crate::state::Query;

/// What every part of the page looks at.
#[derive(Clone, Copy)]
pub(crate) struct Subject {
    /// The deployment.
    pub(crate) view: Memo<Option<Arc<DeploymentView>>>,
    /// Its newest rollout.
    pub(crate) rollout: Query<Option<RolloutView>>,
}

impl Subject {
    /// The newest rollout.
    pub(crate) fn newest(self) -> Option<RolloutView> {
        self.rollout.value().and_then(|newest| (*newest).clone())
    }
}

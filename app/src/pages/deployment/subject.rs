//! The deployment and rollout that every part of the page looks at.

use std::sync::Arc;

use domain::id::{DeploymentId, DeploymentName};
use domain::wire::{DeploymentView, RolloutView};
use leptos::prelude::*;

use crate::state::Query;

/// The deployment and rollout that every part of the page looks at.
#[derive(Clone, Copy)]
pub(crate) struct Subject {
    /// The deployment, without what changes every other second: nothing is drawn anew for that.
    pub(crate) view: Memo<Option<Arc<DeploymentView>>>,
    /// The deployment with its requests, and with what its replicas do at this moment.
    pub(super) live: Memo<Option<Arc<DeploymentView>>>,
    /// Its newest rollout.
    pub(crate) rollout: Query<Option<RolloutView>>,
    lasting: StoredValue<(DeploymentId, DeploymentName)>,
}

impl Subject {
    /// The deployment as it was `first` read, and as it is.
    pub(super) fn new(
        first: &DeploymentView,
        live: Memo<Option<Arc<DeploymentView>>>,
        rollout: Query<Option<RolloutView>>,
    ) -> Self {
        let view = Memo::new(move |_| live.with(|live| live.as_deref().map(DeploymentView::at_rest).map(Arc::new)));
        Self { view, live, rollout, lasting: StoredValue::new((first.id.clone(), first.name.clone())) }
    }

    /// Its id, also when it is gone.
    pub(super) fn id(self) -> DeploymentId {
        self.lasting.with_value(|(id, _)| id.clone())
    }

    /// Its name, also when it is gone.
    pub(super) fn name(self) -> DeploymentName {
        self.lasting.with_value(|(_, name)| name.clone())
    }

    /// The newest rollout.
    pub(crate) fn newest(self) -> Option<RolloutView> {
        self.rollout.value().and_then(|newest| (*newest).clone())
    }
}

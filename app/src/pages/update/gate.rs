//! What stands between the update and its start: policies, freezes, and the time that is chosen for it.

use domain::change_request::{ApplyTime, RequestState};
use domain::id::{DeploymentId, RequestId};
use domain::policy::GatedAction;
use domain::principal::PrincipalId;
use domain::wire::{Apply, ApplyWhen, BreakGlass, ChangeRequestView, MatchPolicies, Matched};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api;
use crate::api::requests::Wanted;
use crate::pages::chosen_time::ChosenTime;
use crate::pages::kept_draft::KeptDraft;
use crate::pages::overriding::{Overridden, Override};
use crate::state::{Query, State, state};
use crate::words::own_zone;
use crate::words::requests::joined;

/// As many open requests of the deployment are named.
const MOST: u32 = 20;

/// The times that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum When {
    /// Now, or as soon as policies and freezes let it.
    Soon,
    /// At a time.
    At,
    /// When an owner says so.
    ByHand,
}

/// What the button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It starts.
    Start,
    /// It asks for approvals.
    Ask,
    /// It starts at a time, in the words of the button for it.
    Schedule(String),
    /// It starts when the freeze is over.
    Wait,
    /// It is kept until somebody starts it.
    Keep,
    /// It starts although something forbids it.
    Override,
    /// It asks for another change than was asked for.
    Edit,
}

/// The choices, and what the server says of them.
#[derive(Clone, Copy)]
pub(super) struct Gate {
    /// The time that is chosen.
    pub(super) when: RwSignal<When>,
    /// The time, where one is chosen.
    pub(super) time: ChosenTime,
    /// Policies and freezes are overridden, or not.
    pub(super) overriding: Override,
    /// The time of the request that is edited.
    pub(super) kept: StoredValue<Option<ApplyTime>>,
    /// The request that is edited.
    pub(super) edits: StoredValue<Option<RequestId>>,
    /// The policies and freezes that the update meets.
    pub(super) matched: Memo<Option<Matched>>,
    /// The other requests of the deployment.
    pub(super) open: Memo<Vec<ChangeRequestView>>,
    state: State,
}

impl Gate {
    /// The choices for an update of a deployment.
    pub(super) fn new(id: DeploymentId, edits: Option<RequestId>) -> Self {
        let state = state();
        let (touched, asked, named) = (id.clone(), id.clone(), id);
        let changes = move || (state.requests_changed(), state.touches(&touched));
        let query = Query::whenever(changes, move || {
            let deployment = Some(asked.to_string());
            let asked = MatchPolicies::new(deployment, GatedAction::Replace);
            async move { api::policies::matched(&asked).await }
        });
        let matched = Memo::new(move |_| query.value().map(|matched| (*matched).clone()));
        let waits = Memo::new(move |_| matched.with(|m| m.as_ref().is_some_and(|m| !m.open_requests.is_empty())));
        let requests = Query::when(
            move || waits.get() && state.requests_changed() < u64::MAX,
            move || {
                let wanted = Wanted::LiveOf(named.to_string());
                async move { api::requests::list(&wanted, MOST, None).await }
            },
        );
        let edited = edits.clone();
        let open = Memo::new(move |_| {
            let page = requests.value();
            let others = page.iter().flat_map(|page| &page.items);
            others
                .filter(|request| Some(&request.id) != edited.as_ref() && request.state != RequestState::Applied)
                .cloned()
                .collect::<Vec<_>>()
        });
        let (when, time) = (RwSignal::new(When::Soon), ChosenTime::new());
        if let Some(kept) = KeptDraft::here() {
            kept.keep("when", when);
            time.keep(&kept);
        }
        Self {
            when,
            time,
            overriding: Override::new(),
            kept: StoredValue::new(None),
            edits: StoredValue::new(edits),
            matched,
            open,
            state,
        }
    }

    /// True when a policy asks for approvals.
    pub(super) fn needs_approval(self) -> bool {
        self.matched.with(|matched| matched.as_ref().is_some_and(|matched| !matched.needs.is_empty()))
    }

    /// True while a freeze holds.
    pub(super) fn is_frozen(self) -> bool {
        self.matched.with(|matched| matched.as_ref().is_some_and(|matched| !matched.freezes.is_empty()))
    }

    /// True when there is something to override, for somebody who may.
    pub(super) fn may_override(self) -> bool {
        let may = self.matched.with(|matched| matched.as_ref().is_some_and(|matched| matched.may_break_glass));
        may && (self.needs_approval() || self.is_frozen())
    }

    /// What the button does.
    pub(super) fn way(self) -> Way {
        if self.edits.with_value(Option::is_some) {
            return Way::Edit;
        }
        if self.overriding.chosen.get() && self.may_override() {
            return Way::Override;
        }
        if self.needs_approval() {
            return Way::Ask;
        }
        match self.when.get() {
            When::Soon if self.is_frozen() => Way::Wait,
            When::Soon => Way::Start,
            When::ByHand => Way::Keep,
            When::At => Way::Schedule(self.time.label()),
        }
    }

    /// The reason why the choices cannot be sent; `None` when they can.
    pub(super) fn blocked(self) -> Option<String> {
        if self.way() == Way::Override {
            return self.overriding.blocked();
        }
        match self.when.get() {
            When::Soon | When::ByHand => None,
            When::At => self.time.blocked(self.state.now().get()),
        }
    }

    /// When it is to be carried out, as it is asked of the server.
    pub(super) fn apply(self) -> Apply {
        let gated = self.needs_approval() || self.is_frozen() || self.edits.with_value(Option::is_some);
        match self.when.get() {
            _ if self.way() == Way::Override => Apply::default(),
            When::Soon if gated => Apply::When(ApplyWhen::WhenApproved),
            When::Soon => Apply::When(ApplyWhen::Now),
            When::ByHand => Apply::When(ApplyWhen::ByHand),
            When::At => {
                // A time that stays keeps its end too.
                let same = self.time.instant().ok();
                let kept = self.kept.get_value().filter(|kept| same == Some(kept.at));
                self.time.asked(kept.map(|kept| kept.not_after))
            }
        }
    }

    /// The override, where one is chosen.
    pub(super) fn break_glass(self) -> Option<BreakGlass> {
        if self.way() != Way::Override {
            return None;
        }
        self.overriding.of(self.overridden())
    }

    /// The policies and freezes that an override is of.
    pub(super) fn overridden(self) -> Overridden {
        let matched = self.matched.get();
        let of = |matched: Matched| Overridden {
            policies: matched.needs.into_iter().map(|policy| policy.id).collect(),
            freezes: matched.freezes.into_iter().map(|freeze| freeze.id).collect(),
        };
        matched.map(of).unwrap_or_default()
    }

    /// What the policies and freezes ask, in sentences.
    pub(super) fn asks(self) -> Vec<String> {
        let Some(matched) = self.matched.get() else { return Vec::new() };
        let who = |ids: &[PrincipalId]| match ids {
            [] => "nobody can review it".to_owned(),
            ids if ids.len() > 3 => format!("{} people can review", ids.len()),
            ids => {
                let names = ids.iter().map(|id| self.state.name_of(id)).collect::<Vec<_>>();
                format!("{} can review", joined(&names, "and"))
            }
        };
        let policies = matched.needs.iter().map(|policy| {
            let approvals = crate::words::count(policy.needed as usize, "approval", "approvals");
            format!("Policy {}: needs {approvals}, {}.", policy.name, who(&policy.can_still))
        });
        let freezes = matched.freezes.iter().map(|freeze| match freeze.until {
            Some(until) => format!("{} holds it until {}.", freeze.name, own_zone::moment_and_place(until)),
            None => format!("{} holds it until somebody lifts it.", freeze.name),
        });
        policies.chain(freezes).collect()
    }
}

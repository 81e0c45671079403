//! Change requests and uses of break-glass as they are shown.

use domain::access::Rights;
use domain::action::Action;
use domain::caller::Through;
use domain::change_request::{ApplyMode, ReviewVerdict, Reviewing, may_review};
use domain::exact_plan::{ExactPlan, PlanBase};
use domain::id::{BreakGlassId, RequestId};
use domain::principal::PrincipalId;
use domain::wire::{
    Acknowledged, BreakGlassView, ChangeRequestView, HoldingFreeze, Page, PolicyProgress, RequestBase, RequestOffer,
    RequestOffers, RequestVersionView, ReviewView,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Views;
use super::list::{page, shown};
use crate::commands::{self, Found, Judged, Refusal, allow_reading, request_name, rollout_of};
use crate::store::tables::break_glass::BrokenGlass;

/// The requests that are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Whose {
    /// All that the caller may see.
    #[default]
    All,
    /// Those that the caller could review now.
    ForMe,
    /// Those that the caller asked for.
    Mine,
}

/// The numbers of what waits for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WaitingCounts {
    /// Requests that the caller could review now.
    waits_for_me: u32,
    /// Live requests of the caller.
    mine: u32,
    /// Uses of break-glass that the caller may acknowledge.
    to_acknowledge: u32,
}

/// Requests that are read at a time.
const BATCH: u32 = 200;

impl Views<'_> {
    /// The request that is named, with its rehearsal.
    pub(crate) fn change_request(&self, id: &RequestId) -> Result<ChangeRequestView, Refusal> {
        let found = self.moment.request(id)?;
        self.request_view(&found, &self.moment.rights()?, true)
    }

    /// Requests before `cursor`, newest first.
    pub(crate) fn change_requests(
        &self,
        whose: Whose,
        deployment: Option<&str>,
        live: Option<bool>,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<ChangeRequestView>, Refusal> {
        let mut sight = self.moment.request_sight()?;
        let row = deployment.map(|named| self.moment.find(named)).transpose()?;
        let live = if whose == Whose::ForMe { Some(true) } else { live };
        let (mut wanted, mut before) = (Vec::new(), cursor);
        while wanted.len() <= limit as usize {
            let id = row.as_ref().map(|row| &row.id);
            let batch = self.moment.reading.requests(id, live, before.as_deref(), BATCH)?;
            let Some(last) = batch.last() else { break };
            before = Some(last.id.to_string());
            for request in batch {
                let Some(found) = sight.find(request)? else { continue };
                let is_wanted = match whose {
                    Whose::All => true,
                    Whose::Mine => found.request.author == sight.rights.id,
                    Whose::ForMe => sight.waits_for_caller(&found, self.now())?,
                };
                if is_wanted {
                    wanted.push(found);
                }
            }
        }
        let wanted = page(wanted, limit, |found| found.request.id.to_string());
        shown(wanted, |found| self.request_view(&found, &sight.rights, false))
    }

    /// The numbers of what waits for the caller.
    pub(crate) fn waiting_counts(&self) -> Result<WaitingCounts, Refusal> {
        let mut sight = self.moment.request_sight()?;
        let mut counts = WaitingCounts::default();
        for request in self.moment.reading.live_requests()? {
            let Some(found) = sight.find(request)? else { continue };
            counts.mine += u32::from(found.request.author == sight.rights.id);
            counts.waits_for_me += u32::from(sight.waits_for_caller(&found, self.now())?);
        }
        for broken in self.moment.reading.all_broken_glass(Some(true), None, BATCH)? {
            counts.to_acknowledge += u32::from(self.moment.may_acknowledge(&sight.rights, &broken)?.is_ok());
        }
        Ok(counts)
    }

    fn request_view(&self, found: &Found, rights: &Rights, whole: bool) -> Result<ChangeRequestView, Refusal> {
        let Found { request, row } = found;
        let now = self.now();
        let judged = self.moment.judge(request, row.as_ref(), now)?;
        let (content, live) = (&request.current.content, request.state.is_live());
        let plan = &content.plan;
        let asked_for = plan.base.as_ref().map(base);
        let (models_before, models) = self.moment.request_models(request, row.as_ref())?;
        let name = request_name(request, row.as_ref())?;
        // Who sees the request because they asked for it or reviewed it may see the deployment no more.
        let opens = match row {
            Some(row) => self.moment.rights_on(rights, row)?.allow(Action::Open.needs()).is_ok(),
            None => true,
        };
        let planned = judged.plan.as_ref().filter(|_| opens);
        let moved = planned.map_or_else(Vec::new, |now| plan.moved(now));
        let rehearsal = match (row, rollout_of(content)) {
            (Some(row), Some(rollout)) if whole && live && opens => {
                let rehearsed = commands::rehearse(self.moment, row, &rollout);
                rehearsed
                    .map(|view| Some(Box::new(view)))
                    .or_else(|refusal| if refusal.code.status() < 500 { Ok(None) } else { Err(refusal) })?
            }
            _ => None,
        };
        let importance =
            row.as_ref().map(|row| row.terms.importance).or(content.create.as_ref().map(|c| c.terms.importance));
        let author_of = |person: &PrincipalId| judged.standing.iter().any(|policy| policy.given.contains(person));
        Ok(ChangeRequestView {
            id: request.id.clone(),
            title: self.moment.request_title(request, row.as_ref())?,
            action: plan.action,
            deployment: request.deployment.clone(),
            deployment_name: name,
            importance: importance.unwrap_or_default(),
            author: request.author.clone(),
            asked_at: request.asked_at,
            state: request.state,
            apply: request.mode.clone(),
            waiting_for: request.waiting_for,
            freezes: judged.freezes().to_vec(),
            expires_at: request.expires_at.or(match &request.mode {
                ApplyMode::At(time) => Some(time.not_after),
                ApplyMode::WhenApproved | ApplyMode::ByHand => None,
            }),
            ended: request.ended.clone(),
            plan_hash: request.current.plan_hash.clone(),
            version: request.current.number,
            reason: plan.reason,
            note: plan.note.clone(),
            models_before,
            models,
            configuration: content.configuration.clone(),
            values: plan.values.clone(),
            // The policies of today say nothing of what has ended.
            policies: if live { judged.progress() } else { Vec::new() },
            reviews: request
                .reviews
                .iter()
                .map(|review| ReviewView {
                    author: review.author.clone(),
                    version: review.version,
                    verdict: review.verdict,
                    comment: review.comment.clone(),
                    at: review.at,
                    withdrawn: review.withdrawn,
                    counts: review.verdict == ReviewVerdict::Approved
                        && request.verdict_of(&review.author) == Some(review)
                        && author_of(&review.author),
                    is_void: review.version != request.current.number,
                })
                .collect(),
            versions: request
                .versions()
                .map(|version| RequestVersionView {
                    number: version.number,
                    author: version.author.clone(),
                    at: version.at,
                    plan_hash: version.plan_hash.clone(),
                    note: version.content.plan.note.clone(),
                    configuration: version.content.configuration.clone(),
                    plan: whole.then(|| Box::new(version.content.plan.clone())),
                })
                .collect(),
            base: asked_for,
            base_now: planned.and_then(|plan| plan.base.as_ref()).map(base),
            moved: if live { moved } else { Vec::new() },
            offers: self.offers(found, &judged, rights)?,
            rehearsal,
        })
    }

    fn offers(&self, found: &Found, judged: &Judged, rights: &Rights) -> Result<RequestOffers, Refusal> {
        let Found { request, .. } = found;
        let now = self.now();
        let through_token = matches!(rights.caller.through, Through::Token { .. });
        let review = |verdict| {
            let reviewing = Reviewing {
                author: &rights.id,
                verdict,
                plan_hash: &request.current.plan_hash,
                through_token,
                at: now,
            };
            let allowed = may_review(request, reviewing, judged.policies(), judged.directory());
            offer(allowed.map_err(|why| why.to_string()))
        };
        let changes = self.moment.may_change_request(found)?.map_err(|denied| denied.to_string());
        let live = request.state.is_live();
        let ended = || format!("The request has ended: it is {}.", request.state);
        let if_live = |allowed: Result<(), String>| allowed.and_then(|()| if live { Ok(()) } else { Err(ended()) });
        let cancel = if_live(self.moment.may_cancel_request(found)?.map_err(|denied| denied.to_string()));
        let change = if_live(changes);
        let hash = judged.plan.as_ref().map(ExactPlan::hash).unwrap_or_default();
        let apply =
            domain::change_request::may_apply(request, &hash, &judged.standing, now).map_err(|why| why.to_string());
        let apply = change.clone().and(apply).and_then(|()| match judged.freezes().first() {
            Some(freeze) => Err(format!("The freeze {} holds it.", freeze.name)),
            None => Ok(()),
        });
        Ok(RequestOffers {
            approve: review(ReviewVerdict::Approved),
            request_changes: review(ReviewVerdict::ChangesRequested),
            apply: offer(apply),
            edit: offer(change.clone()),
            cancel: offer(cancel),
        })
    }

    /// Uses of break-glass before `cursor` that the caller may see, newest first.
    pub(crate) fn all_broken_glass(
        &self,
        open: Option<bool>,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<Page<BreakGlassView>, Refusal> {
        let rights = allow_reading(&self.moment)?;
        let (mut seen, mut before) = (Vec::new(), cursor);
        while seen.len() <= limit as usize {
            let batch = self.moment.reading.all_broken_glass(open, before.as_deref(), BATCH)?;
            let Some(last) = batch.last() else { break };
            before = Some(last.id.to_string());
            for broken in batch {
                if self.moment.sees_broken_glass(&rights, &broken)? {
                    seen.push(broken);
                }
            }
        }
        shown(page(seen, limit, |broken| broken.id.to_string()), |broken| self.glass(broken, &rights))
    }

    /// One use of break-glass.
    pub(crate) fn broken_glass(&self, id: &BreakGlassId) -> Result<BreakGlassView, Refusal> {
        self.glass(self.moment.broken_glass(id)?, &self.moment.rights()?)
    }

    fn glass(&self, broken: BrokenGlass, rights: &Rights) -> Result<BreakGlassView, Refusal> {
        let may = self.moment.may_acknowledge(rights, &broken)?.map_err(|why| why.to_string());
        Ok(BreakGlassView {
            may_acknowledge: offer(may),
            id: broken.id,
            deployment: broken.deployment,
            deployment_name: broken.name,
            action: broken.action,
            person: PrincipalId::of(&broken.by),
            reason: broken.reason,
            policies: broken.policies.into_iter().collect(),
            freezes: broken.freezes.into_iter().collect(),
            at: broken.at,
            acknowledged: broken.acknowledged.map(|(by, at)| Acknowledged { by: PrincipalId::of(&by), at }),
        })
    }
}

impl Judged {
    /// The freezes that hold it now.
    fn freezes(&self) -> &[HoldingFreeze] {
        &self.met().freezes
    }

    fn policies(&self) -> &[domain::policy::Policy] {
        &self.met().policies
    }

    fn directory(&self) -> &domain::principal::Directory {
        &self.met().directory
    }

    fn progress(&self) -> Vec<PolicyProgress> {
        let name = |id: &domain::id::PolicyId| {
            self.policies().iter().find(|policy| policy.id == *id).map(|policy| policy.terms.name.clone())
        };
        let progress = self.standing.iter().map(|standing| PolicyProgress {
            id: standing.policy.clone(),
            name: name(&standing.policy).unwrap_or_default(),
            needed: standing.needed,
            given: standing.given.iter().cloned().collect(),
            can_still: standing.can_still.iter().cloned().collect(),
            blocked_by: standing.blocked_by.iter().cloned().collect(),
            met: standing.met(),
        });
        progress.collect()
    }
}

fn offer(allowed: Result<(), String>) -> RequestOffer {
    RequestOffer { allowed: allowed.is_ok(), why: allowed.err() }
}

fn base(base: &PlanBase) -> RequestBase {
    RequestBase { revision: base.revision, content_hash: base.content_hash.clone(), importance: base.importance }
}

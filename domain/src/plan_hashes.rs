//! The hashes of plans, computed again from the journal: what was approved is what was started (CO-7, CO-8).

use std::collections::{BTreeMap, BTreeSet};

use crate::change_request::ReviewVerdict;
use crate::event::{Entry, Event};
use crate::exact_plan::ExactPlan;
use crate::id::{ConfigurationId, RequestId};
use crate::principal::PrincipalId;
use crate::requested::Warrant;

/// The hashes of plans in a journal, entry by entry.
#[derive(Debug, Default)]
pub struct PlanHashes {
    contents: BTreeMap<ConfigurationId, String>,
    versions: BTreeMap<(RequestId, u32), String>,
    approvals: BTreeSet<(RequestId, u32, PrincipalId)>,
    /// Entries before the first one that was entered are in an archive: what is not known may stand there.
    archived: bool,
}

impl PlanHashes {
    /// The hashes of a journal; `archived` says whether its beginning is in an archive.
    pub fn of(archived: bool) -> Self {
        Self { archived, ..Self::default() }
    }

    /// Enters the next entry.
    ///
    /// # Errors
    /// A hash is not the one of its plan, or a rollout was started by another plan or by other approvals than the journal
    /// holds, in a sentence.
    pub fn enter(&mut self, entry: &Entry) -> Result<(), String> {
        match &entry.event {
            Event::ConfigurationCreated { id, configuration } => {
                self.contents.insert(id.clone(), configuration.content_hash());
            }
            Event::ChangeAsked { request } => {
                let version = &request.current;
                self.version(&request.id, version.number, &version.content.plan, &version.plan_hash)?;
            }
            Event::ChangeEdited { id, edited, .. } => {
                self.version(id, edited.number, &edited.content.plan, &edited.plan_hash)?;
            }
            Event::ChangeReviewed { id, review } => {
                let is_known = self.versions.get(&(id.clone(), review.version)) == Some(&review.plan_hash);
                if is_known && review.verdict == ReviewVerdict::Approved {
                    self.approvals.insert((id.clone(), review.version, review.author.clone()));
                }
            }
            Event::RolloutStarted { plan_hash, plan, warrant, change, number, .. } => {
                let content = self.contents.get(&change.configuration);
                // Before exact plans were kept, a hash was of what cannot be put together again.
                if let Some(plan) = plan {
                    let to = plan.to.as_ref().map(|to| &to.content_hash);
                    let is_other = to.is_some() && content.is_some() && to != content;
                    if plan.hash() != *plan_hash || is_other {
                        return Err(format!("the plan of rollout {number} is not the one of its hash"));
                    }
                }
                self.warrant(warrant, plan_hash)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn version(&mut self, id: &RequestId, number: u32, plan: &ExactPlan, hash: &str) -> Result<(), String> {
        if plan.hash() != hash {
            return Err(format!("version {number} of change request {id} is not the one of its hash"));
        }
        self.versions.insert((id.clone(), number), hash.to_owned());
        Ok(())
    }

    /// Checks that what was started is what these people approved.
    fn warrant(&self, warrant: &Warrant, hash: &str) -> Result<(), String> {
        let Some(approval) = &warrant.approval else { return Ok(()) };
        let (id, number) = (&approval.request, approval.version);
        match self.versions.get(&(id.clone(), number)) {
            Some(known) if known == hash => {}
            None if self.archived => return Ok(()),
            _ => return Err(format!("what was started is not version {number} of change request {id}")),
        }
        let approved = |person: &PrincipalId| self.approvals.contains(&(id.clone(), number, person.clone()));
        match approval.approvers.iter().find(|person| !approved(person)) {
            Some(person) if !self.archived => {
                Err(format!("{person} has not approved version {number} of change request {id}"))
            }
            _ => Ok(()),
        }
    }
}

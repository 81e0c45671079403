//! Entries of the journal that a caller may see, as a condition that SQLite checks.

use std::collections::BTreeSet;

use domain::event::EventKind;
use domain::id::{Actor, DeploymentId};
use domain::principal::PrincipalId;

/// A caller who does not see everything.
#[derive(Clone, Debug)]
pub struct SeenBy {
    /// The caller, who sees what they did themselves.
    pub actor: Actor,
    /// Everything by which a grant may name them.
    pub names: BTreeSet<PrincipalId>,
    /// They own every deployment, whatever was granted.
    pub all_deployments: bool,
    /// Deployments that they see because they review them.
    pub reviewed: BTreeSet<DeploymentId>,
    /// Only these deployments, of all that they might see.
    pub only: Option<BTreeSet<DeploymentId>>,
    /// The kinds that everybody sees, where they are about no deployment.
    pub everyone: Vec<EventKind>,
}

impl SeenBy {
    /// A condition on the columns of the journal. Ids and words hold nothing that SQL would take for more than a text.
    pub(super) fn condition(&self) -> String {
        let list = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| format!("'{}'", text.replace('\'', "''"))).collect::<Vec<_>>().join(", ")
        };
        let everyone = list(&mut self.everyone.iter().map(|kind| kind.as_str()));
        let actor = list(&mut std::iter::once(self.actor.as_str()));
        let names = list(&mut self.names.iter().map(PrincipalId::as_str));
        let reviewed = list(&mut self.reviewed.iter().map(DeploymentId::as_str));
        let only = match &self.only {
            Some(only) => format!("deployment IN ({})", list(&mut only.iter().map(DeploymentId::as_str))),
            None => "1".to_owned(),
        };
        let granted = if self.all_deployments {
            "1".to_owned()
        } else {
            format!(
                "deployment IN ({reviewed}) OR deployment IN (SELECT deployment FROM grants
                 WHERE principal IN ({names}) AND record ->> '$.role' IN ('user', 'owner'))"
            )
        };
        format!(
            "CASE WHEN deployment IS NULL THEN kind IN ({everyone}) OR actor = {actor}
             ELSE {only} AND ({granted}) END"
        )
    }
}

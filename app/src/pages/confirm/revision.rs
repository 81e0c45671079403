//! The revision that a question is about.

use domain::id::RevisionNumber;
use domain::wire::{DeploymentView, RevisionView};

/// One of a deployment's revisions, where they have been read.
pub(super) fn revision_of(view: &DeploymentView, number: RevisionNumber) -> Option<&RevisionView> {
    view.revision_list.iter().flatten().find(|revision| revision.number == number)
}

//! Changes what no rollout is needed for.

use domain::event::Event;
use domain::id::Generation;
use domain::wire::{ErrorCode, PatchDeployment};

use super::{Refusal, check_generation};
use crate::store::Writing;
use crate::store::tables::deployments::DeploymentRow;

/// Changes the importance.
///
/// # Errors
/// `nothing_to_change`, `precondition_failed`; those of the store.
pub fn patch_deployment(
    writing: &mut Writing<'_>,
    row: &DeploymentRow,
    request: &PatchDeployment,
    expected: Option<Generation>,
) -> Result<(), Refusal> {
    check_generation(row, expected)?;
    match request.importance {
        None => Err(Refusal::new(ErrorCode::NothingToChange, "The request changes no field. Send \"importance\".")),
        Some(importance) if importance == row.importance => Ok(()),
        Some(importance) => {
            writing.append(Some(&row.id), Event::DeploymentChanged { importance })?;
            Ok(())
        }
    }
}

//! Applications: made, changed and deleted by owners of their deployment (DR-15).

use domain::action::Action;
use domain::application::{Application, ApplicationTerms};
use domain::event::Event;
use domain::ledger::Deployment;
use domain::wire::ErrorCode;

use super::{Act, Refusal};

/// Makes the application of a deployment, or changes what is said of it.
///
/// # Errors
/// `role_forbids`, `token_scope`, `invalid_field`; those of the store.
pub fn put_application(act: &mut Act<'_, '_>, row: &Deployment, terms: ApplicationTerms) -> Result<(), Refusal> {
    act.allow(row, Action::ManageApplication)?;
    terms.check()?;
    let event = match act.reading().application(&row.id)? {
        Some(before) if before.terms == terms => return Ok(()),
        Some(before) => Event::ApplicationChanged { application: Application { terms, ..before } },
        None => {
            let (made_by, made_at) = (act.caller().actor.clone(), act.writing.now());
            Event::ApplicationCreated { application: Application { terms, made_by, made_at } }
        }
    };
    act.writing.append(Some(&row.id), event)?;
    Ok(())
}

/// Deletes the application of a deployment. Nothing else of it changes.
///
/// # Errors
/// `role_forbids`, `token_scope`, `not_found`; those of the store.
pub fn delete_application(act: &mut Act<'_, '_>, row: &Deployment) -> Result<(), Refusal> {
    act.allow(row, Action::ManageApplication)?;
    if act.reading().application(&row.id)?.is_none() {
        return Err(Refusal::new(ErrorCode::NotFound, format!("{} has no application.", row.name)));
    }
    act.writing.append(Some(&row.id), Event::ApplicationDeleted {})?;
    Ok(())
}

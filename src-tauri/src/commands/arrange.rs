//! A person arranges their pages: the columns of their list of deployments, and the views of it that they have named.

use domain::page_preferences::DeploymentsPage;

use super::directory::allow_own_account;
use super::{Act, Moment, Refusal};

/// How the caller has arranged their list of deployments.
///
/// # Errors
/// `token_scope`; those of the store.
pub fn deployments_page(moment: &Moment<'_>) -> Result<DeploymentsPage, Refusal> {
    let who = allow_own_account(moment)?.id;
    Ok(moment.reading.page_preferences(&who)?.deployments_page)
}

/// Arranges the caller's list of deployments. Nothing of it is entered in the journal, because nobody else sees it.
///
/// # Errors
/// `token_scope`, `invalid_field`; those of the store.
pub fn arrange_deployments_page(act: &mut Act<'_, '_>, page: &DeploymentsPage) -> Result<(), Refusal> {
    let who = allow_own_account(&act.moment())?.id;
    page.check()?;
    let mut arranged = act.reading().page_preferences(&who)?;
    arranged.deployments_page = page.clone();
    Ok(act.writing.put_page_preferences(&who, &arranged)?)
}

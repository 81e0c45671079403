//! Applications: the page at `/apps/{deployment}` on which anyone with access fills in a form and sees the prediction, and
//! the dialogs in which its owner makes, changes and deletes it (DR-15).

mod delete;
mod edit;
mod field_words;
mod page;

pub(super) use delete::DeleteApplicationDialog;
pub(super) use edit::ApplicationDialog;
pub(super) use page::ApplicationPage;

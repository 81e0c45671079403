//! A prediction by hand (DR-15): the form that a model's signature makes, the request that the typed texts make, and the
//! answer as a table.
//!
//! # Flow
//! [`InputForm::of`] makes the form. [`InputForm::texts`] reads an example into it. [`InputForm::request`] makes the body
//! of a request of what somebody has typed, or says what is wrong with which field. [`table`] reads the answer.

mod form;
mod list;
mod making;
mod request;
mod table;
mod texts;
mod value;

pub use form::{Dialect, FieldFault, FieldKind, FormField, FormInput, InputForm, TypedRows, WhenEmpty};
pub use table::{AnswerCell, AnswerColumn, AnswerTable, refusal, table};

#[cfg(test)]
mod tests;

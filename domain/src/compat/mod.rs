//! May this model replace that one? Answered from the files, before anything moves (DR-2, DR-3, CO-12).

mod policy;
mod report;
mod trial;

pub use policy::{CheckPolicy, HumilityRule};
pub use report::{Check, CheckName, Outcome, Report, Verdict};
pub use trial::{CheckStep, Trial, Tried};

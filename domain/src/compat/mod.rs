//! May this model replace that one? Answered from the files, before anything moves (DR-2, DR-3, CO-12).
//!
//! # Flow
//!
//! [`compare`] puts every check of [`checks`] to the two sides; each is a small pure function that answers one line
//! for each thing it found, or one line that says that nothing speaks against it. [`report`] adds what the deployment
//! asks for and what a scratch replica showed. What the lines come to does not depend on their order.
//!
//! # Guarantees
//!
//! Total: any two signatures can be compared. Reflexive: a model may replace its own retrain. What could not be
//! looked at is never passed.

mod align;
pub mod answer;
mod checks;
mod contradictions;
mod facts;
mod report;
mod rules;
mod sides;
mod trial;

pub use align::{AlignedPart, AlignedRow, Cell, Mark, align, format_word, shape_words, task_word};
pub use checks::says_meaning;
pub use contradictions::contradictions;
pub use report::{Check, CheckName, Outcome, Report, Verdict};
pub use rules::{CheckRules, HumilityRule};
pub use sides::{Comparison, DeploymentContext, Side};
pub use trial::{CheckStep, Trial};

use sides::Pair;

/// Every check of two models that can be answered from their files, in the order of DR-3.
pub fn compare(current: &Side<'_>, candidate: &Side<'_>) -> Vec<Check> {
    let pair = Pair { current, candidate };
    checks::OF_FILES.iter().flat_map(|check| check(&pair)).collect()
}

/// The report on a candidate: the checks of the files, of what the deployment asks for, and of a scratch replica.
pub fn report(question: &Comparison<'_>) -> Report {
    let mut lines = Vec::new();
    if let (Some(current), Some(candidate)) = (&question.current, &question.candidate) {
        lines.extend(compare(current, candidate));
    }
    if let Some(place) = &question.place {
        checks::in_place(question, place, &mut lines);
    }
    let warns = question.place.as_ref().is_some_and(|place| place.rules.not_verified_warns);
    let mut report = Report::of(lines, warns);
    report.current = question.current.as_ref().map(|side| side.model.clone());
    report.candidate = question.candidate.as_ref().map(|side| side.model.clone());
    report
}

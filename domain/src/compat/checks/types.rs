//! Do values of today's types still go in?

use super::datatype::{loose, same};
use super::features::{FeatureKey, Keyed, by_key, called, layouts_differ};
use super::line::{line, list, row};
use super::nested::takes;
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Field, ValueKind};

/// The types of features in tree files that are no categories: `q` is a quantity, `i` is yes or no.
const NUMBERS: [&str; 4] = ["float", "int", "q", "i"];

/// The meaning of a change of an input's type.
enum Change {
    None,
    Widened,
    Doubtful,
    Other,
    Unknown,
}

/// ONNX Runtime converts nothing. MLflow widens integer to long, integer to double and float to double for columns, and
/// nothing for tensors; long to double is refused as lossy. XGBoost takes whole numbers for real ones and the other way
/// round, but no number for a category.
fn change(family: Family, old: &Field, new: &Field) -> Change {
    if old.kind != new.kind {
        return Change::Other;
    }
    // What neither says is not the same for that.
    if old.datatype.is_empty() || new.datatype.is_empty() || loose(&old.datatype, &new.datatype) {
        return Change::Unknown;
    }
    if same(&old.datatype, &new.datatype) {
        return Change::None;
    }
    if family == Family::Mlflow && takes(&old.datatype, &new.datatype) {
        return Change::Widened;
    }
    match (family, old.datatype.as_str(), new.datatype.as_str()) {
        (Family::Mlflow, "integer", "long" | "double") | (Family::Mlflow, "float", "double")
            if old.kind == ValueKind::Column =>
        {
            Change::Widened
        }
        (Family::Trees, a, b) if NUMBERS.contains(&a) && NUMBERS.contains(&b) => Change::Doubtful,
        _ => Change::Other,
    }
}

/// The types of inputs that both have.
pub(super) fn inputs(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let family = Family::of(new);
    let mut changes: [Vec<String>; 4] = Default::default();
    let mut common = 0_usize;
    for (keyed, after) in pair.common_inputs() {
        let before = keyed.1;
        common += 1;
        let place = match change(family, before, after) {
            Change::None => continue,
            Change::Widened => 0,
            Change::Doubtful => 1,
            Change::Other => 2,
            Change::Unknown => 3,
        };
        changes[place].push(format!("{} ({} → {})", called(keyed), said(before), said(after)));
    }
    let [widened, doubtful, other, unknown] = &changes;
    let mut checks = Vec::new();
    let mut found = |names: &Vec<String>, check, outcome, consequence: &str| {
        if !names.is_empty() {
            let message = format!(
                "Types of {} differ from those of {}: {}. {consequence}",
                pair.new_name(),
                pair.old_name(),
                row(names.iter().cloned())
            );
            checks.push(line(check, outcome, message));
        }
    };
    let refused = "Values of today would be refused or misread. Keep the type, or deploy it under another name.";
    found(other, CheckName::InputType, Outcome::Failed, refused);
    let wider = "The wider type takes every value of today; send the wider one in time.";
    found(widened, CheckName::InputTypeWidened, Outcome::Warning, wider);
    found(doubtful, CheckName::InputType, Outcome::Warning, "Both are numbers; make sure that they mean the same.");
    found(
        unknown,
        CheckName::InputType,
        Outcome::NotVerified,
        "They are not all stated, so they cannot be compared; make sure that callers send what it was trained on.",
    );
    // The runtime for files of trees takes every feature as a number, whether its type is stated or not.
    if family != Family::Trees {
        checks.iter_mut().filter(|check| check.outcome == Outcome::NotVerified).for_each(|check| check.required = true);
    }
    if checks.is_empty() && common > 0 {
        let types = |fields: &[Field]| {
            let mut types: Vec<&str> = fields.iter().map(|field| field.datatype.as_str()).collect();
            types.sort_unstable();
            types.dedup();
            list(types)
        };
        let message = format!("The types of the {common} inputs that both have are equal.");
        let check = line(CheckName::InputType, Outcome::Passed, message);
        checks.push(check.sides(types(&old.inputs), types(&new.inputs)));
    }
    for check in checks.iter_mut().filter(|check| check.current.is_none()) {
        check.current = Some(format!("types of {}", pair.old_name()));
        check.candidate = Some(format!("types of {}", pair.new_name()));
    }
    checks
}

fn said(field: &Field) -> &str {
    if field.datatype.is_empty() { "not stated" } else { &field.datatype }
}

impl Pair<'_> {
    /// The inputs that both sides have: by name, or by place where they have none. None where calls are written in
    /// different ways.
    pub(super) fn common_inputs(&self) -> impl Iterator<Item = (Keyed<'_>, &Field)> {
        let (old, new) = self.signatures();
        let comparable = layouts_differ(self).is_none();
        let after: std::collections::HashMap<FeatureKey<'_>, &Field> = by_key(new).filter(|_| comparable).collect();
        by_key(old).filter_map(move |keyed| Some((keyed, *after.get(&keyed.0)?)))
    }
}

//! Do values of today's types still go in?

use super::features::{Key, Keyed, by_key, called, layouts_differ};
use super::line::{line, list, row};
use super::nested::takes;
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Field, ValueKind};

/// What a datatype holds, in the words of MLflow and numpy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::compat) enum Value {
    Text,
    Whole,
    Real,
    Truth,
    Time,
    Bytes,
}

impl Value {
    /// What the datatype holds; none for one that can hold anything.
    pub(in crate::compat) fn of(datatype: &str) -> Option<Self> {
        Some(match numpy(datatype) {
            "string" | "str" => Self::Text,
            "integer" | "long" | "int8" | "int16" | "int32" | "int64" | "uint8" | "uint16" | "uint32" | "uint64" => {
                Self::Whole
            }
            "float" | "double" | "float16" | "float32" | "float64" => Self::Real,
            "boolean" | "bool" => Self::Truth,
            "datetime" | "datetime64" | "datetime64[ns]" => Self::Time,
            "binary" | "bytes" => Self::Bytes,
            _ => return None,
        })
    }

    /// Whether it is a number of any kind.
    pub(in crate::compat) fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Real | Self::Truth)
    }

    /// What people call it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole numbers",
            Self::Real => "real numbers",
            Self::Truth => "yes or no",
            Self::Time => "times",
            Self::Bytes => "bytes",
        }
    }
}

/// What the features of tree files are called that are no categories: `q` is a quantity, `i` is yes or no.
const NUMBERS: [&str; 4] = ["float", "int", "q", "i"];

/// An element type in the words of numpy. What MLflow says of an ONNX model comes from its graph or from a signature, in
/// the words of either.
fn numpy(datatype: &str) -> &str {
    match datatype {
        "FLOAT" | "FP32" => "float32",
        "DOUBLE" | "FP64" => "float64",
        "FLOAT16" | "FP16" => "float16",
        "INT8" => "int8",
        "INT16" => "int16",
        "INT32" => "int32",
        "INT64" => "int64",
        "UINT8" => "uint8",
        "UINT16" => "uint16",
        "UINT32" => "uint32",
        "UINT64" => "uint64",
        "BOOL" => "bool",
        "STRING" | "BYTES" => "str",
        other => other,
    }
}

/// Whether two formats mean the same type.
pub(super) fn same(old: &str, new: &str) -> bool {
    numpy(old) == numpy(new)
}

/// Whether two stated types are not the same one in two formats; one that can hold anything is no other.
pub(in crate::compat) fn opposed(one: &str, other: &str) -> bool {
    let open = |word: &str| word.is_empty() || word == ANYTHING;
    !open(one) && !open(other) && !same(one, other)
}

/// What numpy calls a type that can hold anything.
pub(super) const ANYTHING: &str = "object";

/// Whether a graph says that it is text and a signature only `object`, as numpy does of text. Two signatures must say the
/// same.
pub(super) fn loose(old: &str, new: &str) -> bool {
    matches!((old, new), (ANYTHING, "STRING") | ("STRING", ANYTHING))
}

/// What a change of an input's type means.
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
        let after: std::collections::HashMap<Key<'_>, &Field> = by_key(new).filter(|_| comparable).collect();
        by_key(old).filter_map(move |keyed| Some((keyed, *after.get(&keyed.0)?)))
    }
}

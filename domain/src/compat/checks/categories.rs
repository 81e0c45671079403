//! Does the number of a category still mean the same category?

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::line::{line, list, row, word};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::configuration::Runtime;
use crate::model::Signature;

/// Longest side of the line, in characters.
const LONGEST: usize = 200;
/// Below it, every whole number is a float.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// The change of a column's categories.
enum Change {
    Same,
    /// New ones at the end.
    Longer,
    /// The last ones are gone.
    Shorter,
    /// A number means another category.
    Shifted,
}

/// LightGBM and XGBoost encode a category by its place in a list that the file carries. The tree runtime is sent the
/// category itself and refuses those that are not in the list; to another program, with another list a number means
/// another category. The manifest has no such pair.
pub(super) fn categories(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (Some(a), Some(b)) = (lists(old), lists(new)) else { return unstated(pair) };
    let by_name = [pair.current, pair.candidate].iter().all(|side| side.runtime == Runtime::Trees);
    let mut changes: [Vec<String>; 3] = Default::default();
    for (column, before) in &a {
        let change = match b.get(column) {
            Some(after) if by_name => change_of_names(before, after),
            Some(after) => change(before, after),
            None if encodes(pair, column) => Change::Shifted,
            None => Change::Same,
        };
        let place = match change {
            Change::Same => continue,
            Change::Longer => 0,
            Change::Shorter => 1,
            Change::Shifted => 2,
        };
        changes[place].push(column.clone());
    }
    let [longer, shorter, shifted] = &changes;
    let said = |lists: &BTreeMap<String, Vec<Value>>, columns: &[String]| {
        let one = |column: &String| {
            let names = lists.get(column).map(|names| row(names.iter().map(shown))).unwrap_or_default();
            format!("{}: {names}", word(column))
        };
        columns.iter().map(one).collect::<Vec<_>>().join("; ").chars().take(LONGEST).collect::<String>()
    };
    let mut checks = Vec::new();
    let mut found = |columns: &[String], outcome, consequence: String| {
        if !columns.is_empty() {
            let message = format!(
                "The categories of {} differ between {} and {}: {consequence}",
                list(columns.iter().map(String::as_str)),
                pair.old_name(),
                pair.new_name()
            );
            let check = line(CheckName::FeatureCategories, outcome, message);
            checks.push(check.sides(said(&a, columns), said(&b, columns)));
        }
    };
    let other = if by_name {
        "values of today would be refused. Train it with the same categories."
    } else {
        "encoded values of today would mean other categories. Train it with the same categories in the same order."
    };
    found(shifted, Outcome::Failed, other.to_owned());
    let more = format!(
        "{} knows more of them, and those of today keep their numbers. Decide whether callers should send the new ones.",
        pair.new_name()
    );
    found(longer, Outcome::Warning, more);
    let fewer = format!(
        "{} knows fewer of them, and {}. Train it with the categories of before.",
        pair.new_name(),
        if by_name {
            "refuses those that are gone"
        } else {
            "refuses those that are gone or takes them for missing values"
        }
    );
    found(shorter, Outcome::Failed, fewer);
    checks
}

/// A file that takes categories and lists none leaves open which they are.
fn unstated(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let takes_any = |signature: &Signature| signature.inputs.iter().any(|input| input.datatype == "c");
    let trees = Family::of(old) == Family::Trees && Family::of(new) == Family::Trees;
    let sides = (lists(old), lists(new));
    let concerned = |lists: &Option<BTreeMap<String, Vec<Value>>>, signature: &Signature| match lists {
        Some(lists) => !lists.is_empty(),
        None => takes_any(signature),
    };
    if !trees || !concerned(&sides.0, old) || !concerned(&sides.1, new) {
        return Vec::new();
    }
    let silent = if sides.1.is_none() { pair.new_name() } else { pair.old_name() };
    let message = format!(
        "{silent} takes categories and does not list them, so whether a category keeps its number cannot be told. Compare some answers before going ahead."
    );
    let check = line(CheckName::FeatureCategories, Outcome::NotVerified, message);
    let check = if sides.0.is_some() || sides.1.is_some() { check.must_be_known() } else { check };
    let said = |lists: Option<_>| if lists.is_some() { "listed" } else { "not stated" };
    vec![check.sides(said(sides.0), said(sides.1))]
}

/// A category as it is read beside others: a text that looks like something else is in quotes.
fn shown(category: &Value) -> String {
    match category.as_str() {
        Some(text) if serde_json::from_str::<Value>(text).is_err() => word(text),
        _ => word(&category.to_string()),
    }
}

/// True when the candidate still takes the column as a category, or cannot say which columns are some.
fn encodes(pair: &Pair<'_>, column: &str) -> bool {
    let (old, new) = pair.signatures();
    let named = |signature: &Signature| signature.inputs.iter().find(|input| input.name == column).cloned();
    named(new).map_or_else(|| named(old).is_none(), |input| input.datatype == "c")
}

/// The change as callers meet it who send the category itself: its place is nothing to them, its type is. A number may
/// be sent as the text of it.
fn change_of_names(before: &[Value], after: &[Value]) -> Change {
    let texts = after.iter().filter(|category| category.is_number()).map(|number| Value::from(number.to_string()));
    let taken: HashSet<String> = after.iter().cloned().chain(texts).map(|category| spelled(&category)).collect();
    let sent: HashSet<String> = before.iter().map(spelled).collect();
    let in_both = before.iter().filter(|category| taken.contains(&spelled(category))).count();
    let is_sent = |category: &Value| {
        sent.contains(&spelled(category))
            || category.is_number() && sent.contains(&spelled(&category.to_string().into()))
    };
    match (in_both == before.len(), after.iter().all(is_sent)) {
        (true, true) => Change::Same,
        (true, false) => Change::Longer,
        (false, _) if in_both > 0 => Change::Shorter,
        (false, _) => Change::Shifted,
    }
}

/// The spelling by which categories are told apart: a number differs from its text, and 1 does not differ from 1.0.
fn spelled(category: &Value) -> String {
    match category.as_f64() {
        Some(number) if category.is_f64() && number.fract() == 0.0 && number.abs() < WHOLE => format!("{number}"),
        _ => category.to_string(),
    }
}

fn change(before: &[Value], after: &[Value]) -> Change {
    if before == after {
        Change::Same
    } else if after.starts_with(before) {
        Change::Longer
    } else if before.starts_with(after) {
        Change::Shorter
    } else {
        Change::Shifted
    }
}

/// The categories of each column, by the column's name; of pandas' lists, one for each categorical column in turn.
fn lists(signature: &Signature) -> Option<BTreeMap<String, Vec<Value>>> {
    let lists = signature.lists_of_categories()?;
    let columns: Vec<&str> =
        signature.inputs.iter().filter(|input| input.datatype == "c").map(|input| input.name.as_str()).collect();
    // A categorical column that no tree could use has no type in the file.
    let by_name = columns.len() == lists.len();
    let column = |at: usize| match columns.get(at).filter(|_| by_name) {
        Some(name) => (*name).to_owned(),
        None => format!("categorical column {}", at + 1),
    };
    let lists = lists.into_iter().enumerate();
    Some(lists.map(|(at, (name, known))| (name.unwrap_or_else(|| column(at)), known)).collect())
}

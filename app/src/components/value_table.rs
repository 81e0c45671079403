//! A JSON value as a table, where it is one: tensors, rows, a data frame, or fields with their values.

use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::words::count;

/// Rows that are drawn.
const MOST: usize = 100;

/// Columns with their titles, and rows of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueRows {
    titles: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl ValueRows {
    /// The rows of a value; none where it has no form that is known to be rows.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Array(items) => Self::of_items(items),
            Value::Object(fields) => {
                let array = |key: &str| fields.get(key).and_then(Value::as_array);
                if let Some(tensors) = ["inputs", "outputs"].into_iter().find_map(|key| Self::of_tensors(array(key)?)) {
                    return Some(tensors);
                }
                if let Some(split) = fields.get("dataframe_split").and_then(Value::as_object) {
                    return Self::of_split(split);
                }
                let lists = ["dataframe_records", "instances", "predictions", "inputs", "outputs"];
                if let Some(items) = lists.into_iter().find_map(array) {
                    return Self::of_items(items);
                }
                let rows = fields.iter().map(|(name, value)| vec![name.clone(), text(value)]).collect::<Vec<_>>();
                (!rows.is_empty()).then(|| Self { titles: vec!["field".to_owned(), "value".to_owned()], rows })
            }
            _ => None,
        }
    }

    /// Tensors of the same first dimension: a column for each, a row for each place in that dimension.
    fn of_tensors(tensors: &[Value]) -> Option<Self> {
        let (mut titles, mut columns) = (Vec::new(), Vec::new());
        for tensor in tensors {
            let (name, data) = (tensor.get("name")?.as_str()?, tensor.get("data")?.as_array()?);
            let shape = tensor.get("shape").and_then(Value::as_array);
            let first = shape.and_then(|shape| shape.first()?.as_u64()).and_then(|first| usize::try_from(first).ok());
            let mut flat = Vec::new();
            flatten(data, &mut flat);
            let rows = first.unwrap_or(flat.len());
            if rows == 0 || flat.len() % rows != 0 || flat.is_empty() {
                return None;
            }
            let width = flat.len() / rows;
            titles.push(name.to_owned());
            let cell = |part: &[&Value]| part.iter().map(|value| text(value)).collect::<Vec<_>>().join(", ");
            columns.push(flat.chunks(width).map(cell).collect::<Vec<_>>());
        }
        let rows = columns.first()?.len();
        if columns.iter().any(|column| column.len() != rows) {
            return None;
        }
        let row = |at: usize| columns.iter().filter_map(|column| column.get(at).cloned()).collect();
        Some(Self { titles, rows: (0..rows).map(row).collect() })
    }

    fn of_split(split: &Map<String, Value>) -> Option<Self> {
        let titles = split.get("columns")?.as_array()?.iter().map(text).collect();
        let row = |row: &Value| Some(row.as_array()?.iter().map(text).collect());
        let rows = split.get("data")?.as_array()?.iter().map(row).collect::<Option<Vec<_>>>()?;
        Some(Self { titles, rows })
    }

    /// A row for each item.
    fn of_items(items: &[Value]) -> Option<Self> {
        if items.is_empty() {
            return None;
        }
        if let Some(objects) = items.iter().map(Value::as_object).collect::<Option<Vec<_>>>() {
            let mut titles: Vec<String> = Vec::new();
            for name in objects.iter().flat_map(|object| object.keys()) {
                if !titles.contains(name) {
                    titles.push(name.clone());
                }
            }
            let row = |object: &&Map<String, Value>| {
                titles.iter().map(|title| object.get(title).map(text).unwrap_or_default()).collect()
            };
            let rows = objects.iter().map(row).collect();
            return Some(Self { titles, rows });
        }
        if let Some(lists) = items.iter().map(Value::as_array).collect::<Option<Vec<_>>>() {
            let width = lists.iter().map(|list| list.len()).max().unwrap_or(0);
            let titles = (1..=width).map(|column| column.to_string()).collect();
            let rows = lists.iter().map(|list| list.iter().map(text).collect()).collect();
            return Some(Self { titles, rows });
        }
        let rows = items.iter().map(|item| vec![text(item)]).collect();
        Some(Self { titles: vec!["value".to_owned()], rows })
    }
}

fn flatten<'a>(values: &'a [Value], flat: &mut Vec<&'a Value>) {
    for value in values {
        match value {
            Value::Array(inner) => flatten(inner, flat),
            value => flat.push(value),
        }
    }
}

/// A text as it is; anything else as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The table, of its first rows.
#[component]
pub(crate) fn ValueTable(
    /// What it shows, read aloud.
    label: &'static str,
    rows: ValueRows,
) -> impl IntoView {
    let all = rows.rows.len();
    let left_out = all.saturating_sub(MOST);
    let head = rows.titles.into_iter().map(|title| view! { <th scope="col">{title}</th> }).collect_view();
    let body = rows.rows.into_iter().take(MOST).map(|row| {
        view! { <tr>{row.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> }
    });
    view! {
        <div class="value-table" tabindex="0" role="region" aria-label=label>
            <table class="facts" data-test="value-table"><thead><tr>{head}</tr></thead><tbody>{body.collect_view()}</tbody></table>
        </div>
        {(left_out > 0).then(|| view! { <p class="sub">{format!("The first {MOST} of {}: see JSON for the others.", count(all, "row", "rows"))}</p> })}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(value: Value) -> Option<(Vec<String>, Vec<Vec<String>>)> {
        ValueRows::of(&value).map(|table| (table.titles, table.rows))
    }

    fn table(titles: &[&str], rows: &[&[&str]]) -> Option<(Vec<String>, Vec<Vec<String>>)> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Some((owned(titles), rows.iter().map(|row| owned(row)).collect()))
    }

    #[test]
    fn every_form_of_rows_is_a_table() {
        let tensor = |name: &str, shape: Value, data: Value| json!({"name": name, "shape": shape, "data": data});
        for (value, expected) in [
            (
                json!({"inputs": [tensor("x", json!([2, 2]), json!([1, 2, 3, 4])), tensor("y", json!([2]), json!(["a", "b"]))]}),
                table(&["x", "y"], &[&["1, 2", "a"], &["3, 4", "b"]]),
            ),
            (json!({"outputs": [tensor("p", json!([1, 2]), json!([[0.5, 0.5]]))]}), table(&["p"], &[&["0.5, 0.5"]])),
            (
                json!({"dataframe_split": {"columns": ["a", "b"], "data": [[1, null], [2, "x"]]}}),
                table(&["a", "b"], &[&["1", "null"], &["2", "x"]]),
            ),
            (json!({"instances": [{"a": 1}, {"b": 2, "a": 3}]}), table(&["a", "b"], &[&["1", ""], &["3", "2"]])),
            (json!({"predictions": [0, 1]}), table(&["value"], &[&["0"], &["1"]])),
            (json!([[1, 2], [3]]), table(&["1", "2"], &[&["1", "2"], &["3"]])),
            (
                json!({"label": "setosa", "at": [1]}),
                table(&["field", "value"], &[&["at", "[1]"], &["label", "setosa"]]),
            ),
        ] {
            let sorted = |table: Option<(Vec<String>, Vec<Vec<String>>)>| {
                table.map(|(titles, mut rows)| {
                    // Whether fields keep their order is up to how JSON is read.
                    if titles == ["field", "value"] {
                        rows.sort();
                    }
                    (titles, rows)
                })
            };
            assert_eq!(sorted(rows(value.clone())), expected, "{value}");
        }
    }

    #[test]
    fn what_has_no_rows_is_no_table() {
        let ragged = json!({"inputs": [{"name": "x", "shape": [2], "data": [1, 2, 3]}]});
        assert_eq!(rows(ragged).map(|(titles, _)| titles.len()), Some(3), "its fields are a table all the same");
        for value in [json!(1), json!("text"), json!([]), json!({}), json!({"dataframe_split": {"columns": 1}})] {
            assert_eq!(rows(value.clone()), None, "{value}");
        }
    }
}

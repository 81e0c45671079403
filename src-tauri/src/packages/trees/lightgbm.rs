//! Reads LightGBM's text into a [`Signature`].
//!
//! # Flow
//!
//! The head is lines `key=value`. Then come the trees, each as long as `tree_sizes` says, `end of trees`, and what was
//! set for the training; they are passed over, and one that is not where it should be ends the reading.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use domain::model::{Format, Signature, Task};

use super::ensemble::{CATEGORICAL, Ensemble, KEPT, TreeOutput, keep};
use crate::packages::Unreadable;

const FORMAT: &str = Format::LightgbmText.title();
/// Longest line; a list of a million features fits.
const LONGEST: u64 = 16 << 20;
/// Most bytes of the head.
const LARGEST_HEAD: usize = 48 << 20;

/// Reads a model from its beginning.
///
/// # Errors
/// [`Unreadable`] when it is cut short or damaged.
pub fn read(source: &mut (impl Read + Seek)) -> Result<Signature, Unreadable> {
    read_with(source, KEPT)
}

/// The same, with lists of categories of up to `kept` bytes.
pub(super) fn read_with(source: &mut (impl Read + Seek), kept: usize) -> Result<Signature, Unreadable> {
    let size = source.seek(SeekFrom::End(0))?;
    source.rewind()?;
    let mut lines = Lines { source: BufReader::with_capacity(64 << 10, source), at: 0, size, start: 0 };
    let head = head(&mut lines)?;
    trees(&mut lines, &head)?;
    let rest = rest(&mut lines)?;
    signature(head, rest, kept)
}

/// A file that is read line by line.
struct Lines<R> {
    source: BufReader<R>,
    at: u64,
    size: u64,
    /// The place at which the last line began.
    start: u64,
}

impl<R: Read + Seek> Lines<R> {
    /// The next line without its end; none at the end of the file.
    fn next(&mut self) -> Result<Option<String>, Unreadable> {
        let mut line = Vec::new();
        self.start = self.at;
        let read = self.source.by_ref().take(LONGEST).read_until(b'\n', &mut line)? as u64;
        self.at += read;
        if read == LONGEST {
            return Err(Unreadable::Implausible { format: FORMAT, what: "a line of more than 16 MiB" });
        }
        if read == 0 {
            return Ok(None);
        }
        let line = String::from_utf8(line).map_err(|_| self.damaged("a line is not UTF-8"))?;
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn go(&mut self, place: u64) -> Result<(), Unreadable> {
        if place > self.size {
            return Err(self.cut_short());
        }
        let far = place.cast_signed().wrapping_sub(self.at.cast_signed());
        self.source.seek_relative(far)?;
        self.at = place;
        Ok(())
    }

    fn damaged(&self, why: &str) -> Unreadable {
        Unreadable::Damaged { format: FORMAT, at: self.start, why: why.to_owned() }
    }

    fn cut_short(&self) -> Unreadable {
        Unreadable::CutShort { format: FORMAT, size: self.size }
    }
}

type Head = BTreeMap<String, String>;

/// Reads up to the first tree, and stays before it.
fn head<R: Read + Seek>(lines: &mut Lines<R>) -> Result<Head, Unreadable> {
    let (mut head, mut kept) = (Head::new(), 0);
    loop {
        let line = lines.next()?.ok_or_else(|| lines.cut_short())?;
        if line.starts_with("Tree=") || line == "end of trees" {
            lines.go(lines.start)?;
            return Ok(head);
        }
        let (key, value) = line.split_once('=').unwrap_or((line.as_str(), ""));
        kept += line.len() + 2 * size_of::<String>();
        if kept > LARGEST_HEAD {
            return Err(Unreadable::Implausible { format: FORMAT, what: "a head of more than 48 MiB" });
        }
        if !key.is_empty() {
            head.insert(key.to_owned(), value.to_owned());
        }
    }
}

/// Passes over the trees and `end of trees`.
fn trees<R: Read + Seek>(lines: &mut Lines<R>, head: &Head) -> Result<(), Unreadable> {
    if let Some(sizes) = head.get("tree_sizes") {
        let mut place = lines.at;
        for size in sizes.split_ascii_whitespace() {
            lines.go(place)?;
            let mut beginning = [0; 5];
            lines.source.read_exact(&mut beginning).map_err(|_| lines.cut_short())?;
            lines.at += 5;
            if &beginning != b"Tree=" {
                lines.start = place;
                return Err(lines.damaged(
                    "no tree begins where its list of trees says, so the text was changed after it was saved",
                ));
            }
            let size = size.parse::<u64>().map_err(|_| lines.damaged("the size of a tree is no number"))?;
            place = place.checked_add(size).ok_or_else(|| lines.cut_short())?;
        }
        lines.go(place)?;
        let end = lines.next()?.ok_or_else(|| lines.cut_short())?;
        return match end.as_str() {
            "end of trees" => Ok(()),
            // The last tree is cut within the line that follows it.
            _ if lines.at == lines.size => Err(lines.cut_short()),
            _ => Err(lines.damaged(
                "its trees are longer than its list of trees says, so the text was changed after it was saved",
            )),
        };
    }
    // Old versions did not list the sizes.
    let mut trees = 0_u64;
    while let Some(line) = lines.next()? {
        trees += u64::from(line.starts_with("Tree="));
        // Older ones did not mark the end either.
        let importances = line.starts_with("feature importances") || line.starts_with("feature_importances");
        if line == "end of trees" || importances {
            return if trees > 0 { Ok(()) } else { Err(lines.damaged("it holds no tree")) };
        }
    }
    Err(lines.cut_short())
}

/// The part of the file after the trees.
#[derive(Default)]
struct Rest {
    /// The categories of the columns that pandas calls categorical, as JSON.
    categories: Option<String>,
    /// Places of the columns that were trained as categorical.
    categorical: Vec<usize>,
    /// The quantile that was trained for, where one was.
    alpha: Option<String>,
}

fn rest<R: Read + Seek>(lines: &mut Lines<R>) -> Result<Rest, Unreadable> {
    let (mut rest, mut open) = (Rest::default(), false);
    while let Some(line) = lines.next()? {
        match line.as_str() {
            "parameters:" => open = true,
            "end of parameters" => open = false,
            setting if open => {
                if let Some(places) = setting.strip_prefix("[categorical_feature:") {
                    let places = places.trim_end_matches(']').split(',');
                    rest.categorical = places.filter_map(|place| place.trim().parse().ok()).collect();
                }
                if let Some(alpha) = setting.strip_prefix("[alpha: ").and_then(|rest| rest.strip_suffix(']')) {
                    rest.alpha = Some(alpha.chars().take(40).collect());
                }
            }
            _ => {
                if let Some(list) = line.strip_prefix("pandas_categorical:") {
                    rest.categories = Some(list.trim().to_owned());
                }
            }
        }
    }
    if open { Err(lines.cut_short()) } else { Ok(rest) }
}

fn signature(mut head: Head, rest: Rest, kept: usize) -> Result<Signature, Unreadable> {
    let contradiction = |why: String| Unreadable::Contradiction { format: FORMAT, why };
    let mut list = |key: &str| -> Vec<String> {
        head.remove(key).unwrap_or_default().split(' ').filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    let (names, infos) = (list("feature_names"), list("feature_infos"));
    let number = |key: &str| head.get(key).and_then(|text| text.parse::<u64>().ok());
    let last = number("max_feature_idx")
        .ok_or_else(|| contradiction("it does not say how many features it has".to_owned()))?;
    let features = last.saturating_add(1);
    for (what, list) in [("names", &names), ("ranges", &infos)] {
        if !list.is_empty() && list.len() as u64 != features {
            return Err(contradiction(format!("it has {features} features and {what} for {}", list.len())));
        }
    }
    let columns = (!names.is_empty()).then(|| {
        let mut columns: Vec<(String, String)> = names.into_iter().map(|name| (name, String::new())).collect();
        for (column, info) in columns.iter_mut().zip(&infos) {
            column.1 = datatype(info).to_owned();
        }
        // Of a column that no tree could use, the head does not say that it is categorical.
        for place in rest.categorical {
            if let Some(column) = columns.get_mut(place) {
                column.1 = CATEGORICAL.to_owned();
            }
        }
        columns
    });
    let classes = number("num_class").unwrap_or(1);
    let objective = head.get("objective").map_or("", String::as_str);
    let (task, answer, count) = answer(objective.split(' ').next().unwrap_or_default(), classes);
    let mut metadata = BTreeMap::from([
        ("objective".to_owned(), objective.chars().take(200).collect()),
        ("num_class".to_owned(), classes.to_string()),
    ]);
    if objective.starts_with("quantile") {
        metadata.extend(rest.alpha.map(|alpha| ("quantile_alpha".to_owned(), alpha)));
    }
    // What pandas calls categorical has names, whatever they look like.
    let categories = rest.categories.as_ref().is_some_and(|list| !["", "null", "[]"].contains(&list.as_str()));
    if let Some(lists) = rest.categories {
        keep(&mut metadata, "pandas_categorical", lists, kept);
    }
    let version = head.get("version").map_or("", String::as_str);
    let mut signature = Signature {
        format: Format::LightgbmText,
        producer: format!("LightGBM {}", version.chars().take(40).collect::<String>()).trim().to_owned(),
        metadata,
        ..Signature::default()
    };
    Ensemble { features: Some(features), columns, categories, task, answer, classes: count }.describe(&mut signature);
    Ok(signature)
}

/// The type of a feature, in XGBoost's words, by what the training saw of it: a range, or a list of categories. Of one
/// that no tree could use, nothing is known.
fn datatype(info: &str) -> &'static str {
    match info {
        "none" => "",
        range if range.starts_with('[') => "float",
        _ => CATEGORICAL,
    }
}

/// The task, the output and the number of classes of an objective.
fn answer(objective: &str, classes: u64) -> (Option<Task>, TreeOutput, Option<u64>) {
    match objective {
        "binary" => (Some(Task::Binary), TreeOutput::Probability, Some(2)),
        "multiclass" | "softmax" | "multiclassova" | "multiclass_ova" | "ova" | "ovr" => {
            (Some(Task::Multiclass), TreeOutput::Probabilities(classes), Some(classes))
        }
        // Labels between 0 and 1, which may be shares as well as classes.
        "cross_entropy" | "xentropy" => (None, TreeOutput::Probability, None),
        "lambdarank" | "rank_xendcg" => (Some(Task::Ranking), TreeOutput::Number, None),
        "regression"
        | "regression_l1"
        | "regression_l2"
        | "l1"
        | "l2"
        | "huber"
        | "fair"
        | "poisson"
        | "quantile"
        | "mape"
        | "gamma"
        | "tweedie"
        | "cross_entropy_lambda"
        | "xentlambda" => (Some(Task::Regression), TreeOutput::Number, None),
        _ if classes > 1 => (None, TreeOutput::Numbers(classes), None),
        _ => (None, TreeOutput::Number, None),
    }
}

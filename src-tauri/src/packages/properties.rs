//! Properties that people write into a model, in the words of any format: what they say of features, target, classes,
//! series and intervals.

use std::collections::BTreeMap;

use domain::compat::says_meaning;
use domain::model::{ClassSource, Dimension, Series, Signature, Task, are_places};

use super::listing::Listing;

/// Properties that say what kind of answer it is.
const TASK: [&str; 4] = ["target_type", "task", "task_type", "problem_type"];
/// Properties that hold class labels.
const CLASSES: [&str; 8] =
    ["class_names", "classes", "class_labels", "labels", "label_names", "id2label", "label2id", "names"];
/// Properties that make a model a forecast or tell more of it.
const HORIZON: [&str; 2] = ["forecast_horizon", "horizon"];
const WINDOW: [&str; 2] = ["input_window", "window"];
const FREQUENCY: [&str; 2] = ["frequency", "freq"];
const SEGMENT: [&str; 3] = ["segment_column", "series_column", "multiseries_id_column"];
const DATETIME: [&str; 3] = ["datetime_column", "time_column", "date_column"];
/// Properties that say what share of outcomes an interval holds.
const INTERVAL: [&str; 5] =
    ["interval_level", "prediction_interval_level", "prediction_interval", "confidence_level", "interval_width"];

/// Every property that [`describe`] reads, or that says what an answer means.
pub(super) fn is_known(key: &str) -> bool {
    let lists: [&[&str]; 8] = [&TASK, &CLASSES, &HORIZON, &WINDOW, &FREQUENCY, &SEGMENT, &DATETIME, &INTERVAL];
    ["feature_names", "target_name", "character"].contains(&key)
        || lists.iter().any(|list| list.contains(&key))
        || says_meaning(key)
}

/// Fills in what `signature.metadata` says and `signature` lacks.
pub(super) fn describe(signature: &mut Signature) {
    let properties = std::mem::take(&mut signature.metadata);
    let said = Said(&properties);
    if signature.target.name.is_none() {
        signature.target.name = said.text(&["target_name"]).map(str::to_owned);
    }
    if signature.features.is_none() {
        signature.features = said.list("feature_names").filter(|names| fit(names, signature));
    }
    match (&signature.classes, said.classes()) {
        (None, Some(classes)) => {
            signature.classes = Some(classes);
            signature.class_source = Some(ClassSource::Metadata);
        }
        (Some(labels), Some(titles)) => title(&mut signature.class_titles, labels, titles),
        (_, None) => {}
    }
    if let Some(classes) = &signature.classes {
        signature.class_count = Some(classes.len() as u64);
    }
    let task = said.text(&TASK).map(normalised);
    if signature.target.task.is_none() {
        signature.target.task = task.as_deref().and_then(|task| named_task(task, signature.class_count));
    }
    signature.series = said.series(task.as_deref());
    if signature.interval_level.is_none() {
        signature.interval_level = said.text(&INTERVAL).and_then(level);
    }
    signature.metadata = properties;
}

/// Names for classes whose labels are only their places: as many as there are, and not those places again.
pub(super) fn title(place: &mut Option<Vec<String>>, labels: &[String], titles: Vec<String>) {
    if are_places(labels) && labels.len() == titles.len() && labels != titles {
        *place = Some(titles);
    }
}

/// True when the properties say the kind of answer, in words known here or not.
pub(super) fn say_task(properties: &BTreeMap<String, String>) -> bool {
    Said(properties).text(&TASK).is_some()
}

/// The kind of answer that a number of classes implies.
pub(super) fn task_of(classes: u64) -> Option<Task> {
    match classes {
        0 | 1 => None,
        2 => Some(Task::Binary),
        _ => Some(Task::Multiclass),
    }
}

/// A share of outcomes: above 0 and below 1, or in percent.
pub(super) fn level(text: &str) -> Option<f64> {
    let number: f64 = text.trim().trim_end_matches('%').parse().ok()?;
    let share = if number > 1.0 { number / 100.0 } else { number };
    (share > 0.0 && share < 1.0).then_some(share)
}

/// Names of features count only for a single tensor, and only if it is as wide as there are names.
fn fit(names: &[String], signature: &Signature) -> bool {
    let [input] = signature.inputs.as_slice() else { return false };
    match input.shape.as_ref().and_then(|shape| shape.last()) {
        Some(Dimension::Fixed(width)) => *width == names.len() as u64,
        _ => true,
    }
}

fn normalised(word: &str) -> String {
    word.trim().to_lowercase().replace(['-', ' '], "_")
}

/// The task that `word` names; `classes` tells the two kinds of classification apart.
fn named_task(word: &str, classes: Option<u64>) -> Option<Task> {
    match word {
        "binary" | "binary_classification" | "binary_classifier" => Some(Task::Binary),
        "multiclass" | "multi_class" | "multinomial" | "multiclass_classification" | "multi_class_classification" => {
            Some(Task::Multiclass)
        }
        "regression" | "regressor" | "tabular_regression" => Some(Task::Regression),
        "ranking" | "rank" | "learning_to_rank" => Some(Task::Ranking),
        "classify"
        | "classification"
        | "classifier"
        | "tabular_classification"
        | "text_classification"
        | "image_classification" => classes.and_then(task_of),
        _ if is_forecast(word) && !word.contains("classification") => Some(Task::Regression),
        _ => None,
    }
}

fn is_forecast(word: &str) -> bool {
    word.contains("forecast")
}

/// The properties of a model.
struct Said<'a>(&'a BTreeMap<String, String>);

impl<'a> Said<'a> {
    /// The first of `keys` that says something.
    fn text(&self, keys: &[&str]) -> Option<&'a str> {
        keys.iter().filter_map(|key| self.0.get(*key)).map(|text| text.trim()).find(|text| !text.is_empty())
    }

    fn list(&self, key: &str) -> Option<Vec<String>> {
        self.0.get(key).and_then(|text| Listing::read(text)).and_then(Listing::names)
    }

    fn number(&self, keys: &[&str]) -> Option<u64> {
        self.text(keys).and_then(|text| text.parse().ok())
    }

    fn classes(&self) -> Option<Vec<String>> {
        let listed = CLASSES.iter().find_map(|key| self.list(key)).filter(|names| names.len() > 1);
        // Text recognition writes its letters one to a line.
        listed.or_else(|| {
            let text = self.0.get("character")?;
            let lines = text.strip_suffix('\n').unwrap_or(text).split('\n').map(str::to_owned).collect();
            Listing::List(lines).names().filter(|names| names.len() > 1)
        })
    }

    fn series(&self, task: Option<&str>) -> Option<Series> {
        let named = |task: &str| task.starts_with("time_series") || task.starts_with("timeseries") || is_forecast(task);
        if !task.is_some_and(named) && self.number(&["forecast_horizon"]).is_none() {
            return None;
        }
        let owned = |keys: &[&str]| self.text(keys).map(str::to_owned);
        Some(Series {
            datetime_column: owned(&DATETIME),
            horizon: self.number(&HORIZON),
            window: self.number(&WINDOW),
            frequency: owned(&FREQUENCY),
            segment_column: owned(&SEGMENT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(properties: &[(&str, &str)]) -> Signature {
        let metadata = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let mut signature = Signature { metadata, ..Signature::default() };
        describe(&mut signature);
        signature
    }

    #[test]
    fn what_people_write_is_understood() {
        let iris = described(&[("target_name", "species"), ("task", "Classification"), ("classes", "a,b,c")]);
        assert_eq!(iris.target.name.as_deref(), Some("species"));
        assert_eq!((iris.target.task, iris.class_count), (Some(Task::Multiclass), Some(3)));
        assert_eq!(iris.class_source, Some(ClassSource::Metadata));
        let sunspots =
            described(&[("task", "time_series_forecast"), ("forecast_horizon", "6"), ("interval_level", "80")]);
        assert_eq!(sunspots.series.and_then(|series| series.horizon), Some(6));
        assert_eq!((sunspots.target.task, sunspots.interval_level), (Some(Task::Regression), Some(0.8)));
        let letters = described(&[("character", "a\nb\n'\n")]);
        assert_eq!(letters.classes.unwrap(), ["a", "b", "'"]);
    }

    #[test]
    fn what_is_not_understood_is_no_claim() {
        let detector = described(&[("task", "detect"), ("classes", "3"), ("frequency", "1Y")]);
        assert_eq!((detector.target.task, detector.classes, detector.series), (None, None, None));
        assert_eq!(described(&[("class_names", "a,a")]).classes, None);
    }
}

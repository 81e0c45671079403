//! A model's file, dropped or picked: the request for it, the name of the model in its name, and its refusal.

use domain::wire::ErrorCode;
use leptos::prelude::*;

use super::query_answer::Trouble;
use crate::api::Failure;

/// The text of the drop zone.
pub(crate) const DROP: &str = "Drop a model file here";

/// The reason why a model was refused. A file that cannot be read gets a way on besides.
#[component]
pub(crate) fn WhyNot(failure: Failure) -> impl IntoView {
    let unreadable = failure.is(ErrorCode::PackageUnreadable);
    view! {
        <Trouble failure=failure/>
        {unreadable.then(|| view! {
            <p class="sub" data-test="unreadable">"Nothing was registered. Choose a file that the training library saved in its own format: ONNX (.onnx), LightGBM (save_model), XGBoost (save_model, as .json or .ubj), or a zip or tar of a whole MLflow folder. Pickle files are refused, because loading one can run any code."</p>
        })}
    }
}

/// A model's name from the name of its file: without ending and version, in characters that names may have.
pub(crate) fn name_of_file(file: &str) -> String {
    let file = file.to_lowercase();
    let file = file.strip_suffix(".gz").filter(|rest| rest.ends_with(".tar")).unwrap_or(&file);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let text: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    // A version counts by itself: iris-v2 is the next version of iris.
    let unversioned = text
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .strip_suffix('v')
        .and_then(|rest| rest.strip_suffix(['-', '_', '.']))
        .filter(|rest| !rest.is_empty() && text.ends_with(|c: char| c.is_ascii_digit()));
    unversioned.unwrap_or(text).chars().take(63).collect()
}

#[cfg(test)]
mod tests {
    use domain::id::ModelName;

    use super::*;

    #[test]
    fn the_name_of_a_file_becomes_a_valid_name() {
        for (file, name) in [
            ("Iris Model.onnx", "iris-model"),
            ("fraud_v2.onnx", "fraud"),
            ("iris-v.onnx", "iris-v"),
            ("_x.onnx", "x"),
            ("churn-v3.tar.gz", "churn"),
            ("wine.ubj", "wine"),
        ] {
            assert_eq!(name_of_file(file), name);
            assert!(name.parse::<ModelName>().is_ok());
        }
    }
}

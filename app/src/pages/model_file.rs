//! A model's file, dropped or picked: the request for it, whether it may be one, the name of the model in its name, and its
//! refusal.

use domain::id::ModelName;
use domain::model::{Beginning, PackageKind};
use domain::wire::ErrorCode;
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{ArrayBuffer, Uint8Array};
use web_sys::{DataTransfer, File};

use super::query_answer::Trouble;
use crate::api::Failure;
use crate::words::numbers;

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

/// Endings of files in which no model is that is read, each with what such a file is.
const OTHERS: [(&str, &[&str]); 6] = [
    ("a picture", &["png", "jpg", "jpeg", "gif", "webp", "svg", "heic"]),
    ("a document", &["pdf", "doc", "docx", "odt", "pptx", "md", "html"]),
    ("a table", &["csv", "tsv", "parquet", "xls", "xlsx", "feather", "arrow"]),
    ("a program or a notebook", &["py", "ipynb", "exe", "sh", "whl", "jar"]),
    ("sound or film", &["mp3", "wav", "mp4", "mov", "mkv"]),
    ("a model of a kind that is not read", &["h5", "keras", "tflite", "gguf", "safetensors", "cbm", "mlmodel", "pmml"]),
];
/// Endings of files that are never opened, because that can run what they hold.
const PICKLES: [&str; 6] = ["pkl", "pickle", "joblib", "pt", "pth", "dill"];
/// What is read, as the end of a sentence.
const READ: &str = "ONNX, LightGBM or XGBoost, or a zip or tar of an MLflow folder";

/// The reason why a file of this name and size, of which at most `most` bytes are accepted (0: nobody knows), is not taken.
pub(crate) fn why_not(name: &str, size: u64, most: u64) -> Option<String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    if size == 0 {
        return Some(format!("{name} is empty: choose the file of the model."));
    }
    if most > 0 && size > most {
        let (size, most) = (numbers::bytes(size), numbers::bytes(most));
        return Some(format!(
            "{name} has {size}, and this server accepts at most {most}. Whoever runs it can allow more with --max-model."
        ));
    }
    if PICKLES.contains(&ending.as_str()) {
        return Some(format!("{name} is never opened, because that can run code. Save the model as {READ}."));
    }
    let (what, _) = OTHERS.iter().find(|(_, endings)| endings.contains(&ending.as_str()))?;
    Some(format!("{name} looks like {what}. Choose {READ}."))
}

/// The one file that was let go, or the sentence that says why it is not taken.
pub(super) fn judged(data: &DataTransfer, most: u64) -> Result<File, String> {
    let files = data.files();
    let count = files.as_ref().map_or(0, web_sys::FileList::length);
    let Some(file) = files.and_then(|files| files.get(0)) else {
        return Err("Nothing was dropped that can be read as a file.".to_owned());
    };
    if count > 1 {
        return Err(format!(
            "{count} files were dropped. A version is one file: pack what belongs together into a zip or a tar, or drop one at a time."
        ));
    }
    let entry = data.items().get(0).and_then(|item| item.webkit_get_as_entry().ok().flatten());
    let name = file.name();
    if entry.is_some_and(|entry| entry.is_directory()) {
        return Err(format!(
            "{name} is a folder. Pack it first, as with “zip -r {name}.zip {name}”, and drop the archive."
        ));
    }
    why_not(&name, file.size() as u64, most).map_or(Ok(file), Err)
}

/// The kind of package that a file shows by its first bytes.
pub(crate) async fn beginning(file: &File) -> Option<Beginning> {
    let head = file.slice_with_i32_and_i32(0, i32::try_from(Beginning::BYTES).ok()?).ok()?;
    let buffer: ArrayBuffer = JsFuture::from(head.array_buffer()).await.ok()?.into();
    Beginning::of(&Uint8Array::new(&buffer).to_vec())
}

/// The kind of package in a sentence.
pub(crate) fn in_a_sentence(beginning: Option<Beginning>) -> String {
    match beginning {
        Some(Beginning::Model(format)) => format!("Detected: {}.", format.title()),
        Some(Beginning::Archive) => "Detected: an archive. The server looks at what is in it.".to_owned(),
        Some(Beginning::Pickle) => {
            format!("Detected: a Python pickle, which is never opened. Save the model as {READ}.")
        }
        None => "Its first bytes do not show what it is: the server reads the whole file.".to_owned(),
    }
}

/// The kind that a file of this beginning is registered as, where that shows it.
pub(crate) fn kind_of(beginning: Beginning) -> Option<PackageKind> {
    use domain::model::Format;
    match beginning {
        Beginning::Model(Format::Onnx) => Some(PackageKind::Onnx),
        Beginning::Model(Format::LightgbmText) => Some(PackageKind::Lightgbm),
        Beginning::Model(Format::XgboostJson | Format::XgboostUbj) => Some(PackageKind::Xgboost),
        Beginning::Model(Format::Mlflow | Format::Declared) | Beginning::Archive | Beginning::Pickle => None,
    }
}

/// The name to propose for a file: that of a `known` model, where only a date or a version comes after it; else its own.
pub(crate) fn proposed_name(file: &str, known: &[ModelName]) -> String {
    let own = name_of_file(file);
    let is_dated = |name: &&ModelName| {
        let rest = own.strip_prefix(name.as_str());
        rest.is_some_and(|rest| {
            rest.starts_with(['-', '_', '.'])
                && rest.chars().all(|c| c.is_ascii_digit() || ['-', '_', '.', 'v'].contains(&c))
        })
    };
    let longest = known.iter().filter(is_dated).max_by_key(|name| name.as_str().len());
    longest.map_or(own.clone(), ToString::to_string)
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
    use super::*;

    #[test]
    fn what_cannot_be_a_model_is_refused_in_a_sentence() {
        for (name, size, why) in [
            ("iris.onnx", 10, None),
            ("Iris Model.UBJ", 10, None),
            ("no-ending", 10, None),
            ("iris.onnx", 0, Some("is empty")),
            ("iris.onnx", 2_000_000, Some("has 2.0 MB, and this server accepts at most 1.0 MB")),
            ("forest.pkl", 10, Some("can run code")),
            ("Cat.PNG", 10, Some("looks like a picture")),
            ("net.safetensors", 10, Some("a model of a kind that is not read")),
        ] {
            let found = why_not(name, size, 1_000_000);
            assert_eq!(found.is_some(), why.is_some(), "{name}: {found:?}");
            assert!(found.unwrap_or_default().contains(why.unwrap_or_default()), "{name}");
        }
        assert_eq!(why_not("iris.onnx", u64::MAX, 0), None, "nobody knows how much is accepted");
    }

    #[test]
    fn a_dated_file_is_the_next_version_of_a_model_that_there_is() {
        let known: Vec<ModelName> = ["price", "price-eu", "resnet"].iter().map(|name| name.parse().unwrap()).collect();
        for (file, name) in [
            ("price-2026-12.onnx", "price"),
            ("price-eu-2026.12.01.onnx", "price-eu"),
            ("price.onnx", "price"),
            ("price-v14.onnx", "price"),
            ("resnet_v2.1.onnx", "resnet"),
            ("prices-2026.onnx", "prices-2026"),
            ("price-tuned.onnx", "price-tuned"),
            ("yolo-11.onnx", "yolo-11"),
        ] {
            assert_eq!(proposed_name(file, &known), name, "{file}");
        }
    }

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

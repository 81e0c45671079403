//! The addresses of models in the interface, and of the comparison of two versions.

use domain::id::{ModelName, ModelRef};

/// The address of a model's page. A point in a name is written so that no server takes it for the name of a file.
pub(crate) fn address(name: &ModelName) -> String {
    format!("/models/{}", name.as_str().replace('.', "%2E"))
}

/// The page that compares two versions of a model, behind the words of its link; none where they are not two of one.
pub(crate) fn comparison(current: &ModelRef, candidate: &ModelRef) -> Option<(String, String)> {
    let differ = current.name == candidate.name && current.version != candidate.version;
    let words = format!("Compare v{} and v{}", current.version, candidate.version);
    let page = format!("{}?current={current}&candidate={candidate}", address(&current.name));
    differ.then_some((words, page))
}

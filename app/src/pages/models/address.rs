//! The addresses of models in the interface.

use domain::id::ModelName;

/// The address of a model's page. A point in a name is written so that no server takes it for the name of a file.
pub(crate) fn address(name: &ModelName) -> String {
    format!("/models/{}", name.as_str().replace('.', "%2E"))
}

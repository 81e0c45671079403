//! Enters a model file that is already kept by its digest as the next version of a model (AZ-1).

use domain::event::Event;
use domain::id::{Digest, ModelVersion};
use domain::model::{PackageKind, Packing, RegisteredModel, Signature};
use domain::wire::RegisterModel;

use super::{Refusal, check_text};
use crate::store::Writing;

/// Most tags or properties, and longest key and value in characters.
const MOST: usize = 64;
const LONGEST: usize = 512;

/// Makes the next version. Deployments that use an older one are not touched.
///
/// # Errors
/// `invalid_field`; those of the store.
pub fn register_model(
    writing: &mut Writing<'_>,
    request: RegisterModel,
    digest: Digest,
    size: u64,
    signature: Signature,
) -> Result<RegisteredModel, Refusal> {
    check_text("description", Some(&request.description))?;
    for (field, map) in [("tags", &request.tags), ("properties", &request.properties)] {
        let long = |text: &String| text.chars().count() > LONGEST;
        if map.len() > MOST || map.iter().any(|(key, value)| key.is_empty() || long(key) || long(value)) {
            return Err(Refusal::invalid(
                field,
                format!(
                    "{field} may hold at most {MOST} entries of {LONGEST} characters, with keys that are not empty."
                ),
            ));
        }
    }
    let version = writing.reading().latest_version(&request.name)?.map_or(ModelVersion(1), ModelVersion::next);
    let model = RegisteredModel {
        name: request.name,
        version,
        kind: PackageKind::Onnx,
        digest,
        size,
        packing: Packing::File,
        entry: String::new(),
        signature,
        custom: request.custom,
        url: request.url,
        tags: request.tags,
        properties: request.properties,
        description: request.description,
        registered_at: writing.now(),
        registered_by: writing.actor().clone(),
    };
    writing.append(None, Event::ModelRegistered { model: Box::new(model.clone()) })?;
    Ok(model)
}

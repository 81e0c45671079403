//! The models that ONNX Runtime can load: versions of the format and of operator sets, and domains of its operators.
//!
//! The numbers are those that the bundled version (`xtask/src/setup/onnxruntime.rs`), 1.24.4, accepted when a model
//! with each was loaded with it; beyond them it refuses models, by its own words, as "under development".

use super::proto::OperatorSet;
use crate::packages::Unreadable;

/// The standard operator set, which files name by an empty text.
pub(super) const STANDARD: &str = "ai.onnx";
/// Highest version of the format.
const FORMAT_VERSION: i64 = 13;
/// Highest version of the operator sets that the standard defines.
const SETS: [(&str, i64); 2] = [(STANDARD, 25), ("ai.onnx.ml", 5)];

/// Domains whose operators it knows.
const DOMAINS: [&str; 11] = [
    "",
    STANDARD,
    "ai.onnx.ml",
    "ai.onnx.training",
    "ai.onnx.preview.training",
    "com.microsoft",
    "com.microsoft.nchwc",
    "com.microsoft.experimental",
    "com.microsoft.dml",
    "com.ms.internal.nhwc",
    "org.pytorch.aten",
];

/// True when operators of `domain` may be ONNX Runtime's own. A missing one shows when the runtime loads the model.
pub(super) fn is_known(domain: &str) -> bool {
    DOMAINS.contains(&domain)
}

pub(super) fn unknown(domain: &str, operator: &str) -> Unreadable {
    let shown = |name: &str| name.chars().take(100).flat_map(char::escape_debug).collect();
    Unreadable::UnknownOperator { domain: shown(domain), operator: shown(operator) }
}

pub(super) fn check_format(version: i64) -> Result<(), Unreadable> {
    if version <= FORMAT_VERSION {
        return Ok(());
    }
    Err(Unreadable::TooNew { what: "format version".to_owned(), version, newest: FORMAT_VERSION })
}

pub(super) fn check_version(domain: &str, version: i64) -> Result<(), Unreadable> {
    match SETS.iter().find(|(known, _)| *known == domain) {
        Some((_, newest)) if version > *newest => {
            Err(Unreadable::TooNew { what: format!("operator set {domain}"), version, newest: *newest })
        }
        _ => Ok(()),
    }
}

/// The same for a function's own sets.
pub(super) fn check_set(set: &OperatorSet) -> Result<(), Unreadable> {
    check_version(if set.domain.is_empty() { STANDARD } else { &set.domain }, set.version)
}

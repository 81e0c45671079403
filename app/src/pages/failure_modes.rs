//! The failure modes of a rollout, to choose from.

use domain::deployment::OnFailure;

use crate::words;

/// Every failure mode to choose from; the deployment's own is marked where it is told.
pub(crate) fn failure_modes(default: Option<OnFailure>) -> Vec<(String, String)> {
    let option = |mode: OnFailure| {
        let mark = if default == Some(mode) { " (the deployment's default)" } else { "" };
        (mode.to_string(), format!("{}{mark}", words::on_failure(mode)))
    };
    OnFailure::ALL.map(option).to_vec()
}

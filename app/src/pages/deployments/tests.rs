//! Deployments for tests.

use domain::wire::DeploymentView;
use serde_json::{Value, json};

/// A deployment that runs, with some fields otherwise.
pub(super) fn deployment(name: &str, fields: Value) -> DeploymentView {
    let mut view = json!({
        "id": format!("id-{name}"), "name": name, "url": format!("http://127.0.0.1:8081/{name}"), "target": "local",
        "importance": "moderate", "on_failure": "revert", "expires_at": null,
        "status": "running", "target_status": "running",
        "last_operation": {"kind": "create", "at": "2026-11-30T10:00:00Z", "actor": "person:ada"},
        "operation": null, "configuration": "c1", "configuration_name": "first", "models": ["iris@1"], "revision": 1,
        "last_running_configuration": null, "generation": 1,
        "replicas": {"desired": 1, "ready": 1, "starting": 0, "draining": 0, "unready": 0},
        "rollout": null, "newer_model_versions": [], "error": null,
        "created_at": "2026-11-30T10:00:00Z", "created_by": "person:ada",
        "traffic": {"requests_per_second": 0.0, "error_share": null, "p95_ms": null, "spark": []},
    });
    for (key, value) in fields.as_object().into_iter().flatten() {
        view[key] = value.clone();
    }
    serde_json::from_value(view).unwrap()
}

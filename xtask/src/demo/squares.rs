//! Replicas as small squares, the way the window draws them.

use serde_json::Value;

/// The meaning of the squares, in one line.
pub(super) const LEGEND: &str = "□ old  ■ new  ◌ starting  ◇ draining  ! not ready  ✕ failed";

/// One square for each replica that has not stopped, those of the `newest` revision filled.
pub(super) fn of(deployment: &Value, newest: u64) -> String {
    let replicas = deployment["replica_list"].as_array().into_iter().flatten();
    replicas.filter_map(|replica| square(replica, newest)).collect()
}

fn square(replica: &Value, newest: u64) -> Option<char> {
    match replica["state"].as_str()? {
        "ready" if replica["revision"] == newest => Some('■'),
        "ready" => Some('□'),
        "starting" => Some('◌'),
        "draining" => Some('◇'),
        "failed" => Some('✕'),
        "stopped" => None,
        _ => Some('!'),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_state_has_its_square() {
        let replica = |state: &str, revision: u64| json!({"state": state, "revision": revision});
        let states = [
            ("ready", 1),
            ("ready", 2),
            ("starting", 2),
            ("draining", 1),
            ("failed", 2),
            ("stopped", 1),
            ("unready", 1),
        ];
        let list: Vec<Value> = states.into_iter().map(|(state, revision)| replica(state, revision)).collect();
        assert_eq!(of(&json!({"replica_list": list}), 2), "□■◌◇✕!");
    }
}

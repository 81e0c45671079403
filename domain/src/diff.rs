//! Field-by-field differences between two configurations, each with what it costs (CO-2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::configuration::Configuration;
use crate::target::Traits;

words! {
    /// The cost of a change of a field.
    pub enum Impact {
        /// No running replica is touched; replicas are at most added or taken away.
        NothingRestarts = "nothing_restarts",
        /// Delivered to running replicas.
        ReconfiguredInPlace = "reconfigured_in_place",
        /// Every replica is replaced, a few at a time.
        RollingRestart = "rolling_restart",
        /// Clients must know of it.
        VisibleToClients = "visible_to_clients",
    }
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// The field, with dots for what lies inside another.
    pub field: String,
    /// Value in the configuration in use.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub current: Value,
    /// Value in the candidate.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub candidate: Value,
    /// The cost of the change.
    pub impact: Impact,
}

/// The cost of a change of a top-level field on its way from or to `configuration`, on a target with these traits. The
/// diff shows it, and the engine goes by it (CO-2).
pub fn impact(field: &str, configuration: &Configuration, traits: Traits) -> Impact {
    match field {
        "user_config" if !configuration.is_identity(field) && traits.reconfigures_in_place => {
            Impact::ReconfiguredInPlace
        }
        "user_config" => Impact::RollingRestart,
        "auth" => Impact::VisibleToClients,
        _ if configuration.is_identity(field) => Impact::RollingRestart,
        _ => Impact::NothingRestarts,
    }
}

/// Every field in which `candidate` differs from `current`, with its cost on a target with these traits, in the order of the contract's field names.
pub fn between(current: &Configuration, candidate: &Configuration, traits: Traits) -> Vec<Difference> {
    let (before, after) = (current.to_value(), candidate.to_value());
    let mut differences = Vec::new();
    if let (Value::Object(old), Value::Object(new)) = (&before, &after) {
        for (field, old) in old {
            let impact = impact(field, current, traits).max(impact(field, candidate, traits));
            walk(field, impact, old, new.get(field).unwrap_or(&Value::Null), &mut differences);
        }
    }
    differences
}

fn walk(path: &str, impact: Impact, old: &Value, new: &Value, out: &mut Vec<Difference>) {
    if old == new {
        return;
    }
    if let (Value::Object(before), Value::Object(after)) = (old, new) {
        let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
        keys.sort();
        keys.dedup();
        for key in keys {
            let side = |fields: &serde_json::Map<String, Value>| fields.get(key).cloned().unwrap_or_default();
            walk(&format!("{path}.{key}"), impact, &side(before), &side(after), out);
        }
        return;
    }
    out.push(Difference { field: path.to_owned(), current: old.clone(), candidate: new.clone(), impact });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn configuration(value: Value) -> Configuration {
        serde_json::from_value::<Configuration>(value).unwrap().checked().unwrap()
    }

    #[test]
    fn only_what_differs_is_listed_with_its_cost() {
        let current =
            configuration(json!({"models": ["iris@1"], "replicas": 5, "user_config": {"threshold": 0.5, "k": 1}}));
        let candidate =
            configuration(json!({"models": ["iris@2"], "replicas": 7, "user_config": {"threshold": 0.4, "k": 1}}));
        let mut found: Vec<_> =
            between(&current, &candidate, Traits::LOCAL).into_iter().map(|d| (d.field, d.impact)).collect();
        found.sort();
        assert_eq!(
            found,
            [
                ("models".to_owned(), Impact::RollingRestart),
                ("name".to_owned(), Impact::NothingRestarts),
                ("replicas".to_owned(), Impact::NothingRestarts),
                ("user_config.threshold".to_owned(), Impact::ReconfiguredInPlace),
            ]
        );
        assert!(between(&current, &current, Traits::LOCAL).is_empty());
        let elsewhere = Traits { reconfigures_in_place: false, ..Traits::LOCAL };
        let restarts =
            between(&current, &candidate, elsewhere).into_iter().filter(|d| d.impact == Impact::RollingRestart);
        assert_eq!(restarts.map(|d| d.field).collect::<Vec<_>>(), ["models", "user_config.threshold"]);
    }
}

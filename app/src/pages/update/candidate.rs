//! The candidate that is chosen in the update dialog: a configuration, or the one in use with a change.

use domain::configuration::{Configuration, merge};
use domain::id::{Actor, ConfigurationId, ModelRef};
use domain::wire::ConfigurationView;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The candidate, and how the server is asked for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    /// The configuration that there is; none for one that the update makes.
    pub(crate) id: Option<ConfigurationId>,
    /// The changes to the configuration in use, as a merge patch.
    pub(crate) set: Option<Value>,
    /// Its content.
    pub(crate) configuration: Configuration,
    /// Its author and time; nobody yet for one that the update makes.
    pub(crate) made: Option<(Actor, Timestamp)>,
}

impl Candidate {
    /// A configuration that there is.
    pub(super) fn existing(view: ConfigurationView) -> Self {
        let made = Some((view.created_by, view.created_at));
        Self { id: Some(view.id), set: None, configuration: view.configuration, made }
    }

    /// `current` with another version of a model that it binds; none where it binds no model of that name.
    pub(super) fn with_version(current: &Configuration, version: &ModelRef) -> Option<Self> {
        let mut configuration = current.clone();
        let bound = configuration.models.iter_mut().find(|model| model.name == version.name)?;
        *bound = version.clone();
        let set = json!({"models": configuration.models});
        Some(Self { id: None, set: Some(set), configuration, made: None })
    }

    /// `current` with these fields changed, as a merge patch; none where that comes to no configuration.
    pub(super) fn with_fields(current: &Configuration, fields: &Value) -> Option<Self> {
        let configuration = serde_json::from_value(merge(current.to_value(), fields)).ok()?;
        Some(Self { id: None, set: Some(fields.clone()), configuration, made: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_takes_the_place_of_the_one_of_the_same_model_alone() {
        let models = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<ModelRef>>();
        let current = Configuration { models: models(&["iris@1", "rose@4"]), ..Configuration::default() };
        let candidate = Candidate::with_version(&current, &"iris@3".parse().unwrap()).unwrap();
        assert_eq!(candidate.configuration.models, models(&["iris@3", "rose@4"]));
        assert_eq!(candidate.set, Some(json!({"models": ["iris@3", "rose@4"]})));
        assert_eq!(Candidate::with_version(&current, &"tulip@1".parse().unwrap()), None);
    }

    #[test]
    fn fields_are_changed_and_the_others_stay() {
        let current = Configuration { max_queue_ms: 7, ..Configuration::default() };
        let fields = json!({"request_log": true});
        let candidate = Candidate::with_fields(&current, &fields).unwrap();
        assert_eq!(candidate.configuration, Configuration { request_log: true, ..current.clone() });
        assert_eq!((candidate.id, candidate.set), (None, Some(fields)));
        assert_eq!(Candidate::with_fields(&current, &json!({"request_log": "perhaps"})), None);
    }
}

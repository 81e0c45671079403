//! The two versions that are compared: which ones stands in the address, so that it can be shared. Pure.

use domain::id::{ModelName, ModelRef, ModelVersion};

use crate::pages::model_address::address;

/// The version in use and the candidate, as far as they are chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    /// The version that would be replaced.
    pub(super) current: Option<ModelRef>,
    /// The version that would replace it.
    pub(super) candidate: Option<ModelRef>,
}

impl Pair {
    /// The pair at first: the two newest of a model's `versions`, which come newest first.
    pub(super) fn newest(versions: &[ModelRef]) -> Self {
        Self { current: versions.get(1).cloned(), candidate: versions.first().cloned() }
    }

    /// True of a version that is one of the two.
    pub(super) fn has(&self, version: &ModelRef) -> bool {
        [&self.current, &self.candidate].into_iter().any(|one| one.as_ref() == Some(version))
    }

    /// The pair after `version` was ticked, or was ticked no longer. At most two are: a third takes the place of the one in
    /// use. Of two versions of one model the newer is the candidate.
    pub(super) fn toggled(self, version: ModelRef) -> Self {
        let left = |one: Option<ModelRef>| one.filter(|one| *one != version);
        if self.has(&version) {
            return Self { current: None, candidate: left(self.candidate.clone()).or(left(self.current)) };
        }
        match self.candidate.or(self.current) {
            Some(other) if other.name == version.name && other.version > version.version => {
                Self { current: Some(version), candidate: Some(other) }
            }
            other => Self { current: other, candidate: Some(version) },
        }
    }

    /// The other way round.
    pub(super) fn swapped(self) -> Self {
        Self { current: self.candidate, candidate: self.current }
    }

    /// The address of this comparison on the page of the model `name`.
    pub(super) fn link(&self, name: &ModelName) -> String {
        let word = |model: &Option<ModelRef>| model.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{}?current={}&candidate={}", address(name), word(&self.current), word(&self.candidate))
    }

    /// The version of the model `name` that the page tells about unless another one is asked for.
    pub(super) fn told(&self, name: &ModelName) -> Option<ModelVersion> {
        let own = [&self.candidate, &self.current].into_iter().flatten().find(|one| one.name == *name);
        own.map(|one| one.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(current: &str, candidate: &str) -> Pair {
        Pair { current: current.parse().ok(), candidate: candidate.parse().ok() }
    }

    #[test]
    fn two_are_ticked_and_the_newer_is_the_candidate() {
        for (before, ticked, after) in [
            (pair("iris@2", "iris@3"), "iris@3", pair("", "iris@2")),
            (pair("iris@2", "iris@3"), "iris@2", pair("", "iris@3")),
            (pair("", "iris@3"), "iris@3", pair("", "")),
            (pair("", ""), "iris@3", pair("", "iris@3")),
            (pair("", "iris@3"), "iris@1", pair("iris@1", "iris@3")),
            (pair("", "iris@1"), "iris@3", pair("iris@1", "iris@3")),
            // A third one.
            (pair("iris@2", "iris@3"), "iris@1", pair("iris@1", "iris@3")),
            (pair("iris@1", "iris@2"), "iris@3", pair("iris@2", "iris@3")),
            // Beside another model.
            (pair("", "rose@9"), "iris@1", pair("rose@9", "iris@1")),
        ] {
            assert_eq!(before.clone().toggled(ticked.parse().unwrap()), after, "{before:?} {ticked}");
        }
    }

    #[test]
    fn the_newest_two_are_compared_at_first() {
        let versions: Vec<ModelRef> = ["iris@3", "iris@2", "iris@1"].iter().map(|one| one.parse().unwrap()).collect();
        assert_eq!(Pair::newest(&versions), pair("iris@2", "iris@3"));
        assert_eq!(Pair::newest(&versions[2..]), pair("", "iris@1"));
        assert_eq!(Pair::newest(&[]), Pair::default());
        assert_eq!(
            pair("iris@2", "iris@3").link(&"iris".parse().unwrap()),
            "/models/iris?current=iris@2&candidate=iris@3"
        );
        assert_eq!(pair("iris@2", "iris@3").swapped(), pair("iris@3", "iris@2"));
        assert_eq!(pair("iris@2", "rose@3").told(&"iris".parse().unwrap()), Some(ModelVersion(2)));
    }
}

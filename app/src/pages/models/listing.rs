//! The models as the registry lists them: where each is in use, what could be updated, and which of them fit a search.
//! Pure.

use std::sync::Arc;

use domain::id::{DeploymentId, DeploymentName, ModelName, ModelRef, ModelVersion};
use domain::wire::{DeploymentView, KnownBadAt, ModelView};

use crate::words::signature::brief;

/// A choice of models by where they are in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ModelFilter {
    /// Every one.
    #[default]
    All,
    /// Those that a deployment uses.
    InUse,
    /// Those of which a deployment could be given a newer version.
    Outdated,
    /// Those that no deployment runs, also none that is deactivated.
    NotUsed,
}

impl ModelFilter {
    /// Every choice, in the order of the screen.
    pub(super) const ALL: [Self; 4] = [Self::All, Self::InUse, Self::Outdated, Self::NotUsed];

    /// Its word in the address.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::All => "",
            Self::InUse => "used",
            Self::Outdated => "outdated",
            Self::NotUsed => "unused",
        }
    }

    /// Its title.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::InUse => "In use",
            Self::Outdated => "Update available",
            Self::NotUsed => "Not used",
        }
    }

    /// The choice of this word; everything where there is none.
    pub(super) fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|shown| shown.key() == word).unwrap_or_default()
    }
}

/// A deployment that could be given a newer version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outdated {
    /// The deployment.
    pub(super) deployment: (DeploymentId, DeploymentName),
    /// The version.
    pub(super) to: ModelRef,
}

/// A model with where it is in use.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    /// The model with its versions, newest first.
    pub(super) view: ModelView,
    /// Deployments that use a version of it, with which, by name.
    pub(super) users: Vec<(DeploymentName, ModelVersion)>,
    /// Deactivated deployments that come back with a version of it.
    pub(super) stopped: Vec<DeploymentName>,
    /// Those that could be given a newer version.
    pub(super) outdated: Vec<Outdated>,
    /// Versions that are being rolled out, with where.
    pub(super) moving: Vec<(DeploymentName, ModelVersion)>,
    /// Where the newest version is known to be bad.
    pub(super) bad: Option<KnownBadAt>,
}

impl Listed {
    fn new(view: ModelView, deployments: &[Arc<DeploymentView>]) -> Self {
        let each = |read: fn(&domain::wire::ModelVersionView) -> &Vec<DeploymentName>| {
            let versions = view.versions.iter();
            versions.flat_map(move |one| read(one).iter().map(|name| (name.clone(), one.model.version)))
        };
        let mut users: Vec<_> = each(|one| &one.in_use_by).collect();
        users.sort();
        let mut stopped: Vec<_> = each(|one| &one.stopped_deployments).map(|(name, _)| name).collect();
        stopped.sort();
        let newer = |deployment: &Arc<DeploymentView>| {
            let to = deployment.newer_model_versions.iter().find(|model| model.name == view.name)?.clone();
            Some(Outdated { deployment: (deployment.id.clone(), deployment.name.clone()), to })
        };
        let moves = |deployment: &Arc<DeploymentView>| {
            let rollout = deployment.newest_rollout.as_ref().filter(|rollout| rollout.phase.is_active())?;
            let is_new = |model: &&ModelRef| model.name == view.name && !rollout.from_models.contains(model);
            let to = rollout.to_models.iter().find(is_new)?;
            Some((deployment.name.clone(), to.version))
        };
        let outdated = deployments.iter().filter_map(newer).collect();
        let moving = deployments.iter().filter_map(moves).collect();
        let bad = view.versions.first().and_then(|newest| newest.known_bad.first().cloned());
        Self { users, stopped, outdated, moving, bad, view }
    }

    fn is(&self, shown: ModelFilter) -> bool {
        match shown {
            ModelFilter::All => true,
            ModelFilter::InUse => !self.users.is_empty(),
            ModelFilter::Outdated => !self.outdated.is_empty(),
            ModelFilter::NotUsed => self.users.is_empty() && self.stopped.is_empty(),
        }
    }

    fn fits(&self, words: &str) -> bool {
        let mut text = format!("{} {}", self.view.name, self.view.kind.title());
        for version in &self.view.versions {
            let model = &version.model;
            text += &format!(" {} {}", model.description, brief(&model.signature));
            for (key, value) in &model.tags {
                text += &format!(" {key}={value}");
            }
            for field in model.signature.inputs.iter().chain(&model.signature.outputs) {
                text += &format!(" {}", field.name);
            }
        }
        for name in self.users.iter().map(|(name, _)| name).chain(&self.stopped) {
            text += &format!(" {name}");
        }
        let text = text.to_lowercase();
        words.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

/// The models with where each is in use, those registered last first.
pub(super) fn listed(models: &[ModelView], deployments: &[Arc<DeploymentView>]) -> Vec<Arc<Listed>> {
    // Of ten thousand deployments a few have anything to do with a model.
    let mut of_model = std::collections::HashMap::<&ModelName, Vec<Arc<DeploymentView>>>::new();
    for deployment in deployments {
        let to = deployment.newest_rollout.iter().flat_map(|rollout| &rollout.to_models);
        let mut names: Vec<_> = deployment.newer_model_versions.iter().chain(to).map(|model| &model.name).collect();
        names.sort();
        names.dedup();
        for name in names {
            of_model.entry(name).or_default().push(Arc::clone(deployment));
        }
    }
    let mut all: Vec<_> = models
        .iter()
        .map(|view| {
            let around = of_model.get(&view.name).map(Vec::as_slice).unwrap_or_default();
            Arc::new(Listed::new(view.clone(), around))
        })
        .collect();
    let at = |one: &Arc<Listed>| one.view.versions.first().map(|newest| newest.model.registered_at);
    all.sort_by(|one, other| at(other).cmp(&at(one)).then_with(|| one.view.name.cmp(&other.view.name)));
    all
}

/// The names of those that fit, in their order.
pub(super) fn fitting(all: &[Arc<Listed>], shown: ModelFilter, words: &str) -> Vec<ModelName> {
    all.iter().filter(|one| one.is(shown) && one.fits(words)).map(|one| one.view.name.clone()).collect()
}

/// How many there are of each choice.
pub(super) fn counts(all: &[Arc<Listed>]) -> [usize; 4] {
    ModelFilter::ALL.map(|shown| all.iter().filter(|one| one.is(shown)).count())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn model(name: &str, at: &str, users: &[&str], stopped: &[&str]) -> ModelView {
        let version = json!({"name": name, "version": 2, "kind": "onnx", "digest": "0".repeat(64), "size": 9,
            "signature": {"inputs": [{"name": "sepal", "datatype": "FLOAT"}], "outputs": [], "classes": ["a", "b"]},
            "tags": {"team": "Flora"}, "properties": {}, "description": "", "registered_at": at, "registered_by": "ada",
            "in_use_by": users, "stopped_deployments": stopped,
            "known_bad": [{"deployment": "iris", "reason": "It fell over.", "at": at}]});
        let view = json!({"name": name, "kind": "onnx", "latest_version": 2, "versions": [version]});
        serde_json::from_value(view).unwrap()
    }

    fn deployment(name: &str, change: impl FnOnce(&mut Value)) -> Arc<DeploymentView> {
        let at = "2026-11-01T10:00:00Z";
        let mut view = json!({"id": format!("d-{name}"), "name": name, "url": "", "target": "local", "importance": "low",
            "on_failure": "revert", "expires_at": null, "status": "running", "target_status": "running",
            "last_operation": {"kind": "create", "at": at, "actor": "ada"}, "operation": null, "configuration": "c1",
            "configuration_name": "first", "models": ["iris@1"], "revision": 1, "last_running_configuration": null,
            "generation": 1, "replicas": {"desired": 1, "ready": 1, "starting": 0, "draining": 0, "unready": 0}, "rollout": null, "newer_model_versions": [], "error": null,
            "created_at": at, "created_by": "ada",
            "traffic": {"requests_per_second": 0.0, "error_share": null, "p95_ms": null, "spark": []}});
        change(&mut view);
        Arc::new(serde_json::from_value(view).unwrap())
    }

    #[test]
    fn a_model_says_where_it_is_used_and_what_could_be_updated() {
        let models = [
            model("iris", "2026-11-01T10:00:00Z", &["shop", "lab"], &[]),
            model("rose", "2026-11-03T10:00:00Z", &[], &["old"]),
            model("tulip", "2026-11-02T10:00:00Z", &[], &[]),
        ];
        let deployments = [
            deployment("lab", |view| view["newer_model_versions"] = json!(["iris@2"])),
            deployment("shop", |view| {
                view["newest_rollout"] = json!({"number": 2, "phase": "rolling", "from_models": ["iris@1"],
                    "to_models": ["iris@2"], "on_failure": "revert"});
            }),
        ];
        let all = listed(&models, &deployments);
        let names: Vec<_> = all.iter().map(|one| one.view.name.as_str()).collect();
        assert_eq!(names, ["rose", "tulip", "iris"], "the last one registered is the first");
        let iris = &all[2];
        let users: Vec<_> = iris.users.iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(users, ["lab 2", "shop 2"]);
        assert_eq!((iris.outdated.len(), iris.outdated[0].to.to_string()), (1, "iris@2".to_owned()));
        assert_eq!(iris.moving, [("shop".parse().unwrap(), ModelVersion(2))]);
        assert_eq!(iris.bad.as_ref().unwrap().quarantine.reason, "It fell over.");
        assert_eq!(all[0].stopped, ["old".parse::<DeploymentName>().unwrap()]);
        assert_eq!(counts(&all), [3, 1, 1, 1], "a deactivated deployment uses its model too");
    }

    #[test]
    fn words_and_a_choice_find_models() {
        let models =
            [model("iris", "2026-11-01T10:00:00Z", &["shop"], &[]), model("tulip", "2026-11-02T10:00:00Z", &[], &[])];
        let all = listed(&models, &[]);
        for (shown, words, expected) in [
            (ModelFilter::All, "", &["tulip", "iris"][..]),
            (ModelFilter::All, "SEPAL team=flora", &["tulip", "iris"]),
            (ModelFilter::All, "2 classes", &["tulip", "iris"]),
            (ModelFilter::All, "shop", &["iris"]),
            (ModelFilter::All, "iris tulip", &[]),
            (ModelFilter::InUse, "", &["iris"]),
            (ModelFilter::NotUsed, "", &["tulip"]),
            (ModelFilter::Outdated, "", &[]),
        ] {
            let found: Vec<_> = fitting(&all, shown, words).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{shown:?} {words:?}");
        }
    }

    #[test]
    fn a_choice_reads_back_from_its_word() {
        for shown in ModelFilter::ALL {
            assert_eq!(ModelFilter::read(shown.key()), shown);
        }
        assert_eq!(ModelFilter::read("nonsense"), ModelFilter::All);
    }
}

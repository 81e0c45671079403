//! Models as they are shown.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::configuration::Runtime;
use domain::id::{DeploymentName, ModelName, ModelRef, ModelVersion, TargetName};
use domain::known_bad::{BoundRevision, known_bad};
use domain::ledger::Deployment;
use domain::model::{RegisteredModel, Tried, not_servable};
use domain::python::Pythons;
use domain::wire::{ErrorCode, KnownBadAt, ModelVersionView, ModelView, Page};

use super::Views;
use super::list::{Matching, page};
use crate::commands::{Refusal, allow_reading};
use crate::store::tables::models::ListedModel;

/// Newest versions of each model that a list shows, besides those in use.
const NEWEST: u32 = 20;

/// The deployments of each model version, and what the machine has for it.
pub(super) struct Users {
    /// Those whose configuration in use binds it.
    using: HashMap<ModelRef, Vec<DeploymentName>>,
    /// Those that list a revision which binds it, in use or not.
    listing: HashMap<ModelRef, Vec<DeploymentName>>,
    /// Those that are deactivated, and come back with it.
    stopped: HashMap<ModelRef, Vec<DeploymentName>>,
    /// Those at which it is known to be bad.
    bad: HashMap<ModelRef, Vec<KnownBadAt>>,
    pythons: Pythons,
}

impl Users {
    /// The first deployment that uses `model`, by name.
    pub(super) fn first_of(&self, model: &ModelRef) -> Option<&DeploymentName> {
        self.using.get(model)?.first()
    }

    /// Versions of `name` that are in use.
    fn versions_of<'a>(&'a self, name: &'a ModelName) -> impl Iterator<Item = &'a ModelRef> {
        self.using.keys().filter(move |model| model.name == *name)
    }

    /// Adds a deployment with the model versions that its revisions bind.
    fn add_deployment(&mut self, row: &Deployment, listed: &[ListedModel]) {
        for ListedModel { model, revision, .. } in listed {
            if row.uses(*revision) {
                add(&mut self.using, model, &row.name);
            }
            if row.comes_back_with(*revision) {
                add(&mut self.stopped, model, &row.name);
            }
            add(&mut self.listing, model, &row.name);
        }
        if listed.iter().any(|one| one.quarantined.is_some()) {
            let bound = listed.iter().map(|one| BoundRevision {
                models: vec![one.model.clone()],
                state: one.state,
                quarantined: one.quarantined.clone(),
            });
            for (model, quarantine) in known_bad(bound) {
                self.bad.entry(model).or_default().push(KnownBadAt { deployment: row.name.clone(), quarantine });
            }
        }
    }

    fn version(&self, model: RegisteredModel) -> ModelVersionView {
        let key = model.reference();
        let in_use_by = self.using.get(&key).cloned().unwrap_or_default();
        let listing = self.listing.get(&key).into_iter().flatten();
        let restorable_by = listing.filter(|deployment| !in_use_by.contains(deployment)).cloned().collect();
        let stopped_deployments = self.stopped.get(&key).cloned().unwrap_or_default();
        let mut known_bad = self.bad.get(&key).cloned().unwrap_or_default();
        known_bad.sort_by_key(|found| Reverse(found.quarantine.at));
        let warnings = warnings(&model, self.pythons);
        ModelVersionView { in_use_by, restorable_by, stopped_deployments, known_bad, warnings, model }
    }
}

/// Adds a deployment, unless it is the last one there.
fn add(users: &mut HashMap<ModelRef, Vec<DeploymentName>>, model: &ModelRef, name: &DeploymentName) {
    let names = users.entry(model.clone()).or_default();
    if names.last() != Some(name) {
        names.push(name.clone());
    }
}

/// All that speaks against using it: its file, its first load, this machine. A model that cannot be served is not said
/// twice.
fn warnings(model: &RegisteredModel, pythons: Pythons) -> Vec<String> {
    let contradicts = |problem: &String| format!("It contradicts itself: {problem}");
    let mut warnings: Vec<String> = model.signature.contradictions.iter().map(contradicts).collect();
    match (not_servable(&model.signature), &model.loads) {
        (Some(clause), _) => warnings.push(sentence(clause)),
        (None, Some(Tried::Failed { problem })) => {
            warnings.push(format!("It cannot be served, because it cannot be loaded here: {problem}"));
        }
        (None, _) => {}
    }
    let asked = model.environment.as_ref().filter(|_| model.runtime() == Runtime::Mlflow);
    warnings.extend(asked.into_iter().flat_map(|asked| asked.shortcomings(&model.reference().to_string(), pythons)));
    warnings
}

/// A clause as a sentence that stands alone.
fn sentence(clause: String) -> String {
    let mut letters = clause.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

impl Views<'_> {
    /// The users of all model versions as they are now.
    pub(super) fn users(&self) -> Result<Users, Refusal> {
        let reading = &self.moment.reading;
        let rows = self.readable(&allow_reading(&self.moment)?)?.into_iter().map(|row| (row.name.clone(), row));
        let rows: HashMap<DeploymentName, Deployment> = rows.collect();
        let pythons = self.moment.machines.machine(&TargetName::default()).pythons;
        let (using, listing, stopped) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut users = Users { using, listing, stopped, bad: HashMap::new(), pythons };
        // They come by the deployment's name, so those of one deployment stand together.
        let all = reading.listed_models()?;
        for listed in all.chunk_by(|one, next| one.deployment == next.deployment) {
            // Nobody learns by a model of a deployment that they may not see.
            if let Some(row) = listed.first().and_then(|first| rows.get(&first.deployment)) {
                users.add_deployment(row, listed);
            }
        }
        Ok(users)
    }

    /// The version that a request names.
    pub(crate) fn registered(&self, name: ModelName, version: ModelVersion) -> Result<RegisteredModel, Refusal> {
        allow_reading(&self.moment)?;
        let model = ModelRef { name, version };
        self.moment.reading.model(&model)?.ok_or_else(|| {
            Refusal::new(
                ErrorCode::NotFound,
                format!("There is no model version {model}. Choose one that is registered."),
            )
        })
    }

    /// One version, and who uses it.
    pub(crate) fn version(&self, model: RegisteredModel) -> Result<ModelVersionView, Refusal> {
        Ok(self.users()?.version(model))
    }

    /// A model with its versions below `before`, newest first.
    pub(crate) fn model(
        &self,
        name: &ModelName,
        before: Option<ModelVersion>,
        limit: u32,
    ) -> Result<ModelView, Refusal> {
        let versions = self.moment.reading.model_versions(name, before, limit)?;
        self.with_versions(&self.users()?, name.clone(), versions)?.ok_or_else(|| {
            let which = before.map_or_else(String::new, |before| format!(" with a version below {before}"));
            Refusal::new(
                ErrorCode::NotFound,
                format!("There is no model \"{name}\"{which}. Choose one that is registered."),
            )
        })
    }

    /// Models by name, each with its newest versions and those in use, newest first.
    pub(crate) fn models(&self, wanted: &Matching) -> Result<Page<ModelView>, Refusal> {
        let (reading, users) = (&self.moment.reading, self.users()?);
        let after = wanted.cursor.as_deref().unwrap_or_default();
        let names = reading.model_names(&wanted.q, after, wanted.limit + 1)?;
        let names = page(names, wanted.limit, ModelName::to_string);
        let mut items = Vec::with_capacity(names.items.len());
        for name in names.items {
            let mut versions = reading.model_versions(&name, None, NEWEST)?;
            let shown = versions.last().map(|oldest| oldest.version);
            let mut used: Vec<_> =
                users.versions_of(&name).filter(|used| Some(used.version) < shown).cloned().collect();
            used.sort_by_key(|used| std::cmp::Reverse(used.version));
            for used in used {
                versions.extend(reading.model(&used)?);
            }
            items.extend(self.with_versions(&users, name, versions)?);
        }
        Ok(Page { items, next_cursor: names.next_cursor })
    }

    /// A model with some of its versions, newest first; none when there are none of them.
    fn with_versions(
        &self,
        users: &Users,
        name: ModelName,
        versions: Vec<RegisteredModel>,
    ) -> Result<Option<ModelView>, Refusal> {
        let reading = &self.moment.reading;
        let Some(newest) = reading.model_versions(&name, None, 1)?.pop().filter(|_| !versions.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(ModelView {
            kind: newest.kind,
            latest_version: newest.version,
            next_version: reading.latest_version(&name)?.map(ModelVersion::next),
            version_count: reading.version_count(&name)?,
            name,
            versions: versions.into_iter().map(|found| users.version(found)).collect(),
        }))
    }
}

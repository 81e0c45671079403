//! A dialog as it stands in the address: written by one function, read back by the other. Pure.

use std::str::FromStr;

use domain::id::{DeploymentId, DeploymentName};

use super::open::{Open, UpdateTo};
use crate::api::deployments::Operation;

/// The parameters of the address that belong to a dialog.
pub(super) const KEYS: [&str; 10] =
    ["dialog", "deployment", "version", "configuration", "set", "revision", "rollout", "model", "request", "key"];

/// Parameters with their values.
pub(crate) type Parameters = Vec<(&'static str, String)>;

/// The reason why the address leads to no dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoDialog {
    /// It names a deployment that is not known.
    Unknown(DeploymentName),
    /// It lacks what the dialog needs, or says something that cannot be read.
    Unreadable,
}

impl Open {
    /// The parameters of the address; none where the deployment has no name any more.
    pub(super) fn written(&self, name: impl Fn(&DeploymentId) -> Option<String>) -> Option<Parameters> {
        let of = |word: &str, id: &DeploymentId| Some(vec![("dialog", word.to_owned()), ("deployment", name(id)?)]);
        let alone = |word: &str| vec![("dialog", word.to_owned())];
        let (mut all, more) = match self {
            Self::Update(id, None) => (of("update", id)?, None),
            Self::Update(id, Some(UpdateTo::Configuration(to))) => {
                (of("update", id)?, Some(("configuration", to.to_string())))
            }
            Self::Update(id, Some(UpdateTo::Version(to))) => (of("update", id)?, Some(("version", to.to_string()))),
            Self::Update(id, Some(UpdateTo::Fields(set))) => (of("update", id)?, Some(("set", set.to_string()))),
            Self::RollBack(id, to) => (of("roll-back", id)?, to.map(|to| ("revision", to.to_string()))),
            Self::Cancel(id, rollout) => (of("cancel", id)?, Some(("rollout", rollout.to_string()))),
            Self::Operate(id, operation) => (of(word_of(*operation), id)?, None),
            Self::Application(id) => (of("application", id)?, None),
            Self::DeleteApplication(id) => (of("delete-application", id)?, None),
            Self::RotateKey(id, key) => (of("rotate-key", id)?, Some(("key", key.to_string()))),
            Self::RevokeTokens(id) => (of("revoke-tokens", id)?, None),
            Self::ClearStatistics(id) => (of("clear-statistics", id)?, None),
            Self::LinkUseCases(id) => (of("link", id)?, None),
            Self::Quarantine(id, number) => (of("quarantine", id)?, Some(("revision", number.to_string()))),
            Self::Remove(id, number) => (of("remove", id)?, Some(("revision", number.to_string()))),
            Self::Delete(id) => (of("delete", id)?, None),
            Self::Deploy(model) => (alone("deploy"), model.as_ref().map(|model| ("version", model.to_string()))),
            Self::Register(model) => (alone("register"), model.as_ref().map(|model| ("model", model.to_string()))),
            Self::DeleteModel(model) => (alone("delete-version"), Some(("version", model.to_string()))),
            Self::Palette => (alone("find"), None),
            Self::Shortcuts => (alone("shortcuts"), None),
            Self::EditRequest(id, request, to) => {
                let mut all = of("edit-request", id)?;
                all.push(("request", request.to_string()));
                (all, to.as_ref().map(|to| ("configuration", to.to_string())))
            }
            Self::CancelRequest(request) => (alone("cancel-request"), Some(("request", request.to_string()))),
        };
        all.extend(more);
        Some(all)
    }

    /// The dialog that the parameters ask for; `None` where they ask for none, or for one of the page's own.
    pub(super) fn read(
        given: impl Fn(&str) -> Option<String>,
        id: impl Fn(&DeploymentName) -> Option<DeploymentId>,
    ) -> Result<Option<Self>, NoDialog> {
        let given = |key: &str| given(key).filter(|text| !text.is_empty());
        let deployment = || {
            let name: DeploymentName = needed(given("deployment"))?;
            id(&name).ok_or(NoDialog::Unknown(name))
        };
        let word = given("dialog").unwrap_or_default();
        let operation = OPERATIONS.into_iter().find(|operation| word_of(*operation) == word);
        Ok(Some(match word.as_str() {
            "update" => {
                let to = match (given("version"), given("configuration"), given("set")) {
                    (None, None, None) => None,
                    (version @ Some(_), ..) => Some(UpdateTo::Version(needed(version)?)),
                    (None, configuration @ Some(_), _) => Some(UpdateTo::Configuration(needed(configuration)?)),
                    (None, None, set) => Some(UpdateTo::Fields(needed(set)?)),
                };
                Self::Update(deployment()?, to)
            }
            "roll-back" => Self::RollBack(deployment()?, perhaps(given("revision"))?),
            "cancel" => Self::Cancel(deployment()?, needed(given("rollout"))?),
            "application" => Self::Application(deployment()?),
            "delete-application" => Self::DeleteApplication(deployment()?),
            "rotate-key" => Self::RotateKey(deployment()?, needed(given("key"))?),
            "revoke-tokens" => Self::RevokeTokens(deployment()?),
            "clear-statistics" => Self::ClearStatistics(deployment()?),
            "link" => Self::LinkUseCases(deployment()?),
            "quarantine" => Self::Quarantine(deployment()?, needed(given("revision"))?),
            "remove" => Self::Remove(deployment()?, needed(given("revision"))?),
            // A page's own dialog may be about deleting something else.
            "delete" if given("deployment").is_some() => Self::Delete(deployment()?),
            "deploy" => Self::Deploy(perhaps(given("version"))?),
            "register" => Self::Register(perhaps(given("model"))?),
            "delete-version" => Self::DeleteModel(needed(given("version"))?),
            "find" => Self::Palette,
            "shortcuts" => Self::Shortcuts,
            "edit-request" => {
                Self::EditRequest(deployment()?, needed(given("request"))?, perhaps(given("configuration"))?)
            }
            "cancel-request" => Self::CancelRequest(needed(given("request"))?),
            _ => match operation {
                Some(operation) => Self::Operate(deployment()?, operation),
                None => return Ok(None),
            },
        }))
    }
}

const OPERATIONS: [Operation; 3] = [Operation::Deactivate, Operation::Activate, Operation::Relaunch];

fn word_of(operation: Operation) -> &'static str {
    match operation {
        Operation::Deactivate => "deactivate",
        Operation::Activate => "activate",
        Operation::Relaunch => "relaunch",
    }
}

fn needed<T: FromStr>(text: Option<String>) -> Result<T, NoDialog> {
    text.and_then(|text| text.parse().ok()).ok_or(NoDialog::Unreadable)
}

fn perhaps<T: FromStr>(text: Option<String>) -> Result<Option<T>, NoDialog> {
    text.map(|text| text.parse().map_err(|_| NoDialog::Unreadable)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::credential::Key;
    use domain::id::{RevisionNumber, RolloutNumber};

    fn iris() -> DeploymentId {
        "01m8ny511bgs07qtre4yn6zjrj".parse().unwrap()
    }

    fn name(id: &DeploymentId) -> Option<String> {
        (*id == iris()).then(|| "iris".to_owned())
    }

    fn read(parameters: &Parameters) -> Result<Option<Open>, NoDialog> {
        let given = |key: &str| parameters.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
        Open::read(given, |name| (name.as_str() == "iris").then(iris))
    }

    fn every() -> Vec<Open> {
        let model: domain::id::ModelRef = "iris@3".parse().unwrap();
        let configuration: domain::id::ConfigurationId = "01m8ny511bgs07qtre4yn6zjrk".parse().unwrap();
        let request: domain::id::RequestId = "01m8ny511bgs07qtre4yn6zjrm".parse().unwrap();
        let mut all = vec![
            Open::Update(iris(), None),
            Open::Update(iris(), Some(UpdateTo::Configuration(configuration.clone()))),
            Open::Update(iris(), Some(UpdateTo::Version(model.clone()))),
            Open::RollBack(iris(), None),
            Open::RollBack(iris(), Some(RevisionNumber(2))),
            Open::Cancel(iris(), RolloutNumber(4)),
            Open::Update(iris(), Some(UpdateTo::Fields(serde_json::json!({"auth": "key", "env": {"A": "b & c"}})))),
            Open::Application(iris()),
            Open::DeleteApplication(iris()),
            Open::RevokeTokens(iris()),
            Open::ClearStatistics(iris()),
            Open::LinkUseCases(iris()),
            Open::Quarantine(iris(), RevisionNumber(3)),
            Open::Remove(iris(), RevisionNumber(3)),
            Open::Delete(iris()),
            Open::Deploy(None),
            Open::Deploy(Some(model.clone())),
            Open::Register(None),
            Open::Register(Some(model.name.clone())),
            Open::DeleteModel(model),
            Open::Palette,
            Open::Shortcuts,
            Open::EditRequest(iris(), request.clone(), None),
            Open::EditRequest(iris(), request.clone(), Some(configuration)),
            Open::CancelRequest(request),
        ];
        all.extend(Key::ALL.map(|key| Open::RotateKey(iris(), key)));
        all.extend(OPERATIONS.map(|operation| Open::Operate(iris(), operation)));
        all
    }

    #[test]
    fn every_dialog_reads_back_as_it_was_written() {
        let mut seen = std::collections::BTreeSet::new();
        for open in every() {
            let parameters = open.written(name).unwrap();
            assert_eq!(read(&parameters), Ok(Some(open)), "{parameters:?}");
            assert!(parameters.iter().all(|(key, _)| KEYS.contains(key)), "{parameters:?}");
            assert!(seen.insert(parameters.clone()), "two dialogs have the address {parameters:?}");
        }
    }

    #[test]
    fn an_address_is_one_that_people_can_read() {
        let open = Open::Update(iris(), Some(UpdateTo::Version("iris@3".parse().unwrap())));
        let written = open.written(name).unwrap();
        let text: Vec<_> = written.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(text, ["dialog=update", "deployment=iris", "version=iris@3"]);
    }

    #[test]
    fn an_address_that_leads_nowhere_says_why() {
        let of = |pairs: &[(&'static str, &str)]| {
            read(&pairs.iter().map(|(key, value)| (*key, (*value).to_owned())).collect::<Vec<_>>())
        };
        let gone = NoDialog::Unknown("gone".parse().unwrap());
        assert_eq!(of(&[("dialog", "update"), ("deployment", "gone")]), Err(gone));
        for broken in [
            &[("dialog", "update")][..],
            &[("dialog", "update"), ("deployment", "Not A Name")],
            &[("dialog", "update"), ("deployment", "iris"), ("version", "iris")],
            &[("dialog", "cancel"), ("deployment", "iris")],
            &[("dialog", "roll-back"), ("deployment", "iris"), ("revision", "two")],
            &[("dialog", "delete-version")],
        ] {
            assert_eq!(of(broken), Err(NoDialog::Unreadable), "{broken:?}");
        }
        // Pages have dialogs of their own.
        for own in ["", "token", "edit 01m8ny511bgs07qtre4yn6zjrm", "delete", "webhook"] {
            assert_eq!(of(&[("dialog", own)]), Ok(None), "{own}");
        }
        assert_eq!(of(&[("deployment", "gone")]), Ok(None), "a filter of a page");
    }

    #[test]
    fn a_deployment_without_a_name_has_no_address() {
        assert_eq!(Open::LinkUseCases(iris()).written(|_| None), None);
    }
}

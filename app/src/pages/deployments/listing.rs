//! The choice and order of the deployments that are shown, and their numbers by state. Pure.

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use domain::deployment::{Importance, Status};
use domain::id::{Actor, DeploymentId};
use domain::wire::{ConditionWord, DeploymentView};
use jiff::Timestamp;

/// A column that the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // The words say it.
pub(crate) enum SortColumn {
    Name,
    #[default]
    Status,
    Model,
    Requests,
    P95,
    Errors,
    Changed,
}

/// Every column, in the order of the screen.
pub(crate) const COLUMNS: [SortColumn; 7] = [
    SortColumn::Name,
    SortColumn::Status,
    SortColumn::Model,
    SortColumn::Requests,
    SortColumn::P95,
    SortColumn::Errors,
    SortColumn::Changed,
];

impl SortColumn {
    /// Its word in the address and in style sheets.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Status => "status",
            Self::Model => "model",
            Self::Requests => "requests",
            Self::P95 => "p95",
            Self::Errors => "errors",
            Self::Changed => "changed",
        }
    }

    /// Its title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Name => "Deployment",
            Self::Status => "State",
            Self::Model => "Model",
            Self::Requests => "Requests/s",
            Self::P95 => "p95",
            Self::Errors => "Errors",
            Self::Changed => "Changed",
        }
    }

    /// True where people want the highest first.
    fn highest_first(self) -> bool {
        matches!(self, Self::Requests | Self::P95 | Self::Errors | Self::Changed)
    }
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    /// By what.
    pub(crate) column: SortColumn,
    /// Highest first.
    pub(crate) descending: bool,
}

impl Sort {
    fn read(text: &str) -> Self {
        let (descending, key) = text.strip_prefix('-').map_or((None, text), |key| (Some(true), key));
        let (descending, key) = key.strip_prefix('+').map_or((descending, key), |key| (Some(false), key));
        let column = COLUMNS.into_iter().find(|column| column.key() == key).unwrap_or_default();
        Self { column, descending: descending.unwrap_or(column.highest_first()) }
    }

    /// As it stands in the address.
    pub(crate) fn written(self) -> String {
        let key = self.column.key();
        match (self.descending, self.column.highest_first()) {
            (true, false) => format!("-{key}"),
            (false, true) => format!("+{key}"),
            _ => key.to_owned(),
        }
    }

    /// The order after a click on a column.
    pub(crate) fn toggled(self, column: SortColumn) -> Self {
        let descending = if self.column == column { !self.descending } else { column.highest_first() };
        Self { column, descending }
    }

    fn compare(self, a: &DeploymentView, b: &DeploymentView) -> Ordering {
        let number = |value: Option<f64>| value.unwrap_or(-1.0);
        let order = match self.column {
            SortColumn::Name => Ordering::Equal,
            SortColumn::Status => severity(a).cmp(&severity(b)),
            SortColumn::Model => a.models.cmp(&b.models),
            SortColumn::Requests => a.traffic.requests_per_second.total_cmp(&b.traffic.requests_per_second),
            SortColumn::P95 => number(a.traffic.p95_ms).total_cmp(&number(b.traffic.p95_ms)),
            SortColumn::Errors => number(a.traffic.error_share).total_cmp(&number(b.traffic.error_share)),
            SortColumn::Changed => a.last_operation.at.cmp(&b.last_operation.at),
        };
        let order = if self.column == SortColumn::Name { a.name.cmp(&b.name) } else { order };
        let order = if self.descending { order.reverse() } else { order };
        order.then_with(|| a.name.cmp(&b.name))
    }
}

/// The order in which people should look: the worst state first, then the most important, then what changed last.
fn severity(deployment: &DeploymentView) -> (ConditionWord, Importance, Reverse<Timestamp>) {
    let changed = deployment.last_operation.at;
    (urgency(deployment), deployment.importance, Reverse(changed))
}

/// The rank of a deployment: those that need a look come first.
fn urgency(deployment: &DeploymentView) -> ConditionWord {
    let by_status = || match deployment.status {
        Status::Dead => ConditionWord::Dead,
        Status::Unknown => ConditionWord::Unreachable,
        Status::Pending => ConditionWord::Starting,
        Status::Stopping => ConditionWord::Stopping,
        Status::Running => ConditionWord::Running,
        Status::Stopped => ConditionWord::Stopped,
    };
    deployment.condition.as_ref().map_or_else(by_status, |condition| condition.word)
}

/// The search, the filters and the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Words, all of which must occur.
    pub(crate) words: String,
    /// A status, or `moving`, `attention`, `outdated`.
    pub(crate) status: Option<String>,
    /// An importance.
    pub(crate) importance: Option<String>,
    /// The id of a use case.
    pub(crate) use_case: Option<String>,
    /// The name of a target.
    pub(crate) target: Option<String>,
    /// Whoever made it, as entries of the history name them.
    pub(crate) owner: Option<String>,
    /// A tag, as `team=fraud`.
    pub(crate) tag: Option<String>,
    /// The order.
    pub(crate) sort: Sort,
}

impl Filter {
    /// Reads it from the parameters of the address.
    pub(crate) fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let given = |key| parameter(key).filter(|value| !value.is_empty());
        Self {
            words: given("q").unwrap_or_default(),
            // Older links call it otherwise.
            status: given("status").map(|status| if status == "unhealthy" { "attention".to_owned() } else { status }),
            importance: given("importance"),
            use_case: given("use_case"),
            target: given("target"),
            owner: given("owner"),
            tag: given("tag"),
            sort: given("sort").map(|text| Sort::read(&text)).unwrap_or_default(),
        }
    }

    /// The parameters of the address that it is read from.
    pub(crate) fn written(&self) -> Vec<(&'static str, String)> {
        let sort = Some(self.sort).filter(|sort| *sort != Sort::default()).map(Sort::written);
        let all = [
            ("q", Some(self.words.trim().to_owned())),
            ("status", self.status.clone()),
            ("importance", self.importance.clone()),
            ("use_case", self.use_case.clone()),
            ("target", self.target.clone()),
            ("owner", self.owner.clone()),
            ("tag", self.tag.clone()),
            ("sort", sort),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value.filter(|value| !value.is_empty())?))).collect()
    }

    /// A status of the address that there is not.
    pub(crate) fn unknown_status(&self) -> Option<&str> {
        let known = |status: &str| STATES.contains(&status) || status.parse::<Status>().is_ok();
        self.status.as_deref().filter(|status| !known(status))
    }

    /// True when the order depends on the requests of every deployment.
    pub(crate) fn is_by_traffic(&self) -> bool {
        matches!(self.sort.column, SortColumn::Requests | SortColumn::P95 | SortColumn::Errors)
    }

    /// Those that fit, in order; `name` tells what people call an actor.
    pub(crate) fn apply(&self, deployments: Vec<Arc<DeploymentView>>, name: impl Fn(&Actor) -> String) -> OnPage {
        let words: Vec<String> = self.words.split_whitespace().map(str::to_lowercase).collect();
        let mut fitting: Vec<_> =
            deployments.into_iter().filter(|deployment| self.fits(deployment, &words, &name)).collect();
        fitting.sort_by(|a, b| self.sort.compare(a, b));
        let mut attention: Vec<_> = fitting.iter().filter(|view| urgency(view).needs_attention()).collect();
        attention.sort_by_key(|view| severity(view));
        let moving = fitting.iter().filter(|view| is_moving(view) && !urgency(view).needs_attention());
        OnPage {
            attention: attention.into_iter().map(|view| view.id.clone()).collect(),
            moving: moving.map(|view| view.id.clone()).collect(),
            rows: fitting.iter().map(|view| view.id.clone()).collect(),
        }
    }

    fn fits(&self, deployment: &DeploymentView, words: &[String], name: &impl Fn(&Actor) -> String) -> bool {
        let status = self.status.as_deref().is_none_or(|status| match status {
            "moving" => is_moving(deployment),
            "attention" => urgency(deployment).needs_attention(),
            "outdated" => !deployment.newer_model_versions.is_empty(),
            status => deployment.status.as_str() == status,
        });
        let importance =
            self.importance.as_deref().is_none_or(|importance| deployment.importance.as_str() == importance);
        let use_case = self
            .use_case
            .as_deref()
            .is_none_or(|wanted| deployment.use_cases.iter().any(|linked| linked.id.as_str() == wanted));
        let target = self.target.as_deref().is_none_or(|target| deployment.target.as_str() == target);
        let owner = self.owner.as_deref().is_none_or(|owner| deployment.created_by.as_str() == owner);
        let tag = self.tag.as_deref().is_none_or(|wanted| tags_of(deployment).any(|tag| tag == wanted));
        status
            && importance
            && use_case
            && target
            && owner
            && tag
            && (words.is_empty() || contains(deployment, words, name))
    }
}

/// States that are no status of their own.
const STATES: [&str; 3] = ["moving", "attention", "outdated"];

/// The tags of a deployment as people write them.
pub(crate) fn tags_of(deployment: &DeploymentView) -> impl Iterator<Item = String> + '_ {
    deployment.tags.iter().map(|(key, value)| format!("{key}={value}"))
}

fn contains(deployment: &DeploymentView, words: &[String], name: &impl Fn(&Actor) -> String) -> bool {
    let mut text = format!(
        "{} {} {} {}",
        deployment.name,
        deployment.configuration_name,
        name(&deployment.last_operation.actor),
        name(&deployment.created_by)
    );
    for model in &deployment.models {
        text += &format!(" {model}");
    }
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn is_moving(deployment: &DeploymentView) -> bool {
    deployment.operation.is_some() || deployment.rollout.is_some()
}

/// The deployments in each part of the page, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OnPage {
    /// Those with which something is wrong, the worst first.
    pub(crate) attention: Vec<DeploymentId>,
    /// Those in which something is in progress, and nothing is wrong.
    pub(crate) moving: Vec<DeploymentId>,
    /// All of them, in the order that was asked for.
    pub(crate) rows: Vec<DeploymentId>,
}

/// The number of deployments in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StatusCounts {
    /// Something is wrong with them.
    pub(crate) attention: usize,
    /// With an operation in progress.
    pub(crate) moving: usize,
    /// All of them.
    pub(crate) all: usize,
    /// Running.
    pub(crate) running: usize,
    /// Stopped.
    pub(crate) stopped: usize,
    /// A newer version of their model exists.
    pub(crate) outdated: usize,
}

impl StatusCounts {
    /// Counts them.
    pub(crate) fn of(deployments: &[Arc<DeploymentView>]) -> Self {
        let count = |wanted: fn(&DeploymentView) -> bool| deployments.iter().filter(|view| wanted(view)).count();
        Self {
            attention: count(|view| urgency(view).needs_attention()),
            moving: count(is_moving),
            all: deployments.len(),
            running: count(|view| view.status == Status::Running),
            stopped: count(|view| view.status == Status::Stopped),
            outdated: count(|view| !view.newer_model_versions.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_find_by_target_by_whoever_made_it_and_by_tag() {
        use super::super::tests::deployment;
        use serde_json::json;
        let views = [
            deployment("iris", json!({"tags": {"team": "fraud"}})),
            deployment("lily", json!({"created_by": "person:bob"})),
            deployment("rose", json!({"target": "cluster", "tags": {"team": "risk"}})),
        ]
        .map(Arc::new);
        for (key, value, found) in [
            ("target", "cluster", &["id-rose"][..]),
            ("owner", "person:bob", &["id-lily"]),
            ("tag", "team=fraud", &["id-iris"]),
            ("tag", "team", &[]),
            ("target", "", &["id-iris", "id-lily", "id-rose"]),
        ] {
            let filter = Filter::read(|asked| (asked == key).then(|| value.to_owned()));
            let shown = filter.apply(views.to_vec(), ToString::to_string);
            assert_eq!(shown.rows.iter().map(DeploymentId::as_str).collect::<Vec<_>>(), found, "{key}={value}");
        }
    }

    #[test]
    fn a_link_of_an_older_version_finds_what_it_meant_or_says_that_there_is_no_such_thing() {
        let of = |status: &str| {
            Filter::read(|key| Some(status.to_owned()).filter(|status| key == "status" && !status.is_empty()))
        };
        assert_eq!(of("unhealthy").status.as_deref(), Some("attention"));
        for known in ["", "unhealthy", "moving", "outdated", "stopped", "running"] {
            assert_eq!(of(known).unknown_status(), None, "{known}");
        }
        assert_eq!(of("asleep").unknown_status(), Some("asleep"));
    }

    #[test]
    fn an_order_reads_back_as_it_was_written() {
        for column in COLUMNS {
            for descending in [false, true] {
                let sort = Sort { column, descending };
                assert_eq!(Sort::read(&sort.written()), sort, "{}", sort.written());
            }
        }
        assert_eq!(Sort::read("nonsense"), Sort { column: SortColumn::Status, descending: false });
    }
}

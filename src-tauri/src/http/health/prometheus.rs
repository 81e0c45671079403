//! Numbers for Prometheus, in its text format.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::id::{DeploymentName, RevisionNumber};
use domain::metrics::{BOUNDS, DurationCounts};
use domain::wire::Receipt;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use crate::api::{ApiFor, Numbers};
use crate::commands::Refusal;

const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Numbers for Prometheus: deployments by status, replicas by state, requests and how long they took by deployment and revision.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
pub(super) async fn prometheus(api: ApiFor) -> Result<Response, Refusal> {
    let numbers = api.read(|views| views.numbers()).await?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text(&numbers)).into_response())
}

fn text(numbers: &Numbers) -> String {
    let (mut statuses, mut states) = (BTreeMap::<_, u64>::new(), BTreeMap::<_, u64>::new());
    for status in &numbers.statuses {
        *statuses.entry(status.as_str()).or_default() += 1;
    }
    for (deployment, state) in &numbers.replicas {
        *states.entry((deployment.as_str(), state.as_str())).or_default() += 1;
    }
    let mut out = Text::default();
    out.family("changeover_deployments", "gauge", "Deployments by status.");
    for (status, count) in &statuses {
        out.sample("changeover_deployments", &[("status", status)], count);
    }
    out.family("changeover_replicas", "gauge", "Replicas by deployment and state.");
    for ((deployment, state), count) in &states {
        out.sample("changeover_replicas", &[("deployment", deployment), ("state", state)], count);
    }
    requests(&mut out, &numbers.requests);
    durations(&mut out, &numbers.durations);
    out.0
}

fn requests(out: &mut Text, counts: &[(DeploymentName, Receipt)]) {
    type Number = fn(&domain::wire::Counts) -> u64;
    let families: [(&str, &str, Number); 4] = [
        ("changeover_requests_answered_total", "Requests answered with a status below 500.", |c| c.answered),
        (
            "changeover_requests_failed_total",
            "Requests that failed; those that no replica saw have no revision.",
            |c| c.failed,
        ),
        ("changeover_requests_retried_total", "Attempts made again on another replica.", |c| c.retried),
        ("changeover_requests_drained_total", "Requests finished by a replica that was off the route.", |c| c.drained),
    ];
    for (family, help, number) in families {
        out.family(family, "counter", help);
        for (deployment, receipt) in counts {
            let mut without_revision = number(&receipt.total);
            for (revision, counts) in &receipt.by_revision {
                let count = number(counts);
                without_revision = without_revision.saturating_sub(count);
                out.sample(family, &[("deployment", deployment.as_str()), ("revision", &revision.to_string())], &count);
            }
            out.sample(family, &[("deployment", deployment.as_str()), ("revision", "")], &without_revision);
        }
    }
}

fn durations(out: &mut Text, counts: &[(DeploymentName, Option<RevisionNumber>, DurationCounts)]) {
    const NAME: &str = "changeover_request_duration_seconds";
    let [bucket, sum, count] = ["bucket", "sum", "count"].map(|part| format!("{NAME}_{part}"));
    let help = "Time from a request to the head of its answer, of those answered or failed.";
    out.family(NAME, "histogram", help);
    for (deployment, revision, counts) in counts {
        let revision = revision.map_or_else(String::new, |revision| revision.to_string());
        let labels = [("deployment", deployment.as_str()), ("revision", &revision)];
        let bounds = BOUNDS.iter().map(|(_, text)| *text).chain(["+Inf"]);
        let cumulative = counts.cumulative();
        for (bound, below) in bounds.zip(cumulative) {
            out.sample(&bucket, &[labels[0], labels[1], ("le", bound)], &below);
        }
        out.sample(&sum, &labels, &(counts.micros as f64 / 1e6));
        out.sample(&count, &labels, &counts.requests());
    }
}

/// The text format.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &dyn Display) {
        let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let _ = writeln!(self.0, "{name}{{{}}} {value}", labels.join(","));
    }
}

/// A label's value as it stands between quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_labels_are_escaped() {
        let mut text = Text::default();
        text.sample("a", &[("b", "c\\d\"e\nf")], &1);
        assert_eq!(text.0, "a{b=\"c\\\\d\\\"e\\nf\"} 1\n");
    }
}

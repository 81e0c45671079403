//! The counts of the gateway and of the history, to be held against the clients' own count.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use anyhow::{Context as _, ensure};
use domain::configuration::Autoscaling;
use domain::event::Event;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use tests::server::{Server, answer};

/// Good answers of a deployment by revision, from the gateway's numbers for Prometheus. A failure is an error.
pub(crate) async fn by_gateway(server: &Server, name: &str) -> anyhow::Result<BTreeMap<u32, u64>> {
    let url = format!("http://{}/metrics", server.listen);
    let request = server.request(Method::GET, "/")?.build()?;
    let token = request.headers()["authorization"].clone();
    let text = answer(reqwest::Client::new().get(url).header("authorization", token)).await?.body;
    let text = text.as_str().context("no text")?;
    let mut counted = BTreeMap::new();
    let of_it = |line: &&str| line.starts_with("changeover_requests_") && line.contains(&format!("\"{name}\""));
    for line in text.lines().filter(of_it) {
        let (labels, number) = line.rsplit_once(' ').context("no number")?;
        let revision = labels.split("revision=\"").nth(1).and_then(|rest| rest.split('"').next()).context("none")?;
        let number: u64 = number.parse()?;
        if labels.starts_with("changeover_requests_failed") {
            ensure!(number == 0, "{line}");
        }
        if labels.starts_with("changeover_requests_answered") && !revision.is_empty() {
            counted.insert(revision.parse()?, number);
        }
    }
    Ok(counted)
}

/// A change of the number of replicas by autoscaling, as the history tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) at: Timestamp,
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// Requests in flight and waiting when it was decided.
    pub(crate) requests: u32,
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { from, to, requests, .. } = self;
        write!(f, "{from} to {to} for {requests}")
    }
}

/// All changes, oldest first, each checked against its own numbers: they are what the settings ask for.
pub(crate) async fn changes(
    server: &Server,
    name: &str,
    settings: Autoscaling,
    at_a_time: u32,
) -> anyhow::Result<Vec<Change>> {
    let history = server.get(&format!("/history?deployment={name}&kind=scaled&limit=1000")).await?;
    let mut changes = Vec::new();
    for entry in history["items"].as_array().into_iter().flatten().rev() {
        let Event::Scaled { from, to, in_flight, waiting, reason } = serde_json::from_value(entry["event"].clone())?
        else {
            anyhow::bail!("another kind: {entry}");
        };
        let at = entry["at"].as_str().context("no time")?.parse()?;
        let change = Change { at, from, to, requests: in_flight + waiting };
        // Nobody is refused here, so that only the average over the interval counts. Of it the entry has just the sentence.
        let average: f64 =
            reason.split(' ').next().unwrap_or_default().parse().context("the reason names no average")?;
        let wanted = settings.wanted((average * 1_000.0).round() as u64, at_a_time);
        let before = changes.last().map_or(settings.min_replicas, |last: &Change| last.to);
        ensure!(from == before, "{before} were there: {entry}");
        // Up to what this look wants; down to the most that any look within the delay wanted.
        ensure!(if to > from { to == wanted } else { (wanted..from).contains(&to) }, "{wanted} were wanted: {entry}");
        changes.push(change);
    }
    Ok(changes)
}

/// The counts of a receipt by revision; failures are an error.
pub(crate) fn by_receipt(receipt: &Value) -> anyhow::Result<BTreeMap<u32, u64>> {
    ensure!(receipt["failed"] == 0, "{receipt:#}");
    let revisions = receipt["by_revision"].as_object().context("the receipt names no revisions")?;
    let mut counted = BTreeMap::new();
    for (revision, counts) in revisions {
        let answered = counts["answered"].as_u64().context("no number")?;
        // One that only drained in that time answered nobody.
        if answered > 0 {
            counted.insert(revision.parse()?, answered);
        }
    }
    let sum: u64 = counted.values().sum();
    ensure!(receipt["answered"] == sum, "the revisions' counts are no sum: {receipt:#}");
    Ok(counted)
}

//! Shows each step of a rollout as it happens.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::squares;
use crate::live::{Api, ended};

/// Longer than any deadline of the story.
const PATIENCE: Duration = Duration::from_secs(180);

/// Steps that change nothing that a person could see.
const QUIET: [&str; 2] = ["wait", "forget"];

/// Prints steps with the replicas as they are then, until the rollout is over; gives its last reading.
pub(super) async fn until_ended(api: &Api, deployment: &str, number: u64) -> Result<Value> {
    let start = Instant::now();
    let (mut shown, mut drawn) = (0, String::new());
    loop {
        let rollout = api.get(&format!("/deployments/{deployment}/rollouts/{number}")).await?;
        let read = api.get(&format!("/deployments/{deployment}?include=replicas")).await?;
        let newest = rollout["to_revision"].as_u64().unwrap_or_default();
        let replicas = squares::of(&read, newest);
        let steps = rollout["steps"].as_array().map_or(&[][..], Vec::as_slice);
        for step in &steps[shown.min(steps.len())..] {
            if !QUIET.iter().any(|kind| step["kind"] == *kind) {
                println!("{}", line(start.elapsed(), &replicas, &words(step)));
            }
        }
        if shown == steps.len() && replicas != drawn {
            println!("{}", line(start.elapsed(), &replicas, ""));
        }
        (shown, drawn) = (steps.len(), replicas);
        let phase = rollout["phase"].as_str().context("the rollout has no phase")?;
        if ended(phase) {
            return Ok(rollout);
        }
        if start.elapsed() > PATIENCE {
            bail!("the rollout is still {phase} after {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

fn line(since: Duration, replicas: &str, words: &str) -> String {
    format!("   {:>6.2} s  {replicas:<8} {words}", since.as_secs_f64()).trim_end().to_owned()
}

fn words(step: &Value) -> String {
    let kind = step["kind"].as_str().unwrap_or("step").replace('_', " ");
    match step["reason"].as_str() {
        Some(reason) => format!("{kind}: {reason}"),
        None => kind,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_step_is_told_with_its_reason() {
        let step = json!({"kind": "start_replica", "reason": "one more is allowed", "at": "2026-01-01T00:00:00Z"});
        assert_eq!(
            line(Duration::from_millis(1234), "□□□□□◌", &words(&step)),
            "     1.23 s  □□□□□◌   start replica: one more is allowed"
        );
    }
}

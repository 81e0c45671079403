//! The story of a bad day: the update is a program that misbehaves in a way that the reader chooses.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::chapter::chapter;
use super::receipt::{self, Count};
use super::{squares, watch};
use crate::live::{Api, Load};
use crate::paths::Paths;
use crate::program;

/// The faults of the update, and the program that has them.
pub(super) struct BadDay {
    program: PathBuf,
    faults: Vec<String>,
}

impl BadDay {
    /// Builds the program and asks it whether it understands the faults.
    pub(super) fn prepare(paths: &Paths, faults: &[String]) -> Result<Self> {
        println!("Building the program that misbehaves");
        let mut cargo = program::cargo(paths);
        program::run(cargo.args(["build", "--package", "tests", "--bin", "faulty-replica"]), "")?;
        let bad_day = Self { program: paths.built("debug", "faulty-replica"), faults: faults.to_vec() };
        let mut check = std::process::Command::new(&bad_day.program);
        let said = check.arg("--check").args(bad_day.arguments()).output().context("the program does not start")?;
        if !said.status.success() {
            bail!("{}", String::from_utf8_lossy(&said.stderr).trim());
        }
        Ok(bad_day)
    }

    /// The faults as they were given.
    pub(super) fn faults(&self) -> String {
        self.faults.join(" and ")
    }

    fn arguments(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().flat_map(|fault| ["--fault", fault])
    }

    /// Tells it: whatever comes of it is shown, and nothing is expected.
    pub(super) async fn tell(&self, api: &Api, load: &Load) -> Result<()> {
        chapter(4, &format!("Version 2 replaces it, and misbehaves: {}", self.faults()));
        println!("   A replica counts after 3 s of being ready; without one more in 20 s the rollout fails.");
        println!("   {}", squares::LEGEND);
        load.take();
        let number = api.roll_out("iris", &self.update()).await?;
        let rollout = watch::until_ended(api, "iris", number).await?;
        let client = Count::of(&load.take());
        println!("   Ended {}.", rollout["phase"].as_str().unwrap_or("without a phase"));
        println!("{}", receipt::beside(&rollout["receipt"], &client));
        println!("   This client: {}.", client.sentence());
        if let Some(why) = rollout["error"].as_str() {
            println!("   Why: {why}");
        }

        chapter(5, "What is left of it");
        let after = api.get("/deployments/iris?include=replicas").await?;
        let newest = rollout["to_revision"].as_u64().context("the rollout names no revision")?;
        println!(
            "   {} The deployment is {}.",
            squares::of(&after, newest),
            after["status"].as_str().unwrap_or("gone")
        );
        if let Some(error) = after["error"].as_str() {
            println!("   {error}");
        }
        println!();
        Ok(())
    }

    fn update(&self) -> Value {
        let mut command = vec![self.program.to_string_lossy().into_owned(), "--port".to_owned(), "{port}".to_owned()];
        command.extend(self.arguments().map(str::to_owned));
        json!({
            "set": {
                "name": format!("version 2, {}", self.faults()).chars().take(128).collect::<String>(),
                "runtime": "command",
                "models": [],
                "command": command,
                "liveness": {"period_seconds": 1, "initial_delay_seconds": 0, "timeout_seconds": 1, "failure_threshold": 1},
                "scoring_timeout_ms": 5000,
            },
            "strategy": {
                "max_surge": "25%", "max_unavailable": 0, "min_ready_seconds": 3, "progress_deadline_seconds": 20,
            },
            "reason": "other",
            "note": "a rehearsed bad day",
            "accept_warnings": true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_update_names_the_program_and_its_faults() {
        let faults = ["flap=2s", "ignore-sigterm"].map(str::to_owned);
        let bad_day = BadDay { program: "faulty-replica".into(), faults: faults.into() };
        let words = ["faulty-replica", "--port", "{port}", "--fault", "flap=2s", "--fault", "ignore-sigterm"];
        assert_eq!(bad_day.update()["set"]["command"], json!(words));
        assert_eq!(bad_day.update()["set"]["name"], "version 2, flap=2s and ignore-sigterm");
    }
}

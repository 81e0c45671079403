//! The table that says what a change of each field costs (`domain::diff::impact`), held against what the engine does.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use changeover::commands::Started;
use domain::configuration::Configuration;
use domain::diff::{Impact, impact};
use domain::event::Event;
use domain::id::Seq;
use domain::step_kind::StepKind;
use domain::target::Traits;
use serde_json::{Value, json};
use tests::stage::Stage;

/// A change of each field of a configuration of the built-in runtime, and of one of the runtime `command`.
const CHANGES: fn() -> Vec<(&'static str, Value)> = || {
    vec![
        ("name", json!("another")),
        ("models", json!(["iris@2"])),
        ("runtime", json!("command")),
        ("version", json!("2")),
        ("replicas", json!(3)),
        ("autoscaling", json!({"min_replicas": 2})),
        ("resources", json!({"cpu": 0.2})),
        ("env", json!({"A": "1"})),
        ("user_config", json!({"threshold": 0.3})),
        ("command", json!(["serve", "again"])),
        ("environment", json!({"working_directory": "/srv"})),
        ("routes", json!({"predict": "/predict"})),
        ("scoring_timeout_ms", json!(1_000)),
        ("drain_seconds", json!(5)),
        ("reconfigure", json!({"timeout_seconds": 5})),
        ("max_concurrent_requests", json!(2)),
        ("max_queue_ms", json!(1)),
        ("sample_request", json!("none")),
        ("liveness", json!({"period_seconds": 1})),
        ("auth", json!("key")),
        ("request_log", json!(true)),
        ("data_collection", json!(true)),
    ]
};

fn bases() -> [Value; 3] {
    let command = json!({"runtime": "command", "command": ["serve"], "replicas": 2, "models": ["iris@1"]});
    let mut told = command.clone();
    told["routes"] = json!({"reconfigure": "/reconfigure"});
    [json!({"models": ["iris@1"], "replicas": 2}), command, told]
}

#[test]
fn every_field_has_its_change() {
    let fields = Configuration::default().to_value();
    let fields: BTreeSet<_> = fields.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(fields, CHANGES().into_iter().map(|(field, _)| field).collect());
}

#[tokio::test(start_paused = true)]
async fn each_change_costs_what_the_table_says() {
    let mut tried = 0;
    for base in bases() {
        for (field, change) in CHANGES() {
            let cost = costs(&base, field, &change).await;
            tried += u32::from(cost.unwrap_or_else(|error| panic!("{field} of {base}: {error:#}")));
        }
    }
    // The others are refused, because the runtime has no such field.
    assert_eq!(tried, 59);
}

/// False when the runtime refuses the change, or it is none.
async fn costs(base: &Value, field: &str, change: &Value) -> anyhow::Result<bool> {
    let stage = Stage::open().await?;
    stage.operator.register("iris")?;
    stage.operator.register("iris")?;
    stage.operator.deploy("iris", base.clone(), json!({}))?;
    stage.until_over("iris").await?;
    let ids = || anyhow::Ok(stage.replicas("iris")?.into_iter().map(|record| record.id).collect::<BTreeSet<_>>());
    let before = ids()?;
    let number = stage.deployment("iris")?.shown_revision();
    let current = stage.configuration("iris", number)?;
    let seen = stage.entries_after(Seq(0))?.last().context("nothing has happened")?.seq;
    let mut set = json!({field: change});
    if field == "runtime" {
        // It needs what it runs.
        set["command"] = json!(["serve"]);
    }
    match stage.operator.update("iris", json!({"set": set, "accept_warnings": true})) {
        Ok(Started::Rollout(_)) => {}
        Ok(Started::Unchanged | Started::Asked(_)) | Err(_) => return Ok(false),
    }
    stage.until_over("iris").await?;
    let after = ids()?;
    let candidate = stage.configuration("iris", stage.deployment("iris")?.shown_revision())?;
    let steps: BTreeSet<_> = stage
        .entries_after(seen)?
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::StepTaken { step, .. } if !step.is(StepKind::Wait) => Some(step.to_string()),
            _ => None,
        })
        .collect();
    let steps: BTreeSet<_> = steps.iter().map(String::as_str).collect();
    let stays = |allowed: &[&str]| before.is_subset(&after) && steps.iter().all(|step| allowed.contains(step));
    let holds = match impact(field, &current, Traits::LOCAL).max(impact(field, &candidate, Traits::LOCAL)) {
        Impact::NothingRestarts if field == "replicas" => stays(&["relabel", "start"]) && after.len() == 3,
        Impact::NothingRestarts | Impact::VisibleToClients => stays(&["relabel"]) && before == after,
        // One more runs meanwhile where none may be missed, and goes again.
        Impact::ReconfiguredInPlace if candidate.reconfigures_off_the_route() => {
            stays(&["reconfigure", "start", "drain", "stop", "forget"]) && before == after
        }
        Impact::ReconfiguredInPlace => stays(&["reconfigure"]) && before == after,
        Impact::RollingRestart => before.is_disjoint(&after) && after.len() == 2,
    };
    ensure!(holds, "{steps:?}, {before:?} became {after:?}");
    Ok(true)
}

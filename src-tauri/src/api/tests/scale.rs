//! Many deployments: pages of the largest size, and how long they take.

use domain::configuration::Configuration;
use domain::deployment::{Importance, OnFailure, TargetKind};
use domain::event::Event;
use domain::id::{ConfigurationId, DeploymentId, RevisionNumber, RolloutNumber};
use domain::strategy::Strategy;
use jiff::Timestamp;
use serde_json::json;

use super::rig::{Rig, rig};
use crate::commands::Refusal;

fn many(rig: &Rig, count: u32) {
    let actor = "local".parse().unwrap();
    let configuration = json!({"models": ["iris@1"], "replicas": 2});
    let configuration = serde_json::from_value::<Configuration>(configuration).unwrap().checked().unwrap();
    let written = rig.api.store.write(&actor, Timestamp::now(), |writing| {
        for n in 0..count {
            let id: DeploymentId = format!("d{n}").parse().unwrap();
            let made: ConfigurationId = format!("c{n}").parse().unwrap();
            let name = format!("deployment-{n:05}").parse().unwrap();
            let (target, importance, on_failure) = (TargetKind::Local, Importance::Low, OnFailure::Revert);
            let created = Event::DeploymentCreated { name, target, importance, on_failure, expires_at: None };
            writing.append(Some(&id), created)?;
            let configuration = configuration.clone();
            writing.append(Some(&id), Event::ConfigurationCreated { id: made.clone(), configuration })?;
            let started = Event::RolloutStarted {
                number: RolloutNumber(1),
                to_revision: RevisionNumber(1),
                configuration: made,
                from_revision: None,
                strategy: Strategy::default(),
                reason: None,
                note: None,
                plan_hash: String::new(),
                supersedes: None,
            };
            writing.append(Some(&id), started)?;
        }
        Ok::<_, Refusal>(())
    });
    written.unwrap();
}

/// Reads every page and gives the number of deployments on each.
async fn pages(rig: &Rig) -> Vec<usize> {
    let (mut sizes, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = rig.get(&format!("/deployments?limit=1000&include=replicas{cursor}")).await.is(200);
        sizes.push(page["items"].as_array().unwrap().len());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return sizes,
        }
    }
}

#[tokio::test]
async fn a_thousand_deployments_are_a_page() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    many(&rig, 1_001);
    assert_eq!(pages(&rig).await, [1_000, 1]);
}

/// `cargo test --release -p changeover --lib scale -- --ignored --nocapture`
#[tokio::test]
#[ignore = "it measures and decides nothing"]
async fn how_long_ten_thousand_deployments_take() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    many(&rig, 10_000);
    let start = std::time::Instant::now();
    assert_eq!(pages(&rig).await, [1_000; 10]);
    eprintln!("10 pages of 1,000: {:?}", start.elapsed());
    for path in
        ["/deployments?limit=50", "/deployments?q=0999", "/models", "//metrics", "/deployments/deployment-00007"]
    {
        let start = std::time::Instant::now();
        assert_eq!(rig.get(path).await.status, 200);
        eprintln!("{path}: {:?}", start.elapsed());
    }
}

//! Ten thousand deployments: the number of statements for a page must not grow with the number of deployments.

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

#[tokio::test]
async fn ten_thousand_deployments_are_listed_in_pages() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    many(&rig, 10_000);
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let start = std::time::Instant::now();
        let page = rig.get(&format!("/deployments?limit=1000&include=replicas{cursor}")).await.is(200);
        eprintln!("1000 of 10000: {:?}", start.elapsed());
        seen += page["items"].as_array().unwrap().len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 10_000);
    for path in [
        "/deployments?limit=50",
        "/deployments?limit=50&q=0999",
        "/models",
        "//metrics",
        "/deployments/deployment-00007",
    ] {
        let start = std::time::Instant::now();
        assert_eq!(rig.get(path).await.status, 200);
        eprintln!("{path}: {:?}", start.elapsed());
    }
}

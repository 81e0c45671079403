//! A person among many deployments: who sees few of them is shown those, and pays for no others.
//! `cargo xtask bench dashboard` runs it with 10,000 deployments, and prints what it costs.

use std::time::Instant;

use domain::principal::ServerRole;
use serde_json::json;

use super::people::{RISK, Team, id};

/// Set to the number of deployments by whoever measures.
const DEPLOYMENTS: &str = "CHANGEOVER_BENCH_DEPLOYMENTS";
/// Roles that are given to somebody by name.
const GRANTS: usize = 500;
/// Deployments that Bob may see: half of them himself, half through his group.
const SEEN: usize = 40;
const ROUNDS: usize = 20;

#[tokio::test]
async fn a_person_sees_their_own_of_many_deployments() {
    let measured = std::env::var(DEPLOYMENTS).ok().and_then(|text| text.parse().ok());
    let deployments: usize = measured.unwrap_or(60);
    let team = Team::new().await;
    team.member("mallory", ServerRole::Editor, false);
    for n in 1..deployments {
        let body =
            json!({"name": format!("price-{n}"), "default_access": "none", "configuration": {"models": ["iris@1"]}});
        team.post("ada", "/deployments", body).await.is(202);
    }
    for n in 1..deployments.min(GRANTS + 1) {
        let whom = match n {
            _ if n > SEEN => id("mallory").to_string(),
            _ if n % 2 == 0 => RISK.to_owned(),
            _ => id("bob").to_string(),
        };
        let grant = json!({"principal": whom, "role": "user"});
        team.with("ada", axum::http::Method::PATCH, &format!("/deployments/price-{n}/access"), grant).await.is(200);
    }

    let mut medians = Vec::new();
    for (who, sees) in [("bob", SEEN), ("local", deployments.min(1_000))] {
        let mut times = Vec::new();
        for _ in 0..if measured.is_some() { ROUNDS } else { 1 } {
            let begin = Instant::now();
            let list = team.get(who, "/deployments?include=replicas&limit=1000").await.is(200);
            times.push(begin.elapsed());
            let names = list["items"].as_array().unwrap().iter().filter(|one| one["name"] != "iris");
            assert_eq!(names.count(), sees - usize::from(who == "local"), "{who}");
        }
        times.sort();
        medians.push(times[times.len() / 2]);
    }
    let [bob, local] = medians[..] else { unreachable!() };
    println!(
        "{deployments} deployments, {GRANTS} roles by name: {SEEN} for a person {bob:.1?}, the first {} for an administrator \
         {local:.1?}, ratio {:.3}",
        deployments.min(1_000),
        bob.as_secs_f64() / local.as_secs_f64()
    );
}

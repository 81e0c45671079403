//! A person among many deployments: who sees few of them is shown those, and pays for no others.
//! `cargo xtask bench dashboard` runs it with 10,000 deployments, and prints what it costs.

use std::time::Instant;

use domain::event::Event;
use domain::id::Seq;
use domain::principal::ServerRole;
use serde_json::json;

use super::people::{RISK, Team, id};
use crate::commands::Refusal;

/// Set to the number of deployments by whoever measures.
const DEPLOYMENTS: &str = "CHANGEOVER_BENCH_DEPLOYMENTS";
/// Roles that are given to somebody by name.
const GRANTS: usize = 500;
/// Deployments that Bob may see: half of them himself, half through his group.
const SEEN: usize = 40;
const ROUNDS: usize = 20;

/// Makes deployments `price-1`, `price-2` and so on, each with what the journal says of `iris`. Asking for ten thousand would
/// take an hour, since each is held against all that there are.
async fn more_like_iris(team: &Team, count: usize) {
    let iris = team.get("ada", "/deployments/iris").await.is(200)["id"].as_str().unwrap().to_owned();
    let entries = team.rig.store.read(|reading| reading.entries_after(Seq(0), 1_000)).unwrap();
    let entries = entries.iter().map(|written| written.read().unwrap().entry);
    let of_iris: Vec<_> =
        entries.filter(|entry| entry.deployment.as_ref().is_some_and(|id| id.as_str() == iris)).collect();
    let configuration = of_iris.iter().find_map(|entry| match &entry.event {
        Event::ConfigurationCreated { id, .. } => Some(id.to_string()),
        _ => None,
    });
    let texts: Vec<_> = of_iris.iter().map(|entry| serde_json::to_string(&entry.event).unwrap()).collect();
    let configuration = configuration.unwrap();
    let made = team.rig.store.write(&id("ada").actor(), team.rig.now(), |writing| {
        for n in 1..=count {
            let deployment = format!("{n:0>26}").parse().unwrap();
            for text in &texts {
                let text = text.replace(&configuration, &format!("{n:0>26}"));
                let text = text.replace(r#""name":"iris","#, &format!(r#""name":"price-{n}","#));
                writing.append(Some(&deployment), serde_json::from_str(&text).unwrap())?;
            }
        }
        Ok::<_, Refusal>(())
    });
    made.unwrap();
}

#[tokio::test]
async fn a_person_sees_their_own_of_many_deployments() {
    let measured = std::env::var(DEPLOYMENTS).ok().and_then(|text| text.parse().ok());
    let deployments: usize = measured.unwrap_or(60);
    let team = Team::new().await;
    team.member("mallory", ServerRole::Editor, false);
    more_like_iris(&team, deployments - 1).await;
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

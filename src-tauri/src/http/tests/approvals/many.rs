//! Many live requests at once: what is counted of them, and what that costs.

use std::time::Instant;

use axum::http::Method;
use domain::event::Event;
use domain::principal::ServerRole;
use serde_json::json;
use ulid::Ulid;

use super::people::{RISK, Team, id};
use crate::commands::Refusal;

const DEPLOYMENTS: usize = 10;
const EACH: usize = 100;
const PEOPLE: usize = 200;

/// A thousand live requests of ten deployments, which Risk reviews, among two hundred people.
async fn with_many() -> Team {
    let team = Team::new().await;
    for n in 0..PEOPLE {
        team.member(&format!("q{n}x"), ServerRole::Viewer, false);
    }
    let terms = json!({"name": "Two of Risk", "importance": "any", "actions": ["settings"], "reviewers": [RISK],
                       "approvals": 2});
    team.post("local", "/policies", terms).await.is(201);
    for n in 1..DEPLOYMENTS {
        let body =
            json!({"name": format!("iris-{n}"), "default_access": "none", "configuration": {"models": ["iris@1"]}});
        team.post("ada", "/deployments", body).await.is(202);
    }
    for n in 0..DEPLOYMENTS {
        let name = if n == 0 { "iris".to_owned() } else { format!("iris-{n}") };
        let change = json!({"description": "another one", "apply": "by_hand"});
        team.with("ada", Method::PATCH, &format!("/deployments/{name}"), change).await.is(202);
    }
    let asked = team.rig.store.read(|reading| reading.live_requests()).unwrap();
    assert_eq!(asked.len(), DEPLOYMENTS);
    let written = team.rig.store.write(&id("ada").actor(), team.rig.now(), |writing| {
        for request in &asked {
            for _ in 1..EACH {
                let mut request = request.clone();
                request.id = Ulid::new().to_string().to_lowercase().parse().unwrap();
                writing.append(request.deployment.clone().as_ref(), Event::ChangeAsked { request: request.into() })?;
            }
        }
        Ok::<_, Refusal>(())
    });
    written.unwrap();
    team
}

#[tokio::test]
async fn a_thousand_live_requests_are_counted_for_everybody_who_may_see_them() {
    let team = with_many().await;
    let all = DEPLOYMENTS * EACH;
    let timed = async |who: &str, path: &str| {
        let begin = Instant::now();
        let answer = team.get(who, path).await.is(200);
        println!("{who} {path}: {} ms", begin.elapsed().as_millis());
        answer
    };
    for (who, mine, waits) in [("bob", 0, all), ("cy", 0, all), ("ada", all, 0), ("local", 0, 0)] {
        let counts = timed(who, "/change-requests/counts").await;
        assert_eq!((&counts["mine"], &counts["waits_for_me"]), (&json!(mine), &json!(waits)), "{who}");
    }
    // Somebody who reviews nothing is told of nothing.
    team.member("mallory", ServerRole::Editor, false);
    let counts = timed("mallory", "/change-requests/counts").await;
    assert_eq!(counts, json!({"mine": 0, "waits_for_me": 0, "to_acknowledge": 0}));
    for (who, seen) in [("bob", 50), ("mallory", 0)] {
        let list = timed(who, "/change-requests?for=me").await;
        assert_eq!(list["items"].as_array().unwrap().len(), seen, "{who}");
        timed(who, "/history?limit=1").await;
    }
    let policies = timed("bob", "/policies").await;
    assert_eq!(policies["items"][0]["open_requests"], json!(all));
}

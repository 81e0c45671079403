//! Two at once: an administrator always stays, and a link is used once.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::door::{Who, joining};
use super::rig::{closed_rig, rig};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_who_demote_each_other_leave_one() {
    let rig = closed_rig();
    let (ada, ada_id) = rig.person("ada", "admin").await;
    let (eve, eve_id) = rig.person("eve", "admin").await;
    // The server's token is to be of no help.
    rig.by(&ada, "PATCH", "/people/local", json!({"role": "viewer"})).await.is(200);
    for round in 0..200 {
        let demote = |who, id: &str| {
            let (path, rig) = (format!("/people/{id}"), &rig);
            async move { rig.by(who, "PATCH", &path, json!({"role": "editor"})).await }
        };
        let (one, other) = tokio::join!(demote(&ada, &eve_id), demote(&eve, &ada_id));
        let done = [&one, &other].iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1, "round {round}: {one:?} {other:?}");
        let (left, gone) = if one.status == 200 { (&ada, &eve_id) } else { (&eve, &ada_id) };
        rig.by(left, "PATCH", &format!("/people/{gone}"), json!({"role": "admin"})).await.is(200);
    }
    let people = rig.read_by(&ada, "/people").await.is(200);
    let admins = people["items"].as_array().unwrap().iter().filter(|person| person["role"] == "admin").count();
    assert_eq!(admins, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_administrators_who_step_down_at_once_leave_one() {
    let rig = closed_rig();
    let (ada, ada_id) = rig.person("ada", "admin").await;
    let (eve, eve_id) = rig.person("eve", "admin").await;
    rig.by(&ada, "PATCH", "/people/local", json!({"role": "viewer"})).await.is(200);
    for round in 0..200 {
        let step_down = |who, id: &str| {
            let (path, rig) = (format!("/people/{id}"), &rig);
            async move { rig.by(who, "PATCH", &path, json!({"role": "editor"})).await }
        };
        let (one, other) = tokio::join!(step_down(&ada, &ada_id), step_down(&eve, &eve_id));
        let (left, gone, refused) = if one.status == 200 { (&eve, &ada_id, &other) } else { (&ada, &eve_id, &one) };
        refused.refused(409, "last_admin");
        assert!(one.status == 200 || other.status == 200, "round {round}");
        rig.by(left, "PATCH", &format!("/people/{gone}"), json!({"role": "admin"})).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_invitation_makes_one_person_however_many_accept_it() {
    let rig = rig();
    for round in 0..5 {
        let secret = rig.invite("viewer").await;
        let accepting = (0..4).map(|n| {
            let body = joining(&secret, &format!("ada{round}x{n}"));
            let rig = &rig;
            async move { rig.by(&Who::nobody(), "POST", "/invitations/accept", body).await.status.as_u16() }
        });
        let mut found = join_all(accepting).await;
        found.sort_unstable();
        assert_eq!(found, [200, 410, 410, 410], "round {round}");
    }
    let people = rig.by(&Who::local(), "GET", "/people", Value::Null).await.is(200);
    assert_eq!(people["items"].as_array().unwrap().len(), 6);
}

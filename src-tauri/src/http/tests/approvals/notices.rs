//! Notices, as the people who are told see them, and webhooks, as administrators make them.

use std::collections::BTreeMap;

use axum::http::Method;
use domain::notice::{Channel, DeliveryState};
use domain::principal::{PrincipalId, ServerRole};
use jiff::SignedDuration;
use serde_json::json;

use super::people::{RISK, Team, id};
use crate::commands::{Refusal, Reminders};
use crate::store::tables::deliveries::Lane;
use crate::store::tables::profiles::Profile;

/// A team whose people have names and addresses, and where nothing was told yet.
async fn team() -> Team {
    let team = Team::new().await;
    for (name, shown) in [("ada", "Ada"), ("bob", "Bob\u{202e}"), ("cy", "Cy")] {
        team.profile(id(name), shown, &format!("{name}@example.com"));
    }
    for who in ["local", "ada", "bob", "cy"] {
        team.read_all(who).await;
    }
    team
}

impl Team {
    fn profile(&self, id: PrincipalId, name: &str, email: &str) {
        let profile = Profile { id, name: name.to_owned(), email: Some(email.to_owned()) };
        self.rig.write(|writing, _| writing.put_profile(&profile).unwrap());
    }

    async fn read_all(&self, who: &str) {
        self.post(who, "/notices/read", json!({"up_to": 1_000_000})).await.is(200);
        // Mail is counted from here on.
        self.rig.write(|writing, _| writing.remove_deliveries_on(&Lane::Mail, false).unwrap());
    }

    /// The subjects of what somebody has not read, newest first.
    async fn unread(&self, who: &str) -> Vec<String> {
        let view = self.get(who, "/notices?unread=true").await.is(200);
        let items = view["items"].as_array().unwrap();
        assert_eq!(view["unread"], items.len());
        items.iter().map(|item| item["subject"].as_str().unwrap().to_owned()).collect()
    }

    /// The messages on a channel: to whom, and of what.
    fn messages(&self, channel: Channel) -> Vec<(String, String)> {
        let all = self.rig.store.read(|reading| reading.deliveries(None, None, None, 1_000)).unwrap();
        let of = all.into_iter().filter(|delivery| delivery.lane.channel() == channel);
        let mut messages: Vec<_> = of
            .map(|delivery| {
                let to = match (&delivery.person, &delivery.lane) {
                    (Some(person), _) => person.as_str().chars().nth(2).unwrap().to_string(),
                    (None, Lane::Webhook(_)) => "webhook".to_owned(),
                    (None, Lane::Mail) => unreachable!(),
                };
                (to, delivery.said.subject)
            })
            .collect();
        messages.sort();
        messages
    }

    fn remind(&self) {
        let (now, server) = (self.rig.now(), domain::id::Actor::server());
        let reminded = self.rig.store.write(&server, now, |writing| {
            Reminders::due(&writing.reading(), now, false)?.write(writing)?;
            Ok::<_, Refusal>(())
        });
        reminded.unwrap();
    }
}

#[tokio::test]
async fn who_is_concerned_is_told_once_of_what_one_transaction_did() {
    let team = team().await;
    team.policy(1).await;
    let asked = team.ask(json!("when_approved")).await;
    let to_review = ["To review: Replace iris@1 with iris@2 on iris"];
    assert_eq!(
        (team.unread("bob").await, team.unread("cy").await),
        (to_review.map(str::to_owned).into(), to_review.map(str::to_owned).into())
    );
    assert_eq!(team.unread("ada").await, [""; 0], "nobody is told of what they did themselves");
    let to_review = |who: &str| (who.to_owned(), to_review[0].to_owned());
    assert_eq!(team.messages(Channel::Email), [to_review("b"), to_review("c")]);

    // The approval, what it comes to, and the start are one notice.
    team.review("bob", &asked, "approved").await.is(200);
    let view = team.get("ada", "/notices").await.is(200);
    let notice = &view["items"][0];
    assert_eq!(notice["subject"], "Replace iris@1 with iris@2 on iris: it has begun");
    assert_eq!(notice["happened"], "Bob\u{fffd} approved it.\nThe change is approved.\nThe change has begun.");
    assert_eq!(
        (&notice["why"], &notice["path"]),
        (&json!("I looked"), &json!(format!("/approvals/{}", asked["id"].as_str().unwrap())))
    );
    assert_eq!(team.unread("ada").await.len(), 1);

    team.rig.complete(2);
    assert_eq!(team.unread("ada").await[0], "iris runs iris@2");
    assert_eq!(team.unread("bob").await.len(), 1, "bob reviews, and has no role on it");
    team.post("ada", "/notices/read", json!({"ids": [notice["id"]]})).await.is(200);
    assert_eq!(team.unread("ada").await, ["iris runs iris@2"]);
    team.post("bob", "/notices/read", json!({"ids": [notice["id"]]})).await.is(200);
    let page = team.get("ada", "/notices?limit=1").await.is(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let next = page["next_before"].as_u64().unwrap();
    assert_eq!(
        team.get("ada", &format!("/notices?before={next}&limit=200")).await.is(200)["items"][0]["id"],
        notice["id"]
    );
    team.get("ada", "/notices?limit=0").await.refused(422, "invalid_field");
    team.verify().await;
}

#[tokio::test]
async fn roles_that_are_given_together_are_told_together() {
    let team = team().await;
    let grants = json!({"grants": [
        {"principal": id("ada"), "role": "owner"},
        {"principal": id("bob"), "role": "owner"},
        {"principal": id("cy"), "role": "consumer"},
    ]});
    team.with("local", Method::PUT, "/deployments/iris/access", grants).await.is(200);
    let view = team.get("bob", "/notices?unread=true").await.is(200);
    let [told] = view["items"].as_array().unwrap().as_slice() else { panic!("{view}") };
    assert_eq!(told["subject"], "iris: several roles were changed");
    let lines = told["happened"].as_str().unwrap().lines().count();
    assert!(lines >= 2, "each role in a line: {told}");
    assert_eq!(team.messages(Channel::Email).iter().filter(|(to, _)| to == "b").count(), 1);
}

#[tokio::test]
async fn somebody_chooses_what_they_are_told_but_not_that_nobody_asks_them() {
    let team = team().await;
    team.post("ada", "/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}, "accept_warnings": true}))
        .await
        .is(202);
    let path = "/notices/preferences";
    let off = json!({"no_email": ["rollout_ended"], "no_application": []});
    assert_eq!(team.with("ada", Method::PUT, path, off.clone()).await.is(200), off);
    team.rig.complete(2);
    assert_eq!((team.unread("ada").await.len(), team.messages(Channel::Email)), (1, vec![]));
    let all_off = json!({"no_email": [], "no_application": ["rollout_ended"]});
    team.with("ada", Method::PUT, path, all_off).await.is(200);
    for topic in ["review_wanted", "break_glass", "own_account"] {
        let refused = team.with("ada", Method::PUT, path, json!({"no_email": [topic]})).await;
        refused.refused(422, "invalid_field");
    }
    team.with("ada", Method::PUT, path, json!({"no_fax": []})).await.refused(422, "unknown_field");
    assert_eq!(team.get("bob", path).await.is(200), json!({"no_email": [], "no_application": []}));
}

#[tokio::test]
async fn whoever_is_erased_is_named_in_nobodys_notices() {
    let team = team().await;
    team.policy(1).await;
    let asked = team.ask(json!("by_hand")).await;
    team.review("bob", &asked, "approved").await.is(200);
    let happened =
        async || team.get("ada", "/notices").await.is(200)["items"][0]["happened"].as_str().unwrap().to_owned();
    assert!(happened().await.starts_with("Bob"), "{}", happened().await);
    team.member("bob", ServerRole::Viewer, true);
    team.post("local", &format!("/people/{}/erase", id("bob")), json!({})).await.is(200);
    assert!(happened().await.starts_with("erased person approved it."), "{}", happened().await);
    let kept = team.rig.store.read(|reading| reading.notices(&id("bob"), false, None, 10)).unwrap();
    assert_eq!(kept, []);
    assert!(team.messages(Channel::Email).iter().all(|(to, _)| to != "b"));
}

#[tokio::test]
async fn reviewers_are_reminded_three_times_in_one_notice_and_told_before_the_end() {
    let team = team().await;
    let terms = json!({"name": "Risk", "actions": ["replace", "delete"], "importance": "any", "reviewers": [RISK],
                       "approvals": 2, "reminder": "1d", "expires": {"after": "7d", "action": "cancel"}});
    team.post("local", "/policies", terms).await.is(201);
    let asked = team.ask(json!("when_approved")).await;
    team.with("ada", Method::DELETE, "/deployments/iris", json!({"apply": "when_approved"})).await.is(202);
    team.review("bob", &asked, "approved").await.is(200);
    for who in ["ada", "bob", "cy"] {
        team.read_all(who).await;
    }
    team.remind();
    assert_eq!(team.unread("cy").await, [""; 0], "a day has not passed");
    // Three days without a server.
    team.rig.clock.skip(SignedDuration::from_hours(3 * 24 + 1));
    team.remind();
    team.remind();
    assert_eq!(team.unread("cy").await, ["Still to review: 2 changes"]);
    // Bob has approved one of them.
    assert_eq!(team.unread("bob").await, ["Still to review: Delete iris"]);
    for _ in 0..3 {
        team.rig.clock.skip(SignedDuration::from_hours(24));
        team.remind();
    }
    let subjects = team.unread("cy").await;
    let count = |start: &str| subjects.iter().filter(|subject| subject.starts_with(start)).count();
    assert_eq!((count("Still to review"), subjects.len()), (3, 5), "{subjects:?}");
    assert_eq!(subjects.iter().filter(|subject| subject.ends_with("it ends soon")).count(), 2);
    assert_eq!(team.unread("ada").await.len(), 2, "the author is told before the end too");
    let mails = team.messages(Channel::Email);
    assert_eq!(mails.iter().filter(|(to, _)| to == "c").count(), 5, "{mails:?}");
}

#[tokio::test]
async fn administrators_are_told_where_nobody_owns_or_can_approve_any_more() {
    let team = team().await;
    team.policy(2).await;
    team.ask(json!("when_approved")).await;
    team.read_all("local").await;
    team.member("cy", ServerRole::Viewer, true);
    team.member("ada", ServerRole::Editor, true);
    team.read_all("local").await;
    let (now, server) = (team.rig.now(), domain::id::Actor::server());
    for _ in 0..2 {
        let reminded = team.rig.store.write(&server, now, |writing| {
            Reminders::due(&writing.reading(), now, true)?.write(writing)?;
            Ok::<_, Refusal>(())
        });
        reminded.unwrap();
    }
    let mut subjects = team.unread("local").await;
    subjects.sort();
    assert_eq!(subjects, ["Nobody is left to approve: Replace iris@1 with iris@2 on iris", "iris has no owner"]);
}

#[tokio::test]
async fn administrators_make_webhooks_whose_secret_is_shown_once() {
    let team = team().await;
    let terms = |url: &str| json!({"name": "Chat", "url": url, "topics": ["rollout_ended"]});
    let here = "http://127.0.0.1:9/hook";
    team.post("ada", "/webhooks", terms(here)).await.refused(403, "role_forbids");
    team.get("ada", "/deliveries").await.refused(403, "role_forbids");
    for url in [
        "http://127.0.0.1:10/",
        "https://169.254.169.254/",
        "https://2130706433/",
        "https://localhost/",
        "ftp://example.com",
        "x",
    ] {
        let refused = team.post("local", "/webhooks", terms(url)).await.refused(422, "webhook_target_refused");
        assert_eq!(refused["field"], "url");
    }
    team.post("local", "/webhooks", json!({"name": "a\r\nb", "url": here})).await.refused(422, "invalid_field");
    let made = team.post("local", "/webhooks", terms(here)).await.is(201);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let path = format!("/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
    assert!(team.get("local", &path).await.is(200).get("secret").is_none());
    let again = team.post("local", &format!("{path}/rotate"), json!({})).await.is(200);
    assert_ne!(again["secret"], made["secret"]);
    let kept = team.rig.store.read(|reading| reading.webhooks()).unwrap().remove(0);
    assert_eq!(kept.before.unwrap().0.reveal(), secret, "the one before signs too for a while");

    team.post("ada", "/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}, "accept_warnings": true}))
        .await
        .is(202);
    team.rig.complete(2);
    assert_eq!(team.messages(Channel::Webhook), [("webhook".to_owned(), "iris runs iris@2".to_owned())]);
    let view = team.get("local", "/deliveries?channel=webhook").await;
    view.refused(422, "invalid_field");
    let listed = team.get("local", "/deliveries?state=waiting").await.is(200);
    let delivery =
        listed["items"].as_array().unwrap().iter().find(|item| item["channel"] == "webhook").unwrap().clone();
    assert_eq!((&delivery["to"], &delivery["state"]), (&json!("Chat"), &json!("waiting")));
    let path_again = format!("/deliveries/{}/again", delivery["id"].as_str().unwrap());
    team.rig.clock.skip(SignedDuration::from_secs(1));
    let sent = team.post("local", &path_again, json!({})).await.is(200);
    assert_eq!((&sent["id"], &sent["state"]), (&delivery["id"], &json!(DeliveryState::Waiting)));
    team.with("local", Method::DELETE, &path, json!({})).await.is(200);
    assert_eq!(team.messages(Channel::Webhook), []);
    team.get("local", &path).await.refused(404, "not_found");
    team.get("local", "/mail").await.is(200);
    team.get("local", "/settings").await.is(200);
    team.get("ada", "/settings").await.refused(403, "role_forbids");
    team.post("local", "/mail/test", json!({"to": "a@example.com"})).await.refused(409, "mail_not_set_up");
    team.post("local", "/mail/test", json!({"to": "a@example.com\r\nBcc: b"})).await.refused(422, "invalid_field");
}

/// What is told of each event, counted: events × recipients × channels.
#[tokio::test]
async fn each_event_is_told_to_those_whom_it_concerns() {
    let team = team().await;
    team.profile(PrincipalId::local(), "Lo", "local@example.com");
    let made = team.post("local", "/webhooks", json!({"name": "Chat", "url": "http://127.0.0.1:9/"})).await;
    made.is(201);
    let mut table = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = async |what: &'static str| {
        let mut told = BTreeMap::new();
        for who in ["local", "ada", "bob", "cy"] {
            let rows = team.get(who, "/notices?limit=200").await.is(200)["items"].as_array().unwrap().len();
            let before = seen.insert(who, rows).unwrap_or(0);
            told.insert(who, rows - before);
        }
        let (mails, calls) = (team.messages(Channel::Email).len(), team.messages(Channel::Webhook).len());
        team.rig.write(|writing, _| {
            let all = writing.reading().webhooks().unwrap();
            let lanes = all.into_iter().map(|row| Lane::Webhook(row.webhook.id)).chain([Lane::Mail]);
            lanes.for_each(|lane| writing.remove_deliveries_on(&lane, false).unwrap());
        });
        let people: Vec<_> = told.iter().map(|(who, rows)| format!("{who} {rows}")).collect();
        table.push(format!("{what:<34} {:<30} e-mail {mails}, webhook {calls}", people.join(", ")));
    };
    count("before").await;
    let policy = team.policy(1).await;
    count("a policy is made").await;
    let asked = team.ask(json!("by_hand")).await;
    count("a change is asked for").await;
    let path = format!("/change-requests/{}", asked["id"].as_str().unwrap());
    team.review("bob", &asked, "comment").await.is(200);
    count("a comment").await;
    let edit =
        json!({"rollout": {"set": {"models": ["iris@2"], "replicas": 5}, "accept_warnings": true, "note": "more"}});
    let edited = team.with("ada", Method::PATCH, &path, edit).await.is(200);
    count("it is edited").await;
    team.review("bob", &edited, "changes_requested").await.is(200);
    count("changes are requested").await;
    team.with("bob", Method::DELETE, &format!("{path}/reviews"), json!({})).await;
    team.review("bob", &edited, "approved").await.is(200);
    count("it is taken back and approved").await;
    team.post("ada", &format!("{path}/apply"), json!({})).await.is(200);
    count("it is applied by its author").await;
    team.rig.complete(2);
    count("the rollout completes").await;
    let glass = json!({"set": {"models": ["iris@1"]}, "accept_warnings": true, "break_glass": {"reason": "It answers nonsense", "policies": [policy]}});
    team.post("local", "/deployments/iris/rollouts", glass).await.is(202);
    count("break-glass by the administrator").await;
    team.rig.complete(3);
    count("its rollout completes").await;
    let freeze = json!({"name": "Now", "reason": "Fair", "scope": "all", "when": {"switch": {"until": null}}});
    let freeze = team.post("local", "/freezes", freeze).await.is(201);
    count("a freeze is made").await;
    team.with("local", Method::DELETE, &format!("/freezes/{}", freeze["freeze"]["id"].as_str().unwrap()), json!({}))
        .await
        .is(200);
    count("it is deleted").await;
    let role = json!({"principal": id("bob"), "role": "user"});
    team.with("local", Method::PATCH, "/deployments/iris/access", role).await.is(200);
    count("bob is given a role").await;
    team.member("cy", ServerRole::Editor, false);
    count("cy has another role on the server").await;
    team.with("ada", Method::DELETE, "/deployments/iris", json!({})).await.is(202);
    count("iris is deleted by its owner").await;
    insta::assert_snapshot!(table.join("\n"));
}

//! Callers with and without credentials, which never reach a replica.

use axum::body::Body;
use domain::credential;
use http::{HeaderMap, Response};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};

use super::kit::*;
use crate::gateway::{CallerSecret, Credential, Gateway, Route, Settings};

/// A replica that answers with the headers it got.
fn echoing() -> Replica {
    Replica::new("a", 1, |request| {
        let headers: Vec<String> =
            request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        Box::pin(async move { Response::new(Body::from(headers.join("\n"))) })
    })
}

fn keys(primary: &str, secondary: &str) -> Credential {
    Credential::Keys([CallerSecret::new(primary), CallerSecret::new(secondary)])
}

async fn ask(gateway: &Gateway, headers: &[(&'static str, &str)]) -> reqwest::Response {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    client().post(url(gateway, "iris/v2")).headers(map).body("{}").send().await.unwrap()
}

#[tokio::test]
async fn either_key_is_let_in_and_nothing_else() {
    let gateway = gateway();
    let replica = echoing();
    let route = || Route { credential: keys("first", "second"), ..route(&[&replica]) };
    gateway.publish(&iris(), route());
    for headers in [
        &[("authorization", "Bearer first")][..],
        &[("authorization", "bearer  second ")],
        &[("x-api-key", "first")],
        &[("x-api-key", "second")],
        &[("authorization", "Basic Zmlyc3Q="), ("x-api-key", "first")],
        &[("authorization", "Bearer wrong"), ("x-api-key", "first")],
    ] {
        let answer = ask(&gateway, headers).await;
        assert_eq!(answer.status(), 200, "{headers:?}");
        let seen = answer.text().await.unwrap();
        assert!(!seen.contains("authorization") && !seen.contains("api-key"), "the replica saw {seen}");
    }
    let let_in = replica.requests();
    for (headers, code) in [
        (&[][..], "credential_missing"),
        (&[("authorization", "Basic Zmlyc3Q=")], "credential_missing"),
        (&[("authorization", "first")], "credential_missing"),
        (&[("authorization", "Bearer ")], "credential_missing"),
        (&[("x-api-key", "")], "credential_wrong"),
        (&[("authorization", "Bearer firs")], "credential_wrong"),
        (&[("authorization", "Bearer firstsecond")], "credential_wrong"),
        (&[("x-api-key", "FIRST")], "credential_wrong"),
        (&[("x-api-key", "wrong"), ("x-api-key", "wrong"), ("x-api-key", "first")], "credential_wrong"),
    ] {
        let answer = ask(&gateway, headers).await;
        let challenge = answer.headers()["www-authenticate"].clone();
        assert_eq!(problem(answer).await, (401, code.to_owned()), "{headers:?}");
        assert!(challenge.to_str().unwrap().starts_with("Bearer"), "{challenge:?}");
    }
    assert_eq!(replica.requests(), let_in, "no replica saw what was refused");
    let counts = total(&gateway);
    assert_eq!((counts.answered, counts.failed), (let_in as u64, 0), "a refused caller counts as nothing");
    assert!(!format!("{:?}", route()).contains("first"));
}

#[tokio::test]
async fn a_new_key_holds_for_the_next_request_of_an_open_connection() {
    let gateway = gateway();
    let replica = echoing();
    let publish =
        |primary: &str| gateway.publish(&iris(), Route { credential: keys(primary, "other"), ..route(&[&replica]) });
    let client = client();
    let ask = |key: &'static str| client.get(url(&gateway, "iris")).bearer_auth(key).send();
    publish("old");
    assert_eq!(ask("old").await.unwrap().status(), 200);
    publish("new");
    assert_eq!(ask("old").await.unwrap().status(), 401);
    assert_eq!(ask("new").await.unwrap().status(), 200);
    assert_eq!(ask("other").await.unwrap().status(), 200, "the other key stays");
}

#[tokio::test]
async fn a_token_is_let_in_until_it_expires_or_the_secret_changes() {
    let gateway = gateway();
    let replica = echoing();
    let publish = |secret: &str| {
        gateway.publish(
            &iris(),
            Route { credential: Credential::Tokens(CallerSecret::new(secret)), ..route(&[&replica]) },
        );
    };
    publish("secret");
    let now = Timestamp::now();
    let fresh = credential::sign_token(b"secret", now + SignedDuration::from_hours(1));
    let old = credential::sign_token(b"secret", now - SignedDuration::from_secs(1));
    let show = |token: &str| format!("Bearer {token}");
    assert_eq!(ask(&gateway, &[("authorization", &show(&fresh))]).await.status(), 200);
    assert_eq!(ask(&gateway, &[("x-api-key", &fresh)]).await.status(), 200);
    for (token, code) in [(&old, "token_expired"), (&"secret".to_owned(), "credential_wrong")] {
        let answer = ask(&gateway, &[("authorization", &show(token))]).await;
        assert_eq!(problem(answer).await, (401, code.to_owned()));
    }
    publish("another secret");
    let answer = ask(&gateway, &[("authorization", &show(&fresh))]).await;
    assert_eq!(problem(answer).await, (401, "credential_wrong".to_owned()), "revoked");
}

#[tokio::test]
async fn no_replica_sees_what_a_caller_shows_whatever_its_deployment_asks_for() {
    let gateway = gateway();
    let replica = echoing();
    let tokens = Credential::Tokens(CallerSecret::new("secret"));
    let token = credential::sign_token(b"secret", Timestamp::now() + SignedDuration::from_hours(1));
    for (credential, shown) in [(Credential::None, "first"), (keys("first", "second"), "first"), (tokens, &*token)] {
        gateway.publish(&iris(), Route { credential, ..route(&[&replica]) });
        let bearer = format!("Bearer {shown}");
        let shown = [
            ("authorization", "Basic eDp5"),
            ("authorization", &bearer),
            ("proxy-authorization", "Basic eDp5"),
            ("cookie", "theme=dark; changeover_session=planted; other=1"),
        ];
        let seen = ask(&gateway, &shown).await.text().await.unwrap();
        assert!(seen.contains("cookie: theme=dark; other=1"), "{seen}");
        for kept in ["authorization", "api-key", "changeover_session"] {
            assert!(!seen.contains(kept), "the replica saw {seen}");
        }
    }
}

#[tokio::test]
async fn nor_does_it_see_them_behind_a_body() {
    let gateway = gateway();
    let replica = Replica::new("a", 1, |request| {
        Box::pin(async move {
            let body = request.into_body().collect().await.unwrap();
            Response::new(Body::from(format!("{:?}", body.trailers())))
        })
    });
    for held_body_bytes in [0, 1000] {
        let gateway = if held_body_bytes == 0 {
            Gateway::start(Settings { held_body_bytes, ..settings() }).unwrap()
        } else {
            gateway.clone()
        };
        gateway.publish(&iris(), route(&[&replica]));
        let head = "POST /iris HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\
                    trailer: authorization, x-sum\r\n\r\n";
        let answer = raw(&gateway, &format!("{head}2\r\nab\r\n0\r\nauthorization: Bearer x\r\nx-sum: 1\r\n\r\n")).await;
        assert!(answer.contains("x-sum") && !answer.contains("Bearer"), "{answer}");
    }
}

#[tokio::test]
async fn a_replica_signs_nobody_in_or_out() {
    let gateway = gateway();
    let replica = Replica::new("a", 1, |_| {
        Box::pin(async {
            let answer = Response::builder()
                .header("set-cookie", "changeover_session=planted; Path=/")
                .header("set-cookie", "mine=1")
                .header("set-cookie", "changeover_session=; Max-Age=0");
            answer.body(Body::empty()).unwrap()
        })
    });
    gateway.publish(&iris(), route(&[&replica]));
    let answer = ask(&gateway, &[]).await;
    let set: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    assert_eq!(set, ["mine=1"]);
}

#[tokio::test]
async fn who_may_not_ask_does_not_learn_how_it_is() {
    let gateway = gateway();
    let replica = echoing();
    gateway.publish(&iris(), Route { active: false, credential: keys("a", "b"), ..route(&[&replica]) });
    assert_eq!(problem(ask(&gateway, &[]).await).await, (401, "credential_missing".to_owned()));
    let let_in = ask(&gateway, &[("x-api-key", "a")]).await;
    assert_eq!(problem(let_in).await, (503, "deactivated".to_owned()));
}

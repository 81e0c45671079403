//! Going to the provider and coming back: once, in time, in the same browser, and with what it gave.

use std::time::Duration;

use axum::http::Method;
use domain::provider::Admission;
use serde_json::{Value, json};

use super::super::door::Who;
use super::super::rig::{HOST, rig};
use super::rig::{Gone, ISSUER, allowing, somebody, vouched_by};
use crate::api::Unvouched;

const CODE: &str = "the code";

#[tokio::test]
async fn without_a_provider_nobody_goes_anywhere() {
    let rig = rig();
    assert_eq!(rig.read_by(&Who::nobody(), "/session/oidc").await.is(200), json!({"name": null, "sign_out": null}));
    let start = json!({"errand": "sign_in"});
    rig.by(&Who::nobody(), "POST", "/session/oidc/start", start).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_way_there_has_a_cookie_of_its_own_for_ten_minutes() {
    let door = vouched_by(allowing(), false);
    let known = door.rig.read_by(&Who::nobody(), "/session/oidc").await.is(200);
    assert_eq!(known, json!({"name": "Example", "sign_out": format!("{ISSUER}/end")}));
    let reply = door.start(&Who::nobody(), json!({"errand": "sign_in", "root": "/ops"})).await;
    let cookie = reply.header("set-cookie");
    assert!(
        cookie.starts_with("changeover_errand=")
            && cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/ops; Max-Age=600")
    );
    for (body, code) in [
        (json!({"errand": "join"}), "invalid_field"),
        (json!({"errand": "sign_in", "invitation": "x"}), "invalid_field"),
        (json!({"errand": "dance"}), "invalid_field"),
        (json!({"errand": "sign_in", "root": "//evil.example/<"}), "invalid_field"),
        (json!({"errand": "sign_in", "colour": 1}), "unknown_field"),
    ] {
        door.start(&Who::nobody(), body).await.refused(422, code);
    }
    door.start(&Who::nobody(), json!({"errand": "join", "invitation": "no such"}))
        .await
        .refused(410, "invitation_used");
    for errand in ["link", "again"] {
        door.start(&Who::nobody(), json!({"errand": errand})).await.refused(401, "unauthenticated");
        door.start(&Who::local(), json!({"errand": errand})).await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_page_of_another_address_is_told_the_right_one() {
    let door = vouched_by(allowing(), false);
    let body = json!({"errand": "sign_in"});
    let send = async |origin: &str| {
        door.rig.with(Method::POST, "/session/oidc/start", &[("origin", origin)], body.clone()).await
    };
    send(&format!("http://{HOST}")).await.is(200);
    let refused = send("http://localhost:7070").await.refused(403, "foreign_origin");
    assert!(refused["detail"].as_str().unwrap().contains("http://127.0.0.1:7070"), "{refused}");
    send("https://evil.example").await.refused(403, "foreign_origin");
}

#[tokio::test]
async fn the_way_back_leads_to_a_page_and_does_nothing_by_itself() {
    let door = vouched_by(allowing(), false);
    let gone = door.goes(&Who::nobody(), json!({"errand": "sign_in"})).await;
    let before = door.kinds().await;
    let query = "code=the%20code&state=state+1&session_state=7&scope=openid&iss=https%3A%2F%2Flogin.example&error_description=%3Cb%3E";
    let reply = door.sent_back(query).await;
    assert_eq!(reply.status, 303);
    let expected = "http://127.0.0.1:7070/signed-in#code=the+code&state=state+1&iss=https%3A%2F%2Flogin.example";
    assert_eq!((reply.header("location"), reply.header("referrer-policy")), (expected, "no-referrer"));
    assert_eq!((reply.header("cache-control"), reply.header("set-cookie")), ("no-store", ""));
    let hostile = door.sent_back("code=a%0d%0aset-cookie:%20x&state=%23%26%3F").await;
    assert_eq!(
        hostile.header("location"),
        "http://127.0.0.1:7070/signed-in#code=a%0D%0Aset-cookie%3A+x&state=%23%26%3F"
    );
    assert_eq!(door.kinds().await, before);
    door.says(Ok(somebody("ada", &["ml"])));
    door.comes(&gone, None, json!({"code": CODE})).await.is(200);
}

#[tokio::test]
async fn who_comes_back_is_who_went_and_only_once() {
    let door = vouched_by(allowing(), false);
    door.says(Ok(somebody("ada", &["ml"])));
    let code = || json!({"code": CODE});
    let goes = async || door.goes(&Who::nobody(), json!({"errand": "sign_in"})).await;
    let refused = async |gone: &Gone, body: Value| {
        door.comes(gone, None, body).await.refused(401, "unauthenticated");
    };
    // Another browser, or the same with the state of another tab: whoever went with it comes back all the same.
    let (one, two) = (goes().await, goes().await);
    refused(&Gone { cookie: "a=1".to_owned(), ..one.clone() }, code()).await;
    refused(&Gone { state: two.state.clone(), ..one.clone() }, code()).await;
    refused(&Gone { cookie: two.cookie.clone(), state: String::new() }, code()).await;
    // Another provider, no code, and an error beside a code.
    for body in [
        json!({"code": CODE, "iss": "https://other.example"}),
        json!({}),
        json!({"code": CODE, "error": "access_denied"}),
        json!({"error": "<script>alert(1)</script>"}),
    ] {
        let gone = goes().await;
        let reply = door.comes(&gone, None, body).await;
        let problem = reply.refused(401, "unauthenticated");
        assert!(!problem["detail"].as_str().unwrap().contains('<'), "{problem}");
    }
    assert!(!door.kinds().await.contains(&"member_added".to_owned()), "nobody has come in");

    let gone = goes().await;
    let came = door.comes(&gone, None, json!({"code": CODE, "iss": ISSUER})).await;
    assert_eq!(came.is(200), json!({"errand": "sign_in"}));
    let cookies: Vec<_> = came.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies[0].starts_with("changeover_session=") && cookies[0].contains("SameSite=Strict"), "{cookies:?}");
    assert!(cookies[1].starts_with("changeover_errand=; ") && cookies[1].contains("Max-Age=0"), "{cookies:?}");
    refused(&gone, code()).await;
}

#[tokio::test(start_paused = true)]
async fn who_takes_longer_than_ten_minutes_begins_anew() {
    let door = vouched_by(allowing(), false);
    door.says(Ok(somebody("ada", &["ml"])));
    let gone = door.goes(&Who::nobody(), json!({"errand": "sign_in"})).await;
    tokio::time::advance(Duration::from_secs(600)).await;
    door.comes(&gone, None, json!({"code": CODE})).await.refused(401, "unauthenticated");
    let gone = door.goes(&Who::nobody(), json!({"errand": "sign_in"})).await;
    tokio::time::advance(Duration::from_secs(599)).await;
    door.comes(&gone, None, json!({"code": CODE})).await.is(200);
}

#[tokio::test]
async fn coming_back_wrongly_counts_as_an_attempt() {
    let door = vouched_by(allowing(), false);
    let gone = Gone { cookie: "changeover_errand=x".to_owned(), state: "y".to_owned() };
    for _ in 0..20 {
        door.comes(&gone, None, json!({"code": CODE})).await.refused(401, "unauthenticated");
    }
    door.comes(&gone, None, json!({"code": CODE})).await.refused(429, "too_many_attempts");
}

#[tokio::test]
async fn a_provider_that_is_away_or_proves_nothing_lets_nobody_in() {
    let door = vouched_by(allowing(), false);
    door.away(true);
    let away = door.start(&Who::nobody(), json!({"errand": "sign_in"})).await;
    let problem = away.refused(502, "identity_provider_unavailable");
    assert!(problem["detail"].as_str().unwrap().starts_with("Example, which signs people in here, does not answer"));
    assert!(!problem.to_string().contains("nobody is there"), "the cause is for the log");
    let (bob, _) = door.rig.person("bob", "viewer").await;
    door.rig.read_by(&bob, "/session").await.is(200);
    door.away(false);
    for (why, status, code) in [
        (Unvouched::Unavailable("x".to_owned()), 502, "identity_provider_unavailable"),
        (Unvouched::Unproven("x".to_owned()), 401, "unauthenticated"),
    ] {
        door.says(Err(why));
        let reply = door.visits(None, json!({"errand": "sign_in"})).await;
        reply.refused(status, code);
        assert_eq!(reply.header("set-cookie"), "");
    }
    door.signs_in(somebody("ada", &["ml"])).await.is(200);
}

#[tokio::test]
async fn only_who_is_invited_comes_in_where_nothing_else_is_said() {
    let door = vouched_by(Admission::default(), false);
    let refused = door.signs_in(somebody("ada", &["ml"])).await.refused(403, "not_let_in");
    assert!(refused["detail"].as_str().unwrap().contains("Ask an administrator for an invitation"), "{refused}");
    assert!(!door.kinds().await.contains(&"member_added".to_owned()));
}

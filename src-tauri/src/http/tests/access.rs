//! Token, cookie, host and origin.

use axum::body::Body;
use axum::http::Request;
use domain::proof::{Proof, ProofKey};
use serde_json::json;
use sha2::Digest as _;

use super::rig::{HOST, Reply, Rig, TOKEN, caller, rig, rig_in};
use crate::api::Bounds;
use crate::http::{Access, Outside, router};

async fn ask(rig: &Rig, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    rig.send(request.body(Body::empty()).unwrap()).await
}

async fn sign_in(rig: &Rig, token: &str) -> Reply {
    let request = Request::post("/api/v1/session").header("host", HOST).header("content-type", "application/json");
    rig.send(request.body(Body::from(json!({ "token": token }).to_string())).unwrap()).await
}

#[tokio::test]
async fn only_the_token_opens_the_api() {
    let rig = rig();
    let bearer = format!("bearer {TOKEN}");
    ask(&rig, "GET", "/api/v1/deployments", &[("host", HOST), ("authorization", &bearer)]).await.is(200);
    for given in
        ["", "Bearer", "Bearer ", "Bearer wrong", &TOKEN[1..], &format!("Basic {TOKEN}"), &format!("{bearer}x")]
    {
        let reply = ask(&rig, "GET", "/api/v1/deployments", &[("host", HOST), ("authorization", given)]).await;
        reply.refused(401, "unauthenticated");
        assert!(reply.header("www-authenticate").starts_with("Bearer"), "{given}");
    }
    ask(&rig, "GET", "/api/v1/deployments", &[("host", HOST)]).await.refused(401, "unauthenticated");
    ask(&rig, "GET", "/api/v1/nothing", &[("host", HOST)]).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn an_empty_token_opens_nothing() {
    let mut rig = rig();
    rig.router =
        router(rig.api.clone(), Access::token("", caller("local"), HOST.parse().unwrap(), &[], Outside::default()));
    for headers in [vec![("authorization", "Bearer ")], vec![("cookie", "changeover_session=")], vec![]] {
        let headers = [vec![("host", HOST)], headers].concat();
        ask(&rig, "GET", "/api/v1/session", &headers).await.refused(401, "unauthenticated");
    }
    sign_in(&rig, "").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn signing_in_trades_the_token_for_a_cookie_that_survives_a_restart_and_ends_with_the_session() {
    let rig = rig();
    sign_in(&rig, "wrong").await.refused(401, "unauthenticated");
    let reply = sign_in(&rig, TOKEN).await;
    assert_eq!(reply.is(200)["actor"], "local");
    let set = reply.header("set-cookie").to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(attribute), "{set}");
    }
    let cookie = set.split(';').next().unwrap();
    assert!(cookie.starts_with("changeover_session=") && !set.contains(TOKEN), "{set}");
    assert_ne!(cookie, sign_in(&rig, TOKEN).await.header("set-cookie").split(';').next().unwrap());

    let Rig { folder, .. } = rig;
    let rig = rig_in(folder, Bounds::default(), false);
    let cookies = format!("theme=dark; {cookie}");
    let session = ask(&rig, "GET", "/api/v1/session", &[("host", HOST), ("cookie", &cookies)]).await;
    assert_eq!(session.is(200)["gateway"], "http://127.0.0.1:7080");
    // The token itself is no cookie, and the cookie's value is no token. What was derived from the token is none any more.
    let value = cookie.split_once('=').unwrap().1;
    let derived = hex::encode(sha2::Sha256::digest(format!("changeover session cookie v1\0{TOKEN}")));
    for (name, value) in [
        ("cookie", format!("changeover_session={TOKEN}")),
        ("cookie", format!("changeover_session={derived}")),
        ("cookie", format!("changeover_session={value}0")),
        ("cookie", format!("changeover_sessio={value}")),
        ("authorization", format!("Bearer {value}")),
    ] {
        ask(&rig, "GET", "/api/v1/session", &[("host", HOST), (name, &value)]).await.refused(401, "unauthenticated");
    }

    let out = ask(&rig, "DELETE", "/api/v1/session", &[("host", HOST), ("cookie", cookie)]).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").starts_with("changeover_session=;"), "{out:?}");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    ask(&rig, "GET", "/api/v1/session", &[("host", HOST), ("cookie", cookie)]).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_cookie_that_travels_encrypted_is_this_hosts_alone() {
    let mut rig = rig();
    let public_url = Some("https://models.example".to_owned());
    let outside = Outside { public_url, ..Outside::default() };
    let names = ["models.example".to_owned()];
    let access = Access::token(TOKEN, caller("local"), HOST.parse().unwrap(), &names, outside);
    rig.router = router(rig.api.clone(), access);
    let sign_in = async |headers: &[(&str, &str)], root: &str| {
        let mut request = Request::post("/api/v1/session").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = json!({ "token": TOKEN, "root": root }).to_string();
        rig.send(request.body(Body::from(body)).unwrap()).await.header("set-cookie").to_owned()
    };
    let origin = ("origin", "https://models.example");
    for headers in [vec![("host", "models.example")], vec![("host", HOST), origin]] {
        let set = sign_in(&headers, "/").await;
        assert!(
            set.starts_with("__Host-changeover_session=") && set.contains("Path=/;") && set.ends_with("; Secure"),
            "{set}"
        );
        let cookie = set.split(';').next().unwrap();
        let headers = [headers, vec![("cookie", cookie)]].concat();
        ask(&rig, "GET", "/api/v1/session", &headers).await.is(200);
    }
    let set = sign_in(&[("host", "models.example")], "/ops").await;
    assert!(set.starts_with("changeover_session=") && set.contains("Path=/ops;") && set.ends_with("; Secure"), "{set}");
    let set = sign_in(&[("host", HOST)], "/").await;
    assert!(set.starts_with("changeover_session=") && !set.contains("Secure"), "asked at the machine itself: {set}");
}

#[tokio::test]
async fn a_closed_server_lets_nobody_in_by_its_token_but_its_own_window() {
    let mut rig = rig();
    let outside = Outside { closed: true, ..Outside::default() };
    rig.router = router(rig.api.clone(), Access::token(TOKEN, caller("local"), HOST.parse().unwrap(), &[], outside));
    sign_in(&rig, TOKEN).await.refused(401, "unauthenticated");
    rig.get("/session").await.refused(401, "unauthenticated");
    rig.router = router(rig.api.clone(), Access::Window(caller("local")));
    rig.get("/session").await.is(200);
}

#[tokio::test]
async fn the_server_proves_that_it_knows_the_token_to_whoever_asks() {
    let rig = rig();
    let nonce = [9; 32];
    let path = format!("/api/v1/session/proof?nonce={}", hex::encode(nonce));
    let reply = ask(&rig, "GET", &path, &[("host", HOST)]).await;
    let proof: Proof = serde_json::from_value(reply.is(200)).unwrap();
    assert!(ProofKey::of(TOKEN).proves(7070, &nonce, &proof));
    for wrong in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
        let path = format!("/api/v1/session/proof?nonce={wrong}");
        ask(&rig, "GET", &path, &[("host", HOST)]).await.refused(422, "invalid_field");
    }
    ask(&rig, "GET", &path, &[("host", "evil.example")]).await.refused(403, "foreign_host");
}

#[tokio::test]
async fn a_refusal_for_a_name_says_how_to_make_it_known() {
    let rig = rig();
    let reply = ask(&rig, "GET", "/api/v1/session", &[("host", "models.example:8443")]).await;
    let detail = reply.refused(403, "foreign_host")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("--host-name models.example:8443"), "{detail}");
    let headers = [("host", HOST), ("origin", "https://models.example")];
    let reply = ask(&rig, "GET", "/api/v1/session", &headers).await;
    let detail = reply.refused(403, "foreign_origin")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("--host-name models.example."), "{detail}");
}

#[tokio::test]
async fn the_cookie_is_for_the_path_that_the_page_lies_under() {
    let rig = rig();
    let sign_in = async |root: &str| {
        let request = Request::post("/api/v1/session").header("host", HOST).header("content-type", "application/json");
        let body = json!({ "token": TOKEN, "root": root }).to_string();
        rig.send(request.body(Body::from(body)).unwrap()).await
    };
    assert!(sign_in("/ops").await.header("set-cookie").contains("Path=/ops; "));
    assert!(sign_in("").await.header("set-cookie").contains("Path=/; "));
    for wrong in ["ops", "/a; Domain=evil.example", "/a,b", "/\r\nx"] {
        sign_in(wrong).await.refused(422, "invalid_field");
    }
    let out = ask(
        &rig,
        "DELETE",
        "/api/v1/session?root=%2Fops",
        &[("host", HOST), ("authorization", &format!("Bearer {TOKEN}"))],
    )
    .await;
    assert!(out.header("set-cookie").contains("Path=/ops; Max-Age=0"), "{out:?}");
}

#[tokio::test]
async fn a_foreign_host_gets_nothing_even_with_the_token() {
    let rig = rig();
    let bearer = format!("Bearer {TOKEN}");
    for path in ["/api/v1/deployments", "/healthz", "/", "/api/openapi.json"] {
        for host in ["evil.example", "evil.example:7070", "127.0.0.1:7071", "localhost", ""] {
            let reply = ask(&rig, "GET", path, &[("host", host), ("authorization", &bearer)]).await;
            reply.refused(403, "foreign_host");
        }
        ask(&rig, "GET", path, &[("authorization", &bearer)]).await.refused(403, "foreign_host");
    }
    for host in ["localhost:7070", "[::1]:7070"] {
        ask(&rig, "GET", "/api/v1/deployments", &[("host", host), ("authorization", &bearer)]).await.is(200);
    }
    let two = [("host", HOST), ("host", "evil.example"), ("authorization", &bearer)];
    ask(&rig, "GET", "/api/v1/deployments", &two).await.refused(403, "foreign_host");
    let absolute = "http://evil.example/api/v1/deployments";
    ask(&rig, "GET", absolute, &[("host", HOST), ("authorization", &bearer)]).await.refused(403, "foreign_host");
}

#[tokio::test]
async fn a_foreign_origin_gets_nothing_not_even_reads() {
    let rig = rig();
    let bearer = format!("Bearer {TOKEN}");
    for origin in
        ["http://evil.example", "null", "http://localhost:3000", "changeover://localhost", "file://", "127.0.0.1:7070"]
    {
        let headers = [("host", HOST), ("authorization", bearer.as_str()), ("origin", origin)];
        ask(&rig, "GET", "/api/v1/deployments", &headers).await.refused(403, "foreign_origin");
        ask(&rig, "POST", "/api/v1/deployments", &headers).await.refused(403, "foreign_origin");
    }
    for origin in ["http://127.0.0.1:7070", "http://localhost:7070"] {
        let headers = [("host", HOST), ("authorization", bearer.as_str()), ("origin", origin)];
        ask(&rig, "GET", "/api/v1/deployments", &headers).await.is(200);
    }
}

#[tokio::test]
async fn the_desktop_window_needs_no_token_and_only_its_own_pages_may_ask() {
    let mut rig = rig();
    rig.router = router(rig.api.clone(), Access::Window(caller("local")));
    let path = "changeover://localhost/api/v1/session";
    ask(&rig, "GET", path, &[("origin", "changeover://localhost")]).await.is(200);
    ask(&rig, "GET", "/api/v1/session", &[]).await.is(200);
    ask(&rig, "GET", path, &[("origin", "http://evil.example")]).await.refused(403, "foreign_origin");
}

#[tokio::test]
async fn the_interface_and_the_description_need_no_token() {
    let rig = rig();
    for path in ["/", "/deployments/iris", "/api/openapi.json"] {
        assert_eq!(ask(&rig, "GET", path, &[("host", HOST)]).await.status, 200, "{path}");
    }
    let api = ask(&rig, "GET", "/api/openapi.json", &[("host", HOST)]).await;
    assert_eq!((api.header("cache-control"), api.header("x-content-type-options")), ("no-store", "nosniff"));
}

#[tokio::test]
async fn who_has_shown_no_token_may_send_little() {
    let rig = rig();
    sign_in(&rig, TOKEN).await.is(200);
    sign_in(&rig, &"x".repeat(5_000)).await.refused(413, "body_too_large");
    let request = Request::post("/api/v1/session").header("host", HOST).header("content-type", "application/json");
    let known = request.header("authorization", format!("Bearer {TOKEN}"));
    let body = Body::from(json!({ "token": "x".repeat(5_000) }).to_string());
    rig.send(known.body(body).unwrap()).await.refused(401, "unauthenticated");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_not_waited_for_without_end() {
    let rig = rig();
    let trickle = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Some((Ok::<_, std::convert::Infallible>("x"), ()))
    });
    let request = Request::post("/api/v1/session").header("host", HOST).header("content-type", "application/json");
    let sent = rig.send(request.body(Body::from_stream(trickle)).unwrap());
    let reply = tokio::time::timeout(std::time::Duration::from_secs(3_600), sent).await.unwrap();
    reply.refused(408, "request_timeout");
}

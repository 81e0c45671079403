//! A provider that lies, and whoever forges what it says: nobody comes in.

use anyhow::ensure;
use serde_json::{Value, json};
use tests::identity::{CLIENT, SECRET, configure};
use tests::server::Server;

use crate::liar::{Liar, Says, Signed, hash_of};
use crate::{ALLOWING, goes, refused, sign_ins};

/// A lie: its name, and what it changes in what an honest provider says. Some are so wrong that they cannot be read.
type Lie = (&'static str, fn(&mut Says));

const LIES: &[Lie] = &[
    ("another nonce", |says| says.claims["nonce"] = "another".into()),
    ("no nonce", |says| drop(says.claims.as_object_mut().map(|claims| claims.remove("nonce")))),
    ("another issuer", |says| says.claims["iss"] = "https://login.example".into()),
    ("another client", |says| says.claims["aud"] = "another".into()),
    ("no client", |says| says.claims["aud"] = json!([])),
    ("a second client", |says| says.claims["aud"] = json!([CLIENT, "another"])),
    ("made for another client", |says| says.claims["azp"] = "another".into()),
    ("expired", |says| says.claims["exp"] = (jiff::Timestamp::now().as_second() - 1).into()),
    ("never expires", |says| drop(says.claims.as_object_mut().map(|claims| claims.remove("exp")))),
    ("no subject", |says| drop(says.claims.as_object_mut().map(|claims| claims.remove("sub")))),
    ("an empty subject", |says| {
        says.claims["sub"] = "".into();
        says.userinfo["sub"] = "".into();
    }),
    ("another access token", |says| says.claims["at_hash"] = hash_of("another").into()),
    ("not signed, as none", |says| {
        says.header["alg"] = "none".into();
        says.signed = Signed::Not;
    }),
    ("not signed, as nOnE", |says| {
        says.header["alg"] = "nOnE".into();
        says.signed = Signed::Not;
    }),
    ("not signed", |says| says.signed = Signed::Not),
    ("as none, and signed", |says| says.header["alg"] = "none".into()),
    ("signed with the client's secret", |says| {
        says.header["alg"] = "HS256".into();
        says.signed = Signed::WithSecret;
    }),
    ("signed with the public key", |says| {
        says.header["alg"] = "HS256".into();
        says.signed = Signed::WithPublicKey;
    }),
    ("signed by another", |says| says.signed = Signed::ByAnother),
    ("signed by another, whom nobody knows", |says| {
        says.header["kid"] = "two".into();
        says.signed = Signed::ByAnother;
    }),
    ("signed by another, who brings their own key", |says| {
        let key = json!({"kty": "oct", "k": "c2VjcmV0"});
        says.header =
            json!({"alg": "ES256", "jwk": key, "jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/"});
        says.signed = Signed::ByAnother;
    }),
    ("with an extension that nobody knows", |says| says.header["crit"] = json!(["exp"])),
    ("no token", |says| {
        says.instead = Some((200, json!({"access_token": "any", "token_type": "Bearer"}).to_string()));
    }),
    ("the code is refused", |says| says.instead = Some((400, json!({"error": "invalid_grant"}).to_string()))),
    ("further of another subject", |says| says.userinfo["sub"] = "administrator".into()),
];

const CODE: &str = "a-code-that-nobody-guesses";

const UNREADABLE: [&str; 3] = ["never expires", "no subject", "not signed, as nOnE"];

async fn told(liar: &Liar) -> anyhow::Result<Server> {
    let mut server = Server::prepare(&["--log-level", "trace"])?;
    configure(&server.data(), liar.issuer(), ALLOWING)?;
    server.start_again().await?;
    Ok(server)
}

fn query(there: &reqwest::Url, wanted: &str) -> String {
    there.query_pairs().find(|(name, _)| name == wanted).map_or_else(String::new, |(_, value)| value.into_owned())
}

fn coming_back(there: &reqwest::Url) -> Value {
    json!({"code": CODE, "state": query(there, "state")})
}

#[tokio::test]
async fn what_a_provider_says_is_believed_when_everything_in_it_holds() -> anyhow::Result<()> {
    let liar = Liar::start().await?;
    let server = told(&liar).await?;
    // So that it is not for want of anything else that a lie is refused.
    let (mut ada, there) = goes(&server).await?;
    for (name, expected) in [("response_type", "code"), ("client_id", CLIENT), ("code_challenge_method", "S256")] {
        ensure!(query(&there, name) == expected, "{there}");
    }
    ensure!(query(&there, "scope") == "openid profile email groups", "{there}");
    liar.is_honest("ada", &there);
    liar.says(|says| says.claims["at_hash"] = hash_of("any").into());
    let done = ada.finishes(&coming_back(&there)).await?;
    ensure!(done.status == 200, "{done:?}");
    let session = ada.session().await?;
    ensure!(session.body["name"] == "Somebody" && session.body["server_role"] == "viewer", "{session:?}");
    // The secret goes in the head, and the verifier belongs to the challenge.
    let asked = liar.asked();
    let basic = format!("{CLIENT}:{SECRET}").replace(' ', "+");
    let expected = format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, basic));
    ensure!(asked[0]["authorization"] == expected, "{asked:?}");
    let digest = ring::digest::digest(&ring::digest::SHA256, asked[0]["code_verifier"].as_bytes());
    let challenge = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, digest);
    ensure!(challenge == query(&there, "code_challenge"), "{asked:?}");
    let redirect = format!("http://{}/api/v1/session/oidc/callback", server.listen);
    ensure!(asked[0]["redirect_uri"] == redirect && query(&there, "redirect_uri") == redirect, "{asked:?}");

    // However much is logged, nothing of it is among it.
    let log = std::fs::read_to_string(server.folder().join("server.log"))?;
    ensure!(log.contains("TRACE"), "nothing is logged");
    for form in &asked {
        for (name, value) in form.iter().filter(|(name, _)| !["grant_type", "redirect_uri"].contains(&name.as_str())) {
            ensure!(!log.contains(value.trim_start_matches("Basic ")), "{name} stands in the log");
        }
    }
    for (name, secret) in [
        ("the secret", SECRET.to_owned()),
        ("the state", query(&there, "state")),
        ("the nonce", query(&there, "nonce")),
    ] {
        ensure!(!log.contains(&secret), "{name} stands in the log");
    }

    ensure!(sign_ins(&server).await? == 1, "nobody has come in");
    let mut believed = Vec::new();
    // A server takes so many attempts of one source a minute.
    for lies in LIES.chunks(10) {
        let server = told(&liar).await?;
        for (name, lie) in lies {
            let (mut eve, there) = goes(&server).await?;
            liar.is_honest("eve", &there);
            liar.says(lie);
            let done = eve.finishes(&coming_back(&there)).await?;
            let (status, code) = match UNREADABLE.contains(name) {
                true => (502, "identity_provider_unavailable"),
                false => (401, "unauthenticated"),
            };
            let session = eve.session().await?;
            if refused(&done, status, code).is_err() || session.status != 401 {
                believed.push((name, done, session.status));
            }
        }
        ensure!(sign_ins(&server).await? == 0, "somebody has come in by a lie");
    }
    ensure!(believed.is_empty(), "these lies are believed, or refused in another way: {believed:#?}");
    Ok(())
}

#[tokio::test]
async fn a_way_is_gone_once_with_its_own_state_in_its_own_browser() -> anyhow::Result<()> {
    let liar = Liar::start().await?;
    let server = told(&liar).await?;
    // Another state.
    let (mut ada, there) = goes(&server).await?;
    liar.is_honest("ada", &there);
    let wrong = ada.finishes(&json!({"code": CODE, "state": "another"})).await?;
    refused(&wrong, 401, "unauthenticated")?;
    ensure!(liar.asked().is_empty(), "its code was traded all the same");
    // Another browser.
    let ((mut ada, there), (mut eve, _)) = (goes(&server).await?, goes(&server).await?);
    liar.is_honest("ada", &there);
    refused(&eve.finishes(&coming_back(&there)).await?, 401, "unauthenticated")?;
    let done = ada.finishes(&coming_back(&there)).await?;
    ensure!(done.status == 200, "{done:?}");
    // Once more, in the same browser and with all that it had then.
    let again = ada.finishes(&coming_back(&there)).await?;
    refused(&again, 401, "unauthenticated")?;
    ensure!(liar.asked().len() == 1 && sign_ins(&server).await? == 1, "{:?}", liar.asked());
    Ok(())
}

#[tokio::test]
async fn another_key_is_read_when_the_provider_uses_it() -> anyhow::Result<()> {
    let liar = Liar::start().await?;
    let server = told(&liar).await?;
    for kid in ["one", "two"] {
        let (mut ada, there) = goes(&server).await?;
        liar.says(|says| says.kid = kid.to_owned());
        liar.is_honest("ada", &there);
        let done = ada.finishes(&coming_back(&there)).await?;
        ensure!(done.status == 200, "{kid}: {done:?}");
    }
    Ok(())
}

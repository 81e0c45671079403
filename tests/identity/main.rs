//! Single sign-on on a real server: with a real identity provider, and with one that lies, breaks and stays away.

mod liar;
mod lying;
mod real;
mod troubles;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::identity::Traveller;
use tests::server::{Answer, Server, answer};

/// Whoever belongs to the group `ml` there comes in, and `chiefs` are administrators.
const ALLOWING: &str = "scopes = [\"profile\", \"email\", \"groups\"]\ngroups_claim = \"groups\"\nadmin_group = \"chiefs\"\n\
     allowed_groups = [\"ml\"]\ncreate = \"allowed\"";

/// The address of a server's API and interface.
fn base(server: &Server) -> String {
    format!("http://{}", server.listen)
}

/// The refusal with this status and code.
fn refused(answer: &Answer, status: u16, code: &str) -> anyhow::Result<()> {
    ensure!(answer.status == status && answer.body["code"] == code, "not {status} {code} but {answer:?}");
    Ok(())
}

/// The number of sign-ins through the provider that the history holds.
async fn sign_ins(server: &Server) -> anyhow::Result<usize> {
    let history = server.get("/history?limit=200").await?;
    let items = history["items"].as_array().context("a history")?.clone();
    let through = |entry: &&Value| entry["kind"] == "signed_in" && entry["event"]["with"] == "provider";
    Ok(items.iter().filter(through).count())
}

/// Somebody who was invited with this role; their session's cookie.
async fn joins_by_password(server: &Server, name: &str, role: &str) -> anyhow::Result<String> {
    let form = json!({"role": role, "own_name": "Lou", "own_email": "lou@example.org"});
    let link = server.post("/invitations", &form).await?["link"].as_str().context("no link")?.to_owned();
    let secret = link.rsplit_once('#').context("a secret")?.1;
    let form = json!({"secret": secret, "name": name, "email": format!("{name}@example.org"), "password": PASSWORD});
    let request = server.request_as(None, Method::POST, "/invitations/accept").json(&form);
    let response = request.send().await?;
    let cookie = response.headers().get("set-cookie").context("no cookie")?.to_str()?.to_owned();
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

const PASSWORD: &str = "a sentence that nobody guesses";

/// Signs in with a password.
async fn by_password(server: &Server, name: &str) -> anyhow::Result<Answer> {
    let body = json!({"email": format!("{name}@example.org"), "password": PASSWORD});
    answer(server.request_as(None, Method::POST, "/session").json(&body)).await
}

/// Goes to the provider to sign in.
async fn goes(server: &Server) -> anyhow::Result<(Traveller, reqwest::Url)> {
    let mut traveller = Traveller::new(&base(server))?;
    let there = traveller.sets_out(json!({"errand": "sign_in"})).await?;
    Ok((traveller, there))
}

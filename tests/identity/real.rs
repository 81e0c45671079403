//! Single sign-on with a real provider.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::identity::{IdentityProvider, Traveller};
use tests::server::{Server, answer};

use crate::{ALLOWING, base, by_password, joins_by_password, refused, sign_ins};

/// The people at the provider.
fn people() -> Value {
    let person = |name: &str, email: &str, verified: bool, groups: &[&str]| json!({"name": name, "email": email, "email_verified": verified, "groups": groups});
    json!({
        "ada": person("Ada", "ada@example.org", true, &["ml", "chiefs", "risk"]),
        "bob": person("Bob", "bob@example.org", true, &["ml"]),
        "eve": person("Eve", "eve@example.org", true, &["others"]),
        // Calls herself what the administrator is called, and has not shown that the address is hers.
        "lou": person("Lou", "lou@example.org", false, &["ml"]),
    })
}

/// A provider that runs, and a server that knows it.
async fn both(lines: &str) -> anyhow::Result<(IdentityProvider, Server)> {
    let mut server = Server::prepare(&[])?;
    let mut provider = IdentityProvider::prepare(&[base(&server)])?;
    provider.say(&people())?;
    provider.configure(&server.data(), lines)?;
    provider.start().await?;
    server.start_again().await?;
    Ok((provider, server))
}

fn sign_in() -> Value {
    json!({"errand": "sign_in"})
}

#[tokio::test]
async fn a_team_signs_in_with_what_it_has_and_groups_come_and_go() -> anyhow::Result<()> {
    let (provider, server) = both(ALLOWING).await?;
    let group = server.post("/groups", &json!({"name": "Risk", "provider_group": "risk"})).await?["id"].clone();
    let members = async || anyhow::Ok(server.get("/groups").await?["items"][0]["members"].clone());
    let mut ada = Traveller::new(&base(&server))?;
    let done = ada.visits(sign_in(), "ada").await?;
    ensure!(done.status == 200 && done.body == json!({"errand": "sign_in"}), "{done:?}");
    let session = ada.session().await?.body;
    ensure!(session["name"] == "Ada" && session["server_role"] == "admin" && session["is_linked"] == true, "{session}");
    ensure!(ada.api(Method::GET, "/me", None).await?.body["email"] == "ada@example.org");
    ensure!(members().await? == json!([session["id"]]), "{group}");
    let mut eve = Traveller::new(&base(&server))?;
    refused(&eve.visits(sign_in(), "eve").await?, 403, "not_let_in")?;

    // Her groups are others when she signs in the next time, which ends what they gave also where she is signed in already.
    let mut now = people();
    now["ada"]["groups"] = json!(["ml"]);
    provider.say(&now)?;
    let mut elsewhere = Traveller::new(&base(&server))?;
    ensure!(elsewhere.visits(sign_in(), "ada").await?.status == 200);
    for mut traveller in [ada, elsewhere] {
        let now = traveller.session().await?.body;
        ensure!(now["id"] == session["id"] && now["server_role"] == "viewer", "{now}");
    }
    ensure!(members().await? == json!([]));
    Ok(())
}

#[tokio::test]
async fn a_code_of_somebody_else_or_of_before_is_worth_nothing() -> anyhow::Result<()> {
    let (_provider, server) = both(ALLOWING).await?;
    // Ada's code, stolen before she used it: Eve's own way has another verifier.
    let mut ada = Traveller::new(&base(&server))?;
    let there = ada.sets_out(sign_in()).await?;
    let back = ada.signs_in_there(&there, "ada").await?;
    let given = ada.returns(&back).await?;
    let mut eve = Traveller::new(&base(&server))?;
    let own = eve.sets_out(sign_in()).await?;
    let state = own.query_pairs().find(|(name, _)| name == "state").context("a state")?.1.into_owned();
    let stolen = json!({"code": given["code"], "state": state});
    refused(&eve.finishes(&stolen).await?, 401, "unauthenticated")?;
    ensure!(eve.session().await?.status == 401 && sign_ins(&server).await? == 0);
    // One that was used, on a way of its own.
    let mut bob = Traveller::new(&base(&server))?;
    let there = bob.sets_out(sign_in()).await?;
    let back = bob.signs_in_there(&there, "bob").await?;
    let given = bob.returns(&back).await?;
    ensure!(bob.finishes(&given).await?.status == 200);
    refused(&bob.finishes(&given).await?, 401, "unauthenticated")?;
    let own = eve.sets_out(sign_in()).await?;
    let state = own.query_pairs().find(|(name, _)| name == "state").context("a state")?.1.into_owned();
    refused(&eve.finishes(&json!({"code": given["code"], "state": state})).await?, 401, "unauthenticated")?;
    ensure!(sign_ins(&server).await? == 1);
    Ok(())
}

#[tokio::test]
async fn the_name_or_address_of_somebody_here_makes_nobody_them() -> anyhow::Result<()> {
    let (_provider, server) = both(ALLOWING).await?;
    // The administrator is called Lou, at lou@example.org, and Bob has a password and his address.
    joins_by_password(&server, "bob", "admin").await?;
    let mut lou = Traveller::new(&base(&server))?;
    ensure!(lou.visits(sign_in(), "lou").await?.status == 200);
    let session = lou.session().await?.body;
    ensure!(session["id"] != "local" && session["server_role"] == "viewer", "{session}");
    ensure!(lou.api(Method::GET, "/me", None).await?.body["email"].is_null());
    let mut bob = Traveller::new(&base(&server))?;
    refused(&bob.visits(sign_in(), "bob").await?, 409, "name_taken")?;
    ensure!(bob.session().await?.status == 401);
    Ok(())
}

#[tokio::test]
async fn an_account_is_invited_linked_and_asked_for_again() -> anyhow::Result<()> {
    let (_provider, server) = both("groups_claim = \"groups\"\nscopes = [\"profile\", \"email\", \"groups\"]").await?;
    let mut eve = Traveller::new(&base(&server))?;
    refused(&eve.visits(sign_in(), "eve").await?, 403, "not_let_in")?;
    let form = json!({"role": "admin", "own_name": "Lou", "own_email": "lou@example.org"});
    let link = server.post("/invitations", &form).await?["link"].as_str().context("a link")?.to_owned();
    let secret = link.rsplit_once('#').context("a secret")?.1;
    let mut ada = Traveller::new(&base(&server))?;
    let joined = ada.visits(json!({"errand": "join", "invitation": secret}), "ada").await?;
    ensure!(joined.status == 200, "{joined:?}");
    ensure!(ada.session().await?.body["server_role"] == "admin");
    // Without a password she shows again who she is at the provider, which asks although it knows her.
    let forms = ada.forms();
    ensure!(ada.visits(json!({"errand": "again"}), "ada").await?.status == 200);
    ensure!(ada.forms() == forms + 1, "the provider did not ask");
    ensure!(ada.visits(sign_in(), "ada").await?.status == 200);
    ensure!(ada.forms() == forms + 1, "it asks only then");
    ada.forgets_provider();
    refused(&ada.visits(json!({"errand": "again"}), "bob").await?, 401, "unauthenticated")?;
    ensure!(ada.session().await?.status == 200, "and she stays signed in");

    // Bob has a password, and links his account.
    joins_by_password(&server, "bob", "viewer").await?;
    let mut bob = Traveller::new(&base(&server))?;
    let body = json!({"email": "bob@example.org", "password": crate::PASSWORD});
    let id = bob.api(Method::POST, "/session", Some(&body)).await?.body["id"].clone();
    ensure!(bob.visits(json!({"errand": "link"}), "bob").await?.status == 200);
    let mut elsewhere = Traveller::new(&base(&server))?;
    ensure!(elsewhere.visits(sign_in(), "bob").await?.status == 200);
    ensure!(elsewhere.session().await?.body["id"] == id);
    // Signing out ends the session here, and the provider has a place to sign out there.
    let left = elsewhere.api(Method::DELETE, "/session", None).await?;
    ensure!(left.status == 204 && elsewhere.session().await?.status == 401, "{left:?}");
    let shown = server.get("/session/oidc").await?;
    ensure!(shown["sign_out"].as_str().is_some_and(|url| url.contains("/session/end?client_id=changeover")), "{shown}");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_comes_late_or_goes_away_keeps_nobody_else_out() -> anyhow::Result<()> {
    let mut server = Server::prepare(&[])?;
    let mut provider = IdentityProvider::prepare(&[base(&server)])?;
    provider.say(&people())?;
    provider.configure(&server.data(), ALLOWING)?;
    server.start_again().await?;
    joins_by_password(&server, "cy", "viewer").await?;
    let starts = async || {
        let mut traveller = Traveller::new(&base(&server))?;
        traveller.api(Method::POST, "/session/oidc/start", Some(&sign_in())).await
    };
    refused(&starts().await?, 502, "identity_provider_unavailable")?;
    ensure!(by_password(&server, "cy").await?.status == 200);
    provider.start().await?;
    let mut ada = Traveller::new(&base(&server))?;
    ensure!(ada.visits(sign_in(), "ada").await?.status == 200);
    // It goes away while somebody is on their way.
    let mut bob = Traveller::new(&base(&server))?;
    let there = bob.sets_out(sign_in()).await?;
    let back = bob.signs_in_there(&there, "bob").await?;
    let given = bob.returns(&back).await?;
    provider.stop()?;
    refused(&bob.finishes(&given).await?, 502, "identity_provider_unavailable")?;
    ensure!(ada.session().await?.status == 200 && by_password(&server, "cy").await?.status == 200);
    provider.start().await?;
    ensure!(bob.visits(sign_in(), "bob").await?.status == 200);

    // Ada, whom the provider made an administrator, is enough for a server that its own token opens no more.
    server.stop().await?;
    let settings = server.data().join("changeover.toml");
    let text = std::fs::read_to_string(&settings)?;
    std::fs::write(&settings, format!("no_local_token = true\n{text}"))?;
    server.start_again().await?;
    let answered = answer(server.request(Method::GET, "/session")?).await?;
    ensure!(answered.status == 401, "{answered:?}");
    ensure!(ada.session().await?.body["server_role"] == "admin", "and she is still signed in");
    Ok(())
}

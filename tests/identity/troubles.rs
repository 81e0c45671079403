//! A provider that is away, hangs, or answers something that is none: everybody else comes in, and when it is back its people
//! do too.

use anyhow::ensure;
use serde_json::json;
use tests::identity::{Traveller, configure};
use tests::server::Server;

use crate::liar::{Describes, Liar};
use crate::{ALLOWING, base, by_password, goes, joins_by_password, refused, sign_ins};

#[tokio::test]
async fn whoever_needs_no_provider_needs_none() -> anyhow::Result<()> {
    let mut liar = Liar::prepare()?;
    let mut server = Server::prepare(&[])?;
    configure(&server.data(), liar.issuer(), ALLOWING)?;
    server.start_again().await?;
    joins_by_password(&server, "bob", "viewer").await?;
    let start = json!({"errand": "sign_in"});
    let starts = async || {
        let mut traveller = Traveller::new(&base(&server))?;
        traveller.api(reqwest::Method::POST, "/session/oidc/start", Some(&start)).await
    };
    // Nobody is there.
    refused(&starts().await?, 502, "identity_provider_unavailable")?;
    let shown = server.get("/session/oidc").await?;
    ensure!(shown["name"] == "Example", "{shown}");
    liar.appears().await?;
    // Something is there, and it is none.
    for describes in [Describes::Another, Describes::Script, Describes::Megabytes, Describes::Elsewhere] {
        liar.says(|says| says.describes = describes);
        let answer = starts().await?;
        refused(&answer, 502, "identity_provider_unavailable")
            .map_err(|error| error.context(format!("{describes:?}")))?;
        let come_in = by_password(&server, "bob").await?;
        ensure!(come_in.status == 200, "{describes:?}: {come_in:?}");
    }
    ensure!(liar.asked().is_empty(), "it was followed to somewhere else");
    // It hangs: whoever comes meanwhile comes in, and whoever waits for it is told in the end.
    liar.says(|says| says.describes = Describes::Never);
    let (answer, others) = tokio::join!(starts(), async {
        let come_in = by_password(&server, "bob").await?;
        ensure!(come_in.status == 200, "{come_in:?}");
        server.get("/deployments").await
    });
    others?;
    refused(&answer?, 502, "identity_provider_unavailable")?;
    // It is itself again.
    liar.says(|says| says.describes = Describes::Well);
    let (mut ada, there) = goes(&server).await?;
    liar.is_honest("ada", &there);
    let state = there.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
    let done = ada.finishes(&json!({"code": "a code", "state": state})).await?;
    ensure!(done.status == 200, "{done:?}");
    Ok(())
}

#[tokio::test]
async fn what_comes_in_the_place_of_tokens_lets_nobody_in_and_is_followed_nowhere() -> anyhow::Result<()> {
    let liar = Liar::start().await?;
    let mut server = Server::prepare(&[])?;
    configure(&server.data(), liar.issuer(), ALLOWING)?;
    server.start_again().await?;
    for (status, body) in
        [(500, "broken".to_owned()), (302, String::new()), (200, "x".repeat(2 << 20)), (200, "{}".to_owned())]
    {
        let (mut eve, there) = goes(&server).await?;
        liar.is_honest("eve", &there);
        liar.says(|says| says.instead = Some((status, body)));
        let state = there.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
        let done = eve.finishes(&json!({"code": "a code", "state": state})).await?;
        refused(&done, 502, "identity_provider_unavailable")?;
    }
    ensure!(liar.asked().iter().all(|form| !form.contains_key("followed")), "{:?}", liar.asked());
    ensure!(sign_ins(&server).await? == 0);
    Ok(())
}

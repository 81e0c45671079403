//! Several people at one server: Ada keeps it, Bob and Cy review. Each has a browser of their own.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::{Server, answer};

use crate::browser::Browser;

/// The password of everybody who has one.
pub(crate) const PASSWORD: &str = "a sentence that nobody guesses";
const UPDATE: &str = "[data-test=dialog-update]";

/// A server with the deployment `iris`, whom the local person keeps as Ada, and where Bob and Cy, viewers, are the group
/// *Risk*.
pub(crate) struct Team {
    pub(crate) server: Server,
    risk: Value,
}

impl Team {
    /// With two replicas of `iris@1`, and a configuration `second` with `iris@2`.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let server = Server::start().await?;
        for file in ["iris-v1.onnx", "iris-v2.onnx"] {
            server.register("iris", file).await?;
        }
        server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 2})).await?;
        let mut team = Self { server, risk: Value::Null };
        team.configure("second", json!({"models": ["iris@2"]})).await?;
        let (bob, cy) = (team.joins("Bob").await?, team.joins("Cy").await?);
        let group = json!({"name": "Risk", "members": [bob, cy]});
        team.risk = team.server.post("/groups", &group).await?["id"].clone();
        Ok(team)
    }

    /// The address of a page.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.listen)
    }

    /// Makes a configuration of `iris`.
    pub(crate) async fn configure(&self, name: &str, mut set: Value) -> anyhow::Result<()> {
        set["name"] = json!(name);
        self.server.post("/deployments/iris/configurations", &json!({ "set": set })).await.map(drop)
    }

    /// The link that lets somebody in.
    pub(crate) async fn invite(&self, name: &str) -> anyhow::Result<String> {
        let form =
            json!({"name": name, "email": email(name), "role": "viewer", "own_name": "Ada", "own_email": email("Ada")});
        let made = self.server.post("/invitations", &form).await?;
        Ok(made["link"].as_str().context("no link")?.to_owned())
    }

    /// Somebody who is invited and comes; their id.
    async fn joins(&self, name: &str) -> anyhow::Result<Value> {
        let link = self.invite(name).await?;
        let secret = link.rsplit_once('#').context("a link without a secret")?.1;
        let form = json!({"secret": secret, "name": name, "email": email(name), "password": PASSWORD});
        Ok(self.server.post("/invitations/accept", &form).await?["id"].clone())
    }

    /// Replacing anything needs so many approvals of Risk.
    pub(crate) async fn policy(&self, approvals: u32) -> anyhow::Result<()> {
        let terms = json!({"name": "Releases", "actions": ["replace"], "importance": "any", "reviewers": [self.risk],
            "approvals": approvals});
        self.server.post("/policies", &terms).await.map(drop)
    }

    /// Signs in as people do who have a password.
    pub(crate) async fn sign_in(&self, browser: &Browser, name: &str) -> anyhow::Result<()> {
        browser.go(&self.at("/sign-in")).await?;
        browser.click("[data-test=sign-in-otherwise]").await?;
        browser.write("[data-test=email]", &email(name)).await?;
        browser.write("[data-test=password]", PASSWORD).await?;
        browser.click("[data-test=sign-in] button[type=submit]").await?;
        browser.see(".navigation").await.map(drop)
    }

    /// The newest change request.
    pub(crate) async fn newest(&self) -> anyhow::Result<Value> {
        let requests = self.server.get("/change-requests?for=all&limit=1").await?;
        let id = requests["items"][0]["id"].as_str().context("nobody has asked for anything")?.to_owned();
        self.server.get(&format!("/change-requests/{id}")).await
    }

    /// Reads with another method than `GET` and `POST`.
    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = answer(self.server.request(method, path)?.json(body)).await?;
        ensure!(answer.status < 300, "{path} answered {answer:?}");
        Ok(answer.body)
    }
}

/// The address of somebody.
pub(crate) fn email(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

/// Asks for an update of `iris` to a configuration, from any page, and comes to the page of the request.
pub(crate) async fn ask_for(browser: &Browser, configuration: &str, note: &str) -> anyhow::Result<()> {
    browser.click("[data-test=nav-deployments]").await?;
    browser.click("[data-test=deployment][data-name=iris] a.row-link").await?;
    browser.click("[data-test=update]").await?;
    browser.click(&format!("{UPDATE} [data-test=configuration][data-name={configuration}]")).await?;
    browser.choose(&format!("{UPDATE} [data-test=reason]"), "accuracy").await?;
    browser.write(&format!("{UPDATE} [data-test=note]"), note).await?;
    // Slow enough that every moment can be seen.
    browser.click(&format!("{UPDATE} [data-test=preset-own]")).await?;
    browser.write(&format!("{UPDATE} [data-test=min_ready_seconds]"), "1").await?;
    browser.read(&format!("{UPDATE} [data-test=asks]"), "Bob and Cy can review").await?;
    browser.read(&format!("{UPDATE} [data-test=confirm]"), "Ask for approval").await?;
    browser.click(&format!("{UPDATE} [data-test=confirm]")).await?;
    browser.see_no_more(UPDATE).await?;
    browser.read("[data-test=request-state]", "Waits for review").await.map(drop)
}

/// Opens the one request that waits for somebody, from any page.
pub(crate) async fn open_what_waits(browser: &Browser) -> anyhow::Result<()> {
    browser.read("[data-test=waits-for-me]", "1").await?;
    browser.click("[data-test=nav-approvals]").await?;
    browser.click("[data-test=section-waits-for-me] [data-test=request] .act a").await?;
    browser.see("[data-test=what-changes]").await.map(drop)
}

/// Notes that the page was never loaded anew from now on.
pub(crate) async fn never_reloaded(browser: &Browser) -> anyhow::Result<()> {
    browser.ask("window.neverReloaded = true").await.map(drop)
}

/// Ensures that it was not, since then.
pub(crate) async fn ensure_never_reloaded(browser: &Browser) -> anyhow::Result<()> {
    ensure!(browser.ask("return window.neverReloaded").await? == true, "the page was loaded anew on the way");
    Ok(())
}

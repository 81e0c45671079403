//! Notices that leave the machine, with a real mail server and a receiver that checks signatures by the library of the
//! standard.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};
use tests::python::{Running, environment};
use tests::server::{Server, answer, free_address, until};

/// A mail server with its mails.
struct MailServer {
    folder: tempfile::TempDir,
    address: SocketAddr,
    running: Option<Running>,
}

fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("notices").join(name)
}

impl MailServer {
    async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])?;
        fs::write(folder.path().join("certificate.pem"), made.cert.pem())?;
        fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem())?;
        let mut server = Self { folder, address: free_address(), running: None };
        server.start_again().await?;
        Ok(server)
    }

    async fn start_again(&mut self) -> anyhow::Result<()> {
        let python = environment(&beside("requirements.txt")).await?;
        let (port, folder) = (self.address.port().to_string(), self.folder.path().display().to_string());
        let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| format!("{folder}/{name}"));
        let words = [port.as_str(), folder.as_str(), certificate.as_str(), key.as_str()];
        self.running = Some(Running::start(&python, &beside("mail_server.py"), &words).await?);
        Ok(())
    }

    /// The mails that it has kept, whole.
    fn mails(&self) -> anyhow::Result<Vec<String>> {
        let Ok(files) = fs::read_dir(self.folder.path().join("mails/new")) else { return Ok(Vec::new()) };
        let mut paths: Vec<_> = files.map(|file| Ok(file?.path())).collect::<std::io::Result<_>>()?;
        paths.sort();
        Ok(paths.into_iter().map(fs::read_to_string).collect::<Result<_, _>>()?)
    }

    async fn until_mails(&self, what: &str, count: usize) -> anyhow::Result<Vec<String>> {
        until(what, async || Ok(Some(self.mails()?).filter(|mails| mails.len() >= count))).await
    }

    /// The table of the settings by which a server sends mail here.
    fn settings(&self, server: &Server, password: &str) -> anyhow::Result<()> {
        fs::write(server.data().join("mail-password"), format!("{password}\n"))?;
        let table = format!(
            "public_url = 'https://models.example.com'\n[mail]\nhost = 'localhost'\nport = {}\n\
             from = 'Changeover <changeover@example.com>'\nusername = 'changeover'\npassword_file = 'mail-password'\nca_file = '{}'\n",
            self.address.port(),
            self.folder.path().join("certificate.pem").display()
        );
        Ok(fs::write(server.data().join("changeover.toml"), table)?)
    }

    fn hold(&self, hold: bool) -> anyhow::Result<()> {
        let file = self.folder.path().join("hold");
        if hold {
            fs::write(file, "")?
        } else {
            fs::remove_file(file)?
        }
        Ok(())
    }
}

/// Gives whoever has the server's token a name and an address.
async fn call_me(server: &Server, email: &str) -> anyhow::Result<()> {
    let request = server.request(Method::PATCH, "/me")?.json(&json!({"name": "Ada", "email": email}));
    let said = answer(request).await?;
    anyhow::ensure!(said.status == 200, "{said:?}");
    Ok(())
}

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let line = mail.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {mail}"))
}

fn with_subject<'a>(mails: &'a [String], subject: &str) -> Vec<&'a String> {
    mails.iter().filter(|mail| header(mail, "Subject") == subject).collect()
}

async fn deliveries(server: &Server, state: &str) -> anyhow::Result<Vec<Value>> {
    let page = server.get(&format!("/deliveries?state={state}&limit=200")).await?;
    page["items"].as_array().cloned().context("a list")
}

#[tokio::test]
async fn a_person_hears_by_mail_what_was_replaced() -> anyhow::Result<()> {
    let mail = MailServer::start().await?;
    let mut server = Server::prepare(&[])?;
    mail.settings(&server, "s3cret pass")?;
    server.start_again().await?;
    let said = server.command(&["mail", "test", "ada@example.com"]).await?;
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.out.starts_with("Accepted: 250"), "{said:?}");
    let refused = server.command(&["mail", "test", "nobody@example.com"]).await?;
    assert!(refused.status == Some(1) && refused.err.contains("no such person"), "{refused:?}");

    call_me(&server, "ada@example.com").await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    let mails = mail.until_mails("a mail about the deployment", 2).await?;
    let about = with_subject(&mails, "iris runs iris@1");
    assert_eq!(about.len(), 1, "{mails:?}");
    let text = about[0];
    let id = header(text, "Message-ID");
    assert!(id.ends_with("@example.com>"), "{id}");
    assert_eq!((header(text, "To"), header(text, "Auto-Submitted")), ("ada@example.com", "auto-generated"));
    assert!(text.contains("https://models.example.com/deployments/iris"), "{text}");
    assert!(!text.contains(&server.listen.to_string()), "links lead to the public address: {text}");
    let delivery = until("the delivery", async || {
        let delivered = deliveries(&server, "delivered").await?;
        Ok(delivered.into_iter().find(|one| one["subject"] == "iris runs iris@1"))
    })
    .await?;
    assert_eq!(id, format!("<{}@example.com>", delivery["id"].as_str().context("an id")?));

    // Whom the mail server does not know is not written to again and again.
    call_me(&server, "nobody@example.com").await?;
    server.command(&["relaunch", "iris", "--wait"]).await?;
    until("the refusal", async || {
        let refused = deliveries(&server, "refused").await?;
        Ok(refused
            .iter()
            .any(|one| one["answer"].as_str().is_some_and(|said| said.contains("no such person")))
            .then_some(()))
    })
    .await?;
    let shown = server.command(&["notices"]).await?;
    assert!(shown.out.contains("iris was relaunched") && shown.out.contains("iris runs iris@1"), "{shown:?}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_killed_before_it_hears_the_answer_sends_the_same_mail_again() -> anyhow::Result<()> {
    let mail = MailServer::start().await?;
    let mut server = Server::prepare(&[])?;
    mail.settings(&server, "s3cret pass")?;
    server.start_again().await?;
    call_me(&server, "ada@example.com").await?;
    server.register("iris", "iris-v1.onnx").await?;
    mail.hold(true)?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    mail.until_mails("the mail that is kept and not answered", 1).await?;
    server.kill()?;
    mail.hold(false)?;
    server.start_again().await?;
    until("the delivery", async || Ok(deliveries(&server, "waiting").await?.is_empty().then_some(()))).await?;
    let mails = mail.mails()?;
    let twice = with_subject(&mails, "iris runs iris@1");
    let ids: Vec<_> = twice.iter().map(|mail| (header(mail, "Message-ID"), header(mail, "Date"))).collect();
    assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    Ok(())
}

#[tokio::test]
async fn wrong_settings_are_said_and_lose_no_mail() -> anyhow::Result<()> {
    let mut mail = MailServer::start().await?;
    let mut server = Server::prepare(&[])?;
    mail.settings(&server, "another password")?;
    server.start_again().await?;
    call_me(&server, "ada@example.com").await?;
    let wrong = server.command(&["mail", "test", "ada@example.com"]).await?;
    assert!(wrong.status == Some(1) && wrong.err.contains("cannot be used"), "{wrong:?}");
    assert!(!wrong.err.contains("another password") && !wrong.err.contains("s3cret"), "{wrong:?}");
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    until("the trouble", async || {
        let shown = server.get("/mail").await?;
        Ok((shown["trouble"].is_string() && shown["waiting"] == 1).then_some(()))
    })
    .await?;
    server.stop().await?;
    // Another certificate than the one that is trusted.
    mail.settings(&server, "s3cret pass")?;
    let foreign = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let trusted = mail.folder.path().join("certificate.pem");
    let own = fs::read(&trusted)?;
    fs::write(&trusted, foreign.cert.pem())?;
    server.start_again().await?;
    until("the trouble with the certificate", async || {
        let trouble = server.get("/mail").await?["trouble"].as_str().unwrap_or_default().to_owned();
        Ok(trouble.contains("ertificate").then_some(()))
    })
    .await?;
    server.stop().await?;
    fs::write(&trusted, own)?;
    // The mail server is away when the server starts.
    mail.running = None;
    server.start_again().await?;
    assert_eq!(server.get("/mail").await?["waiting"], 1);
    mail.start_again().await?;
    let id = deliveries(&server, "waiting").await?[0]["id"].as_str().context("an id")?.to_owned();
    server.command(&["webhooks", "again", &id]).await?;
    let mails = mail.until_mails("the mail", 1).await?;
    assert_eq!(with_subject(&mails, "iris runs iris@1").len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_receiver_knows_messages_by_the_library_of_the_standard() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let address = free_address();
    fs::write(folder.path().join("secrets"), "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")?;
    let python = environment(&beside("requirements.txt")).await?;
    let (port, place) = (address.port().to_string(), folder.path().display().to_string());
    let _receiver = Running::start(&python, &beside("receiver.py"), &[&port, &place]).await?;
    let got = || -> anyhow::Result<Vec<Value>> {
        let text = fs::read_to_string(folder.path().join("got")).unwrap_or_default();
        Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    };
    let mut server = Server::prepare(&[])?;
    fs::write(server.data().join("changeover.toml"), format!("webhook_allow = ['{address}']\n"))?;
    server.start_again().await?;
    let terms = json!({"name": "Chat", "url": format!("http://{address}/hook"), "topics": ["rollout_ended"]});
    let made = server.post("/webhooks", &terms).await?;
    let id = made["webhook"]["id"].as_str().context("an id")?;
    let first = made["secret"].as_str().context("a secret")?;
    let unknown = server.command(&["webhooks", "test", id]).await?;
    assert!(unknown.status == Some(1) && unknown.err.contains("401"), "{unknown:?}");
    fs::write(folder.path().join("secrets"), first)?;
    let known = server.command(&["webhooks", "test", id]).await?;
    assert_eq!(known.status, Some(0), "{known:?}");

    // While the receiver learns the new secret, the one before signs too.
    let rotated = server.post(&format!("/webhooks/{id}/rotate"), &json!({})).await?;
    let second = rotated["secret"].as_str().context("a secret")?;
    fs::write(folder.path().join("secrets"), format!("{first}\n{second}\n"))?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    let message = until("the message", async || {
        Ok(got()?.into_iter().find(|one| one["body"]["data"]["subject"] == "iris runs iris@1"))
    })
    .await?;
    assert_eq!(message["verified"], json!([first, second]));
    assert_eq!(message["body"]["type"], "changeover.rollout_ended");
    assert_eq!(message["body"]["data"]["deployment"]["name"], "iris");
    let delivered = until("the delivery", async || Ok(deliveries(&server, "delivered").await?.pop())).await?;
    assert_eq!(delivered["id"], message["id"]);
    let again = server.command(&["webhooks", "again", message["id"].as_str().context("an id")?]).await?;
    assert_eq!(again.status, Some(0), "{again:?}");
    let same = |one: &&Value| one["id"] == message["id"] && one["body"] == message["body"];
    until("the message once more", async || Ok((got()?.iter().filter(same).count() == 2).then_some(()))).await?;
    Ok(())
}

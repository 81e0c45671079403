//! A deployment is tried by hand: with good and wrong values, by its owner and in an application by somebody who may only
//! predict, before and after an update.

use anyhow::ensure;
use reqwest::Method;
use serde_json::json;
use tests::program::until;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::{in_browser, in_browsers};
use crate::looks::Eye;
use crate::team::{Team, ensure_never_reloaded, never_reloaded};

const APPLICATION: &str = "[data-test=dialog-application]";
const DELETE: &str = "[data-test=dialog-delete-application]";
const ANSWER: &str = "[data-test=answer-table]";
/// What the first output of an answer to one row says.
const LABEL: &str = "[data-test=answer-table] tbody tr:first-child td";
/// A flower of the first species.
const FLOWER: [(&str, &str); 4] =
    [("sepal_length", "5.1"), ("sepal_width", "3.5"), ("petal_length", "1.4"), ("petal_width", "0.2")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deployment_is_tried_and_has_an_application() -> anyhow::Result<()> {
    let team = Team::start().await?;
    let consumer = json!({"principal": "everyone", "role": "consumer"});
    team.send(Method::PATCH, "/deployments/iris/access", &consumer).await?;
    in_browsers("trying", ["ada", "bob"], async |[ada, bob]| {
        let mut eye = Eye::new(ada)?;
        ada.sign_in(&team.server).await?;
        never_reloaded(ada).await?;
        tries(&team, ada, &mut eye).await?;
        creates(ada, &mut eye).await?;
        eye.closes()?;

        let mut eye = Eye::new(bob)?;
        uses(&team, bob, &mut eye).await?;
        never_reloaded(bob).await?;
        follows(&team, bob, &mut eye).await?;
        eye.closes()?;
        ensure_never_reloaded(ada).await?;
        deletes(&team, ada, bob).await?;
        ensure_never_reloaded(bob).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_outlives_a_reload_and_nobody_finds_it_after_signing_out() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 1})).await?;
    let at = format!("http://{}/deployments/iris?tab=try", server.listen);
    in_browser("typed", async |browser| {
        browser.sign_in(&server).await?;
        browser.go(&at).await?;
        browser.write(&field(0, "petal_width"), "0.2").await?;
        browser.go(&at).await?;
        browser.holds(&field(0, "petal_width"), "0.2").await?;
        browser.click("[data-test=sign-out]").await?;
        browser.see("[data-test=sign-in]").await?;
        browser.sign_in(&server).await?;
        browser.go(&at).await?;
        browser.holds(&field(0, "petal_width"), "").await
    })
    .await
}

fn field(row: usize, name: &str) -> String {
    format!("[data-test=try-row]:nth-of-type({}) [data-test=try-field][data-name={name}]", row + 1)
}

async fn fill(browser: &Browser, row: usize) -> anyhow::Result<()> {
    for (name, text) in FLOWER {
        browser.write(&field(row, name), text).await?;
    }
    Ok(())
}

/// By the key of its row, with values that are refused, and with several rows.
async fn tries(team: &Team, ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.see("[data-test=deployment][data-name=iris] a.row-link").await?;
    ada.ask("document.querySelector('[data-test=deployment][data-name=iris] a.row-link').focus()").await?;
    ada.strike("t").await?;
    ada.see("[data-test=try-form]").await?;
    ensure!(ada.address().await?.ends_with("/deployments/iris?tab=try"), "it has no address of its own");
    ada.see("[data-test=try]").await?;

    ada.click("[data-test=predict]").await?;
    ada.read("[data-test=try-faults]", "4 fields").await?;
    fill(ada, 0).await?;
    ada.write(&field(0, "petal_width"), "0,2").await?;
    ada.click("[data-test=predict]").await?;
    ada.read("[data-test=try-faults]", "One field").await?;
    ada.read("[data-test=try-row]", "Write 0.2 with a point.").await?;
    ensure!(ada.count("[data-test=answer]").await? == 0, "a wrong value was sent");
    eye.look("try-wrong-value").await?;

    ada.write(&field(0, "petal_width"), "0.2").await?;
    ada.press("\u{E007}").await?;
    ada.read(LABEL, "setosa").await?;
    ada.read(ANSWER, "probabilities: versicolor").await?;
    ada.read("[data-test=answered-by]", "revision 1 · replica ").await?;
    ada.click("[data-test=raw-request] summary").await?;
    ada.read("[data-test=raw-request] code", "\"datatype\": \"FP32\"").await?;
    eye.look("try-answer").await?;
    // It went the way of every other request.
    until("the request being counted", async || {
        let metrics = team.server.get("/deployments/iris/metrics?window=300&by=revision").await?;
        Ok(metrics["items"].to_string().contains("\"revision\":1").then_some(()))
    })
    .await?;

    ada.click("[data-test=add-row]").await?;
    ada.write(&field(1, "petal_length"), "6").await?;
    ada.write(&field(1, "petal_width"), "2.4").await?;
    ada.click("[data-test=predict]").await?;
    ada.read(&format!("{ANSWER} tbody tr:nth-child(2) td"), "virginica").await?;
    eye.look("try-two-rows").await?;
    ada.click("[data-test=try-row]:nth-of-type(1) [data-test=remove-row]").await?;
    ada.see_no_more("[data-test=remove-row]").await?;

    // Another tab of the page, and back: what was typed is there.
    ada.click("[data-test=tab-rollouts]").await?;
    ada.click("[data-test=try]").await?;
    ada.holds(&field(0, "petal_width"), "2.4").await?;
    ada.click("[data-test=fill-example]").await?;
    ada.holds(&field(0, "petal_width"), "0.5").await
}

/// From the menu of the deployment.
async fn creates(ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click(".heading [data-test=menu]").await?;
    ada.read("[data-test=action-application]", "Create application…").await?;
    ada.click("[data-test=action-application]").await?;
    ada.write(&format!("{APPLICATION} [data-test=application-title]"), "Which iris is it?").await?;
    let introduction = format!("{APPLICATION} [data-test=application-introduction]");
    ada.write(&introduction, "Measure a flower and type what you have found.").await?;
    ada.click(&format!("{APPLICATION} [data-test=field-words] summary")).await?;
    let of = |what: &str| format!("{APPLICATION} [data-name=sepal_length] [data-test=try-field][data-name={what}]");
    ada.write(&of("label"), "Length of the sepal").await?;
    ada.write(&of("hint"), "In centimetres.").await?;
    ada.write(&of("default"), "5.8").await?;
    eye.look("create-application").await?;
    ada.click(&format!("{APPLICATION} [data-test=confirm]")).await?;
    ada.see_no_more(APPLICATION).await?;
    ada.click("[data-test=tab-overview]").await?;
    ada.read("[data-test=application]", "Which iris is it?").await.map(drop)
}

/// Bob, who may only predict, by the link that Ada has given him.
async fn uses(team: &Team, bob: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    team.sign_in(bob, "Bob").await?;
    bob.go(&team.at("/deployments/iris")).await?;
    bob.see("[data-test=consumer]").await?;
    bob.see("[data-test=try-form]").await?;
    eye.look("consumer").await?;
    bob.click("[data-test=open-application]").await?;
    ensure!(bob.address().await?.ends_with("/apps/iris"), "the application has no address of its own");
    bob.go(&team.at("/apps/iris")).await?;
    bob.read("[data-test=application-title]", "Which iris is it?").await?;
    bob.read("[data-test=application-page]", "Measure a flower").await?;
    bob.read("[data-test=try-row]", "Length of the sepal").await?;
    bob.holds(&field(0, "sepal_length"), "5.8").await?;
    ensure!(bob.count(".navigation").await? == 0, "an application has the navigation of operators");
    ensure!(bob.count("[data-test=edit-application]").await? == 0, "a consumer is offered to edit it");
    fill(bob, 0).await?;
    bob.click("[data-test=predict]").await?;
    bob.read(LABEL, "setosa").await?;
    eye.look("application").await?;

    bob.go(&team.at("/apps/nothing")).await?;
    bob.read("[data-test=empty]", "There is no application at this address").await?;
    bob.go(&team.at("/apps/iris")).await?;
    bob.see("[data-test=add-row]").await.map(drop)
}

/// An update under the open page, and a deactivation.
async fn follows(team: &Team, bob: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let own = json!({"labels": ["Iris A", "Iris B", "Iris C"], "batch_limit": 1});
    let update = json!({"set": {"user_config": own}, "accept_warnings": true, "reason": "accuracy"});
    team.server.post("/deployments/iris/rollouts", &update).await?;
    let rollout = team.server.until_over("iris").await?;
    ensure!(rollout["phase"] == "completed", "{rollout:#}");
    // It takes one row now, and says so by itself.
    bob.see_no_more("[data-test=add-row]").await?;
    fill(bob, 0).await?;
    bob.click("[data-test=predict]").await?;
    bob.read(LABEL, "Iris A").await?;
    bob.read("[data-test=answered-by]", "revision 2").await?;

    team.server.post("/deployments/iris/deactivate", &json!({})).await?;
    bob.see("[data-test=try-stopped]").await?;
    eye.look("application-deactivated").await?;
    bob.click("[data-test=predict]").await?;
    bob.read("[data-test=answer-problem]", "No replica answered").await.map(drop)
}

async fn deletes(team: &Team, ada: &Browser, bob: &Browser) -> anyhow::Result<()> {
    ada.click(".heading [data-test=menu]").await?;
    ada.read("[data-test=action-application]", "Edit application…").await?;
    ada.click("[data-test=action-delete-application]").await?;
    ada.click(&format!("{DELETE} [data-test=confirm]")).await?;
    ada.see_no_more(DELETE).await?;
    ada.see_no_more("[data-test=application]").await?;
    bob.read("[data-test=empty]", "There is no application at this address").await?;
    let history = team.server.get("/history?limit=1").await?;
    ensure!(history["items"][0]["kind"] == "application_deleted", "{history:#}");
    Ok(())
}

//! Python environments (RAY-6): built once for each set of requirements, side by side, gone when nothing asks for them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use reqwest::Method;
use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};
use tests::program::until;
use tests::server::{Server, answer};

use crate::program::{ask, program, say};

/// Makes packages of a few bytes, so that no registry is asked.
const PACKAGES: &str = r#"
import sys, zipfile
for version in ["1.0", "2.0"]:
    with zipfile.ZipFile(f"{sys.argv[1]}/greeting-{version}-py3-none-any.whl", "w") as wheel:
        info = f"greeting-{version}.dist-info"
        wheel.writestr("greeting.py", f"words = 'hello {version}'\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
"#;

/// A server whose installer finds only those packages.
async fn server() -> anyhow::Result<Server> {
    let server = Server::prepare(&[])?;
    let packages = server.folder().join("packages");
    fs::create_dir(&packages)?;
    let made = Command::new("python3").args(["-c", PACKAGES]).arg(&packages).status()?;
    ensure!(made.success(), "the packages cannot be made");
    let links: Vec<_> = ["PIP", "UV"].iter().map(|tool| format!("{tool}_FIND_LINKS={}", packages.display())).collect();
    let wrapper = ["env", &links[0], &links[1], "PIP_NO_INDEX=1", "UV_NO_INDEX=1"];
    let mut server = server.started_by(&wrapper);
    server.start_again().await?;
    Ok(server)
}

fn configuration(requirements: &[&str], replicas: u32) -> Value {
    json!({
        "runtime": "command", "command": program("{env}/bin/python"), "replicas": replicas,
        "environment": {"python": {"requirements": requirements}},
    })
}

fn environments(server: &Server) -> anyhow::Result<Vec<String>> {
    let folders = fs::read_dir(server.data().join("environments"))?.filter_map(Result::ok);
    let names =
        folders.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.collect())
}

/// Waits until a replica of the deployment has said such a thing in `field`.
async fn until_said(server: &Server, deployment: &str, field: &str, words: &str) -> anyhow::Result<String> {
    until(words, async || {
        let view = server.get(&format!("/deployments/{deployment}?include=replicas")).await?;
        let said = view["replica_list"].as_array().into_iter().flatten().filter_map(|replica| replica[field].as_str());
        Ok(said.map(str::to_owned).find(|said| said.contains(words)))
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_versions_run_side_by_side_and_each_is_built_once() -> anyhow::Result<()> {
    let mut server = server().await?;
    let first = json!({"name": "one", "configuration": configuration(&["greeting==1.0"], 2)});
    server.post("/deployments", &first).await?;
    until_said(&server, "one", "doing", "building the Python environment").await?;
    let rollout = server.until_over("one").await?;
    assert_eq!(rollout["phase"], "completed", "{rollout:#}");
    server.deploy("two", configuration(&["greeting==2.0"], 1)).await?;
    server.deploy("same", configuration(&[" greeting==1.0", "greeting==1.0"], 1)).await?;
    assert_eq!(environments(&server)?.len(), 2, "those who ask for the same share it");
    for (deployment, words) in [("one", "hello 1.0"), ("two", "hello 2.0"), ("same", "hello 1.0")] {
        assert_eq!(say(&server, deployment, "__import__('greeting').words").await?["said"], words);
    }

    let told = ask(&server, "one").await?;
    let env = &told["env"];
    let folder = env["VIRTUAL_ENV"].as_str().unwrap_or_default();
    assert!(Path::new(folder).starts_with(server.data().join("environments")), "{env}");
    assert!(env["PATH"].as_str().unwrap_or_default().starts_with(&format!("{folder}/bin:")), "{env}");
    let names: Vec<_> = env.as_object().into_iter().flat_map(|env| env.keys()).collect();
    let installers =
        |name: &&&String| ["PIP_", "UV_", "CHANGEOVER_INSTALLER_"].iter().any(|start| name.starts_with(start));
    assert_eq!(names.iter().find(installers), None, "what the installer is told stays with it");
    let used = flock(fs::File::open(folder)?, FlockOperation::NonBlockingLockExclusive);
    assert!(used.is_err(), "it is kept for as long as it is used");
    let work = told["folder"].as_str().unwrap_or_default();
    assert!(Path::new(work).starts_with(server.data().join("work")), "a folder of its own: {work}");

    // What a replica left unfinished is thrown away and built anew; what nothing asks for goes with its deployment.
    answer(server.request(Method::DELETE, "/deployments/two")?).await?;
    until("the deployment's end", async || {
        let gone = answer(server.request(Method::GET, "/deployments/two")?).await?.status == 404;
        Ok(gone.then_some(()))
    })
    .await?;
    let left = [Path::new(folder).file_name().unwrap_or_default().to_string_lossy()];
    until("the removal", async || Ok((environments(&server)? == left).then_some(()))).await?;
    server.kill()?;
    server.start_again().await?;
    assert_eq!(environments(&server)?, left);
    assert_eq!(say(&server, "one", "__import__('greeting').words").await?["said"], "hello 1.0");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_removed_keeps_no_server_from_starting() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    server.kill()?;
    for name in ["environments", "unpacked"] {
        // In the place of the lock that would be taken.
        for folder in ["stays", "stays.lock", "goes"] {
            fs::create_dir(server.data().join(name).join(folder))?;
        }
    }
    server.start_again().await?;
    let left = |name: &str| server.data().join("unpacked").join(name).exists();
    until("the other's removal", async || Ok((!left("goes")).then_some(()))).await?;
    assert!(left("stays"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_requirement_that_cannot_be_met_is_told_in_the_installers_words() -> anyhow::Result<()> {
    let server = server().await?;
    let body = json!({"name": "wrong", "configuration": configuration(&["greeting==9"], 1)});
    server.post("/deployments", &body).await?;
    // At once, and not after the ten minutes of its deadline.
    let rollout = server.until_over("wrong").await?;
    let problem = rollout["error"].as_str().unwrap_or_default();
    assert!(
        problem.contains("the Python environment cannot be built") && problem.contains("greeting==9"),
        "{rollout:#}"
    );
    assert_eq!(server.get("/deployments/wrong").await?["status"], "dead");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_starts_in_the_folder_that_was_named_for_it() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let folder = server.folder().canonicalize()?.join("here");
    fs::create_dir(&folder)?;
    let mut configuration = json!({"runtime": "command", "command": program("python3")});
    configuration["environment"] = json!({"working_directory": folder});
    server.deploy("there", configuration.clone()).await?;
    assert_eq!(ask(&server, "there").await?["folder"], json!(folder));
    configuration["environment"] = json!({"working_directory": folder.join("missing")});
    server.post("/deployments", &json!({"name": "missing", "configuration": configuration})).await?;
    until_said(&server, "missing", "problem", "there is no such folder").await?;
    Ok(())
}

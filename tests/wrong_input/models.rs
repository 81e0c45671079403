//! Files that are no models.

use std::fs;

use anyhow::Context as _;
use tests::server::model_file;

use crate::state::{refused, server};

#[tokio::test]
async fn a_file_that_is_no_model_is_refused_and_not_kept() -> anyhow::Result<()> {
    let server = server().await?;
    let iris = fs::read(model_file("iris-v1.onnx"))?;
    let weights = fs::read(model_file("weights-elsewhere.onnx"))?;
    let elsewhere = |place: &str| replaced(&weights, "weights.bin", place).context("no weights to move");
    let files: &[(&str, Vec<u8>, &str)] = &[
        ("empty", Vec::new(), "The file is empty; send the file of the model."),
        ("words", b"just some words\n".to_vec(), "not a model: it looks like plain text"),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "not a model: it looks like"),
        ("cut", iris[..400].to_vec(), "cut short: it ends after 400 bytes"),
        ("outside", elsewhere("../../a.bin")?, "at \"../../a.bin\", outside its own folder, which is refused"),
        ("absolute", elsewhere("/etc/passwd")?, "at the absolute path \"/etc/passwd\", which is refused"),
        ("beside", weights.clone(), "in another file, \"weights.bin\", and a single file was sent"),
    ];
    for (name, bytes, sentence) in files {
        let path = server.folder().join(format!("{name}.onnx"));
        fs::write(&path, bytes)?;
        let path = path.to_string_lossy();
        refused(&server, &["model", "register", "other", &path], 1, &["The model file cannot be read", sentence])
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_file_above_the_limit_is_refused_and_not_kept() -> anyhow::Result<()> {
    let server = server().await?;
    let path = model_file("iris-v2.onnx");
    let words = ["model", "register", "iris", &path.to_string_lossy()];
    refused(&server, &words, 1, &["The model file is too large", "larger than 8192 bytes, the limit"]).await
}

#[tokio::test]
async fn a_model_that_cannot_be_served_is_said_when_it_is_registered_and_never_rolled_out() -> anyhow::Result<()> {
    let server = server().await?;
    let path = model_file("two-targets-sequence.onnx");
    let said = server.command(&["model", "register", "two", &path.to_string_lossy()]).await?;
    let sentence =
        "its output \"probabilities\" is a seq(tensor(FLOAT)), which the Open Inference Protocol cannot carry";
    anyhow::ensure!(said.status == Some(0) && said.out.contains(sentence), "{said:#?}");
    let shown = server.get("/models/two/versions/1").await?;
    anyhow::ensure!(shown["warnings"][0].as_str().is_some_and(|warning| warning.contains(sentence)), "{shown:#}");
    let file = server.folder().join("two.json");
    fs::write(&file, r#"{"models":["two@1"]}"#)?;
    refused(&server, &["deploy", "two", "--file", &file.to_string_lossy()], 1, &[sentence]).await?;
    refused(&server, &["update", "iris", "--model", "two@1", "--yes"], 1, &[sentence]).await
}

#[tokio::test]
async fn what_is_no_file_is_refused() -> anyhow::Result<()> {
    let server = server().await?;
    let folder = server.folder().join("empty");
    fs::create_dir(&folder)?;
    let path = folder.to_string_lossy();
    refused(&server, &["model", "register", "other", &path], 1, &["empty holds no file"]).await?;
    fs::write(folder.join("notes.txt"), "Buy milk.\n")?;
    let sentences = ["The model file cannot be read", "neither a file MLmodel nor an ONNX file"];
    refused(&server, &["model", "register", "other", &path], 1, &sentences).await?;
    refused(&server, &["model", "register", "other", "/dev/null"], 2, &["is neither a file nor a folder"]).await?;
    refused(&server, &["model", "register", "other", "nowhere.onnx"], 1, &["nowhere.onnx cannot be read"]).await
}

/// The bytes with a text in place of another one of the same length.
fn replaced(bytes: &[u8], old: &str, new: &str) -> Option<Vec<u8>> {
    assert_eq!(old.len(), new.len());
    let at = bytes.windows(old.len()).position(|window| window == old.as_bytes())?;
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new.as_bytes());
    Some(bytes)
}

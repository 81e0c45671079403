//! `model register`: sends a file, a folder or a URL, with what is said of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::id::ModelName;
use domain::model::{CustomPackage, Declared, PackageKind};
use domain::wire::{ModelVersionView, RegisterModel};
use reqwest::multipart::{Form, Part};
use serde::de::DeserializeOwned;

use super::send::Upload;
use super::show::fields;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::set::pair;
use crate::cli::{file, text};

/// `model register`.
#[derive(Args, Debug)]
#[command(
    after_help = "PATH is an ONNX, LightGBM or XGBoost file, or a folder: one that MLflow saved, an ONNX file with \
                        what belongs to it, or a custom package. A folder is packed on the way; a zip, tar or tar.gz of \
                        one is taken too. A URL registers an external package, which runs elsewhere.\n\
                        \n\
                        {port}, {model} and {env} in a command are filled in when it starts."
)]
pub(in crate::cli) struct Register {
    /// The name of the model
    name: ModelName,
    /// The file or folder, or the URL of an external package
    #[arg(value_name = "PATH|URL", required_unless_present = "url")]
    path: Option<PathBuf>,
    /// The URL at which an external package answers
    #[arg(long, value_name = "URL", conflicts_with = "path")]
    url: Option<String>,
    /// A word to find it by; may be repeated
    #[arg(long, value_name = "K=V", value_parser = pair)]
    tag: Vec<(String, String)>,
    /// A fact about it; may be repeated
    #[arg(long, value_name = "K=V", value_parser = pair)]
    property: Vec<(String, String)>,
    /// A sentence for people
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    description: String,
    /// The kind of package [default: what the file shows]
    #[arg(long, value_name = "KIND", value_parser = text::from_word::<PackageKind>,
        help = "Which kind of package it is: onnx, mlflow, lightgbm, xgboost, custom or external [default: what it shows]")]
    kind: Option<PackageKind>,
    /// The command that starts a custom package, as the shell would write it
    #[arg(long, value_name = "COMMAND", conflicts_with = "custom")]
    command: Option<String>,
    /// A JSON file that says how a custom package is run: command, requirements, predict, health
    #[arg(long, value_name = "FILE")]
    custom: Option<PathBuf>,
    /// A JSON file with what the package does not say of its signature
    #[arg(long, value_name = "FILE")]
    declare: Option<PathBuf>,
    /// The name of the predicted target, where the package does not say
    #[arg(long, value_name = "NAME")]
    target_name: Option<String>,
    /// A class in index order, where the package does not say; repeated for each
    #[arg(long, value_name = "NAME")]
    class: Vec<String>,
}

impl Register {
    pub(super) async fn run(self: Box<Self>, context: &mut Context) -> Result<(), CliError> {
        let (path, url) = match (&self.path, &self.url) {
            (Some(path), _) if is_url(path) => (None, Some(path.to_string_lossy().into_owned())),
            (path, url) => (path.clone(), url.clone()),
        };
        let meta = self.meta(url)?;
        let answer = match path {
            None => context.client.post(&["models"], &meta).await?,
            Some(path) => {
                let (part, sent) = Upload::open(&context.io, &path).await?.parts();
                let form = Form::new().part("meta", Part::text(serde_json::to_string(&meta)?)).part("file", part);
                let answered = context.client.upload(&["models"], form).await;
                sent.outcome(answered).await?
            }
        };
        context.answer(&answer, |io, view: ModelVersionView| {
            let model = &view.model;
            let what = match &model.url {
                Some(url) => text::printable(url).into_owned(),
                None => text::size(model.size),
            };
            io.line(format!("Registered {}@{} ({what}).", model.name, model.version))?;
            for warning in &view.warnings {
                io.line(format!("  warning: {}", text::printable(warning)))?;
            }
            if model.signature.absent {
                return io.line(
                    io.faint("  the package does not state its inputs and outputs; declare them with --declare"),
                );
            }
            io.line(io.faint(&format!("  input  {}", fields(&model.signature.inputs))))?;
            io.line(io.faint(&format!("  output {}", fields(&model.signature.outputs))))
        })
    }

    fn meta(self, url: Option<String>) -> Result<RegisterModel, CliError> {
        let mut declared: Declared = self.declare.as_deref().map(of_file).transpose()?.unwrap_or_default();
        let twice = |flag: &str, part: &str| {
            CliError::Usage(format!("{part} is given with {flag} and in the file of --declare"))
        };
        if let Some(name) = self.target_name
            && declared.target_name.replace(name).is_some()
        {
            return Err(twice("--target-name", "target_name"));
        }
        if !self.class.is_empty() && declared.classes.replace(self.class).is_some() {
            return Err(twice("--class", "classes"));
        }
        let mut custom: Option<CustomPackage> = self.custom.as_deref().map(of_file).transpose()?;
        if let Some(command) = self.command {
            let words = shlex::split(&command)
                .ok_or_else(|| CliError::Usage(format!("--command {command}: a quotation mark is not closed")))?;
            custom = Some(CustomPackage { command: words, ..CustomPackage::default() });
        }
        let said = custom.as_ref().map(|_| PackageKind::Custom).or(url.as_ref().map(|_| PackageKind::External));
        Ok(RegisterModel {
            tags: unique("--tag", self.tag)?,
            properties: unique("--property", self.property)?,
            description: self.description,
            kind: self.kind.or(said),
            declared,
            custom,
            url,
            ..RegisterModel::of(self.name)
        })
    }
}

fn is_url(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.starts_with("http://") || text.starts_with("https://"))
}

/// The content of a JSON file, every field known.
fn of_file<T: DeserializeOwned>(path: &Path) -> Result<T, CliError> {
    let value = file::json(path)?;
    domain::strict::deserialize(value).map_err(|error| {
        let place = match error.path().to_string() {
            place if place == "." => String::new(),
            place => format!("{place}: "),
        };
        CliError::Usage(format!("{}: {place}{}", path.display(), error.inner()))
    })
}

fn unique(flag: &str, pairs: Vec<(String, String)>) -> Result<BTreeMap<String, String>, CliError> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        if map.insert(key.clone(), value).is_some() {
            return Err(CliError::Usage(format!("{flag} {key} is given twice")));
        }
    }
    Ok(map)
}

//! `changeover model`: register a version, list, show.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use domain::id::{ModelName, ModelRef};
use domain::model::{Dimension, Field};
use domain::wire::{ModelVersionView, ModelView, Page, RegisterModel};
use reqwest::multipart::{Form, Part};
use tokio_util::io::ReaderStream;

use super::Context;
use crate::cli::args::Paging;
use crate::cli::error::CliError;
use crate::cli::file::FileError;
use crate::cli::io::Io;
use crate::cli::set::pair;
use crate::cli::table::{Facts, Table};
use crate::cli::text::{self, printable};

/// What can be done with models.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Model {
    /// Register a model file as the next version of NAME
    Register(Register),
    /// List models
    List {
        #[command(flatten)]
        paging: Paging,
        /// Only those whose name holds this
        #[arg(long, short, value_name = "TEXT")]
        query: Option<String>,
    },
    /// Show a model with its versions, or one version as NAME@V
    Show {
        /// The model, or one version of it
        #[arg(value_name = "NAME[@V]")]
        model: String,
    },
}

/// `model register`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Register {
    /// What it is called
    name: ModelName,
    /// The ONNX file
    path: PathBuf,
    /// A word to find it by; may be repeated
    #[arg(long, value_name = "K=V", value_parser = pair)]
    tag: Vec<(String, String)>,
    /// A fact about it; may be repeated
    #[arg(long, value_name = "K=V", value_parser = pair)]
    property: Vec<(String, String)>,
    /// A sentence for people
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    description: String,
}

impl Model {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::Register(register) => register.run(context).await,
            Self::List { paging, query } => {
                let mut pairs = paging.query();
                pairs.extend(query.map(|text| ("q", text)));
                let answer = context.client.get(&["models"], &pairs).await?;
                context.answer(&answer, list)
            }
            Self::Show { model } => show(context, &model).await,
        }
    }
}

impl Register {
    async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (file, size) = open(&self.path).await?;
        let meta = RegisterModel {
            tags: unique("--tag", self.tag)?,
            properties: unique("--property", self.property)?,
            description: self.description,
            ..RegisterModel::of(self.name)
        };
        let name = self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let body = reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, 256 << 10));
        let form = Form::new()
            .part("meta", Part::text(serde_json::to_string(&meta)?))
            .part("file", Part::stream_with_length(body, size).file_name(name));
        let answer = context.client.upload(&["models"], form).await?;
        context.answer(&answer, |io, view: ModelVersionView| {
            let model = &view.model;
            io.line(format!("Registered {}@{} ({}).", model.name, model.version, text::size(model.size)))?;
            io.line(io.faint(&format!("  takes {}", fields(&model.signature.inputs))))?;
            io.line(io.faint(&format!("  gives {}", fields(&model.signature.outputs))))
        })
    }
}

async fn open(path: &Path) -> Result<(tokio::fs::File, u64), CliError> {
    let unreadable = |source| CliError::File(FileError::Unreadable { path: path.to_owned(), source });
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let metadata = file.metadata().await.map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(CliError::Usage(format!("{} is not a file; give the path of an .onnx file", path.display())));
    }
    Ok((file, metadata.len()))
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

fn list(io: &mut Io, page: Page<ModelView>) -> io::Result<()> {
    if page.items.is_empty() {
        return io.line("No models. Register one with `changeover model register NAME PATH`.");
    }
    let mut table = Table::new(["NAME", "LATEST", "KIND", "SIZE", "REGISTERED", "IN USE BY"]);
    for view in &page.items {
        let mut used: Vec<String> = view.versions.iter().flat_map(|v| &v.in_use_by).map(ToString::to_string).collect();
        used.sort();
        used.dedup();
        let latest = view.versions.first().map(|version| &version.model);
        table.row([
            view.name.to_string(),
            format!("@{}", view.latest_version),
            text::word(&view.kind),
            latest.map_or_else(String::new, |model| text::size(model.size)),
            latest.map_or_else(String::new, |model| text::time(model.registered_at, &io.zone)),
            text::list(&used),
        ]);
    }
    table.show(io, 0)?;
    more(io, page.next_cursor.as_deref())
}

/// Says that a list goes on.
pub(super) fn more(io: &mut Io, next: Option<&str>) -> io::Result<()> {
    match next {
        Some(cursor) => io.line(io.faint(&format!("More with --cursor {}", printable(cursor)))),
        None => Ok(()),
    }
}

async fn show(context: &mut Context, model: &str) -> Result<(), CliError> {
    let usage = |error: domain::id::InvalidId| CliError::Usage(error.to_string());
    if model.contains('@') {
        let model: ModelRef = model.parse().map_err(usage)?;
        let path = ["models", model.name.as_str(), "versions", &model.version.to_string()];
        let answer = context.client.get(&path, &[]).await?;
        return context.answer(&answer, version);
    }
    let name: ModelName = model.parse().map_err(usage)?;
    let answer = context.client.get(&["models", name.as_str()], &[]).await?;
    context.answer(&answer, versions)
}

fn version(io: &mut Io, view: ModelVersionView) -> io::Result<()> {
    let model = &view.model;
    io.line(io.strong(&format!("{}@{}", model.name, model.version)))?;
    let pairs = |map: &BTreeMap<String, String>| {
        text::list(
            &map.iter().map(|(key, value)| printable(&format!("{key}={value}")).into_owned()).collect::<Vec<_>>(),
        )
    };
    let mut facts = Facts::new();
    facts
        .add("kind", text::word(&model.kind))
        .add("size", text::size(model.size))
        .add("digest", model.digest.as_str())
        .add("takes", fields(&model.signature.inputs))
        .add("gives", fields(&model.signature.outputs));
    if let Some(classes) = &model.signature.classes {
        facts.add("classes", printable(&text::list(classes)));
    }
    if !model.signature.producer.is_empty() {
        facts.add("producer", printable(&model.signature.producer));
    }
    facts.add("tags", pairs(&model.tags)).add("properties", pairs(&model.properties));
    if !model.description.is_empty() {
        facts.add("description", printable(&model.description));
    }
    facts
        .add("registered", format!("{} by {}", text::time(model.registered_at, &io.zone), model.registered_by))
        .add("in use by", text::list(&view.in_use_by));
    facts.show(io)
}

fn versions(io: &mut Io, view: ModelView) -> io::Result<()> {
    let mut table = Table::new(["VERSION", "SIZE", "REGISTERED", "BY", "IN USE BY", "DESCRIPTION"]);
    for version in &view.versions {
        let model = &version.model;
        table.row([
            format!("{}@{}", model.name, model.version),
            text::size(model.size),
            text::time(model.registered_at, &io.zone),
            model.registered_by.to_string(),
            text::list(&version.in_use_by),
            text::short(&printable(&model.description), 40),
        ]);
    }
    table.show(io, 0)
}

fn fields(fields: &[Field]) -> String {
    let shape = |dimension: &Dimension| match dimension {
        Dimension::Fixed(size) => size.to_string(),
        Dimension::Symbolic(name) => printable(name).into_owned(),
        Dimension::Unknown => "?".to_owned(),
    };
    let one = |field: &Field| {
        let shape = field.shape.as_ref().map(|shape_of| shape_of.iter().map(shape).collect::<Vec<_>>().join("×"));
        let shape = shape.map_or_else(String::new, |shape| format!("[{shape}]"));
        format!("{} {}{shape}", printable(&field.name), printable(&field.datatype))
    };
    text::list(&fields.iter().map(one).collect::<Vec<_>>())
}

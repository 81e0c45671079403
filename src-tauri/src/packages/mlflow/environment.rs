//! The Python environment that a model directory asks for: from `requirements.txt`, `python_env.yaml`, `conda.yaml` and
//! `MLmodel`, what each of them asks for and no other names before.
//!
//! A line of a package names packages and versions. Where software comes from is for the server to say: a line that says so
//! makes the environment impossible, because another package of the same name could be installed instead. What cannot be
//! taken for other reasons is left out by name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::python::{self, AskedEnvironment, CondaPackage, Line};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{FILE, LARGEST, describe, options, text};
use crate::packages::Unreadable;
use crate::packages::folder;

const REQUIREMENTS: &str = "requirements.txt";
/// Most lines of a package.
const MOST: usize = 1_024;
/// Most files that its requirements may be spread over.
const MOST_FILES: usize = 32;
/// What installs the others; it is not installed for a model.
const INSTALLER: &str = "pip";

/// Where a description says what the model needs to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    conda: String,
    virtualenv: String,
    /// Files that it names itself.
    named: Vec<String>,
    python: Option<String>,
}

impl Files {
    /// As the flavour says, or as MLflow calls them.
    pub(super) fn of(flavor: Option<&Value>) -> Self {
        let environment = flavor.and_then(|flavor| flavor.get("env"));
        let file = |key: &str| environment.and_then(|all| all.get(key)).and_then(Value::as_str).map(str::to_owned);
        // Releases before 2.0 named only conda's.
        let conda = file("conda").or_else(|| environment.and_then(Value::as_str).map(str::to_owned));
        let virtualenv = file("virtualenv");
        Self {
            named: conda.iter().chain(&virtualenv).cloned().collect(),
            conda: conda.unwrap_or_else(|| "conda.yaml".to_owned()),
            virtualenv: virtualenv.unwrap_or_else(|| "python_env.yaml".to_owned()),
            python: flavor.and_then(|flavor| flavor.get("python_version")).and_then(super::scalar),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Conda {
    dependencies: Vec<Dependency>,
    variables: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Dependency {
    Installers(BTreeMap<String, Option<Vec<String>>>),
    Package(String),
    Other(Value),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PythonEnv {
    python: Option<String>,
    build_dependencies: Vec<String>,
    dependencies: Vec<String>,
}

/// What the model directory `folder` asks for.
///
/// # Errors
/// [`Unreadable`] when a file of it cannot be read, or asks for what cannot be made.
pub(crate) fn requested(folder: &Path) -> Result<AskedEnvironment, Unreadable> {
    read(folder, &describe(&text(folder)?)?.files)
}

pub(super) fn read(folder: &Path, files: &Files) -> Result<AskedEnvironment, Unreadable> {
    let mut asked = Asked::new(folder);
    for named in &files.named {
        if folder::inside(folder, named).is_err() {
            asked
                .leave_out(&format!("{FILE} names the file \"{}\", which is not in the package", folder::shown(named)));
        }
    }
    if let Some(text) = asked.text(REQUIREMENTS)? {
        asked.file(REQUIREMENTS, &text)?;
    }
    let environment: PythonEnv = asked.yaml(&files.virtualenv)?.unwrap_or_default();
    let conda: Conda = asked.yaml(&files.conda)?.unwrap_or_default();
    // MLflow writes the Python of its own process into the other file, whatever the author says here.
    for dependency in &conda.dependencies {
        if let Dependency::Package(package) = dependency
            && let CondaPackage::Python(version) = python::conda(package)
        {
            asked.python(&files.conda, &version);
        }
    }
    if let Some(version) = environment.python {
        asked.python(&files.virtualenv, &version);
    }
    asked.lines(&files.virtualenv, &environment.dependencies.join("\n"), false)?;
    // What pip installs is more than what conda does: it names the same packages as the other files.
    let (mut installed, mut others) = (Vec::new(), Vec::new());
    for dependency in conda.dependencies {
        match dependency {
            Dependency::Installers(mut installers) => {
                installed.extend(installers.remove(INSTALLER).flatten().unwrap_or_default());
                for other in installers.into_keys() {
                    asked.leave_out(&format!("what {} asks for under \"{}\"", files.conda, folder::shown(&other)));
                }
            }
            Dependency::Package(package) => others.push(package),
            Dependency::Other(value) if value.is_null() => {}
            Dependency::Other(value) => {
                asked.leave_out(&format!("{} in {}", folder::shown(&value.to_string()), files.conda));
            }
        }
    }
    asked.lines(&files.conda, &installed.join("\n"), false)?;
    for package in others {
        asked.conda(&files.conda, &package)?;
    }
    for variable in conda.variables.keys() {
        asked.leave_out(&format!(
            "the variable {} in {}: set it in the configuration's env",
            folder::shown(variable),
            files.conda
        ));
    }
    // What builds packages comes last: the others may name it with a version of their own.
    asked.lines(&files.virtualenv, &environment.build_dependencies.join("\n"), false)?;
    if let Some(version) = &files.python
        && asked.python.is_none()
    {
        asked.python(FILE, version);
    }
    Ok(asked.end())
}

/// What was found so far.
struct Asked<'a> {
    folder: &'a Path,
    python: Option<String>,
    /// Lines by the names of their packages, and the files that they are from.
    packages: BTreeMap<String, Vec<(String, String)>>,
    hashes: Hashes,
    constraints: BTreeSet<String>,
    left_out: Vec<String>,
    files: BTreeSet<String>,
    count: usize,
}

/// Whether lines have hashes: pip takes them where all have.
#[derive(Default)]
struct Hashes {
    with: usize,
    without: usize,
}

impl<'a> Asked<'a> {
    fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            python: None,
            packages: BTreeMap::new(),
            hashes: Hashes::default(),
            constraints: BTreeSet::new(),
            left_out: Vec::new(),
            files: BTreeSet::new(),
            count: 0,
        }
    }

    fn leave_out(&mut self, what: &str) {
        let what = what.to_owned();
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    fn python(&mut self, file: &str, version: &str) {
        let version = version.trim().trim_start_matches('=').trim_end_matches(".*");
        let minor = |text: &str| python::asked(text);
        match &self.python {
            _ if version.is_empty() => {}
            None => self.python = Some(version.chars().take(80).flat_map(char::escape_debug).collect()),
            Some(first) if minor(first) == minor(version) => {}
            Some(first) => {
                let what =
                    format!("Python {} in {file}, because another file asks for {first}", folder::shown(version));
                self.leave_out(&what);
            }
        }
    }

    fn conda(&mut self, file: &str, package: &str) -> Result<(), Unreadable> {
        match python::conda(package) {
            CondaPackage::Python(version) => self.python(file, &version),
            CondaPackage::Pip => {}
            CondaPackage::Line(line, build) => {
                self.package(file, line, false)?;
                if let Some(build) = build {
                    self.leave_out(&format!("the build {} of {}", folder::shown(&build), folder::shown(package)));
                }
            }
            CondaPackage::LeftOut => {
                self.leave_out(&format!(
                    "{} in {file}, which pip does not have under a name that is known to be the same",
                    folder::shown(package)
                ));
            }
        }
        Ok(())
    }

    /// The lines of a file, unless they were read before.
    fn file(&mut self, path: &str, text: &str) -> Result<(), Unreadable> {
        self.files.insert(path.to_owned());
        self.lines(path, text, false)
    }

    fn lines(&mut self, file: &str, text: &str, constrains: bool) -> Result<(), Unreadable> {
        for text in python::lines(text) {
            match python::line(&text) {
                Line::Package { line, options, .. } if constrains => {
                    self.constraints.insert(python::without_hashes(&line).to_owned());
                    self.options(file, &line, options);
                }
                Line::Package { line, hashed, options } => {
                    self.options(file, &line, options);
                    self.package(file, line, hashed)?;
                }
                Line::File { path, constrains: also } => self.include(file, &path, constrains || also)?,
                Line::Elsewhere(text) => {
                    self.leave_out(&format!("\"{}\" in {file}, which is not on an index", folder::shown(&text)))
                }
                Line::Option(option) => {
                    self.leave_out(&format!("the option \"{option}\" of the installer in {file}"));
                }
                Line::Source(option) => {
                    return Err(Unreadable::Environment(format!(
                        "{file} says where packages come from (\"{option}\"), which is for the server to say: set it there, as in PIP_INDEX_URL, and leave the line out"
                    )));
                }
                Line::Unknown(text) => {
                    return Err(Unreadable::Environment(format!(
                        "{file} has the line \"{text}\", which pip does not understand; write it as in numpy==2.1.0"
                    )));
                }
            }
        }
        Ok(())
    }

    fn options(&mut self, file: &str, line: &str, options: Option<String>) {
        if let Some(options) = options {
            let package = folder::shown(python::without_hashes(line));
            self.leave_out(&format!("the options {options} of {package} in {file}"));
        }
    }

    fn package(&mut self, file: &str, line: String, hashed: bool) -> Result<(), Unreadable> {
        self.count += 1;
        if self.count > MOST {
            return Err(Unreadable::Environment(format!("it has more than {MOST} requirements, the limit")));
        }
        let name = python::name(&line);
        if name == INSTALLER {
            return Ok(());
        }
        let lines = self.packages.entry(name).or_default();
        // A file may say several times what a package is for several systems; another file says the same once more.
        let first = lines.first().map(|(first, from)| (first.clone(), from.clone()));
        match first {
            Some((_, from)) if from == file => lines.push((line, file.to_owned())),
            None => lines.push((line, file.to_owned())),
            Some((first, from)) => {
                let plain = |line: &str| python::without_hashes(line).replace(' ', "").to_ascii_lowercase();
                let bare = plain(&line) == python::name(&line);
                if plain(&first) != plain(&line) && !bare {
                    self.leave_out(&format!(
                        "{} in {file}, because {from} asks for {}",
                        folder::shown(python::without_hashes(&line)),
                        folder::shown(python::without_hashes(&first))
                    ));
                }
                return Ok(());
            }
        }
        if hashed {
            self.hashes.with += 1
        } else {
            self.hashes.without += 1
        }
        Ok(())
    }

    /// The lines of another file of the package.
    fn include(&mut self, from: &str, path: &str, constrains: bool) -> Result<(), Unreadable> {
        // Paths are meant from the file that names them.
        let path = match Path::new(from).parent().and_then(Path::to_str) {
            Some(parent) if !parent.is_empty() => format!("{parent}/{path}"),
            _ => path.replace('\\', "/"),
        };
        if !self.files.insert(path.clone()) {
            return Ok(());
        }
        if self.files.len() > MOST_FILES {
            return Err(Unreadable::Environment(format!("its requirements are in more than {MOST_FILES} files")));
        }
        if path.contains("://") || folder::inside(self.folder, &path).is_err() {
            self.leave_out(&format!(
                "the file \"{}\" that {from} names, which is not in the package",
                folder::shown(&path)
            ));
            return Ok(());
        }
        let Some(text) = self.text(&path)? else { return Ok(()) };
        self.lines(&path, &text, constrains)
    }

    /// A file of the package; none when there is none.
    fn text(&self, path: &str) -> Result<Option<String>, Unreadable> {
        let Ok(found) = folder::inside(self.folder, path) else { return Ok(None) };
        if !found.is_file() {
            return Ok(None);
        }
        let refuse = |why: &str| Unreadable::Environment(format!("{} {why}", folder::shown(path)));
        let bytes = folder::small(&found, LARGEST)?.ok_or_else(|| refuse("is larger than 4 MiB"))?;
        decoded(&bytes).map(Some).ok_or_else(|| refuse("is no text in UTF-8 or UTF-16"))
    }

    fn yaml<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Unreadable> {
        let Some(text) = self.text(path)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let text = text.trim_start_matches('\u{feff}');
        let refuse = |fault: serde_saphyr::Error| {
            let line: String = fault.to_string().lines().next().unwrap_or_default().chars().take(300).collect();
            Unreadable::Environment(format!("{} cannot be read: {line}", folder::shown(path)))
        };
        serde_saphyr::from_str_with_options::<Option<T>>(text, options()).map_err(refuse)
    }

    fn end(mut self) -> AskedEnvironment {
        let lines = self.packages.into_values().flatten().map(|(line, _)| line);
        let requirements: BTreeSet<String> = if self.hashes.with > 0 && self.hashes.without > 0 {
            self.left_out.push("the hashes of some packages, because others have none".to_owned());
            lines.map(|line| python::without_hashes(&line).to_owned()).collect()
        } else {
            lines.collect()
        };
        AskedEnvironment {
            python: self.python,
            requirements: requirements.into_iter().collect(),
            constraints: self.constraints.into_iter().collect(),
            left_out: self.left_out,
        }
    }
}

/// The text of a file as pip decodes it: by its byte order mark, as UTF-8, or in the coding that its first lines name.
fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => match str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => {
                let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).to_lowercase();
                let named = head.lines().take(2).any(|line| line.starts_with('#') && line.contains("latin-1"));
                named.then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
            }
        },
    }
}

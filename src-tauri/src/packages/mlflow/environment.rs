//! The Python environment that a model directory asks for. It stands in up to four files (`requirements.txt`,
//! `python_env.yaml`, `conda.yaml`, `MLmodel`); the first that names a package is followed, the others are named.

use std::collections::BTreeMap;
use std::path::Path;

use domain::python::{self, AskedEnvironment, CondaPackage};
use serde::Deserialize;
use serde_json::Value;

use super::asked::{EnvironmentBuilder, INSTALLER, Source};
use super::description::{FILE, Files, describe, text};
use super::paths::{self, Named};
use crate::packages::Unreadable;
use crate::packages::folder;

const REQUIREMENTS: &str = "requirements.txt";

// A key with nothing behind it is what is left when its lines are deleted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Conda {
    dependencies: Option<Vec<Dependency>>,
    variables: Option<BTreeMap<String, Value>>,
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
    build_dependencies: Option<Vec<Option<String>>>,
    dependencies: Option<Vec<Option<String>>>,
}

/// The environment that the model directory `folder` asks for.
///
/// # Errors
/// [`Unreadable`] when a file of it cannot be read, or asks for what cannot be made.
pub(crate) fn requested(folder: &Path) -> Result<AskedEnvironment, Unreadable> {
    read(folder, &describe(&text(folder)?)?.files)
}

pub(super) fn read(folder: &Path, files: &Files) -> Result<AskedEnvironment, Unreadable> {
    let mut asked = EnvironmentBuilder::new(folder);
    let place = |path: &String| {
        let named = Named { path: path.clone(), script: false };
        paths::find(folder, &named).ok().map(|(_, place)| place)
    };
    for named in files.named.iter().filter(|named| place(named).is_none()) {
        asked.leave_out(&format!("{FILE} names the file \"{}\", which is not in the package", folder::shown(named)));
    }
    let placed = |path: &String| place(path).unwrap_or_else(|| path.clone());
    let files = &Files { conda: placed(&files.conda), virtualenv: placed(&files.virtualenv), ..files.clone() };
    asked.file(REQUIREMENTS)?;
    let environment: PythonEnv = asked.yaml(&files.virtualenv)?.unwrap_or_default();
    let conda: Conda = asked.yaml(&files.conda)?.unwrap_or_default();
    let dependencies = conda.dependencies.unwrap_or_default();
    let lines =
        |lines: Option<Vec<Option<String>>>| lines.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n");
    // MLflow writes the Python of its own process into the other file, whatever the author says here.
    for dependency in &dependencies {
        if let Dependency::Package(package) = dependency
            && let CondaPackage::Python(version) = python::conda(package)
        {
            asked.python(&files.conda, &version);
        }
    }
    if let Some(version) = environment.python {
        asked.python(&files.virtualenv, &version);
    }
    asked.lines(Source::of(&files.virtualenv), &lines(environment.dependencies), false)?;
    // What pip installs is more than what conda does: it names the same packages as the other files.
    let (mut installed, mut others) = (Vec::new(), Vec::new());
    for dependency in dependencies {
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
    asked.lines(Source::of(&files.conda), &installed.join("\n"), false)?;
    // pip comes last and replaces what conda has installed.
    for package in others {
        asked.conda(Source::yielding(&files.conda), &package)?;
    }
    for variable in conda.variables.unwrap_or_default().keys() {
        asked.leave_out(&format!(
            "the variable {} in {}: set it in the configuration's env",
            folder::shown(variable),
            files.conda
        ));
    }
    // What builds packages is replaced by what is installed after it.
    asked.lines(Source::yielding(&files.virtualenv), &lines(environment.build_dependencies), false)?;
    if let Some(version) = &files.python
        && asked.python.is_none()
    {
        asked.python(FILE, version);
    }
    Ok(asked.end())
}

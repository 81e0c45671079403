//! The `mlflow` runtime: a model directory served by MLflow's own scoring server, in an environment made from the
//! directory's own requirements. Also finds the ONNX file of a directory that has one.
//!
//! Nothing of the directory is executed here: the files that are read say names and versions only.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::args::ReplicaArgs;
use super::unpacked::{self, UnpackError};
use super::{ReplicaError, requirements};
use crate::packages::mlflow::{LARGEST, options};

/// The package that holds the scoring server with all that it needs. `mlflow-skinny` alone has none of it in some
/// versions.
const MLFLOW: &str = "mlflow";

/// Why a model directory cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum MlflowError {
    /// A file of it cannot be read.
    #[error("the model's file {file} cannot be read: {problem}")]
    File {
        /// Its name in the directory.
        file: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A requirement that is not taken from a package.
    #[error("{0}")]
    Requirement(String),
    /// Nothing says which version of MLflow to serve it with.
    #[error(
        "the model says neither in its requirements nor in MLmodel which version of mlflow wrote it; name one in environment.python.requirements, for example \"mlflow==2.12.2\""
    )]
    NoVersion,
    /// It has no ONNX file.
    #[error("the model directory has no flavour onnx with a file; choose the runtime mlflow")]
    NoOnnx,
    /// The ONNX file is not where the model says.
    #[error(transparent)]
    Place(#[from] UnpackError),
}

#[derive(Deserialize)]
struct MlModel {
    #[serde(default)]
    flavors: Flavors,
    #[serde(default)]
    mlflow_version: Option<String>,
}

/// The flavour that matters here.
#[derive(Default, Deserialize)]
struct Flavors {
    #[serde(default)]
    onnx: Option<Onnx>,
}

#[derive(Deserialize)]
struct Onnx {
    #[serde(default)]
    data: Option<String>,
}

/// A conda environment, as far as pip installs it.
#[derive(Deserialize)]
struct Conda {
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Dependency {
    Installer(BTreeMap<String, Vec<String>>),
    /// What conda itself installs.
    Conda(IgnoredAny),
}

#[derive(Deserialize)]
struct PythonEnv {
    #[serde(default)]
    dependencies: Vec<String>,
}

/// Fills in program and requirements; `args.artifact` is the model directory.
pub(super) fn command(args: &mut ReplicaArgs) -> Result<(), ReplicaError> {
    let missing = |argument| ReplicaError::Missing { runtime: "mlflow", argument };
    let folder = args.artifact.as_ref().ok_or_else(|| missing("--artifact"))?;
    args.requirement = needs(folder, &args.requirement)?;
    // Through a shell of its own it finds the programs of its environment by the PATH that this replica gives it.
    let words = ["{env}/bin/python", "-m", "mlflow", "models", "serve", "--env-manager", "local"];
    let options = ["-m", "{model}", "-h", "127.0.0.1", "-p", "{port}"];
    args.program = words.into_iter().chain(options).map(str::to_owned).collect();
    Ok(())
}

/// The requirements for the model directory `folder`: its own, with what is configured in their place, and the version of
/// MLflow that wrote it.
pub(super) fn needs(folder: &Path, configured: &[String]) -> Result<Vec<String>, MlflowError> {
    let named = |line: &String| requirements::name(line) == MLFLOW;
    let mut own = requirements::plain(own(folder)?.iter().map(String::as_str)).map_err(MlflowError::Requirement)?;
    if !own.iter().chain(configured).any(named) {
        let version = model(folder)?.mlflow_version.ok_or(MlflowError::NoVersion)?;
        own.extend(requirements::plain([format!("{MLFLOW}=={version}").as_str()]).map_err(MlflowError::Requirement)?);
    }
    Ok(requirements::merge(own, configured))
}

/// The lines that the directory asks for: the first of its files that says any.
fn own(folder: &Path) -> Result<Vec<String>, MlflowError> {
    if let Some(text) = read(folder, "requirements.txt")? {
        return Ok(text.lines().map(str::to_owned).collect());
    }
    if let Some(environment) = yaml::<PythonEnv>(folder, "python_env.yaml")? {
        // The usual line there points to the file that is not here.
        let points = |line: &String| line.trim() == "-r requirements.txt";
        let lines: Vec<_> = environment.dependencies.into_iter().filter(|line| !points(line)).collect();
        if !lines.is_empty() {
            return Ok(lines);
        }
    }
    let conda = yaml::<Conda>(folder, "conda.yaml")?;
    let lines = conda.into_iter().flat_map(|conda| conda.dependencies).filter_map(|dependency| match dependency {
        Dependency::Conda(_) => None,
        Dependency::Installer(mut lines) => lines.remove("pip"),
    });
    Ok(lines.flatten().collect())
}

/// The ONNX file of the model directory `folder`.
pub(super) fn onnx(folder: &Path) -> Result<PathBuf, MlflowError> {
    let data = model(folder)?.flavors.onnx.and_then(|onnx| onnx.data).ok_or(MlflowError::NoOnnx)?;
    Ok(unpacked::inside(folder, &data)?)
}

fn model(folder: &Path) -> Result<MlModel, MlflowError> {
    let missing = || MlflowError::File { file: "MLmodel", problem: "there is none".to_owned() };
    yaml(folder, "MLmodel")?.ok_or_else(missing)
}

fn yaml<T: DeserializeOwned>(folder: &Path, file: &'static str) -> Result<Option<T>, MlflowError> {
    let Some(text) = read(folder, file)? else { return Ok(None) };
    let problem = |error: serde_saphyr::Error| {
        let said = error.to_string();
        MlflowError::File { file, problem: said.lines().next().unwrap_or_default().chars().take(300).collect() }
    };
    serde_saphyr::from_str_with_options(&text, options()).map(Some).map_err(problem)
}

fn read(folder: &Path, name: &'static str) -> Result<Option<String>, MlflowError> {
    let failed = |problem: String| MlflowError::File { file: name, problem };
    let file = match File::open(folder.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| failed(error.to_string()))?,
    };
    let mut text = String::new();
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| failed(error.to_string()))?;
    if text.len() as u64 > LARGEST {
        return Err(failed(format!("it is larger than {LARGEST} bytes, the limit")));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    const MODEL: &str = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\nmlflow_version: 2.12.2\n";
    const CONDA: &str = "channels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip<=26.3\n- pip:\n  - mlflow==3.1.0\n  - scikit-learn\nname: mlflow-env\n";

    #[test]
    fn requirements_come_from_the_first_file_that_says_any_and_mlflow_is_always_among_them() {
        let needs = |files: &[(&str, &str)], configured: &[&str]| {
            let configured: Vec<_> = configured.iter().map(|&line| line.to_owned()).collect();
            needs(folder(files).path(), &configured).map_err(|error| error.to_string())
        };
        let model = ("MLmodel", MODEL);
        assert_eq!(
            needs(&[model, ("requirements.txt", "scikit-learn")], &[]).unwrap(),
            ["mlflow==2.12.2", "scikit-learn"]
        );
        assert_eq!(needs(&[model, ("requirements.txt", "mlflow==3.17.2\n")], &[]).unwrap(), ["mlflow==3.17.2"]);
        assert_eq!(
            needs(&[model, ("requirements.txt", "mlflow==3.17.2\n")], &["mlflow==2.9"]).unwrap(),
            ["mlflow==2.9"]
        );
        let python = ("python_env.yaml", "python: 3.11.7\ndependencies:\n- -r requirements.txt\n");
        let lines = needs(&[model, python, ("conda.yaml", CONDA)], &["x"]).unwrap();
        assert_eq!(lines, ["mlflow==3.1.0", "scikit-learn", "x"]);
        let python = ("python_env.yaml", "python: 3.11.7\ndependencies:\n- numpy==2.1.0\n");
        assert_eq!(needs(&[model, python], &[]).unwrap(), ["mlflow==2.12.2", "numpy==2.1.0"]);
        assert_eq!(needs(&[model], &[]).unwrap(), ["mlflow==2.12.2"]);
        assert!(needs(&[("MLmodel", "flavors: {}\n")], &[]).unwrap_err().contains("environment.python.requirements"));
        assert_eq!(needs(&[("MLmodel", "flavors: {}\n")], &["mlflow==1.30.1"]).unwrap(), ["mlflow==1.30.1"]);
        assert!(needs(&[("MLmodel", "flavors: [")], &[]).unwrap_err().contains("MLmodel cannot be read"));
        assert!(needs(&[], &[]).unwrap_err().contains("there is none"));
        let wrong = needs(&[model, ("requirements.txt", "--pre\n")], &[]).unwrap_err();
        assert!(wrong.contains("\"--pre\""), "{wrong}");
        let wrong = needs(&[("MLmodel", "mlflow_version: 1 --pre\n")], &[]).unwrap_err();
        assert!(wrong.contains("only lines such as"), "{wrong}");
    }

    #[test]
    fn what_can_be_registered_can_be_served() {
        let limit = usize::try_from(LARGEST).unwrap();
        let of_size = |size: usize| format!("{MODEL}# {}\n", "x".repeat(size - MODEL.len() - 3));
        let anchors: String = (0..64).map(|n| format!("- &a{n} x\n")).collect();
        for (text, taken) in [
            (of_size(limit), true),
            (of_size(limit + 1), false),
            (format!("{MODEL}metadata:\n{anchors}"), true),
            (format!("{MODEL}metadata: {}{}\n", "[".repeat(70), "]".repeat(70)), false),
        ] {
            let folder = folder(&[("MLmodel", &text)]);
            assert_eq!(crate::packages::mlflow::read(folder.path(), 1 << 20).is_ok(), taken);
            assert_eq!(needs(folder.path(), &[]).is_ok(), taken);
        }
    }

    #[test]
    fn the_onnx_file_is_where_the_flavour_says_and_never_outside() {
        let at = |data: &str| {
            let folder = folder(&[("MLmodel", &format!("flavors:\n  onnx:\n    data: {data}\n")), ("model.onnx", "")]);
            onnx(folder.path()).map(|path| path.strip_prefix(folder.path()).unwrap().to_owned())
        };
        assert_eq!(at("model.onnx").unwrap(), Path::new("model.onnx"));
        for wrong in ["../model.onnx", "/etc/passwd", "other.onnx", "null"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}

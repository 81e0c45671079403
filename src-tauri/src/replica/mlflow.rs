//! The `mlflow` runtime: a model directory served by MLflow's own scoring server, in an environment made from the
//! directory's own requirements. Also finds the ONNX file of a directory that has one.
//!
//! Nothing of the directory is executed here: the files that are read say names and versions only.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::python::{self, AskedEnvironment, RequirementLine};
use domain::runtime::Runtime;

use super::ReplicaError;
use super::command::Unfilled;
use super::environment::CONSTRAINTS;
use super::requirements::{self, Requirements};
use crate::packages::Unreadable;
use crate::packages::mlflow;

/// The package that holds the scoring server with all that it needs. `mlflow-skinny` alone has none of it in some
/// versions.
const MLFLOW: &str = "mlflow";

/// The reason why a model directory cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum MlflowError {
    /// The package asks for an environment that cannot be made, or names files that are not there.
    #[error(transparent)]
    Package(#[from] Unreadable),
    /// The version of MLflow in the file MLmodel is no version.
    #[error("the file MLmodel gives \"{0}\" as the version of mlflow that wrote it, which is not a version number")]
    Version(String),
    /// Nothing says with which version of MLflow the model is to be served.
    #[error(
        "the model says neither in its requirements nor in MLmodel which version of mlflow wrote it; name one in environment.python.requirements, for example \"mlflow==2.12.2\""
    )]
    NoVersion,
    /// The model directory has no ONNX file.
    #[error("the model directory has no flavour onnx with a file; choose the runtime mlflow")]
    NoOnnx,
}

/// The scoring server for the model directory `folder`, with what is configured for its environment.
pub(super) fn program(
    folder: PathBuf,
    own_folder: Option<&Path>,
    configured: &[String],
) -> Result<Unfilled, ReplicaError> {
    let missing = || ReplicaError::Missing { runtime: Runtime::Mlflow.as_str(), argument: "--own-folder" };
    let requirements = needs(&folder, configured)?;
    let model = match mlflow::rewritten(&folder).map_err(MlflowError::from)? {
        None => folder,
        Some(text) => {
            let failed = ReplicaError::system("a copy of the model directory cannot be made");
            laid_out(&folder, &own_folder.ok_or_else(missing)?.join("model"), &text).map_err(failed)?
        }
    };
    // Through a shell of its own it finds the programs of its environment by the PATH that this replica gives it.
    let words = ["{env}/bin/python", "-m", "mlflow", "models", "serve", "--env-manager", "local"];
    let options = ["-m", "{model}", "-h", "127.0.0.1", "-p", "{port}"];
    let words = words.into_iter().chain(options).map(str::to_owned).collect();
    Ok(Unfilled { words, model: Some(model), requirements })
}

/// A folder at `place` that holds what the model directory does, with `text` for its file `MLmodel`: what was registered is
/// never changed. Its files are the very ones, under second names, because MLflow follows no link that leads out of a model.
fn laid_out(folder: &Path, place: &Path, text: &[u8]) -> io::Result<PathBuf> {
    match fs::remove_dir_all(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => named_again(folder, place)?,
    }
    let description = place.join("MLmodel");
    fs::remove_file(&description)?;
    fs::write(description, text)?;
    Ok(place.to_owned())
}

fn named_again(folder: &Path, place: &Path) -> io::Result<()> {
    fs::create_dir_all(place)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (from, to) = (entry.path(), place.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            named_again(&from, &to)?;
        } else if fs::hard_link(&from, &to).is_err() {
            // On another file system it cannot have a second name.
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// The requirements of the model directory `folder`: its own, with configured lines in their place, and the version of
/// MLflow that wrote it.
pub(super) fn needs(folder: &Path, configured: &[String]) -> Result<Requirements, MlflowError> {
    let AskedEnvironment { python, requirements: mut own, constraints, .. } = mlflow::requested(folder)?;
    let named = |line: &String| python::name(line) == MLFLOW;
    if !own.iter().chain(configured).any(named) {
        let version = mlflow::version(folder)?.ok_or(MlflowError::NoVersion)?;
        let line = format!("{MLFLOW}=={version}");
        match python::line(&line) {
            RequirementLine::Package { line, options: None, .. } => own.push(line),
            _ => return Err(MlflowError::Version(version.chars().take(80).flat_map(char::escape_debug).collect())),
        }
    }
    let mut lines = requirements::merge(own, configured);
    if !constraints.is_empty() {
        lines.push(format!("-c {CONSTRAINTS}"));
    }
    Ok(Requirements { lines, constraints, python })
}

/// The ONNX file of the model directory `folder`.
pub(super) fn onnx(folder: &Path) -> Result<PathBuf, MlflowError> {
    mlflow::graph(folder)?.ok_or(MlflowError::NoOnnx)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::mlflow::LARGEST;

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
            needs(folder(files).path(), &configured).map(|needs| needs.lines).map_err(|error| error.to_string())
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
        assert!(
            needs(&[("MLmodel", "flavors: {x: 1}\n")], &[]).unwrap_err().contains("environment.python.requirements")
        );
        assert_eq!(needs(&[("MLmodel", "flavors: {x: 1}\n")], &["mlflow==1.30.1"]).unwrap(), ["mlflow==1.30.1"]);
        assert!(needs(&[("MLmodel", "flavors: [")], &[]).unwrap_err().contains("MLmodel"));
        assert!(needs(&[], &[]).is_err());
        let wrong = needs(&[model, ("requirements.txt", "--index-url https://a.b\n")], &[]).unwrap_err();
        assert!(wrong.contains("\"--index-url https://a.b\""), "{wrong}");
        let wrong = needs(&[("MLmodel", "flavors: {x: 1}\nmlflow_version: 1 --pre\n")], &[]).unwrap_err();
        assert!(wrong.contains("which is not a version number"), "{wrong}");
        let limited = [model, ("requirements.txt", "numpy\n-c c.txt\n"), ("c.txt", "scipy<2\n")];
        assert_eq!(needs(&limited, &[]).unwrap(), ["mlflow==2.12.2", "numpy", "-c constraints.txt"]);
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
            assert_eq!(mlflow::read(folder.path(), 1 << 20).is_ok(), taken);
            assert_eq!(needs(folder.path(), &[]).is_ok(), taken);
        }
        // The words of any machine for the ONNX file.
        let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/models/iris-v1.onnx");
        for data in
            ["sub/model.onnx", "sub\\model.onnx", "C:\\m\\sub\\model.onnx", "/srv/m/sub/model.onnx", "/srv/none"]
        {
            let folder = folder(&[("MLmodel", &format!("flavors:\n  onnx:\n    data: '{data}'\n"))]);
            fs::create_dir(folder.path().join("sub")).unwrap();
            fs::copy(iris, folder.path().join("sub/model.onnx")).unwrap();
            let registered = mlflow::read(folder.path(), 1 << 20).ok().and_then(|model| model.graph);
            assert_eq!(registered, onnx(folder.path()).ok(), "{data}");
            assert_eq!(registered.is_some(), data != "/srv/none", "{data}");
        }
    }

    #[test]
    fn a_directory_is_laid_out_anew_without_links_and_without_a_change_to_what_was_registered() {
        let own = tempfile::tempdir().unwrap();
        let from = folder(&[("MLmodel", MODEL), ("w.py", "w")]);
        fs::create_dir(from.path().join("artifacts")).unwrap();
        fs::write(from.path().join("artifacts/a.bin"), "a").unwrap();
        for _ in 0..2 {
            let place = laid_out(from.path(), &own.path().join("model"), b"{}").unwrap();
            assert_eq!(fs::read_to_string(place.join("MLmodel")).unwrap(), "{}");
            for file in ["w.py", "artifacts/a.bin"] {
                assert!(fs::symlink_metadata(place.join(file)).unwrap().is_file(), "{file}");
            }
        }
        assert_eq!(fs::read_to_string(from.path().join("MLmodel")).unwrap(), MODEL);
    }

    #[test]
    fn the_onnx_file_is_where_the_flavour_says_and_never_outside() {
        let at = |data: &str| {
            let folder = folder(&[("MLmodel", &format!("flavors:\n  onnx:\n    data: {data}\n")), ("model.onnx", "")]);
            onnx(folder.path()).map(|path| path.strip_prefix(folder.path().canonicalize().unwrap()).unwrap().to_owned())
        };
        assert_eq!(at("model.onnx").unwrap(), Path::new("model.onnx"));
        for wrong in ["../model.onnx", "/etc/passwd", "other.onnx", "null"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}

//! The `trees` runtime: the small model server that the project brings for LightGBM and XGBoost files, and what it needs.

use std::fs;

use domain::model::PackageKind;

use super::args::ReplicaArgs;
use super::{ReplicaError, requirements};

/// The program; it says itself what it takes and gives.
const PROGRAM: &str = include_str!("../../runtimes/trees.py");
const FILE: &str = "changeover-trees.py";

/// What the program needs beside Python. Newer releases read the files of older ones, not the other way round. The
/// package without `-cpu` brings libraries for GPUs of ten times its size, and predictions need none.
const LIGHTGBM: &[&str] = &["lightgbm==4.7.0", "numpy>=1.26,<3"];
const XGBOOST: &[&str] = &["xgboost-cpu==3.2.0", "numpy>=1.26,<3"];

/// The requirements for a file of this kind; a configured line takes the place of the one for the same package.
pub(super) fn needs(kind: PackageKind, configured: &[String]) -> Vec<String> {
    let own = if kind == PackageKind::Lightgbm { LIGHTGBM } else { XGBOOST };
    requirements::merge(own.iter().map(|&line| line.to_owned()), configured)
}

/// Fills in program and requirements.
pub(super) fn command(args: &mut ReplicaArgs) -> Result<(), ReplicaError> {
    let missing = |argument| ReplicaError::Missing { runtime: "trees", argument };
    let folder = args.own_folder.as_ref().ok_or_else(|| missing("--own-folder"))?;
    let library = if args.kind == PackageKind::Lightgbm { "lightgbm" } else { "xgboost" };
    let file = folder.join(FILE);
    fs::write(&file, PROGRAM).map_err(ReplicaError::system("the program of the trees runtime cannot be written"))?;
    let words = ["{env}/bin/python", "-I", "-B"].map(str::to_owned).into_iter();
    let options = ["--library", library, "--model", "{model}", "--port", "{port}", "--threads"].map(str::to_owned);
    args.program = words.chain([file.to_string_lossy().into_owned()]).chain(options).collect();
    args.program.extend([args.threads.to_string(), "--max-body-bytes".to_owned(), args.max_body_bytes.to_string()]);
    args.requirement = needs(args.kind, &args.requirement);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_into_a_folder_of_a_persons() {
        let folder = tempfile::tempdir().unwrap();
        let [own, theirs] = ["own", "theirs"].map(|name| folder.path().join(name));
        for place in [&own, &theirs] {
            fs::create_dir(place).unwrap();
        }
        fs::write(theirs.join(FILE), "mine").unwrap();
        let words = "changeover --id r-1 --deployment d --revision 1 --instance i --control c --runtime trees --port 1";
        let folders = [format!("--own-folder={}", own.display()), format!("--working-directory={}", theirs.display())];
        let line = words.split(' ').map(str::to_owned).chain(folders);
        let mut args = ReplicaArgs::of_line(line).unwrap();
        command(&mut args).unwrap();
        assert_eq!(fs::read_to_string(theirs.join(FILE)).unwrap(), "mine");
        assert!(args.program.contains(&own.join(FILE).to_string_lossy().into_owned()), "{:?}", args.program);
        assert_eq!(fs::read_to_string(own.join(FILE)).unwrap(), PROGRAM);
    }
}

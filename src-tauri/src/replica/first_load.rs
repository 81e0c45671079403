//! `changeover replica-load`: loads an ONNX file once, in a process that holds nothing else, and says what came of it.
//!
//! It is the load of a replica, before there is one: a file that the runtime refuses is known when it is registered. What
//! the runtime does with a hostile file, it does here: within a limit of memory, and no longer than its parent waits.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::model::Tried;
use rustix::process::{Signal, set_parent_process_death_signal};

use super::lasting::is_want_of_memory;
use super::limits::limit_memory;
use super::model::{LoadError, LoadedModel, Source, TimeLimit};

/// Nothing is asked of the model, so nothing takes long.
const UNASKED: Duration = Duration::from_secs(1);

/// The arguments of `changeover replica-load`.
#[derive(Clone, Debug, clap::Args)]
pub struct LoadArgs {
    /// The ONNX file, in its folder.
    #[arg(long, value_name = "PATH")]
    pub file: PathBuf,
    /// The ONNX Runtime library, `libonnxruntime.so`.
    #[arg(long, value_name = "PATH")]
    pub onnxruntime: Option<PathBuf>,
    /// Most memory that it may take.
    #[arg(long, value_name = "BYTES")]
    pub memory_limit: u64,
}

/// Loads the file; what came of it.
pub fn load(args: &LoadArgs) -> Tried {
    // Nobody waits for what a server that is gone wanted to know; where the system does not know this, its limit ends it.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    // When memory gets short on this machine, this process is the one that nobody misses.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    if let Err(error) = limit_memory(args.memory_limit) {
        return Tried::NotTried { why: error.to_string() };
    }
    let limit = Arc::new(TimeLimit::new(UNASKED));
    match LoadedModel::load(&Source::Place(args.file.clone()), args.onnxruntime.as_deref(), 1, limit) {
        Ok(_) => Tried::Worked,
        Err(error) => said(error, &args.file, args.memory_limit),
    }
}

/// The runtime's words as a person reads them, without the place of the file, which is nobody's business later.
fn said(error: LoadError, file: &Path, memory: u64) -> Tried {
    let problem = match error {
        LoadError::Library(error) => return Tried::NotTried { why: error.to_string() },
        LoadError::Refused(words) => {
            let words = words.replace(&*file.to_string_lossy(), "the file");
            words.trim_start_matches("Load model from the file failed:").trim_start().to_owned()
        }
        served @ LoadError::NotServable { .. } => served.to_string(),
    };
    if is_want_of_memory(&problem) {
        let limit = memory / 1_000_000;
        let why =
            format!("loading the model takes more than {limit} MB of memory, the limit when a model is registered");
        return Tried::NotTried { why };
    }
    Tried::Failed { problem }
}

#[cfg(test)]
mod tests {
    use super::super::model::LibraryError;
    use super::*;

    #[test]
    fn what_came_of_it_is_told_without_the_place_of_the_file() {
        let of = |error| said(error, Path::new("/data/incoming/x"), 2_000_000_000);
        let refused = |words: &str| LoadError::Refused(words.to_owned());
        let failed = |problem: &str| Tried::Failed { problem: problem.to_owned() };
        let words = "Load model from /data/incoming/x failed: Graph output (z) does not exist in the graph.";
        assert_eq!(of(refused(words)), failed("Graph output (z) does not exist in the graph."));
        assert!(matches!(of(refused("std::bad_alloc")), Tried::NotTried { why } if why.contains("2000 MB")));
        assert!(matches!(of(LibraryError::NotSet.into()), Tried::NotTried { why } if why.contains("--onnxruntime")));
        let sequence = LoadError::NotServable { end: "output", name: "p".to_owned(), kind: "Sequence".to_owned() };
        assert!(matches!(of(sequence), Tried::Failed { problem } if problem.contains("output \"p\" is a Sequence")));
    }
}

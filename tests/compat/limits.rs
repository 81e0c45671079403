//! The most that reading a model may cost: one second of processor time and 256 MB of memory, kept by the kernel. Code
//! that is not optimised, as in CI, takes several times as long, so it has so many seconds.
//!
//! Each model is read in a process of its own, which is this test program again; what it is to do stands in its
//! environment.

use std::path::Path;
use std::process::{Command, Output};

use changeover::packages;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::corpus::{LIMIT, manifest};
use crate::hostile;

const VARIABLE: &str = "CHANGEOVER_TESTS_READ";
/// Processor time in seconds. What costs too much here costs minutes, or never ends.
const SECONDS: u64 = if cfg!(debug_assertions) { 4 } else { 1 };
const MEMORY: u64 = 256 << 20;
/// Asks for more memory than there may be, and for more time, to see that both are kept.
const HOG: &str = "much memory";
const SPIN: &str = "much time";

#[test]
fn every_model_is_read_in_little_time_and_memory() {
    let slow: Vec<_> = manifest()
        .models
        .iter()
        .filter(|model| !child(model.path().as_os_str()).status.success())
        .map(|model| model.id.clone())
        .collect();
    assert!(slow.is_empty(), "these cost too much: {slow:?}");
}

#[test]
fn hostile_files_cost_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut slow = Vec::new();
    for (number, hostile) in hostile::all().into_iter().enumerate() {
        // A folder for each, since one of an MLflow model is read as a whole.
        let folder = folder.path().join(number.to_string());
        std::fs::create_dir(&folder).expect("a folder");
        let file = folder.join(if hostile.mlflow { "MLmodel" } else { "model" });
        std::fs::write(&file, &hostile.bytes).expect("a file");
        let path = if hostile.mlflow { folder } else { file };
        let output = child(path.as_os_str());
        if !output.status.success() {
            slow.push(format!("{}: {}", hostile.name, String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(slow.is_empty(), "these cost too much: {slow:?}");
}

#[test]
fn what_costs_more_is_found_out() {
    assert!(!child(HOG.as_ref()).status.success(), "the memory is not limited");
    assert!(!child(SPIN.as_ref()).status.success(), "the time is not limited");
}

/// Not a test of its own: what the others start.
#[test]
fn reads_what_the_environment_names() {
    let Some(path) = std::env::var_os(VARIABLE) else { return };
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Data, limit(MEMORY)).expect("a limit");
    setrlimit(Resource::Cpu, limit(SECONDS)).expect("a limit");
    match path.to_str() {
        Some(HOG) => assert!(std::hint::black_box(vec![1_u8; MEMORY as usize]).len() > 1),
        Some(SPIN) => loop {
            std::hint::spin_loop();
        },
        _ => {
            let read = packages::read(Path::new(&path), LIMIT);
            assert!(!matches!(read, Err(packages::Unreadable::Io(_))), "it is not there");
        }
    }
}

fn child(path: &std::ffi::OsStr) -> Output {
    let program = std::env::current_exe().expect("this program");
    let arguments = ["--exact", "limits::reads_what_the_environment_names", "--test-threads=1"];
    Command::new(program).args(arguments).env(VARIABLE, path).output().expect("it starts")
}

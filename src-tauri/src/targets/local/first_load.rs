//! Has a file loaded once when it is registered: by the runtime itself, in a process of its own.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use domain::model::Tried;
use tokio::process::Command;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::tracked::Shared;
use super::words::Words;

/// The longest time that loading may take.
const LONGEST: Duration = Duration::from_secs(30);
/// Memory that the runtime takes for any model, and how often it may take the size of the file beside.
const MEMORY: u64 = 1 << 30;
const TIMES: u64 = 4;

/// The outcome of loading the ONNX file at `path` with the built-in runtime, with what belongs to it in its folder; `size` is
/// that of the whole package in bytes. Blocks for as long as that takes, within its limit.
pub(super) fn first_load(shared: &Shared, path: &Path, size: u64) -> Tried {
    let not_tried = |why: String| Tried::NotTried { why };
    let Ok(runtime) = Handle::try_current() else { return not_tried("the server is ending".to_owned()) };
    runtime.block_on(async {
        let Ok(_turn) = shared.loads.acquire().await else {
            return not_tried("the server is ending".to_owned());
        };
        match timeout(LONGEST, loading(shared, path, size).output()).await {
            Ok(Ok(output)) => outcome(&output),
            Ok(Err(cause)) => not_tried(format!("the process that loads it cannot be started: {cause}")),
            Err(_) => not_tried(format!("it was not loaded within {} seconds", LONGEST.as_secs())),
        }
    })
}

fn loading(shared: &Shared, path: &Path, size: u64) -> Command {
    let settings = &shared.settings;
    let mut command = Command::new(&settings.program);
    let mut words = Words::default();
    words.give("file", path);
    if let Some(library) = &settings.onnxruntime {
        words.give("onnxruntime", library);
    }
    words.give("memory-limit", MEMORY.saturating_add(size.saturating_mul(TIMES)).to_string());
    command.arg("replica-load").args(words.in_the_open());
    command.env_clear().envs(std::env::var_os("LD_LIBRARY_PATH").map(|value| ("LD_LIBRARY_PATH", value)));
    // Not even a file that crashes the runtime leaves anything behind.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

/// The outcome that the process states, or else the way in which it ended.
fn outcome(output: &Output) -> Tried {
    if let (true, Ok(tried)) = (output.status.success(), serde_json::from_slice(&output.stdout)) {
        return tried;
    }
    match output.status.signal() {
        // Only the system does this here, and only for its own need of memory.
        Some(9) => {
            Tried::NotTried { why: "the system ended the process that loaded it, for want of memory".to_owned() }
        }
        Some(signal) => {
            Tried::Failed { problem: format!("the runtime crashed while it loaded the file (signal {signal})") }
        }
        None => Tried::NotTried { why: format!("the process that loads it ended with {}", output.status) },
    }
}

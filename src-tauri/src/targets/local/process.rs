//! Processes by pid and start time: found, signalled, waited for.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use domain::id::ReplicaId;
use domain::replica::Process;
use procfs::process::{ProcState, Process as Proc};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// A process whose end can be waited for.
pub(super) enum Life {
    /// This server started it.
    Child(Child),
    /// A server before this one did, so that the system tells only by looking.
    Adopted(Process),
}

/// The pause between two looks at an adopted process.
const LOOK: Duration = Duration::from_millis(200);

impl Life {
    /// Waits for the end of the process, and says how it ended; with its exit status, where this server started it.
    pub(super) async fn ended(&mut self) -> (String, Option<i32>) {
        match self {
            Self::Child(child) => match child.wait().await {
                Ok(status) => {
                    let how = match (status.code(), status.signal()) {
                        (Some(0), _) => "it ended by itself".to_owned(),
                        (Some(code), _) => format!("it ended with exit status {code}"),
                        (None, Some(signal)) => format!("it was ended by signal {signal}"),
                        (None, None) => "it ended".to_owned(),
                    };
                    (how, status.code())
                }
                Err(error) => (format!("it cannot be waited for: {error}"), None),
            },
            Self::Adopted(process) => {
                while is_alive(*process) {
                    tokio::time::sleep(LOOK).await;
                }
                ("it ended".to_owned(), None)
            }
        }
    }
}

fn pid(process: Process) -> std::io::Result<Pid> {
    let raw = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
    raw.ok_or_else(|| std::io::ErrorKind::InvalidInput.into())
}

/// The process with this pid, as it can be told from later ones.
pub(super) fn identify(pid: u32) -> Option<Process> {
    let stat = Proc::new(i32::try_from(pid).ok()?).ok()?.stat().ok()?;
    Some(Process { pid, start_ticks: stat.starttime })
}

/// True while the process runs; one that has ended and is not waited for does not run.
pub(super) fn is_alive(process: Process) -> bool {
    let Some(stat) = i32::try_from(process.pid).ok().and_then(|pid| Proc::new(pid).ok()?.stat().ok()) else {
        return false;
    };
    stat.starttime == process.start_ticks && !matches!(stat.state(), Ok(ProcState::Zombie | ProcState::Dead))
}

/// Asks its process group to end.
pub(super) fn terminate(process: Process) {
    signal(process, Signal::TERM);
}

/// Ends its process group.
pub(super) fn kill(process: Process) {
    signal(process, Signal::KILL);
}

/// Ends what a replica that was watched to its end has left in its process group.
///
/// The system gives the number of a group to nobody else while there are members. Where there were none, another process
/// may have it by now, which a later start time tells.
pub(super) fn end_group(process: Process) {
    if identify(process.pid).is_none_or(|found| found == process)
        && let Ok(pid) = pid(process)
    {
        // Mostly nothing is left.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

fn signal(process: Process, signal: Signal) {
    if is_alive(process)
        && let Ok(pid) = pid(process)
    {
        // It may have ended just now, which is what was wanted.
        let _ = kill_process_group(pid, signal);
    }
}

/// Every running replica of the data directory that is called `instance`, by its replica's id.
pub(super) fn replicas_of(instance: &str) -> Result<HashMap<ReplicaId, Vec<Process>>, procfs::ProcError> {
    let mut found: HashMap<ReplicaId, Vec<Process>> = HashMap::new();
    let me = rustix::process::geteuid().as_raw();
    // A process that ends while it is looked at is none of ours any more.
    for process in procfs::process::all_processes()?.flatten() {
        let Ok(words) = process.cmdline() else { continue };
        let value = |flag: &str| words.iter().position(|word| word == flag).and_then(|at| words.get(at + 1));
        let is_ours = words.get(1).is_some_and(|word| word == "replica");
        if !is_ours || value("--instance").is_none_or(|given| given != instance) {
            continue;
        }
        // Anybody may write anything on a command line of his own.
        if process.uid().ok() != Some(me) {
            continue;
        }
        let id = value("--id").and_then(|id| id.parse().ok());
        if let (Some(id), Some(known)) = (id, identify(process.pid().unsigned_abs()))
            && is_alive(known)
        {
            found.entry(id).or_default().push(known);
        }
    }
    Ok(found)
}

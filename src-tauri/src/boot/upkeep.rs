//! `changeover backup`, `restore`, `repair` and `archive`: on the files of a data directory, with or without its
//! server.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::ExitCode;

use super::data_error::DataError;
use super::error::BootError;
use super::identity::{actor, operator};
use super::{admin_link, data};
use crate::cli::{Admin, AdminDeed, Upkeep};
use crate::clock::Clock;
use crate::config::DataDir;
use crate::store;
use crate::upkeep;

/// The news of people and tokens that a restore brings.
const RESTORED: &str = "\
Sessions, invitations and links for administrators have ended: sign in anew, and invite anew.
Everything else is as it was when the backup was made. API tokens that were revoked since then work again, passwords
and roles are those of then, and people who were disabled since then are let in. Where that must not be, do it again.";

/// Does it and says what came of it.
pub fn upkeep(data: &DataDir, what: Upkeep) -> ExitCode {
    data::keep_from_others();
    data::log_to_stderr("warn");
    match done(data, what) {
        Ok(said) => {
            // Nobody is left to hear it when that fails.
            let _ = writeln!(std::io::stdout(), "{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn done(data_dir: &DataDir, what: Upkeep) -> Result<String, BootError> {
    let data = data_dir.path();
    if !matches!(what, Upkeep::Restore { .. }) {
        check_owner(data)?;
    }
    Ok(match what {
        Upkeep::Backup { to } => {
            let made = upkeep::backup(data, &to)?;
            let files = made.artifacts.len();
            format!("Backed up {} to {}: {files} model files, head {}.", data.display(), to.display(), made.head.hash)
        }
        Upkeep::Restore { from } => {
            let made = upkeep::restore(&from, data)?;
            let files = made.artifacts.len();
            format!("Restored {} from {}: {files} model files.\n{RESTORED}", data.display(), from.display())
        }
        Upkeep::Repair { accept_loss } => {
            check_not_empty(data)?;
            let _lock = hold_older(data)?;
            let head = store::repair(data, accept_loss, &actor(&operator())?, Clock::start(None).now())?;
            format!("Rebuilt the tables of {} from the history, up to entry {}.", data.display(), head.seq)
        }
        Upkeep::Admin(Admin { what: AdminDeed::Link { person }, json }) => {
            check_not_empty(data)?;
            let _lock = hold_older(data)?;
            admin_link::make(data_dir, person.as_deref(), json)?
        }
        Upkeep::Archive { to, keep } => {
            check_not_empty(data)?;
            let _lock = hold_older(data)?;
            match store::archive(data, &to, keep)? {
                Some((count, head)) => {
                    format!("Moved {count} entries to {}; the last one's hash is {}.", to.display(), head.hash)
                }
                None => format!("There are no more than {keep} entries; nothing was moved."),
            }
        }
    })
}

fn check_not_empty(data: &Path) -> Result<(), BootError> {
    if store::holds_nothing(data)? {
        return Err(upkeep::UpkeepError::Nothing(data.to_owned()).into());
    }
    Ok(())
}

/// Keeps a server of an earlier version from a database that is about to become one of this version.
fn hold_older(data: &Path) -> Result<Option<data::Lock>, BootError> {
    Ok(if store::is_older(data)? { Some(data::Lock::take(data)?) } else { None })
}

/// Refuses a data directory of another user: the server could not use the files that are made here.
fn check_owner(data: &Path) -> Result<(), BootError> {
    let failed = |source| BootError::Data(DataError::File { path: data.to_owned(), source });
    let owner = data.metadata().map_err(failed)?.uid();
    if owner != rustix::process::geteuid().as_raw() {
        let problem = format!("it belongs to the user with id {owner}; do this as that user");
        return Err(failed(std::io::Error::other(problem)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_database_is_not_changed_under_its_server() {
        let folder = tempfile::tempdir().unwrap();
        let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/disk/written-by-179162b");
        let database = folder.path().join(store::DATABASE);
        std::fs::copy(written.join(store::DATABASE), &database).unwrap();
        let before = std::fs::read(&database).unwrap();
        let server = data::Lock::take(folder.path()).unwrap();
        let data = DataDir::resolve(Some(folder.path())).unwrap();
        let archive = || Upkeep::Archive { to: folder.path().join("old.ndjson"), keep: 100 };
        for what in [Upkeep::Repair { accept_loss: false }, archive()] {
            let error = done(&data, what).unwrap_err();
            assert!(matches!(error, BootError::Data(DataError::InUse { .. })), "{error}");
            assert_eq!(std::fs::read(&database).unwrap(), before);
        }
        drop(server);
        assert!(done(&data, archive()).unwrap().starts_with("Moved 18 entries"));
        let _server = data::Lock::take(folder.path()).unwrap();
        done(&data, Upkeep::Repair { accept_loss: false }).unwrap();
    }
}

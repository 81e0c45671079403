//! Upkeep of a data directory, without asking its server.

use std::path::PathBuf;

use clap::Subcommand;

use super::admin::Admin;

/// Fewest entries that stay in the journal: what a listener can be told again.
const FEWEST: u64 = 2_000;

/// Upkeep of a data directory.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Upkeep {
    /// Copy the data directory to DIR, also while its server runs
    ///
    /// The copy holds the database at one moment, every model file that it needs, the settings and the token; not the
    /// output of replicas, kept requests, and what is made again by itself. Each model file is compared with its
    /// digest; on the same disk it is linked, not copied. It holds the keys of callers too: keep it as private as the
    /// data directory.
    Backup {
        /// An empty folder, or one that is not there yet
        #[arg(value_name = "DIR")]
        to: PathBuf,
    },
    /// Bring the backup in DIR back into the data directory (--data), which must be empty or not there yet
    ///
    /// Sessions, invitations and links for administrators end. API tokens that were revoked after the backup was made
    /// work again, and people who were disabled after it are let in, until you do that again.
    Restore {
        /// A folder that `backup` made
        #[arg(value_name = "DIR")]
        from: PathBuf,
    },
    /// Make the tables of the database again from the journal, also while the server runs
    Repair {
        /// Go on from what is left of a journal that has lost its newest entries
        #[arg(long)]
        accept_loss: bool,
    },
    /// The way back in for administrators, on this machine
    Admin(Admin),
    /// Move old entries of the history to FILE, where they still verify; also while the server runs
    ///
    /// `changeover history verify --file FILE` checks them. The history here goes on from the hash of the last one.
    Archive {
        /// The file to write
        #[arg(value_name = "FILE")]
        to: PathBuf,
        /// The number of newest entries that stay
        #[arg(long, value_name = "N", default_value = "10000", value_parser = clap::value_parser!(u64).range(FEWEST..))]
        keep: u64,
    },
}

//! `changeover admin`: the way back in, on the machine with the data directory.

use clap::{Args, Subcommand};

/// `admin`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// What to do.
    #[command(subcommand)]
    pub what: AdminDeed,
    /// The answer is JSON.
    #[arg(skip)]
    pub json: bool,
}

/// Commands of whoever sits at the machine.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum AdminDeed {
    /// Make a link by which an administrator signs in: once, within 15 minutes; also while the server runs
    ///
    /// It is entered in the history. Whoever can read the data directory can make one.
    Link {
        /// The administrator, by id or e-mail address [default: the local person, or the only one there is]
        #[arg(value_name = "PERSON")]
        person: Option<String>,
    },
}

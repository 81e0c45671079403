//! What is kept of requests over time: `metrics.db`, a database of its own beside the journal's.
//!
//! Flow: the gateway closes each second and hands it over ([`ClosedSecond`](crate::gateway::ClosedSecond)). The [`Keeper`]
//! takes it and writes what it has every few seconds, off the async threads: what was counted goes into the points of a second,
//! a minute and an hour to which it belongs, in one transaction, so nothing has to be rolled up later and nothing counts
//! twice. Whoever asks ([`Metrics`]) is answered from the database and from what is not written yet.
//!
//! Guarantees: the request path never waits. A server that is killed loses the seconds that were not written, fewer than
//! ten; one that is stopped loses nothing. Rows are only there of deployments and revisions that had requests, and of what is
//! seen of a deployment only where it changes. What is too old goes, and everything of a deployment goes that the journal says
//! to be deleted; it does not come back. What the journal says to be cleared is removed once it has all been written, also by
//! the next server: the file notes up to which entry that is done (`domain::metrics::ClearedTime` says what becomes of points
//! that are cleared only partly).
//!
//! Errors: none that anybody has to handle. What cannot be written waits for a while, which is said in the program's log, and
//! is lost then. A file that is damaged or that another version wrote is set aside under another name.

mod clearing;
mod database;
mod error;
mod file;
mod forgetting;
mod keeper;
mod reading;
mod rows;
mod view;
mod waiting;

#[cfg(test)]
mod tests;

pub use error::MetricsError;
pub use keeper::{Keeper, SECONDS_UNDER_WAY};
pub use reading::LastHour;
pub use view::{Metrics, MetricsQuestion};

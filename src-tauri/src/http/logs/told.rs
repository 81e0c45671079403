//! Makes lines of a replica's output of what is kept of it.

use domain::ledger::ReplicaPast;
use domain::output::OutputReader;
use domain::wire::LogLine;
use jiff::Timestamp;

/// The order of a line among those of several replicas: its time, or that of a line before it. Lines of one replica keep
/// their order, whatever they say of their times.
pub(super) type Order = Option<Timestamp>;

/// Reads the lines of one replica in their order.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) past: ReplicaPast,
    reader: OutputReader,
    order: Order,
}

impl Told {
    pub(super) fn new(past: ReplicaPast) -> Self {
        Self { past, reader: OutputReader::default(), order: None }
    }

    /// The next line, which ends at a position.
    pub(super) fn line(&mut self, position: u64, raw: &str) -> (Order, LogLine) {
        let told = self.reader.read(raw);
        self.order = self.order.max(told.at);
        let (replica, revision) = (self.past.id.clone(), self.past.revision_at(told.at));
        (self.order, LogLine { at: told.at, level: told.level, replica, revision, position, line: told.text })
    }
}

//! The shares of the process's open files: every connection is one.
//!
//! When there are few, clients of the API must not take the files that inference needs, and clients of the gateway must
//! leave those over that lead to replicas, and those that the server itself works with.

/// The files that the server itself has open: database, logs, its replicas' sockets, files that are received.
const OWN: u64 = 40;
/// Most connections to the API, however many files may be open.
const API: u64 = 512;
/// Fewest of each, however few files may be open.
const FEWEST: u64 = 4;

/// The connections that clients may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shares {
    /// To the API.
    pub(super) api: usize,
    /// To the gateway.
    pub(super) gateway: usize,
}

impl Shares {
    /// Of as many open files as the process may have; `None` when there is no limit.
    pub(super) fn of(open_files: Option<u64>) -> Self {
        let files = open_files.unwrap_or(u64::MAX);
        let api = (files / 16).clamp(FEWEST, API);
        // Each client's request has a connection to a replica beside its own.
        let gateway = (files.saturating_sub(OWN + api) / 2).max(FEWEST);
        let count = |share| usize::try_from(share).unwrap_or(usize::MAX);
        Self { api: count(api), gateway: count(gateway) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_keeps_enough_also_where_there_are_few() {
        for (files, api, gateway) in [
            (Some(64), 4, 10),
            (Some(256), 16, 100),
            (Some(1024), 64, 460),
            (Some(1_048_576), 512, 524_012),
            (Some(10), 4, 4),
        ] {
            assert_eq!(Shares::of(files), Shares { api, gateway }, "{files:?}");
        }
        assert_eq!(Shares::of(None).api, 512);
        for files in 64..100_000 {
            let Shares { api, gateway } = Shares::of(Some(files));
            assert!((api + 2 * gateway) as u64 + OWN <= files, "{files}");
        }
    }
}

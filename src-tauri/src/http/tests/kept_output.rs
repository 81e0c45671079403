//! Output of replicas and records of requests that tests write: a position is a number of lines.

use std::io;
use std::ops::ControlFlow;

use domain::id::{DeploymentId, ReplicaId};

use super::live::FakeLive;
use crate::api::{LiveOutput, LogFrom, LogPiece, OutputFrom, OutputPiece, RecordKind};

impl LiveOutput for FakeLive {
    fn logs(&self, _: &DeploymentId, replica: &ReplicaId, from: OutputFrom) -> io::Result<OutputPiece> {
        let logs = self.logs.lock().unwrap();
        let lines = logs.get(replica).ok_or(io::ErrorKind::NotFound)?;
        let whole = |at: u64| lines.len().min(at as usize);
        let (begin, end) = match from {
            OutputFrom::Before(at, count) => (whole(at).saturating_sub(count), whole(at)),
            OutputFrom::After(at) => (whole(at), lines.len()),
        };
        let found = (begin..end).map(|at| (at as u64 + 1, lines[at].clone())).collect();
        Ok(OutputPiece { lines: found, begin: begin as u64, end: end as u64, earlier: begin > 0, lost: false })
    }
    fn records(&self, _: &DeploymentId, kind: RecordKind, from: LogFrom) -> io::Result<LogPiece> {
        let records = self.records.lock().unwrap();
        let lines: Vec<_> = records.iter().filter(|(of, _)| *of == kind).map(|(_, line)| line.clone()).collect();
        let begin = match from {
            LogFrom::Newest(count) => lines.len().saturating_sub(count as usize),
            LogFrom::After(position) => position as usize,
        };
        Ok(LogPiece { lines: lines[begin..].to_vec(), position: lines.len() as u64 })
    }
    fn records_back(
        &self,
        _: &DeploymentId,
        kind: RecordKind,
        take: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let records = self.records.lock().unwrap();
        let lines = records.iter().rev().filter(|(of, _)| *of == kind);
        let _ = lines.map(|(_, line)| line).try_for_each(|line| take(line));
        Ok(())
    }
}

//! What is kept in files, as the doors are given it in tests.

use std::io;
use std::ops::ControlFlow;

use domain::id::{DeploymentId, ReplicaId};

use super::live::FakeLive;
use crate::api::{LiveOutput, LogFrom, LogPiece, RecordKind};

impl LiveOutput for FakeLive {
    fn logs(&self, _: &DeploymentId, replica: &ReplicaId, from: LogFrom) -> io::Result<LogPiece> {
        let logs = self.logs.lock().unwrap();
        let lines = logs.get(replica).ok_or(io::ErrorKind::NotFound)?;
        let begin = match from {
            LogFrom::Newest(count) => lines.len().saturating_sub(count as usize),
            LogFrom::After(position) => position as usize,
        };
        Ok(LogPiece { lines: lines[begin..].to_vec(), position: lines.len() as u64 })
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

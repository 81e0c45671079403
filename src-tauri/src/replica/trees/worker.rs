//! The program that computes: asked over a socket that only it and this process have, one question after another.
//!
//! The messages on the socket are described at the head of `runtimes/trees.py`.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::rows::Rows;
use crate::replica::model::InferError;

/// Most dimensions of an answer.
const MOST_DIMENSIONS: u64 = 8;
/// Most questions that wait; the gateway sends a replica no more at a time than its configuration says.
const WAITING: usize = 1024;
/// Time beyond a request's own after which the program counts as hung, at the least.
const GRACE: Duration = Duration::from_secs(30);

/// Asks the program.
#[derive(Debug)]
pub(super) struct Worker {
    questions: mpsc::Sender<RowsQuestion>,
    patience: Duration,
    /// Columns of a row, as the program says.
    pub(super) width: u64,
    /// Length of each dimension of the answer for one row.
    pub(super) length: Vec<i64>,
}

#[derive(Debug)]
struct RowsQuestion {
    rows: Rows,
    answer: oneshot::Sender<Result<Vec<f32>, InferError>>,
}

impl Worker {
    /// Waits until the program has loaded its model. It is asked over `stream` from then on, and may take `patience` for
    /// an answer. The task ends when the program has ended, or takes so long that nothing more is to be expected of it.
    ///
    /// # Errors
    /// When it ends before, or says something else.
    pub(super) async fn greet(mut stream: UnixStream, patience: Duration) -> io::Result<(Self, JoinHandle<()>)> {
        let width = stream.read_u64_le().await?;
        let dimensions = stream.read_u64_le().await?;
        if dimensions > MOST_DIMENSIONS {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut length = Vec::new();
        for _ in 0..dimensions {
            length.push(i64::try_from(stream.read_u64_le().await?).map_err(io::Error::other)?);
        }
        let (questions, asked) = mpsc::channel(WAITING);
        let asking = tokio::spawn(ask_all(stream, asked, patience + patience.max(GRACE)));
        Ok((Self { questions, patience, width, length }, asking))
    }

    /// The predictions for these rows.
    ///
    /// # Errors
    /// In its own words; or it is gone, or takes too long. A question that is late is answered all the same, and nobody
    /// reads it.
    pub(super) async fn ask(&self, rows: Rows) -> Result<Vec<f32>, InferError> {
        let (answer, answered) = oneshot::channel();
        let gone = || InferError::Failed("the program that computes predictions has ended".to_owned());
        let asked = async {
            self.questions.send(RowsQuestion { rows, answer }).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        let late = Err(InferError::TimedOut(self.patience.as_millis()));
        tokio::time::timeout(self.patience, asked).await.unwrap_or(late)
    }
}

/// Answers questions in turn until the program is gone, or has not answered one within `longest`.
async fn ask_all(mut stream: UnixStream, mut asked: mpsc::Receiver<RowsQuestion>, longest: Duration) {
    while let Some(RowsQuestion { rows, answer }) = asked.recv().await {
        // Who no longer waits needs no answer.
        if answer.is_closed() {
            continue;
        }
        let Ok(Ok(said)) = tokio::time::timeout(longest, exchange(&mut stream, &rows)).await else { return };
        let _ = answer.send(said);
    }
}

async fn exchange(stream: &mut UnixStream, rows: &Rows) -> io::Result<Result<Vec<f32>, InferError>> {
    let mut question = Vec::with_capacity(8 + rows.values.len() * 8);
    question.extend_from_slice(&(rows.count as u64).to_le_bytes());
    rows.values.iter().for_each(|value| question.extend_from_slice(&value.to_le_bytes()));
    stream.write_all(&question).await?;
    let good = stream.read_u8().await? == 1;
    let length = usize::try_from(stream.read_u64_le().await?).map_err(io::Error::other)?;
    let mut said = vec![0; length];
    stream.read_exact(&mut said).await?;
    if !good {
        return Ok(Err(InferError::Failed(String::from_utf8_lossy(&said).into_owned())));
    }
    let (numbers, _) = said.as_chunks::<4>();
    Ok(Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_program_that_hangs_is_given_up() {
        let patience = Duration::from_secs(60);
        let (ours, mut program) = UnixStream::pair().unwrap();
        // It has loaded a model of one column, and answers one number for each row.
        program.write_all(&[1_u64.to_le_bytes(), 0_u64.to_le_bytes()].concat()).await.unwrap();
        let (worker, asking) = Worker::greet(ours, patience).await.unwrap();
        let rows = || Rows { count: 1, values: vec![0.5] };
        let began = tokio::time::Instant::now();
        let late = worker.ask(rows()).await.unwrap_err();
        assert!(matches!(late, InferError::TimedOut(60_000)), "{late}");
        asking.await.unwrap();
        assert_eq!(began.elapsed(), 2 * patience);
        let gone = worker.ask(rows()).await.unwrap_err();
        assert!(matches!(&gone, InferError::Failed(why) if why.contains("has ended")), "{gone}");
    }
}

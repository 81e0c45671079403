//! For how long is waited, and for what.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::time::Instant;

use super::super::error::CliError;

/// For how long a command waits.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Limit {
    /// Stop waiting after so long, with exit status 6
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    timeout: Option<u32>,
    /// The end of that time, once it runs.
    #[arg(skip)]
    end: Option<Instant>,
}

/// For how long a command waits for a rollout, and for what.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Patience {
    #[command(flatten)]
    pub(super) limit: Limit,
    /// over, or paused: stop then too, with exit status 5 [default: over]
    #[arg(long, value_name = "WORD", value_enum, hide_possible_values = true)]
    until: Option<Until>,
}

/// The end of the waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Until {
    /// The rollout's end; a paused one is waited for.
    Over,
    /// Somebody's pausing it, too.
    Paused,
}

impl Limit {
    /// Itself, for a command that waits only with `--wait`.
    ///
    /// # Errors
    /// It is given and `--wait` is not.
    pub(in crate::cli) fn of(self, wait: bool) -> Result<Self, CliError> {
        if wait || self.timeout.is_none() { Ok(self) } else { Err(without_wait("--timeout")) }
    }

    /// The same from now on: waits that follow one another have one end.
    fn begun(self) -> Self {
        let end = self.timeout.map(|seconds| Instant::now() + Duration::from_secs(seconds.into()));
        Self { end: self.end.or(end), ..self }
    }

    /// The outcome of `wait`, unless the time is over first, or Ctrl-C is pressed. `goes_on` says what becomes of it then.
    pub(in crate::cli) async fn keep<T>(
        self,
        goes_on: impl Fn() -> String,
        wait: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        let over = async {
            match self.begun().end {
                Some(end) => tokio::time::sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = wait => ended,
            () = over => {
                let seconds = self.timeout.unwrap_or_default();
                Err(CliError::TimedOut(format!("the {seconds} s of --timeout are over. {}", goes_on())))
            }
            _ = tokio::signal::ctrl_c() => Err(CliError::Interrupted(format!("stopped waiting. {}", goes_on()))),
        }
    }
}

impl Patience {
    /// Itself, for a command that waits only with `--wait`.
    ///
    /// # Errors
    /// Something of it is given and `--wait` is not.
    pub(in crate::cli) fn of(self, wait: bool) -> Result<Self, CliError> {
        self.limit.of(wait)?;
        if wait || self.until.is_none() { Ok(self) } else { Err(without_wait("--until")) }
    }

    /// The same limit, until a rollout is over.
    pub(in crate::cli) fn until_over(limit: Limit) -> Self {
        Self { limit, until: None }
    }

    /// The same from now on: waits that follow one another have one end.
    pub(super) fn begun(self) -> Self {
        Self { limit: self.limit.begun(), ..self }
    }

    /// True when a paused rollout ends the waiting.
    pub(super) fn ends_when_paused(self) -> bool {
        self.until == Some(Until::Paused)
    }
}

fn without_wait(flag: &str) -> CliError {
    CliError::Usage(format!("{flag} says how --wait waits; give --wait too"))
}

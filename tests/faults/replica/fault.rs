//! The faults that a replica can have, and the way in which each is written.

use std::str::FromStr;
use std::time::Duration;

/// The text of `--help` about faults.
pub(crate) const HELP: &str = "\
Faults (a time is written 2s or 500ms):
  start-slowly=TIME   listens only after so long
  crash-at-start      ends at once
  crash-after=N       answers N predictions, and ends while it is asked the next one
  health-500[=TIME]   its health route answers 500, from the beginning or after so long
  flap=TIME           ready for so long, not ready for so long, in turns
  hang[=TIME]         accepts and never answers, from the beginning or after so long
  leak=MB             takes so many megabytes more every second
  ignore-sigterm      does not end when it is told to
  answer-slowly=TIME  takes so long for each prediction
  half-answer         promises twice the bytes that it sends, then closes the connection";

/// A fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Listens only after so long.
    StartSlowly(Duration),
    /// Ends at once.
    CrashAtStart,
    /// Ends while it is asked for one more prediction than this.
    CrashAfter(u64),
    /// The health route answers 500 after so long.
    Health500(Duration),
    /// Ready and not ready in turns of this length.
    Flap(Duration),
    /// Accepts and never answers after so long.
    Hang(Duration),
    /// Takes so many megabytes more every second.
    Leak(u32),
    /// Does not end when it is told to.
    IgnoreSigterm,
    /// Takes so long for each prediction.
    AnswerSlowly(Duration),
    /// Sends half of what it promises.
    HalfAnswer,
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        let needed = || value.ok_or_else(|| format!("{name} needs a value: {name}=…"));
        let later = || value.map_or(Ok(Duration::ZERO), time);
        let fault = match name {
            "start-slowly" => Self::StartSlowly(time(needed()?)?),
            "crash-at-start" => Self::CrashAtStart,
            "crash-after" => Self::CrashAfter(number(needed()?, u32::MAX)?.into()),
            "health-500" => Self::Health500(later()?),
            "flap" => match time(needed()?)? {
                Duration::ZERO => return Err("flap needs a time above 0".to_owned()),
                turn => Self::Flap(turn),
            },
            "hang" => Self::Hang(later()?),
            "leak" => Self::Leak(number(needed()?, 1024)?),
            "ignore-sigterm" => Self::IgnoreSigterm,
            "answer-slowly" => Self::AnswerSlowly(time(needed()?)?),
            "half-answer" => Self::HalfAnswer,
            _ => return Err(format!("there is no fault {name}.\n{HELP}")),
        };
        match fault {
            Self::CrashAtStart | Self::IgnoreSigterm | Self::HalfAnswer if value.is_some() => {
                Err(format!("{name} takes no value"))
            }
            fault => Ok(fault),
        }
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let (digits, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(digits), _) => (digits, 1),
        (None, Some(digits)) => (digits, 1000),
        (None, None) => return Err(format!("{text} is no time; write 2s or 500ms")),
    };
    Ok(Duration::from_millis(u64::from(number(digits, 3_600_000)?) * unit))
}

fn number(text: &str, most: u32) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| format!("{text} is no whole number from 0 to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_read() {
        let seconds = Duration::from_secs;
        for (text, fault) in [
            ("start-slowly=2s", Fault::StartSlowly(seconds(2))),
            ("crash-at-start", Fault::CrashAtStart),
            ("crash-after=7", Fault::CrashAfter(7)),
            ("health-500", Fault::Health500(Duration::ZERO)),
            ("health-500=3s", Fault::Health500(seconds(3))),
            ("flap=500ms", Fault::Flap(Duration::from_millis(500))),
            ("hang", Fault::Hang(Duration::ZERO)),
            ("hang=1s", Fault::Hang(seconds(1))),
            ("leak=10", Fault::Leak(10)),
            ("ignore-sigterm", Fault::IgnoreSigterm),
            ("answer-slowly=100ms", Fault::AnswerSlowly(Duration::from_millis(100))),
            ("half-answer", Fault::HalfAnswer),
        ] {
            assert_eq!(text.parse(), Ok(fault), "{text}");
            let name = text.split('=').next().unwrap_or_default();
            assert!(HELP.contains(&format!("\n  {name}")), "--help does not tell of {name}");
        }
    }

    #[test]
    fn what_is_no_fault_is_refused_with_what_to_write() {
        for (text, part) in [
            ("", "crash-at-start"),
            ("crash", "crash-at-start"),
            ("crash-after", "crash-after=…"),
            ("crash-after=many", "whole number"),
            ("crash-at-start=1s", "no value"),
            ("flap=0s", "above 0"),
            ("flap=2", "2s or 500ms"),
            ("flap=-1s", "whole number"),
            ("leak=1025", "1024"),
        ] {
            let refused = text.parse::<Fault>().expect_err(text);
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
}

//! The level of a line of output, from its text alone: programs say it in many ways.

use serde_json::Value;

use crate::replica::SPEAKS;

words! {
    /// How serious a line of output is, the worst first.
    pub enum LineLevel {
        /// Something failed.
        Error = "error",
        /// Something may be wrong.
        Warning = "warning",
        /// Something happened.
        Info = "info",
        /// For whoever looks for a fault.
        Debug = "debug",
        /// Every detail.
        Trace = "trace",
    }
}

/// Keys under which a line of JSON says its level.
const KEYS: [&str; 6] = ["level", "severity", "levelname", "log.level", "lvl", "@level"];
/// Words at the beginning of a line among which its level is looked for: what follows is its message.
const HEAD: usize = 6;
/// What only a failure begins with, whoever writes it.
const FAILURES: [&str; 8] = [
    "Traceback (most recent call last)",
    "During handling of the above exception",
    "The above exception was the direct cause",
    "Exception in thread",
    "Exception ignored in",
    "Segmentation fault",
    "Aborted",
    "Killed",
];

/// The level of a line, where one can be told.
pub fn level(text: &str) -> Option<LineLevel> {
    let text = text.trim();
    if text.starts_with('{')
        && let Ok(object) = serde_json::from_str::<Value>(text)
    {
        return KEYS.iter().find_map(|key| of_value(object.get(key)?));
    }
    if let Some(own) = text.strip_prefix(SPEAKS) {
        // What a replica says of itself while it lives begins with its id; without it, it says why it ends.
        let named = own.split_whitespace().next().is_some_and(|first| first.ends_with(':'));
        return Some(if named { LineLevel::Info } else { LineLevel::Error });
    }
    let failed = FAILURES.iter().any(|failure| text.starts_with(failure)) || text.contains("' panicked at ");
    let failed = failed || (text.starts_with("thread '") && text.contains("panicked at"));
    if failed {
        return Some(LineLevel::Error);
    }
    in_brackets(text).or_else(|| of_glog(text)).or_else(|| in_head(text)).or_else(|| of_exception(text))
}

/// Of the value of a field: a word, or a number as pino and bunyan write it.
fn of_value(value: &Value) -> Option<LineLevel> {
    if let Some(number) = value.as_u64() {
        return Some(match number {
            50.. => LineLevel::Error,
            40.. => LineLevel::Warning,
            30.. => LineLevel::Info,
            20.. => LineLevel::Debug,
            10.. => LineLevel::Trace,
            _ => return None,
        });
    }
    of_word(&value.as_str()?.to_uppercase())
}

fn of_word(word: &str) -> Option<LineLevel> {
    Some(match word {
        "EMERG" | "EMERGENCY" | "ALERT" | "CRITICAL" | "CRIT" | "FATAL" | "PANIC" | "SEVERE" | "ERROR" | "ERR"
        | "ERRO" => LineLevel::Error,
        "WARNING" | "WARN" | "WRN" => LineLevel::Warning,
        "NOTICE" | "INFO" | "INF" | "INFORMATION" => LineLevel::Info,
        "DEBUG" | "DBG" | "DEBU" | "FINE" | "VERBOSE" => LineLevel::Debug,
        "TRACE" | "TRC" | "FINEST" => LineLevel::Trace,
        _ => return None,
    })
}

/// Of the first letter by which glog, klog and ONNX Runtime say it.
fn of_letter(letter: u8) -> Option<LineLevel> {
    Some(match letter {
        b'F' | b'E' => LineLevel::Error,
        b'W' => LineLevel::Warning,
        b'I' => LineLevel::Info,
        b'V' | b'D' => LineLevel::Debug,
        _ => return None,
    })
}

/// `[E:onnxruntime:, session.cc:12 run] …`, after a time or not.
fn in_brackets(text: &str) -> Option<LineLevel> {
    let (_, rest) = text.split_once('[').filter(|(before, _)| before.split_whitespace().count() <= 2)?;
    match rest.as_bytes() {
        [letter, b':', ..] => of_letter(*letter),
        _ => None,
    }
}

/// `E1201 09:00:00.123456 7 file.cc:12] …`
fn of_glog(text: &str) -> Option<LineLevel> {
    let (first, rest) = text.split_once(' ')?;
    let (letter, date) = first.as_bytes().split_first()?;
    let dated = matches!(date.len(), 4 | 8) && date.iter().all(u8::is_ascii_digit);
    let timed = rest.trim_start().get(2..3) == Some(":");
    of_letter(*letter).filter(|_| dated && timed)
}

/// A word in capitals among the first, `level=…` as in logfmt, or a word before a colon at the very beginning.
fn in_head(text: &str) -> Option<LineLevel> {
    for (number, word) in text.split_whitespace().take(HEAD).enumerate() {
        if let Some(given) = ["level=", "lvl=", "severity="].iter().find_map(|key| word.strip_prefix(key)) {
            return of_word(&given.trim_matches('"').to_uppercase());
        }
        // `WARNING:root:…`, `[ERROR]`, `(INFO)`, `app[7]:ERROR:…`, `|WARN|`
        let parts = word.split([':', '[', ']', '(', ')', '<', '>', '|', ',']);
        if let Some(found) = parts.clone().find_map(of_word) {
            return Some(found);
        }
        let first = (number == 0).then(|| word.strip_suffix(':')).flatten();
        if let Some(found) = first.and_then(|word| of_word(&word.to_uppercase())) {
            return Some(found);
        }
        if word.starts_with("fatal:") || (number == 0 && text.starts_with("fatal error:")) {
            return Some(LineLevel::Error);
        }
    }
    None
}

/// `ValueError: …`, `my.module.NotFoundException: …`, and `file.py:12: UserWarning: …` of Python.
fn of_exception(text: &str) -> Option<LineLevel> {
    for word in text.split_whitespace().take(2) {
        let name = word.trim_end_matches(':');
        let named = |ending: &str| {
            let last = name.rsplit('.').next().unwrap_or(name);
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            last.len() > ending.len()
                && last.ends_with(ending)
                && last.starts_with(|c: char| c.is_uppercase())
                && last.chars().all(is_name)
        };
        if !word.ends_with(':') && word != text {
            return None;
        }
        if named("Warning") {
            return Some(LineLevel::Warning);
        }
        if named("Error") || named("Exception") || matches!(name, "KeyboardInterrupt" | "SystemExit") {
            return Some(LineLevel::Error);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_saying_it_is_understood() {
        use LineLevel::{Debug, Error, Info, Trace, Warning};
        for (text, expected) in [
            // tracing
            ("2026-12-01T09:32:26.123456Z  INFO serve: listening port=7", Info),
            ("2026-12-01T09:32:26.123456Z ERROR serve: no model", Error),
            ("TRACE hyper::proto: read", Trace),
            // Python logging
            ("WARNING:root:the model is old", Warning),
            ("2026-12-01 09:32:26,123 - serve.loader - DEBUG - reading", Debug),
            ("2026-12-01 09:32:26,123 serve CRITICAL gone", Error),
            ("[2026-12-01 09:32:26 +0000] [12] [INFO] Booting worker", Info),
            ("ERROR    serve.py:12 no model", Error),
            // uvicorn
            ("INFO:     Application startup complete.", Info),
            // JSON
            (r#"{"level":"warn","msg":"ERROR"}"#, Warning),
            (r#"{"severity":"ERROR","message":"x"}"#, Error),
            (r#"{"levelname":"Info"}"#, Info),
            (r#"{"level":50,"msg":"x"}"#, Error),
            (r#"{"level":30}"#, Info),
            // logfmt
            ("ts=1 level=error msg=\"no model\"", Error),
            ("time=\"x\" level=\"warning\" msg=x", Warning),
            // glog, klog, TensorFlow, ONNX Runtime
            ("E1201 09:32:26.123456     7 file.cc:12] no model", Error),
            ("W20261201 09:32:26.123456 7 file.cc:12] old", Warning),
            ("2026-12-01 09:32:26.123 [W:onnxruntime:, graph.cc:12 Run] unused", Warning),
            ("[E:onnxruntime:, session.cc:1 run] failed", Error),
            // Replicas themselves
            ("changeover replica: r-1: serves iris after 7 ms", Info),
            ("changeover replica: the program \"serve\" cannot be started: no such file", Error),
            // Words at the beginning
            ("warning: unused", Warning),
            ("Error: no model", Error),
            ("error: no model", Error),
            ("fatal: not a repository", Error),
            ("fatal error: out of memory", Error),
            // Failures
            ("Traceback (most recent call last):", Error),
            ("thread 'main' panicked at src/main.rs:2:5:", Error),
            ("thread 'main' (7) panicked at src/main.rs:2:5:", Error),
            ("ValueError: no model", Error),
            ("serve.errors.ModelException: no model", Error),
            ("KeyboardInterrupt", Error),
            ("AssertionError", Error),
            ("/lib/x.py:12: DeprecationWarning: use y", Warning),
            ("UserWarning: old", Warning),
            ("Segmentation fault (core dumped)", Error),
        ] {
            assert_eq!(level(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_says_nothing_of_it_has_none() {
        for text in [
            "",
            "   ",
            "listening on port 7",
            "no errors were found in the information",
            "the request ended with a warning in its body and then an ERROR",
            "GET /v2/health 200",
            "Errors 0",
            "{\"message\":\"ERROR\"}",
            "I think so",
            "E1201",
            "Error",
            "an Exception: maybe",
        ] {
            assert_eq!(level(text), None, "{text}");
        }
    }
}

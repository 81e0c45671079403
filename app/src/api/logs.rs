//! Lines of replicas' output: a page of them, those that are written from now on, and a file of all that is kept.
//!
//! # Flow
//! In the browser: an answer without an end. In the desktop window, whose custom scheme hands an answer over only when it is
//! whole: what was written since, asked for again and again. After a break it goes on where it was: lines count when the server
//! has told where they end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::id::DeploymentName;
use domain::wire::{LineLevel, LogLine, LogPage, LoggedReplica, Page, ReadOn};
use futures_util::future::{Either, select};
use gloo_net::http::RequestBuilder;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::js_sys::{Function, Promise, Reflect, Uint8Array};

use super::{Failure, base, escape, in_window, refused, shown};

/// Milliseconds until a lost connection is tried again.
const AGAIN_MS: u32 = 1_500;
/// Milliseconds within which lines begin to come…
const BEGINS_MS: u32 = 10_000;
/// … and the longest silence among them: the server gives a sign of life every 15 seconds.
const SILENCE_MS: u32 = 20_000;
/// Milliseconds between two questions where answers come only whole.
const LOOK_MS: u32 = 1_000;

/// The lines that are chosen; by default those of every replica there is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LogChoice {
    /// Only this replica's.
    pub(crate) replica: String,
    /// Only those of this revision.
    pub(crate) revision: String,
    /// Only those of this level, or worse.
    pub(crate) level: Option<LineLevel>,
}

impl LogChoice {
    /// The parameters, each after `&`.
    fn parameters(&self) -> String {
        let level = self.level.map_or("", LineLevel::as_str);
        let given = [("replica", self.replica.as_str()), ("revision", self.revision.as_str()), ("level", level)];
        let given = given.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| format!("&{name}={}", escape(value))).collect()
    }
}

/// The newest lines, at most so many.
pub(crate) async fn newest(name: &DeploymentName, choice: &LogChoice, limit: u32) -> Result<LogPage<LogLine>, Failure> {
    super::get(&format!("/deployments/{name}/logs?limit={limit}{}", choice.parameters())).await
}

/// The newest lines before a place, at most so many.
pub(crate) async fn earlier(
    name: &DeploymentName,
    choice: &LogChoice,
    before: &str,
    limit: u32,
) -> Result<LogPage<LogLine>, Failure> {
    let parameters = choice.parameters();
    super::get(&format!("/deployments/{name}/logs?limit={limit}&before={}{parameters}", escape(before))).await
}

/// The replicas whose output can be read, there or ended.
pub(crate) async fn replicas(name: &DeploymentName) -> Result<Vec<LoggedReplica>, Failure> {
    let page: Page<_> = super::get(&format!("/deployments/{name}/logs/replicas")).await?;
    Ok(page.items)
}

/// The address of a file of all lines that are kept.
pub(crate) fn download(name: &DeploymentName, choice: &LogChoice) -> String {
    let parameters = choice.parameters();
    let parameters = parameters.strip_prefix('&').map(|rest| format!("?{rest}")).unwrap_or_default();
    format!("{}/deployments/{name}/logs/download{parameters}", base())
}

/// News of lines that are followed.
#[derive(Debug)]
pub(crate) enum LogNews {
    /// Lines, with the place behind them; with `lost` some before them were not kept.
    Lines { lines: Vec<LogLine>, cursor: String, lost: bool },
    /// The connection broke; it is tried again by itself.
    Broken,
    /// The server refuses, and will not be asked again.
    Refused(Failure),
}

/// Lines that are being followed, until this is stopped.
#[derive(Clone, Default)]
pub(crate) struct LogStream {
    stopped: Rc<Cell<bool>>,
    /// What reads the answer now.
    reader: Rc<RefCell<Option<JsValue>>>,
}

impl LogStream {
    /// Closes the connection, and tells nothing any more.
    pub(crate) fn stop(&self) {
        self.stopped.set(true);
        if let Some(reader) = self.reader.borrow_mut().take() {
            let _ = call(&reader, "cancel");
        }
    }
}

/// Follows what is written behind a place.
pub(crate) fn follow(
    name: DeploymentName,
    choice: LogChoice,
    since: String,
    tell: impl Fn(LogNews) + 'static,
) -> LogStream {
    let stream = LogStream::default();
    let own = stream.clone();
    spawn_local(async move {
        let mut since = since;
        while !own.stopped.get() {
            let end = match in_window() {
                true => look(&own, &name, &choice, &mut since, &tell).await,
                false => piece(&own, &name, &choice, &mut since, &tell).await,
            };
            own.reader.borrow_mut().take();
            if own.stopped.get() {
                return;
            }
            match end {
                Err(refused @ Failure::Refused(_)) => return tell(LogNews::Refused(refused)),
                Err(_) => tell(LogNews::Broken),
                Ok(()) => {}
            }
            TimeoutFuture::new(if in_window() { LOOK_MS } else { AGAIN_MS }).await;
        }
    });
    stream
}

/// Asks once for what was written since.
async fn look(
    own: &LogStream,
    name: &DeploymentName,
    choice: &LogChoice,
    since: &mut String,
    tell: &impl Fn(LogNews),
) -> Result<(), Failure> {
    let parameters = choice.parameters();
    let path = format!("/deployments/{name}/logs?limit=10000&since={}{parameters}", escape(since));
    let page: LogPage<LogLine> = super::get(&path).await?;
    if let (false, Some(cursor)) = (own.stopped.get(), page.next_cursor) {
        since.clone_from(&cursor);
        tell(LogNews::Lines { lines: page.items, cursor, lost: false });
    }
    Ok(())
}

/// Reads one answer until it breaks off.
async fn piece(
    own: &LogStream,
    name: &DeploymentName,
    choice: &LogChoice,
    since: &mut String,
    tell: &impl Fn(LogNews),
) -> Result<(), Failure> {
    let parameters = choice.parameters();
    let path =
        format!("{}/deployments/{name}/logs?follow=true&cursors=true&since={}{parameters}", base(), escape(since));
    let asked = RequestBuilder::new(&path).header("accept", "application/x-ndjson").send();
    let Either::Left((answer, _)) = select(Box::pin(asked), TimeoutFuture::new(BEGINS_MS)).await else {
        return Err(Failure::Unreachable);
    };
    let answer = answer.map_err(|_| Failure::Unreachable)?;
    if !answer.ok() {
        let text = answer.text().await.map_err(|_| Failure::Unreachable)?;
        return Err(refused(answer.status(), &shown(&text)));
    }
    let body = answer.body().map(JsValue::from).ok_or(Failure::Unreachable)?;
    let reader = call(&body, "getReader").ok_or(Failure::Unreachable)?;
    if own.stopped.get() {
        let _ = call(&reader, "cancel");
        return Ok(());
    }
    *own.reader.borrow_mut() = Some(reader.clone());
    let (mut rest, mut lines) = (Vec::new(), Vec::new());
    loop {
        let next = select(Box::pin(chunk(&reader)), TimeoutFuture::new(SILENCE_MS)).await;
        let Either::Left((Some(bytes), _)) = next else {
            let _ = call(&reader, "cancel");
            return Err(Failure::Unreachable);
        };
        if own.stopped.get() {
            return Ok(());
        }
        rest.extend_from_slice(&bytes);
        let Some(end) = rest.iter().rposition(|byte| *byte == b'\n') else { continue };
        let whole: Vec<u8> = rest.drain(..=end).collect();
        for line in String::from_utf8_lossy(&whole).lines().filter(|line| !line.is_empty()) {
            if line.starts_with("{\"next_cursor\"") {
                let ReadOn { next_cursor, lost } = super::read(line.to_owned())?;
                since.clone_from(&next_cursor);
                tell(LogNews::Lines { lines: std::mem::take(&mut lines), cursor: next_cursor, lost });
            } else {
                lines.push(super::read(shown(line))?);
            }
        }
    }
}

/// The next bytes; none at the end.
async fn chunk(reader: &JsValue) -> Option<Vec<u8>> {
    let promise: Promise = call(reader, "read")?.dyn_into().ok()?;
    let answer = JsFuture::from(promise).await.ok()?;
    let field = |name: &str| Reflect::get(&answer, &JsValue::from_str(name)).ok();
    if field("done")?.is_truthy() {
        return None;
    }
    Some(Uint8Array::new(&field("value")?).to_vec())
}

/// Calls a method without arguments.
fn call(on: &JsValue, method: &str) -> Option<JsValue> {
    let method: Function = Reflect::get(on, &JsValue::from_str(method)).ok()?.dyn_into().ok()?;
    method.call0(on).ok()
}

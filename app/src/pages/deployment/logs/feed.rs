//! Reads the lines, follows what is written, and reads earlier ones when they are wanted.
//!
//! # Flow
//! A page of the newest lines first; then a connection of its own behind them, for as long as the tab is open and the page is
//! seen. What comes is added once a frame. While somebody reads further up, new lines wait below; when no more may be held the
//! connection is closed, and opened again where it was.

use domain::id::DeploymentName;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::book::{Book, FOLLOWED, READ};
use crate::api::Failure;
use crate::api::logs::{self, LogChoice, LogNews, LogStream};
use crate::state::{State, state};

/// Lines that are read at the beginning, and each time of those before.
const LINES: u32 = 1_000;

/// How far the reading has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Flow {
    /// The first lines are being read.
    Loading,
    /// What is there is shown, and what is written follows.
    Live,
    /// What is written cannot be heard at the moment.
    Broken,
}

/// The lines of one choice.
#[derive(Clone, Copy)]
pub(super) struct Feed {
    pub(super) book: RwSignal<Book>,
    pub(super) flow: RwSignal<Flow>,
    /// Why nothing can be shown.
    pub(super) failure: RwSignal<Option<Failure>>,
    /// Why earlier lines could not be read.
    pub(super) before_failure: RwSignal<Option<Failure>>,
    /// Earlier lines are being read.
    pub(super) reads_back: RwSignal<bool>,
    /// The end is kept in view.
    pub(super) follows: RwSignal<bool>,
    /// Lines that came while it was not.
    pub(super) waiting: RwSignal<usize>,
    /// More lines come than may be held; they are read when the end is wanted again.
    pub(super) full: RwSignal<bool>,
    /// Whoever wrote the lines is still there.
    goes_on: Memo<bool>,
    state: State,
    name: StoredValue<DeploymentName>,
    choice: Memo<LogChoice>,
    cursor: StoredValue<String>,
    /// Counts the beginnings: what was asked for before the last one is dropped.
    turn: StoredValue<u64>,
    stream: StoredValue<Option<LogStream>, LocalStorage>,
    news: StoredValue<Vec<LogNews>, LocalStorage>,
}

impl Feed {
    /// Reads what is chosen, and again whenever that changes.
    pub(super) fn new(name: DeploymentName, choice: Memo<LogChoice>, goes_on: Memo<bool>) -> Self {
        let feed = Self {
            book: RwSignal::new(Book::default()),
            flow: RwSignal::new(Flow::Loading),
            failure: RwSignal::new(None),
            before_failure: RwSignal::new(None),
            reads_back: RwSignal::new(false),
            follows: RwSignal::new(true),
            waiting: RwSignal::new(0),
            full: RwSignal::new(false),
            goes_on,
            state: state(),
            name: StoredValue::new(name),
            choice,
            cursor: StoredValue::new(String::new()),
            turn: StoredValue::new(0),
            stream: StoredValue::new_local(None),
            news: StoredValue::new_local(Vec::new()),
        };
        Effect::new(move |_| {
            choice.track();
            feed.begin();
        });
        Effect::new(move |_| match goes_on.get() {
            true => feed.connect(),
            false => feed.disconnect(),
        });
        let seen = window_event_listener_untyped("visibilitychange", move |_| match is_seen() {
            true => feed.connect(),
            false => feed.disconnect(),
        });
        on_cleanup(move || {
            seen.remove();
            feed.disconnect();
        });
        feed
    }

    /// Reads everything afresh.
    pub(super) fn begin(self) {
        self.disconnect();
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.flow.set(Flow::Loading);
        self.failure.set(None);
        self.before_failure.set(None);
        self.reads_back.set(false);
        self.settle();
        let (name, choice) = (self.name.get_value(), self.choice.get_untracked());
        spawn_local(async move {
            let answer = logs::newest(&name, &choice, LINES).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(page) => {
                    self.cursor.set_value(page.next_cursor.clone().unwrap_or_default());
                    self.book.update(|book| book.open(page));
                    self.flow.set(Flow::Live);
                    self.connect();
                }
                Err(failure) => {
                    self.book.update(|book| {
                        book.open(domain::wire::LogPage { items: Vec::new(), next_cursor: None, earlier_cursor: None })
                    });
                    self.failure.set(Some(self.state.noting(failure)));
                }
            }
        });
    }

    /// Shows the end again, and what comes.
    pub(super) fn to_the_end(self) {
        let was_full = self.full.get_untracked();
        self.settle();
        if was_full {
            self.connect();
        }
    }

    fn settle(self) {
        self.follows.set(true);
        self.waiting.set(0);
        self.full.set(false);
    }

    /// Reads the lines before the first, unless that is being done.
    pub(super) fn read_back(self) {
        let busy = self.reads_back.get_untracked() || self.flow.get_untracked() == Flow::Loading;
        let failed = self.before_failure.with_untracked(Option::is_some);
        let Some(before) = self.book.with_untracked(Book::before).filter(|_| !busy && !failed) else { return };
        self.reads_back.set(true);
        let (turn, name, choice) = (self.turn.get_value(), self.name.get_value(), self.choice.get_untracked());
        spawn_local(async move {
            let answer = logs::earlier(&name, &choice, &before, LINES).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                // Lines may have left at the top meanwhile; then those before them are asked for.
                Ok(page) if self.book.with_untracked(Book::before).as_ref() == Some(&before) => {
                    self.book.update(|book| book.prepend(page));
                }
                Ok(_) => {}
                Err(failure) => self.before_failure.set(Some(self.state.noting(failure))),
            }
            self.reads_back.set(false);
        });
    }

    /// Tries again to read earlier lines.
    pub(super) fn read_back_again(self) {
        self.before_failure.set(None);
        self.read_back();
    }

    fn connect(self) {
        let open = self.stream.try_with_value(Option::is_some) == Some(true);
        let wanted = self.flow.try_get_untracked().is_some_and(|flow| flow != Flow::Loading)
            && self.failure.try_with_untracked(Option::is_none) == Some(true)
            && self.goes_on.try_get_untracked() == Some(true)
            && self.full.try_get_untracked() == Some(false);
        if open || !wanted || !is_seen() {
            return;
        }
        let (name, choice) = (self.name.get_value(), self.choice.get_untracked());
        let turn = self.turn.get_value();
        let stream = logs::follow(name, choice, self.cursor.get_value(), move |news| {
            if self.turn.try_get_value() == Some(turn) {
                self.hear(news);
            }
        });
        self.stream.set_value(Some(stream));
    }

    fn disconnect(self) {
        let stream = self.stream.try_update_value(Option::take).flatten();
        if let Some(stream) = stream {
            stream.stop();
        }
        self.take();
    }

    /// Keeps news until the next frame.
    fn hear(self, news: LogNews) {
        let first = self.news.try_update_value(|waiting| {
            waiting.push(news);
            waiting.len() == 1
        });
        if first == Some(true) {
            // A page that is not seen draws none, and hears nothing.
            request_animation_frame(move || self.take());
        }
    }

    /// Adds what has come.
    fn take(self) {
        let Some(news) = self.news.try_update_value(std::mem::take).filter(|news| !news.is_empty()) else { return };
        let follows = self.follows.try_get_untracked() == Some(true);
        let most = if follows { FOLLOWED } else { usize::MAX };
        let mut came = 0;
        let mut flow = Flow::Live;
        self.book.try_maybe_update(|book| {
            for news in news {
                match news {
                    LogNews::Lines { lines, cursor, lost } => {
                        came += lines.len() + usize::from(lost);
                        book.append(lines, lost, most);
                        self.cursor.try_update_value(|known| *known = cursor);
                        flow = Flow::Live;
                    }
                    LogNews::Broken => flow = Flow::Broken,
                    LogNews::Refused(failure) => {
                        self.failure.try_set(Some(failure));
                    }
                }
            }
            (came > 0, ())
        });
        if self.flow.try_get_untracked() != Some(flow) {
            self.flow.try_set(flow);
        }
        if follows || came == 0 {
            return;
        }
        self.waiting.try_update(|waiting| *waiting += came);
        if self.book.try_with_untracked(Book::len).is_some_and(|held| held >= READ) {
            self.full.try_set(true);
            self.disconnect();
        }
    }
}

fn is_seen() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

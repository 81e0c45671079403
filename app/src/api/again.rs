//! Asking whoever looks at the page to show once more who they are, in the midst of a request.
//!
//! # Flow
//! A request is refused because the sign-in is too old. It waits here while the page asks for the password or the
//! token. It is sent once more when they were given, and fails as it did when they were not.

use std::cell::RefCell;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_channel::oneshot;

/// A request that waits; told whether it is to be sent once more.
pub(crate) type Waiting = oneshot::Sender<bool>;

thread_local! {
    /// Where requests are told of that wait.
    static ASK: RefCell<Option<UnboundedSender<Waiting>>> = const { RefCell::new(None) };
}

/// The requests that wait for a younger sign-in, from now on.
pub(crate) fn waiting() -> UnboundedReceiver<Waiting> {
    let (ask, asked) = unbounded();
    ASK.with_borrow_mut(|known| *known = Some(ask));
    asked
}

/// True once somebody has shown again who they are.
pub(super) async fn shown() -> bool {
    let (answer, answered) = oneshot::channel();
    let asked = ASK.with_borrow(|ask| ask.as_ref().is_some_and(|ask| ask.unbounded_send(answer).is_ok()));
    asked && answered.await.unwrap_or(false)
}

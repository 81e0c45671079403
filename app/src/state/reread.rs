//! Reads that are asked for often and done seldom.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

/// At most one read in flight, and one more after it when it was asked for meanwhile.
#[derive(Clone, Default)]
pub(crate) struct Reread {
    busy: Rc<Cell<bool>>,
    again: Rc<Cell<bool>>,
}

impl Reread {
    /// Asks for a read.
    pub(crate) fn ask<F: Future<Output = ()>>(&self, read: impl Fn() -> F + 'static) {
        if self.busy.replace(true) {
            self.again.set(true);
            return;
        }
        let this = self.clone();
        spawn_local(async move {
            loop {
                this.again.set(false);
                read().await;
                if !this.again.get() {
                    break;
                }
            }
            this.busy.set(false);
        });
    }
}

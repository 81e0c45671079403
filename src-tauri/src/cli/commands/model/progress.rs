//! The progress of a file that is sent or received, on a terminal.

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::io::Io;

/// A bar of bytes; nothing where standard error is no terminal.
#[derive(Clone)]
pub(super) struct Bytes(Option<ProgressBar>);

impl Bytes {
    /// For `size` bytes.
    pub(super) fn new(io: &Io, title: String, size: u64) -> Self {
        Self(io.err_terminal.then(|| {
            let bar = ProgressBar::new(size);
            // The template is a constant of this file; a bar without it is still a bar.
            let template = "{prefix}  {bar:28.cyan/dim}  {bytes}/{total_bytes}  {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar.set_prefix(title);
            bar
        }))
    }

    /// So many more.
    pub(super) fn moved(&self, count: usize, at_the_end: &'static str) {
        let Some(bar) = &self.0 else { return };
        bar.inc(count as u64);
        if Some(bar.position()) == bar.length() {
            bar.set_message(at_the_end);
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

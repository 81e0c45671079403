//! Bounds what a JSON reader can be made to keep: depth and length of texts. Numbers that JSON has no words for, and XGBoost
//! writes all the same (`NaN`, `Infinity`), become 0: they stand only where nothing is read.

use std::io::{self, Read};

/// Deepest nesting; a model's is below ten.
const DEEPEST: u32 = 64;
/// Longest text.
const LONGEST: u64 = 16 << 20;

/// Passes JSON on, and ends it when it nests deeper or holds a longer text than a model does.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: R,
    /// Bytes that were passed on.
    pub(super) at: u64,
    /// Whether it was ended.
    pub(super) tripped: bool,
    depth: u32,
    text: Option<u64>,
    escaped: bool,
    /// Within such a number.
    number: bool,
}

impl<R: Read> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, at: 0, tripped: false, depth: 0, text: None, escaped: false, number: false }
    }

    fn look(&mut self, byte: &mut u8) {
        if self.text.is_none() {
            let begins = !self.number && matches!(*byte, b'N' | b'I');
            let goes_on = self.number && byte.is_ascii_alphabetic();
            self.number = begins || goes_on;
            match (begins, goes_on) {
                (true, _) => *byte = b'0',
                (_, true) => *byte = b' ',
                _ => {}
            }
        }
        match (&mut self.text, *byte) {
            (Some(_), b'"') if !self.escaped => self.text = None,
            (Some(length), _) => {
                *length += 1;
                self.escaped = *byte == b'\\' && !self.escaped;
                self.tripped |= *length > LONGEST;
            }
            (None, b'"') => (self.text, self.escaped) = (Some(0), false),
            (None, b'[' | b'{') => {
                self.depth += 1;
                self.tripped |= self.depth > DEEPEST;
            }
            (None, b']' | b'}') => self.depth = self.depth.saturating_sub(1),
            (None, _) => {}
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in &mut buffer[..count] {
            self.look(byte);
        }
        self.at += count as u64;
        if self.tripped { Err(io::Error::other("too deep or too long")) } else { Ok(count) }
    }
}

//! Limits depth and text length of JSON. The numbers `NaN` and `Infinity`, which XGBoost writes and JSON does not have, are
//! read as 0: no number that is used may be one of them.

use std::io::{self, Read};

/// Deepest nesting; a model's is below ten.
const DEEPEST: u32 = 64;
/// Longest text.
const LONGEST: u64 = 16 << 20;
/// Stands in for what ends such a number too early; JSON has no use for it.
const WRONG: u8 = b'?';

/// Passes JSON on, and ends it when it nests deeper or holds a longer text than a model does.
#[derive(Debug)]
pub(super) struct BoundedReader<R> {
    inner: R,
    /// Bytes that were passed on.
    pub(super) at: u64,
    /// True once the JSON was ended early.
    pub(super) tripped: bool,
    depth: u32,
    text: Option<u64>,
    escaped: bool,
    /// The letters still to come of such a number.
    word: &'static [u8],
    /// The byte before, outside texts.
    before: u8,
}

impl<R: Read> BoundedReader<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, at: 0, tripped: false, depth: 0, text: None, escaped: false, word: &[], before: 0 }
    }

    fn look(&mut self, byte: &mut u8) {
        if self.text.is_none() {
            let may_begin = self.before.is_ascii_whitespace() || b"[,:-".contains(&self.before);
            match (self.word, *byte) {
                ([next, rest @ ..], _) => (*byte, self.word) = (if *byte == *next { b' ' } else { WRONG }, rest),
                ([], b'N') if may_begin => (*byte, self.word) = (b'0', b"aN"),
                ([], b'I') if may_begin => (*byte, self.word) = (b'0', b"nfinity"),
                ([], _) => {}
            }
            self.before = *byte;
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

impl<R: Read> Read for BoundedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in &mut buffer[..count] {
            self.look(byte);
        }
        self.at += count as u64;
        if self.tripped { Err(io::Error::other("too deep or too long")) } else { Ok(count) }
    }
}

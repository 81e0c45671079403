//! Walks protobuf messages in a file without holding them in memory.
//!
//! # Guarantees
//!
//! Time grows with the size of the file, memory only with what the caller asks to keep, and that is bounded:
//! a message of two bytes must not become an object of two hundred, a million times.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

/// Most bytes that one reading may keep.
const MOST_KEPT: u64 = 64 << 20;
/// The cost of a kept piece beside its content.
const COST: u64 = 64;
/// Size of the buffer for reading; most fields are far smaller.
const BUFFER: usize = 64 << 10;

/// The reason why a message cannot be walked.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file cannot be read.
    Io(io::Error),
    /// The file ends before what it announces.
    CutShort,
    /// The bytes contradict the format at this place in the file.
    Malformed { at: u64, why: String },
    /// More is to be kept than any real model has.
    TooMuch,
}

impl From<io::Error> for Fault {
    fn from(cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::UnexpectedEof { Self::CutShort } else { Self::Io(cause) }
    }
}

/// A message or another run of bytes: where it ends, and how deep it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    end: u64,
    size: u64,
    depth: u16,
}

impl Block {
    /// Its length in bytes.
    pub(super) fn size(self) -> u64 {
        self.size
    }
}

/// The content of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A whole number.
    Number(u64),
    /// Four or eight bytes that nobody here needs.
    Fixed,
    /// A message, text or bytes; to be read or skipped before the next field.
    Block(Block),
}

/// A field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its number in the format's description.
    pub(super) number: u64,
    /// The field's content.
    pub(super) value: Value,
}

/// A file that is walked from front to back.
pub(super) struct Wire<R> {
    source: BufReader<R>,
    at: u64,
    size: u64,
    kept: u64,
}

impl<R: Read + Seek> Wire<R> {
    /// Starts at the beginning of `source`.
    pub(super) fn new(mut source: R) -> io::Result<Self> {
        let size = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        Ok(Self { source: BufReader::with_capacity(BUFFER, source), at: 0, size, kept: 0 })
    }

    /// The whole file as one message.
    pub(super) fn whole(&self) -> Block {
        Block { end: self.size, size: self.size, depth: 0 }
    }

    /// The next field of `message`; none at its end.
    pub(super) fn next(&mut self, message: Block) -> Result<Option<Field>, Fault> {
        if self.at >= message.end {
            return Ok(None);
        }
        let key = self.number(message)?;
        let number = key >> 3;
        let value = match key & 7 {
            0 => Value::Number(self.number(message)?),
            1 => self.fixed(message, 8)?,
            2 => {
                let size = self.number(message)?;
                let end = self.end(message, size)?;
                Value::Block(Block { end, size, depth: message.depth.saturating_add(1) })
            }
            5 => self.fixed(message, 4)?,
            _ => return Err(self.malformed("a field has a type that the format does not use")),
        };
        if number == 0 {
            return Err(self.malformed("a field has the number 0"));
        }
        Ok(Some(Field { number, value }))
    }

    /// Passes over a field's value.
    pub(super) fn skip(&mut self, value: Value) -> Result<(), Fault> {
        match value {
            Value::Block(block) => self.go(block.end),
            Value::Number(_) | Value::Fixed => Ok(()),
        }
    }

    /// Reads a block of at most `limit` bytes.
    pub(super) fn bytes(&mut self, block: Block, limit: u64) -> Result<Vec<u8>, Fault> {
        if block.size > limit {
            return Err(Fault::TooMuch);
        }
        let mut bytes = vec![0; usize::try_from(block.size).map_err(|_| Fault::TooMuch)?];
        self.source.read_exact(&mut bytes)?;
        self.at = block.end;
        Ok(bytes)
    }

    /// Reads a block as text.
    pub(super) fn text(&mut self, block: Block, limit: u64) -> Result<String, Fault> {
        String::from_utf8(self.bytes(block, limit)?).map_err(|_| self.malformed("a text is not UTF-8"))
    }

    /// Reads a block as a small message.
    pub(super) fn message<M: prost::Message + Default>(&mut self, block: Block, limit: u64) -> Result<M, Fault> {
        let bytes = self.bytes(block, limit)?;
        M::decode(bytes.as_slice()).map_err(|cause| self.malformed(&cause.to_string()))
    }

    /// Counts `bytes` that the caller is going to keep.
    pub(super) fn keep(&mut self, bytes: usize) -> Result<(), Fault> {
        self.kept = self.kept.saturating_add(bytes as u64).saturating_add(COST);
        if self.kept > MOST_KEPT { Err(Fault::TooMuch) } else { Ok(()) }
    }

    /// A contradiction at the present place.
    pub(super) fn malformed(&self, why: &str) -> Fault {
        Fault::Malformed { at: self.at, why: why.to_owned() }
    }

    fn fixed(&mut self, message: Block, size: u64) -> Result<Value, Fault> {
        let end = self.end(message, size)?;
        self.go(end)?;
        Ok(Value::Fixed)
    }

    /// The end of a thing of `size` bytes that begins here and must lie within `message`.
    fn end(&self, message: Block, size: u64) -> Result<u64, Fault> {
        match self.at.checked_add(size).filter(|&end| end <= message.end) {
            Some(end) => Ok(end),
            // Only the file itself can end too early; anything inside it knows its length.
            None if message.depth == 0 => Err(Fault::CutShort),
            None => Err(self.malformed("a part is longer than the whole it belongs to")),
        }
    }

    fn number(&mut self, message: Block) -> Result<u64, Fault> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            self.end(message, 1)?;
            let &byte = self.source.fill_buf()?.first().ok_or(Fault::CutShort)?;
            self.source.consume(1);
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.malformed("a number has more than 64 bits"))
    }

    fn go(&mut self, end: u64) -> Result<(), Fault> {
        let far = i64::try_from(end - self.at).map_err(|_| Fault::CutShort)?;
        self.source.seek_relative(far)?;
        self.at = end;
        Ok(())
    }
}

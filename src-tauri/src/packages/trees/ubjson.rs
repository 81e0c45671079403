//! Reads UBJSON, XGBoost's binary form of JSON, for serde.
//!
//! Own code, because no crate that reads this format is kept up: those that exist are first versions, and none bounds
//! what a declared length makes it allocate. What nobody asks for is passed over, so weights cost no memory.
//!
//! # Guarantees
//!
//! Time grows with the size of the file, whatever lengths it declares; depth, and what one text may cost, are bounded.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};

/// Deepest nesting; a model's is below ten.
const DEEPEST: u16 = 64;
/// Longest text that is kept.
const LONGEST: u64 = 16 << 20;

/// The reason why the file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is cut short")]
    CutShort,
    #[error("{0}")]
    Malformed(String),
    /// The file is well formed, and means something else than is read.
    #[error("{0}")]
    Meant(String),
    #[error("too deep or too long")]
    TooMuch,
}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Meant(message.to_string())
    }
}

fn malformed<T>(why: &str) -> Result<T, Fault> {
    Err(Fault::Malformed(why.to_owned()))
}

/// A file that is read from front to back.
pub(super) struct Ubjson<R> {
    source: BufReader<R>,
    at: u64,
    size: u64,
    depth: u16,
    /// A type marker that was read, or that a container declares for all its elements.
    marker: Option<u8>,
}

impl<R: Read + Seek> Ubjson<R> {
    /// Starts at the beginning of `source`.
    pub(super) fn new(mut source: R) -> io::Result<Self> {
        let size = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        Ok(Self { source: BufReader::with_capacity(64 << 10, source), at: 0, size, depth: 0, marker: None })
    }

    /// The number of bytes that were read.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// True when nothing follows.
    pub(super) fn ended(&self) -> bool {
        self.at == self.size
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let &byte = self.source.fill_buf()?.first().ok_or(Fault::CutShort)?;
        self.source.consume(1);
        self.at += 1;
        Ok(byte)
    }

    fn peek(&mut self) -> Result<u8, Fault> {
        self.source.fill_buf()?.first().copied().ok_or(Fault::CutShort)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        for place in &mut bytes {
            *place = self.byte()?;
        }
        Ok(bytes)
    }

    fn pass(&mut self, length: u64) -> Result<(), Fault> {
        if length > self.size.saturating_sub(self.at) {
            return Err(Fault::CutShort);
        }
        self.source.seek_relative(i64::try_from(length).map_err(|_| Fault::CutShort)?)?;
        self.at += length;
        Ok(())
    }

    /// The marker of the next value; no-ops between values mean nothing.
    fn next_marker(&mut self) -> Result<u8, Fault> {
        if let Some(marker) = self.marker.take() {
            return Ok(marker);
        }
        loop {
            match self.byte()? {
                b'N' => {}
                marker => return Ok(marker),
            }
        }
    }

    /// A whole number after its marker.
    fn integer(&mut self, marker: u8) -> Result<i64, Fault> {
        Ok(match marker {
            b'i' => i64::from(i8::from_be_bytes(self.bytes()?)),
            b'U' => i64::from(self.byte()?),
            b'I' => i64::from(i16::from_be_bytes(self.bytes()?)),
            b'l' => i64::from(i32::from_be_bytes(self.bytes()?)),
            b'L' => i64::from_be_bytes(self.bytes()?),
            _ => return malformed("a length is not a whole number"),
        })
    }

    fn length(&mut self) -> Result<u64, Fault> {
        let marker = self.byte()?;
        let number = self.integer(marker)?;
        u64::try_from(number).or_else(|_| malformed("a length is below zero"))
    }

    fn text(&mut self) -> Result<String, Fault> {
        let length = self.length()?;
        if length > self.size.saturating_sub(self.at) {
            return Err(Fault::CutShort);
        }
        if length > LONGEST {
            return Err(Fault::TooMuch);
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(|_| Fault::TooMuch)?];
        self.source.read_exact(&mut bytes)?;
        self.at += length;
        String::from_utf8(bytes).or_else(|_| malformed("a text is not UTF-8"))
    }

    /// The head of a container: the type of all its elements, and how many there are, where it says so.
    fn container(&mut self) -> Result<Container, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::TooMuch);
        }
        let mut element = None;
        if self.peek()? == b'$' {
            self.byte()?;
            element = Some(self.byte()?);
            if self.peek()? != b'#' {
                return malformed("a container gives the type of its elements and not their number");
            }
        }
        let mut left = None;
        if self.peek()? == b'#' {
            self.byte()?;
            left = Some(self.length()?);
        }
        Ok(Container { element, left })
    }

    /// Passes over a value.
    fn skip(&mut self) -> Result<(), Fault> {
        let marker = self.next_marker()?;
        match marker {
            b'[' => {
                let container = self.container()?;
                let mut elements = Elements { container, reader: self };
                elements.pass_all()?;
                while elements.more(b']')? {
                    elements.pass_one()?;
                }
                elements.finish(b']')
            }
            b'{' => {
                let container = self.container()?;
                let mut elements = Elements { container, reader: self };
                while elements.more(b'}')? {
                    let length = elements.reader.length()?;
                    elements.reader.pass(length)?;
                    elements.pass_one()?;
                }
                elements.finish(b'}')
            }
            b'S' | b'H' => {
                let length = self.length()?;
                self.pass(length)
            }
            _ => match width(marker) {
                Some(width) => self.pass(width),
                None => malformed("a value has a type that the format does not know"),
            },
        }
    }

    fn array<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        let container = self.container()?;
        let mut elements = Elements { container, reader: self };
        let value = visitor.visit_seq(&mut elements)?;
        elements.finish(b']')?;
        Ok(value)
    }

    fn object<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        let container = self.container()?;
        let mut elements = Elements { container, reader: self };
        let value = visitor.visit_map(&mut elements)?;
        elements.finish(b'}')?;
        Ok(value)
    }
}

/// Bytes of a value that always has as many.
fn width(marker: u8) -> Option<u64> {
    match marker {
        b'Z' | b'T' | b'F' => Some(0),
        b'i' | b'U' | b'C' => Some(1),
        b'I' => Some(2),
        b'l' | b'd' => Some(4),
        b'L' | b'D' => Some(8),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Container {
    element: Option<u8>,
    left: Option<u64>,
}

/// The elements of a container that is being read.
struct Elements<'a, R> {
    container: Container,
    reader: &'a mut Ubjson<R>,
}

impl<R: Read + Seek> Elements<'_, R> {
    /// True when there is another element.
    fn more(&mut self, end: u8) -> Result<bool, Fault> {
        match &mut self.container.left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None => {
                while self.reader.peek()? == b'N' {
                    self.reader.byte()?;
                }
                Ok(self.reader.peek()? != end)
            }
        }
    }

    /// Passes over numbers of one type at once; elements without bytes could be any number of them.
    fn pass_all(&mut self) -> Result<(), Fault> {
        let Container { element: Some(element), left: Some(left) } = self.container else { return Ok(()) };
        match width(element) {
            Some(0) if left > 0 => Err(Fault::TooMuch),
            Some(width) => {
                self.container.left = Some(0);
                self.reader.pass(left.checked_mul(width).ok_or(Fault::CutShort)?)
            }
            None => Ok(()),
        }
    }

    fn pass_one(&mut self) -> Result<(), Fault> {
        self.reader.marker = self.container.element;
        self.reader.skip()
    }

    fn finish(mut self, end: u8) -> Result<(), Fault> {
        if self.more(end)? {
            return malformed("a container holds more than was expected");
        }
        if self.container.left.is_none() {
            self.reader.byte()?;
        }
        self.reader.depth -= 1;
        Ok(())
    }
}

impl<'de, R: Read + Seek> SeqAccess<'de> for &mut Elements<'_, R> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        if !self.more(b']')? {
            return Ok(None);
        }
        // Each of them costs a byte at least, or there is no end to them.
        if self.container.element.is_some_and(|element| width(element) == Some(0)) {
            return Err(Fault::TooMuch);
        }
        self.reader.marker = self.container.element;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de, R: Read + Seek> MapAccess<'de> for &mut Elements<'_, R> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        let key = self.reader.text()?;
        seed.deserialize(de::value::StringDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        self.reader.marker = self.container.element;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de, R: Read + Seek> de::Deserializer<'de> for &mut Ubjson<R> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.next_marker()? {
            b'Z' => visitor.visit_unit(),
            b'T' => visitor.visit_bool(true),
            b'F' => visitor.visit_bool(false),
            b'd' => visitor.visit_f32(f32::from_be_bytes(self.bytes()?)),
            b'D' => visitor.visit_f64(f64::from_be_bytes(self.bytes()?)),
            b'C' => visitor.visit_char(char::from(self.byte()?)),
            b'S' | b'H' => visitor.visit_string(self.text()?),
            b'[' => self.array(visitor),
            b'{' => self.object(visitor),
            marker @ (b'i' | b'U' | b'I' | b'l' | b'L') => visitor.visit_i64(self.integer(marker)?),
            _ => malformed("a value has a type that the format does not know"),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.next_marker()? {
            b'Z' => visitor.visit_none(),
            marker => {
                self.marker = Some(marker);
                visitor.visit_some(self)
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.skip()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier
    }
}

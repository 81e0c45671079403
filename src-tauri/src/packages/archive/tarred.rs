//! Takes tar archives apart.

use std::io::{self, Read};

use tar::{Archive, EntryType, PaxExtensions};

use super::error::{ArchiveError, shown};
use super::fill::Fill;

/// Most bytes of an entry that says something of the next one: its long name, its further fields.
const ABOUT: u64 = 64 << 10;

/// A tar stream on its way.
pub(super) struct TarStream<R> {
    inner: R,
    /// Most bytes that are still read.
    left: u64,
    ended: bool,
}

impl<R: Read> Read for TarStream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.ended |= read == 0 && !buffer.is_empty();
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other("there is too much of it"))?;
        Ok(read)
    }
}

/// Unpacks `stream`, and gives back what is left of it.
pub(super) fn unpack<R: Read>(stream: R, fill: &mut Fill<'_>) -> Result<TarStream<R>, ArchiveError> {
    // Headers, names and padding come on top of what is written.
    let left = fill.most().saturating_add(256 << 20);
    let mut archive = Archive::new(TarStream { inner: stream, left, ended: false });
    // Raw, because what is said of the next entry would be read without a bound.
    let entries = archive.entries().map_err(|cause| ArchiveError::reading(&cause))?.raw(true);
    let mut long: Option<Vec<u8>> = None;
    for entry in entries {
        let mut entry = entry.map_err(|cause| ArchiveError::reading(&cause))?;
        fill.count()?;
        let declared = entry.size();
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName => {
                let mut name = about(&mut entry, declared)?;
                name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
                long = Some(name);
                continue;
            }
            EntryType::XHeader => {
                long = pax(&about(&mut entry, declared)?)?.or(long);
                continue;
            }
            EntryType::XGlobalHeader => {
                pax(&about(&mut entry, declared)?)?;
                continue;
            }
            _ => {}
        }
        let name = long.take().unwrap_or_else(|| entry.header().path_bytes().into_owned());
        let program = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
        let refuse = |what| ArchiveError::Kind { entry: shown(&name), what };
        match kind {
            EntryType::Directory => fill.folder(&name)?,
            // Before there was a kind for folders, a slash at the end said it.
            EntryType::Regular if name.ends_with(b"/") && declared == 0 => fill.folder(&name)?,
            EntryType::Regular | EntryType::Continuous => {
                fill.announced(declared)?;
                if fill.file(&name, program, &mut entry)? < declared {
                    return Err(ArchiveError::CutShort);
                }
            }
            EntryType::Symlink | EntryType::Link | EntryType::GNULongLink => return Err(refuse("a link")),
            EntryType::Char | EntryType::Block => return Err(refuse("a device")),
            EntryType::Fifo => return Err(refuse("a pipe")),
            EntryType::GNUSparse => return Err(refuse("a file with holes")),
            _ => return Err(refuse("neither a file nor a folder")),
        }
    }
    let stream = archive.into_inner();
    // An archive ends with a block of zeros; without it, nobody knows what is missing.
    if stream.ended { Err(ArchiveError::CutShort) } else { Ok(stream) }
}

/// Reads what is left, so that a checksum behind it is compared.
pub(super) fn finish<R: Read>(mut stream: TarStream<R>) -> Result<(), ArchiveError> {
    stream.left = ABOUT.saturating_mul(16);
    io::copy(&mut stream, &mut io::sink()).map(drop).map_err(|cause| ArchiveError::reading(&cause))
}

fn about(entry: &mut impl Read, declared: u64) -> Result<Vec<u8>, ArchiveError> {
    if declared > ABOUT {
        return Err(ArchiveError::Damaged { why: "what it says of an entry is too long".to_owned() });
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(|cause| ArchiveError::reading(&cause))?;
    if (bytes.len() as u64) < declared { Err(ArchiveError::CutShort) } else { Ok(bytes) }
}

/// The name in a list of further fields. Those that change what the content is are refused.
fn pax(fields: &[u8]) -> Result<Option<Vec<u8>>, ArchiveError> {
    let mut name = None;
    for field in PaxExtensions::new(fields) {
        let field = field.map_err(|cause| ArchiveError::reading(&cause))?;
        match field.key_bytes() {
            b"path" => name = Some(field.value_bytes().to_vec()),
            key if key == b"size" || key == b"linkpath" || key.starts_with(b"GNU.sparse") => {
                let what = format!("it has an entry with the field \"{}\"", shown(key));
                return Err(ArchiveError::Unsupported { what });
            }
            _ => {}
        }
    }
    Ok(name)
}

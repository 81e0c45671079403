//! Packs a folder into a plain tar stream that is the same for the same files.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tar::{Builder, EntryType, Header};

use super::names;

/// The reason why a folder cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The system refuses.
    #[error("{} cannot be read: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// A link, or something that is no file.
    #[error("{} is {what}, and only files and folders are packed; put the file itself there", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// The kind of entry that it is.
        what: &'static str,
    },
    /// A name that the registry refuses.
    #[error("{} cannot be packed: {why}", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// The reason for the refusal.
        why: String,
    },
    /// There is no file in the folder.
    #[error("{} holds no file", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// Somebody wrote to it meanwhile.
    #[error("{} changed while it was packed; try again when nobody writes to it", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Whoever takes the stream does so no longer.
    #[error("the folder was not taken to its end: {0}")]
    Output(io::Error),
}

/// The files of a folder, in the order in which they are packed.
#[derive(Debug)]
pub struct Folder {
    files: Vec<Packed>,
    size: u64,
}

#[derive(Debug)]
struct Packed {
    path: PathBuf,
    name: String,
    size: u64,
    program: bool,
}

impl Folder {
    /// Looks what is in `folder`. Folders without files are left out.
    ///
    /// # Errors
    /// Links and whatever else is no file; names that the registry refuses; those of the system.
    pub fn read(folder: &Path) -> Result<Self, PackError> {
        let mut files = Vec::new();
        collect(folder, "", &mut files)?;
        if files.is_empty() {
            return Err(PackError::Empty { path: folder.to_owned() });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let mut folder = Self { files, size: 0 };
        // Headers are small: they are made once more to count them.
        let mut counted = Counted::default();
        let content: u64 = folder.files.iter().map(|file| file.size.next_multiple_of(512)).sum();
        folder.write_with(&mut counted, |_, _| Ok(()))?;
        folder.size = counted.0 + content;
        Ok(folder)
    }

    /// The length of the stream in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Writes the stream.
    ///
    /// # Errors
    /// A file changed its size or cannot be read; those of `output`.
    pub fn write(&self, output: &mut impl Write) -> Result<(), PackError> {
        self.write_with(output, |builder, file| {
            let at = |cause| PackError::Io { path: file.path.clone(), cause };
            let output = builder.get_mut();
            let mut content = File::open(&file.path).map_err(at)?.take(file.size);
            let mut chunk = vec![0; 128 << 10];
            let mut written = 0;
            loop {
                let read = content.read(&mut chunk).map_err(at)?;
                if read == 0 {
                    break;
                }
                written += read as u64;
                output.write_all(&chunk[..read]).map_err(PackError::Output)?;
            }
            let more = content.into_inner().read(&mut [0]).map_err(at)?;
            if written < file.size || more > 0 {
                return Err(PackError::Changed { path: file.path.clone() });
            }
            let padding = file.size.next_multiple_of(512) - file.size;
            let zeros = [0; 512];
            output.write_all(&zeros[..usize::try_from(padding).unwrap_or(0)]).map_err(PackError::Output)
        })
    }

    fn write_with<W: Write>(
        &self,
        output: W,
        content: impl Fn(&mut Builder<W>, &Packed) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        let mut builder = Builder::new(output);
        for file in &self.files {
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(if file.program { 0o755 } else { 0o644 });
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            header.set_size(file.size);
            // Writes the header, with a long name before it where need be; the content follows by itself.
            builder.append_data(&mut header, &file.name, io::empty()).map_err(PackError::Output)?;
            content(&mut builder, file)?;
        }
        builder.finish().map_err(PackError::Output)
    }
}

fn collect(folder: &Path, inside: &str, files: &mut Vec<Packed>) -> Result<(), PackError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |cause| PackError::Io { path, cause }
    };
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let path = entry.path();
        let refuse = |what| PackError::Kind { path: path.clone(), what };
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            return Err(PackError::Name { path, why: "its name is no UTF-8".to_owned() });
        };
        let name = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        names::path(name.as_bytes())
            .map_err(|refused| PackError::Name { path: path.clone(), why: refused.to_string() })?;
        let metadata = fs::symlink_metadata(&path).map_err(at(&path))?;
        if metadata.is_symlink() {
            return Err(refuse("a link"));
        } else if metadata.is_dir() {
            collect(&path, &name, files)?;
        } else if metadata.is_file() {
            let program = metadata.permissions().mode() & 0o100 != 0;
            files.push(Packed { path, name, size: metadata.len(), program });
        } else {
            return Err(refuse("neither a file nor a folder"));
        }
    }
    Ok(())
}

/// A writer that only counts the bytes.
#[derive(Default)]
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

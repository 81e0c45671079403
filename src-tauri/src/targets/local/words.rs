//! The arguments of a replica, handed over on its standard input: every user of the machine sees a command line.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::process::Stdio;

use rustix::fs::{MemfdFlags, memfd_create};

/// Tells the replica that its other arguments come on standard input; the last word of its command line.
pub(super) const WORDS_ON_STANDARD_INPUT: &str = "--words-on-standard-input";

/// Arguments that are being put together.
#[derive(Default)]
pub(super) struct Words(Vec<OsString>);

impl Words {
    pub(super) fn args(&mut self, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.0.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    /// Gives an argument a value that may begin with anything, also with a dash.
    pub(super) fn give(&mut self, name: &str, value: impl AsRef<OsStr>) {
        let mut word = OsString::from(format!("--{name}="));
        word.push(value);
        self.0.push(word);
    }

    /// All of them for a command line that anybody may read.
    pub(super) fn in_the_open(self) -> Vec<OsString> {
        self.0
    }

    /// All of them, each ended by a zero byte, in a file that lies in memory alone and has no name.
    ///
    /// # Errors
    /// One holds a zero byte, which no argument may, or the system refuses.
    pub(super) fn sheet(&self) -> io::Result<Stdio> {
        let mut file = File::from(memfd_create("replica", MemfdFlags::CLOEXEC)?);
        for word in &self.0 {
            if word.as_bytes().contains(&0) {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "an argument of the replica contains a zero byte",
                ));
            }
            file.write_all(word.as_bytes())?;
            file.write_all(&[0])?;
        }
        file.rewind()?;
        Ok(Stdio::from(file))
    }
}

#[cfg(test)]
impl Words {
    /// The arguments, as the replica takes them.
    pub(super) fn read(self) -> crate::replica::ReplicaArgs {
        let line = ["changeover", "replica", "--id", "r-1", "--instance", "i", WORDS_ON_STANDARD_INPUT];
        let sheet = self.0.iter().flat_map(|word| [word.as_bytes(), &[0]].concat()).collect::<Vec<_>>();
        let mut words = crate::replica::CommandLine::completed(line.map(OsString::from).into(), &mut &sheet[..]);
        words.remove(1);
        crate::replica::ReplicaArgs::of_line(words).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_byte_would_make_two_arguments_of_one() {
        let mut words = Words::default();
        words.give("health-path", "/up\0--cgroup=/other");
        assert_eq!(words.sheet().unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}

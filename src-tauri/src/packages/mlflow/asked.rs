//! Gathers what files ask for, and leaves out by name what cannot be installed.
//!
//! Addresses of package indexes are the server's to set: a line that sets one is refused, because another package of
//! the same name could be installed from there. Other lines that cannot be installed are left out and named.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::python::{self, AskedEnvironment, CondaPackage, RequirementLine};
use serde::de::DeserializeOwned;

use super::description::{LARGEST, options};
use crate::packages::Unreadable;
use crate::packages::folder;

/// The largest number of requirement lines in a package.
const MOST: usize = 1_024;
/// The largest number of bytes that are kept of them.
const LARGEST_LINES: usize = 1 << 20;
/// Most files that its requirements may be spread over.
const MOST_FILES: usize = 32;
/// Most sentences about what is left out.
const MOST_SENTENCES: usize = 100;
/// The installer itself, which is not installed for a model.
pub(super) const INSTALLER: &str = "pip";

/// A part of a file that lines are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source<'a> {
    file: &'a str,
    /// True for packages that the other part of the file replaces.
    yields: bool,
}

impl<'a> Source<'a> {
    pub(super) fn of(file: &'a str) -> Self {
        Self { file, yields: false }
    }

    pub(super) fn yielding(file: &'a str) -> Self {
        Self { file, yields: true }
    }
}

/// A line of a package, and where it is from.
struct Kept {
    line: String,
    file: String,
    yields: bool,
}

/// The environment as far as it was gathered.
pub(super) struct EnvironmentBuilder<'a> {
    folder: &'a Path,
    /// The version of Python, and the file that names it.
    pub(super) python: Option<(String, String)>,
    /// Lines by the names of their packages.
    packages: BTreeMap<String, Vec<Kept>>,
    hashes: Hashes,
    constraints: BTreeSet<String>,
    left_out: Vec<String>,
    /// The number of further sentences, which did not fit there.
    unnamed: usize,
    /// Files that were read, and whether as constraints.
    files: BTreeSet<(String, bool)>,
    count: usize,
    /// Bytes of the lines that are kept.
    bytes: usize,
    /// Bytes of the files that were read.
    read: u64,
}

/// The number of lines with hashes and without: pip takes hashes only where every line has one.
#[derive(Default)]
struct Hashes {
    with: usize,
    without: usize,
}

impl<'a> EnvironmentBuilder<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self {
            folder,
            python: None,
            packages: BTreeMap::new(),
            hashes: Hashes::default(),
            constraints: BTreeSet::new(),
            left_out: Vec::new(),
            unnamed: 0,
            files: BTreeSet::new(),
            count: 0,
            bytes: 0,
            read: 0,
        }
    }

    pub(super) fn leave_out(&mut self, what: &str) {
        if self.left_out.len() >= MOST_SENTENCES {
            self.unnamed += 1;
        } else if !self.left_out.iter().any(|known| known == what) {
            self.left_out.push(what.to_owned());
        }
    }

    pub(super) fn python(&mut self, file: &str, version: &str) {
        let version = version.trim().trim_start_matches('=').trim_end_matches(".*");
        let minor = |text: &str| python::asked(text);
        match &self.python {
            _ if version.is_empty() => {}
            None => {
                let version = version.chars().take(80).flat_map(char::escape_debug).collect();
                self.python = Some((version, file.to_owned()));
            }
            Some((first, _)) if minor(first) == minor(version) => {}
            Some((first, from)) => {
                let version = folder::shown(version);
                let what = format!("Python {version} in {file}, because {from} asks for Python {first}");
                self.leave_out(&what);
            }
        }
    }

    /// A package in conda's words.
    pub(super) fn conda(&mut self, source: Source<'_>, package: &str) -> Result<(), Unreadable> {
        self.count()?;
        let file = source.file;
        match python::conda(package) {
            CondaPackage::Python(version) => self.python(file, &version),
            CondaPackage::Pip => {}
            CondaPackage::Line(line, build) => {
                self.package(source, line, false)?;
                if let Some(build) = build {
                    self.leave_out(&format!("the build {} of {}", folder::shown(&build), folder::shown(package)));
                }
            }
            CondaPackage::LeftOut => {
                self.leave_out(&format!(
                    "the conda package {} in {file}, for which no pip package of the same content is known",
                    folder::shown(package)
                ));
            }
        }
        Ok(())
    }

    /// The lines of the file at `path`, if there is one.
    pub(super) fn file(&mut self, path: &str) -> Result<(), Unreadable> {
        let Some(text) = self.text(path)? else { return Ok(()) };
        self.files.insert((path.to_owned(), false));
        self.lines(Source::of(path), &text, false)
    }

    pub(super) fn lines(&mut self, source: Source<'_>, text: &str, constrains: bool) -> Result<(), Unreadable> {
        let file = source.file;
        for text in python::lines(text) {
            self.count()?;
            match python::line(&text) {
                RequirementLine::Package { line, options, .. } if constrains => {
                    self.options(file, &line, options);
                    let line = python::without_hashes(&line).to_owned();
                    self.keep(&line)?;
                    self.constraints.insert(line);
                }
                RequirementLine::Package { line, hashed, options } => {
                    self.options(file, &line, options);
                    self.package(source, line, hashed)?;
                }
                RequirementLine::File { path, constrains: also } => self.include(file, &path, constrains || also)?,
                RequirementLine::Elsewhere(text) => {
                    let text = folder::shown(&text);
                    self.leave_out(&format!("\"{text}\" in {file}: only packages from a package index are installed"));
                }
                RequirementLine::Option(option) => {
                    self.leave_out(&format!("the installer option \"{option}\" in {file}, which is not passed on"));
                }
                RequirementLine::Source(option) => {
                    return Err(Unreadable::Environment(format!(
                        "{file} says where packages come from (\"{option}\"). Only the server chooses package indexes: set PIP_INDEX_URL for the server and remove the line"
                    )));
                }
                RequirementLine::Unknown(text) => {
                    return Err(Unreadable::Environment(format!(
                        "{file} has the line \"{text}\", which pip does not understand; write it as in numpy==2.1.0"
                    )));
                }
            }
        }
        Ok(())
    }

    fn options(&mut self, file: &str, line: &str, options: Option<String>) {
        if let Some(options) = options {
            let package = folder::shown(python::without_hashes(line));
            self.leave_out(&format!("the options {options} of {package} in {file}"));
        }
    }

    /// One more line, of any kind.
    fn count(&mut self) -> Result<(), Unreadable> {
        self.count += 1;
        if self.count <= MOST {
            return Ok(());
        }
        Err(Unreadable::Environment("it lists more than 1,024 requirements, which is the limit".to_owned()))
    }

    /// A line that is kept whole.
    fn keep(&mut self, line: &str) -> Result<(), Unreadable> {
        self.bytes += line.len();
        if self.bytes <= LARGEST_LINES {
            return Ok(());
        }
        Err(Unreadable::Environment("its requirements take more than 1 MiB, which is the limit".to_owned()))
    }

    fn package(&mut self, source: Source<'_>, line: String, hashed: bool) -> Result<(), Unreadable> {
        let Source { file, yields } = source;
        let name = python::name(&line);
        if name == INSTALLER {
            return Ok(());
        }
        // A file may say several times what a package is for several systems; another file says the same once more.
        let known = self.packages.get(&name).map_or(&[][..], Vec::as_slice);
        if let Some(first) = known.first().filter(|first| first.file != file || first.yields != yields) {
            let is_known = known.iter().any(|known| plain(&known.line) == plain(&line)) || plain(&line) == name;
            if first.file != file && !is_known {
                let what = format!(
                    "{} in {file}, because {} asks for {}",
                    folder::shown(python::without_hashes(&line)),
                    first.file,
                    folder::shown(python::without_hashes(&first.line))
                );
                self.leave_out(&what);
            }
            return Ok(());
        }
        self.keep(&line)?;
        self.packages.entry(name).or_default().push(Kept { line, file: file.to_owned(), yields });
        if hashed {
            self.hashes.with += 1
        } else {
            self.hashes.without += 1
        }
        Ok(())
    }

    /// The lines of another file of the package.
    fn include(&mut self, from: &str, path: &str, constrains: bool) -> Result<(), Unreadable> {
        // Paths are meant from the file that names them.
        let path = path.replace('\\', "/");
        let path = match Path::new(from).parent().and_then(Path::to_str) {
            Some(parent) if !parent.is_empty() => format!("{parent}/{path}"),
            _ => path,
        };
        if !self.files.insert((path.clone(), constrains)) {
            return Ok(());
        }
        if self.files.len() > MOST_FILES {
            return Err(Unreadable::Environment(format!("its requirements are in more than {MOST_FILES} files")));
        }
        if path.contains("://") || folder::inside(self.folder, &path).is_err() {
            self.leave_out(&format!(
                "the file \"{}\" that {from} names, which is not in the package",
                folder::shown(&path)
            ));
            return Ok(());
        }
        let Some(text) = self.text(&path)? else { return Ok(()) };
        self.lines(Source::of(&path), &text, constrains)
    }

    /// A file of the package; none when there is none.
    fn text(&mut self, path: &str) -> Result<Option<String>, Unreadable> {
        let Ok(found) = folder::inside(self.folder, path) else { return Ok(None) };
        if !found.is_file() {
            return Ok(None);
        }
        let refuse = |why: &str| Unreadable::Environment(format!("{} {why}", folder::shown(path)));
        let too_large = || refuse("and the files before it are larger than 4 MiB together");
        let bytes = folder::small(&found, LARGEST - self.read)?.ok_or_else(too_large)?;
        self.read += bytes.len() as u64;
        decoded(&bytes).map(Some).ok_or_else(|| refuse("is no text in UTF-8 or UTF-16"))
    }

    pub(super) fn yaml<T: DeserializeOwned>(&mut self, path: &str) -> Result<Option<T>, Unreadable> {
        let Some(text) = self.text(path)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let text = text.trim_start_matches('\u{feff}');
        let refuse = |fault: serde_saphyr::Error| {
            let line: String = fault.to_string().lines().next().unwrap_or_default().chars().take(300).collect();
            Unreadable::Environment(format!("{} cannot be read: {line}", folder::shown(path)))
        };
        serde_saphyr::from_str_with_options::<Option<T>>(text, options()).map_err(refuse)
    }

    pub(super) fn end(mut self) -> AskedEnvironment {
        if self.unnamed > 0 {
            self.left_out.push(format!("{} more", self.unnamed));
        }
        let lines = self.packages.into_values().flatten().map(|from| from.line);
        let requirements: BTreeSet<String> = if self.hashes.with > 0 && self.hashes.without > 0 {
            let why = "the hashes, because some packages have none and pip checks all or none";
            self.left_out.push(why.to_owned());
            lines.map(|line| python::without_hashes(&line).to_owned()).collect()
        } else {
            lines.collect()
        };
        AskedEnvironment {
            python: self.python.map(|(version, _)| version),
            requirements: requirements.into_iter().collect(),
            constraints: self.constraints.into_iter().collect(),
            left_out: self.left_out,
            impossible: false,
        }
    }
}

/// A line as it compares with others: without hashes and blanks, with its name as indexes spell it.
fn plain(line: &str) -> String {
    let line = python::without_hashes(line).trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_.".contains(c));
    python::name(line) + &rest.replace(' ', "").to_ascii_lowercase()
}

/// The text of a file as pip decodes it: by its byte order mark, as UTF-8, or in the coding that its first lines name.
fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => match str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => {
                let head = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).to_lowercase();
                let named = head.lines().take(2).any(|line| line.starts_with('#') && line.contains("latin-1"));
                named.then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
            }
        },
    }
}

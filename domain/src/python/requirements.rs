//! Lines of a requirements file as pip reads them: which ask for a package by its name, and which for more than that.

use super::grammar::is_package;

/// Most characters of a line that a sentence repeats.
const SHOWN: usize = 120;
/// Longest line in bytes.
const LONGEST: usize = 16 << 10;

/// Options that say where packages come from.
const SOURCES: [&str; 9] = [
    "-i",
    "-f",
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "--no-index",
    "--find-links",
    "--trusted-host",
    "--process-dependency-links",
];
/// Endings of the names of files that hold a package.
const ARCHIVES: [&str; 11] =
    [".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar.lzma", ".egg"];

/// The requirement of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequirementLine {
    /// A package by its name, with extras, versions, a marker and hashes.
    Package {
        /// The line, its hashes behind it.
        line: String,
        /// It has hashes.
        hashed: bool,
        /// Other options of it, which are not taken.
        options: Option<String>,
    },
    /// A package at an address, in a repository, or at a path.
    Elsewhere(String),
    /// The lines of another file.
    File {
        /// Its path.
        path: String,
        /// Its lines only limit versions.
        constrains: bool,
    },
    /// An option that says where packages come from.
    Source(String),
    /// Another option of the installer.
    Option(String),
    /// No line that pip understands.
    Unknown(String),
}

/// The lines of `text` that say something: comments are gone, and what a `\` continues is in one line.
pub fn lines(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let (mut whole, mut lines) = (String::new(), Vec::new());
    for line in text.lines() {
        let is_comment = line.trim_start().starts_with('#');
        if is_comment {
            // So that it is seen as one behind a line that goes on.
            whole.push(' ');
        }
        match line.strip_suffix('\\').filter(|_| !is_comment) {
            Some(begun) => whole.push_str(begun.trim_end_matches('\\')),
            None => {
                whole.push_str(line);
                lines.push(std::mem::take(&mut whole));
            }
        }
    }
    lines.push(whole);
    let said = lines.iter().map(|line| without_comment(line).trim().to_owned());
    said.filter(|line| !line.is_empty()).collect()
}

/// Comments begin at the start of a line or behind a blank of any kind.
fn without_comment(line: &str) -> &str {
    let begins = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    match line.match_indices('#').find(|(at, _)| begins(*at)) {
        Some((at, _)) => &line[..at],
        None => line,
    }
}

/// The requirement of a line of [`lines`].
pub fn line(text: &str) -> RequirementLine {
    let text = text.trim();
    let unknown = || RequirementLine::Unknown(shown(text));
    if text.len() > LONGEST || text.chars().any(|c| c.is_control() && c != '\t') {
        return unknown();
    }
    if text.starts_with('-') {
        return option(text);
    }
    if is_elsewhere(text) {
        return RequirementLine::Elsewhere(text.to_owned());
    }
    let (package, options) = text.find(" -").map_or((text, ""), |at| (text[..at].trim_end(), text[at..].trim()));
    if !is_package(package) {
        return unknown();
    }
    let (mut line, mut others) = (package.to_owned(), Vec::new());
    let mut words = options.split_whitespace();
    while let Some(word) = words.next() {
        let hash = match word.strip_prefix("--hash") {
            Some("") => words.next().unwrap_or_default(),
            Some(rest) => rest.strip_prefix('=').unwrap_or_default(),
            None => {
                others.push(word);
                continue;
            }
        };
        if !is_hash(hash) {
            return unknown();
        }
        line = format!("{line} --hash={hash}");
    }
    let hashed = line.len() > package.len();
    RequirementLine::Package { line, hashed, options: (!others.is_empty()).then(|| shown(&others.join(" "))) }
}

/// A line that begins with a dash.
fn option(text: &str) -> RequirementLine {
    let (word, value) = match text.find([' ', '=', '\t']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    // `-rother.txt` is taken too.
    let (word, value) = match word.get(..2) {
        Some(short) if !word.starts_with("--") && word.len() > 2 => (short, word[2..].trim()),
        _ => (word, value),
    };
    let file = |constrains| RequirementLine::File { path: value.to_owned(), constrains };
    match word {
        "-r" | "--requirement" => file(false),
        "-c" | "--constraint" => file(true),
        "-e" | "--editable" => RequirementLine::Elsewhere(text.to_owned()),
        word if SOURCES.contains(&word) => RequirementLine::Source(shown(text)),
        _ => RequirementLine::Option(shown(text)),
    }
}

fn is_elsewhere(text: &str) -> bool {
    let package = text.split(';').next().unwrap_or_default();
    let file = package.split('[').next().unwrap_or_default().trim().to_ascii_lowercase();
    let repository = ["git+", "hg+", "svn+", "bzr+", "file:"].iter().any(|start| text.starts_with(start));
    let named = package.split_once('@').is_some_and(|(name, _)| is_package(name.trim()));
    let path = package.starts_with(['.', '/', '~']) && package.contains(['/', '\\']) || package == ".";
    repository
        || named
        || path
        || text.contains("://")
        || package.contains(['/', '\\'])
        || ARCHIVES.iter().any(|end| file.ends_with(end))
}

fn is_hash(text: &str) -> bool {
    let known = |name: &str| ["sha256", "sha384", "sha512"].contains(&name);
    text.split_once(':').is_some_and(|(name, hex)| known(name) && hex.chars().all(|c| c.is_ascii_hexdigit()))
}

/// The package that a line asks for, spelled as indexes compare names: `scikit-learn` for `Scikit_Learn>=1.5`.
pub fn name(line: &str) -> String {
    let line = line.trim();
    let line = match line.split_once("#egg=") {
        Some((_, named)) => named,
        None => line,
    };
    let name = line.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c));
    let parts: String = name.map(|c| if "_.".contains(c) { '-' } else { c.to_ascii_lowercase() }).collect();
    parts.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// A line without its hashes.
pub fn without_hashes(line: &str) -> &str {
    line.split_once(" --hash=").map_or(line, |(package, _)| package)
}

/// The packages in a list that a person wrote for an environment of their own: by name, and by address too.
///
/// # Errors
/// A sentence about the first line that cannot be taken.
pub fn list(written: &[String]) -> Result<Vec<String>, String> {
    let mut taken = Vec::new();
    for text in lines(&written.join("\n")) {
        match line(&text) {
            RequirementLine::Package { line, options: None, .. } => taken.push(line),
            RequirementLine::Elsewhere(text) if !text.starts_with('-') => taken.push(text),
            RequirementLine::Package { options: Some(options), .. } | RequirementLine::Option(options) => {
                return Err(format!(
                    "name packages, as in numpy==2.1.0; the option \"{options}\" of the installer is not passed on"
                ));
            }
            RequirementLine::Elsewhere(text) => {
                return Err(format!("\"{}\" would be installed to be edited; name its address instead", shown(&text)));
            }
            RequirementLine::File { path, .. } => {
                return Err(format!("write out the lines of the file \"{}\" here", shown(&path)));
            }
            RequirementLine::Source(option) => {
                return Err(format!(
                    "\"{option}\" says where packages come from; set that for the server instead, as in PIP_INDEX_URL"
                ));
            }
            RequirementLine::Unknown(text) => {
                return Err(format!("\"{text}\" is no line that pip understands; write it as in numpy==2.1.0"));
            }
        }
    }
    Ok(taken)
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_that_pip_reads() {
        for (text, read) in [
            ("a\nb\r\nc\rd", vec!["a", "b", "c", "d"]),
            ("\u{feff}a==1 # why\nb\t# a tab\n#c\n  # d\ne#f", vec!["a==1", "b", "e#f"]),
            (
                "a==1 \\\n  --hash=sha256:0 \\\n  --hash=sha256:1\nb",
                vec!["a==1   --hash=sha256:0   --hash=sha256:1", "b"],
            ),
            ("a>=1,\\\n<2\n", vec!["a>=1,<2"]),
            ("a \\\n# a comment ends it \\\nb", vec!["a", "b"]),
            ("a \\", vec!["a"]),
            ("\n \n\t\n", vec![]),
        ] {
            assert_eq!(lines(text), read, "{text:?}");
        }
    }

    fn plain(text: &str) -> Option<String> {
        match line(text) {
            RequirementLine::Package { line, options: None, .. } => Some(line),
            _ => None,
        }
    }

    #[test]
    fn packages_are_known_by_their_names() {
        for text in [
            "mlflow==3.17.2",
            "Scikit_Learn >= 1.5, < 2",
            "uvicorn[standard,x]~=0.30",
            "torch==2.1.0+cpu",
            "colorama; sys_platform == 'win32'",
            "numpy (>=1.26)",
            "pandas",
            "a===1!2.0.post1",
            "a>1,",
            "importlib-metadata>=4; python_version < \"3.10\" and extra == 'x'",
        ] {
            assert_eq!(plain(text).as_deref(), Some(text));
        }
        let hashed = line("a==1  --hash=sha256:0f --hash sha512:aa");
        let whole = RequirementLine::Package {
            line: "a==1 --hash=sha256:0f --hash=sha512:aa".to_owned(),
            hashed: true,
            options: None,
        };
        assert_eq!(hashed, whole);
        assert_eq!(without_hashes("a==1 --hash=sha256:0f --hash=sha512:aa"), "a==1");
        assert!(matches!(line("a==1 --config-settings=\"x=y\""), RequirementLine::Package { options: Some(_), .. }));
    }

    #[test]
    fn what_asks_for_more_is_told_apart() {
        for text in [
            "x @ https://a.b/x.whl",
            "git+https://a.b/x#egg=x",
            "https://a.b/x.whl",
            "./here",
            "/there/x.whl",
            "x.whl",
            "x.tar.gz",
            "~/x",
            "sub/folder",
            "..\\x",
            "-e .",
            "x@file:///a",
            ".",
        ] {
            assert!(matches!(line(text), RequirementLine::Elsewhere(_)), "{text}: {:?}", line(text));
        }
        for (text, path, constrains) in [
            ("-r other.txt", "other.txt", false),
            ("-rother.txt", "other.txt", false),
            ("--constraint=c.txt", "c.txt", true),
        ] {
            assert_eq!(line(text), RequirementLine::File { path: path.to_owned(), constrains });
        }
        for text in ["--index-url https://a.b/simple", "-i x", "--no-index", "-f ./x", "--extra-index-url=x"] {
            assert!(matches!(line(text), RequirementLine::Source(_)), "{text}");
        }
        assert!(matches!(line("--pre"), RequirementLine::Option(_)));
        for text in ["numpy 1", "$HOME", "~x", "numpy=1.0", "a; b:c", "a[x", "a==1 --hash=md5:0", "a==", "-", "a\u{7}"]
        {
            assert!(
                matches!(line(text), RequirementLine::Unknown(_) | RequirementLine::Option(_)),
                "{text}: {:?}",
                line(text)
            );
        }
    }

    #[test]
    fn a_list_of_a_persons_own_is_taken_as_a_file_would_be() {
        let list = |lines: &[&str]| list(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
        let taken = list(&["\u{feff}a==1\t# why", "# nothing", "b \\", ">=2", "c @ git+https://a.b/c"]).unwrap();
        assert_eq!(taken, ["a==1", "b >=2", "c @ git+https://a.b/c"]);
        for wrong in ["-r x.txt", "--index-url x", "--pre", "-e .", "numpy=1", "a==1 --global-option=x"] {
            assert!(list(&["a", wrong]).is_err(), "{wrong}");
        }
        assert_eq!(name("git+https://a.b/x@main#egg=Some_Thing"), "some-thing");
        assert_eq!(name("ruamel.yaml[x]>=1"), "ruamel-yaml");
    }
}

//! Lines of Python requirements: which are taken from a package, and what replaces what.

use std::collections::BTreeSet;

/// Most lines of a package, and longest line in bytes.
const MOST: usize = 512;
const LONGEST: usize = 1_024;

/// The package that a line asks for, spelled as indexes compare names: `scikit-learn` for `Scikit_Learn>=1.5`.
pub(super) fn name(line: &str) -> String {
    let name = line.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c));
    let parts: String = name.map(|c| if "_.".contains(c) { '-' } else { c.to_ascii_lowercase() }).collect();
    parts.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// Both together, sorted, each once; a configured line takes the place of a package's own for the same name.
pub(super) fn merge(own: impl IntoIterator<Item = String>, configured: &[String]) -> Vec<String> {
    let named: BTreeSet<_> = configured.iter().map(|line| name(line)).collect();
    let own = own.into_iter().filter(|line| !named.contains(&name(line)));
    let lines: BTreeSet<_> = own.chain(configured.iter().map(|line| line.trim().to_owned())).collect();
    lines.into_iter().collect()
}

/// The lines of a requirements file that name packages and versions and nothing else.
///
/// # Errors
/// A sentence about the first line that does more: it would let a package say where software comes from, or read files of
/// this machine.
pub(super) fn plain<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let mut plain = Vec::new();
    for line in lines {
        let line = match line.split_once(" #") {
            Some((line, _)) => line.trim(),
            None => line.trim(),
        };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !is_plain(line) {
            let line: String = line.chars().take(120).flat_map(char::escape_debug).collect();
            return Err(format!(
                "the package asks for \"{line}\"; only lines such as \"numpy==2.1.0\" are taken from a package, no options, addresses or paths. Name what it needs in environment.python.requirements and leave it out of the package"
            ));
        }
        plain.push(line.to_owned());
        if plain.len() > MOST {
            return Err(format!("the package has more than {MOST} requirements, the limit"));
        }
    }
    Ok(plain)
}

fn is_plain(line: &str) -> bool {
    let (package, marker) = line.split_once(';').unwrap_or((line, ""));
    let name_ends = package.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(package.len());
    let (name, rest) = package.split_at(name_ends);
    let rest = rest.trim_start();
    let (extras, versions) = match rest.strip_prefix('[') {
        Some(inside) => inside.split_once(']').unwrap_or((inside, "[")),
        None => ("", rest),
    };
    let word = |text: &str, more: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    let begins = |c: char| "<>=!~(".contains(c);
    let archive = [".whl", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".egg"];
    // The installer takes what begins with a dash for an option, wherever it stands in a line.
    line.len() <= LONGEST
        && !line.contains(" -")
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !archive.iter().any(|end| name.to_ascii_lowercase().ends_with(end))
        && word(extras, "-_., ")
        && (versions.trim().is_empty() || versions.trim().starts_with(begins))
        && word(versions, ".*+!<>=~, ()-_")
        && word(marker, "._<>=!~ '\"()-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_versions_are_taken_from_a_package() {
        let taken = "mlflow==3.17.2\n# a comment\n\nScikit_Learn >= 1.5, < 2 # why\nuvicorn[standard,x]~=0.30\ntorch==2.1.0+cpu\ncolorama; sys_platform == 'win32'\nnumpy (>=1.26)\npandas\n";
        assert_eq!(plain(taken.lines()).unwrap().len(), 7);
        for refused in [
            "-r other.txt",
            "--index-url https://a.b/simple",
            "-e .",
            "./here",
            "/there/x.whl",
            "x.whl",
            "x.tar.gz",
            "x @ https://a.b/x.whl",
            "git+https://a.b/x",
            "https://a.b/x.whl",
            "numpy==1 \\",
            "numpy==1 --pre",
            "numpy; python_version > '3' --pre",
            "numpy==1 --hash=sha256:0",
            "numpy 1",
            "$HOME",
            "a; b://c",
            "~x",
        ] {
            let said = plain([refused]).unwrap_err();
            assert!(said.contains("only lines such as"), "{said}");
        }
    }

    #[test]
    fn what_is_configured_takes_the_place_of_what_a_package_asks_for() {
        let own = ["mlflow==3.17.2", "scikit-learn"].map(str::to_owned);
        let configured = ["Scikit_Learn==1.9.1", " pandas "].map(str::to_owned);
        assert_eq!(merge(own, &configured), ["Scikit_Learn==1.9.1", "mlflow==3.17.2", "pandas"]);
        assert_eq!(name("ruamel.yaml[x]>=1"), "ruamel-yaml");
    }
}

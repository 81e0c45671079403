//! The requirements of a Python environment: a configured line takes the place of a package's own for the same name.

use std::collections::BTreeSet;

use domain::python::{list, name, without_hashes};

/// The requirements that a Python environment is built by.
#[derive(Clone, Debug, Default)]
pub(super) struct Requirements {
    /// Lines of requirements.
    pub(super) lines: Vec<String>,
    /// Lines that limit the versions of what comes along.
    pub(super) constraints: Vec<String>,
    /// The version of Python that is asked for.
    pub(super) python: Option<String>,
}

impl Requirements {
    /// These lines and nothing else.
    pub(super) fn of(lines: Vec<String>) -> Self {
        Self { lines, ..Self::default() }
    }
}

/// Both together, sorted, each once; a configured line takes the place of a package's own for the same name. Hashes of the
/// package's lines hold only where nothing is added: pip takes all or none.
pub(super) fn merge(own: impl IntoIterator<Item = String>, configured: &[String]) -> Vec<String> {
    let configured = written(configured.to_vec());
    let named: BTreeSet<_> = configured.iter().map(|line| name(line)).collect();
    let own = own.into_iter().filter(|line| !named.contains(&name(line)));
    let lines: BTreeSet<_> = own.chain(configured.iter().map(|line| line.trim().to_owned())).collect();
    let plain = |line: &String| without_hashes(line).len() == line.len();
    if lines.iter().any(plain) {
        let plain: BTreeSet<_> = lines.iter().map(|line| without_hashes(line).to_owned()).collect();
        return plain.into_iter().collect();
    }
    lines.into_iter().collect()
}

/// Lines that a person wrote, as pip reads them. What was stored by an earlier release may hold what is refused today; the
/// installer says so.
pub(super) fn written(lines: Vec<String>) -> Vec<String> {
    list(&lines).unwrap_or(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_configured_takes_the_place_of_what_a_package_asks_for() {
        let own = ["mlflow==3.17.2", "scikit-learn"].map(str::to_owned);
        let configured = ["Scikit_Learn==1.9.1", " pandas\t# why ", "# nothing"].map(str::to_owned);
        assert_eq!(merge(own, &configured), ["Scikit_Learn==1.9.1", "mlflow==3.17.2", "pandas"]);
    }

    #[test]
    fn hashes_hold_where_every_line_has_one() {
        let hashed = ["a==1 --hash=sha256:0", "b==2 --hash=sha256:1"].map(str::to_owned);
        assert_eq!(merge(hashed.clone(), &[]), hashed);
        assert_eq!(merge(hashed, &["c".to_owned()]), ["a==1", "b==2", "c"]);
    }
}

//! The Python environment that a package asks for: the version, and the packages that are installed for it.

mod conda;
mod grammar;
mod requirements;
mod versions;

use serde::{Deserialize, Serialize};

pub use conda::{CondaPackage, conda};
pub use requirements::{RequirementLine, line, lines, list, name, without_hashes};
pub use versions::{Pythons, asked};

/// The Python environment that a package asks for, as far as it can be made, and what of it cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskedEnvironment {
    /// The version of Python in the package's own words, as `3.8.18` or `>=3.8,<3.10`; `null` when it names none.
    pub python: Option<String>,
    /// The packages that are installed, each as a line of a requirements file.
    pub requirements: Vec<String>,
    /// The constraints on the versions of packages that come along with others, each as a line of a requirements file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    /// Anything that it asks for and does not get, each with the reason.
    pub left_out: Vec<String>,
    /// True when nothing can be made of it; `left_out` says why. A package with an ONNX file is served without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub impossible: bool,
}

impl AskedEnvironment {
    /// The demands of the package that a machine which has `pythons` does not meet, a sentence each; `name` is the
    /// package's.
    pub fn shortcomings(&self, name: &str, pythons: Pythons) -> Vec<String> {
        if self.impossible {
            let why = self.left_out.join("; ");
            return vec![format!("{name} asks for a Python environment that cannot be made: {why}.")];
        }
        let mut sentences = Vec::new();
        if let Some(asked) = &self.python
            && versions::asked(asked).is_none_or(|wanted| !wanted.meets(pythons))
        {
            let here = pythons.to_string();
            sentences.push(format!(
                "{name} asks for Python {asked}, and this machine has {here}: it would be served with another one. Install that version (with pyenv or uv, or as python3.N on the PATH) and start the server again."
            ));
        }
        if !self.left_out.is_empty() {
            sentences.push(format!(
                "{name} asks for more than its environment holds: {}. Name what it needs in environment.python.requirements.",
                self.left_out.join("; ")
            ));
        }
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_the_package_asks_is_said() {
        let said = |python: Option<&str>, left_out: &[&str], here: &[u8]| {
            let left_out = left_out.iter().map(|text| (*text).to_owned()).collect();
            let asked = AskedEnvironment { python: python.map(str::to_owned), left_out, ..AskedEnvironment::default() };
            asked.shortcomings("m@1", here.iter().copied().collect())
        };
        assert!(said(None, &[], &[]).is_empty());
        assert!(said(Some("3.8.18"), &[], &[8, 11]).is_empty());
        let other = said(Some("3.8.18"), &[], &[9, 11]);
        assert!(other[0].contains("asks for Python 3.8.18, and this machine has 3.9, 3.11"), "{other:?}");
        assert!(said(Some("2.7"), &[], &[9, 11])[0].contains("Python 2.7"));
        assert!(said(Some("pypy"), &[], &[])[0].contains("this machine has none that is known"));
        assert!(said(None, &["cudatoolkit: no package of pip's"], &[])[0].contains("cudatoolkit: no package of pip's"));
    }
}

//! Minor versions of Python 3: which a machine has, and which a package asks for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A set of minor versions of Python 3, each below 64. What a package asks for and what a machine has are compared by
/// them: a package that names 3.8.18 runs as well on 3.8.10.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pythons(u64);

/// Versions are below this.
const END: u8 = 64;

impl Pythons {
    /// Every version.
    pub const ALL: Self = Self(u64::MAX);

    /// True when one of them is in `other` too.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// True when 3.`minor` is one of them.
    pub fn has(self, minor: u8) -> bool {
        minor < END && self.0 >> minor & 1 == 1
    }

    /// Their numbers, the lowest first.
    pub fn minors(self) -> impl DoubleEndedIterator<Item = u8> {
        (0..END).filter(move |minor| self.has(*minor))
    }
}

impl FromIterator<u8> for Pythons {
    fn from_iter<T: IntoIterator<Item = u8>>(minors: T) -> Self {
        Self(minors.into_iter().filter(|minor| *minor < END).fold(0, |set, minor| set | 1 << minor))
    }
}

impl fmt::Display for Pythons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.minors().map(|minor| format!("3.{minor}")).collect();
        if words.is_empty() { f.write_str("none that is known") } else { f.write_str(&words.join(", ")) }
    }
}

/// The versions that `text` allows: `3.8`, `=3.8.18`, `3.8.*`, `>=3.8,<3.10`, `~=3.9`, with or without a word before it.
/// None when it is no version of Python 3.
pub fn asked(text: &str) -> Option<Pythons> {
    let clauses: Vec<_> = text.split(',').map(str::trim).filter(|clause| !clause.is_empty()).collect();
    let allowed: Option<Vec<Pythons>> = clauses.into_iter().map(clause).collect();
    let both = allowed.filter(|sets| !sets.is_empty())?.into_iter().fold(u64::MAX, |all, set| all & set.0);
    (both != 0).then_some(Pythons(both))
}

fn clause(text: &str) -> Option<Pythons> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (sign, version) = text.split_at(digits);
    let mut parts = version.trim_end().split('.');
    let major: u8 = parts.next()?.parse().ok()?;
    let minor = match parts.next() {
        None | Some("*") => None,
        Some(minor) => Some(minor.parse::<u8>().ok().filter(|minor| *minor < END)?),
    };
    // Of what follows only matters that there is something: `<3.9.2` allows 3.9, `<3.9` and `<3.9.0` do not.
    let patch: Vec<_> = parts.collect();
    if !patch.iter().all(|part| *part == "*" || part.chars().all(|c| c.is_ascii_alphanumeric())) {
        return None;
    }
    let within = patch.iter().any(|part| part.chars().any(|c| ('1'..='9').contains(&c)));
    let wild = patch.first().is_none_or(|part| *part == "*");
    let of = |keeps: &dyn Fn(u8) -> bool| Some((0..END).filter(|minor| keeps(*minor)).collect());
    let Some(minor) = minor else {
        return match (sign.trim(), major) {
            ("" | "=" | "==" | ">=" | "~=", 3) | (">" | ">=" | "!=", ..=2) | ("<", 4..) => Some(Pythons::ALL),
            _ => None,
        };
    };
    match (sign.trim(), major) {
        (">" | ">=" | "!=", ..=2) | ("<" | "<=" | "!=", 4..) => Some(Pythons::ALL),
        ("" | "=" | "==" | "===", 3) => of(&|n| n == minor),
        (">=", 3) => of(&|n| n >= minor),
        // `~=3.8` allows what comes after 3.8, `~=3.8.1` only 3.8.
        ("~=", 3) => of(&|n| n == minor || patch.is_empty() && n > minor),
        (">", 3) => of(&|n| n > minor || n == minor && within),
        ("<=", 3) => of(&|n| n <= minor),
        ("<", 3) => of(&|n| n < minor || n == minor && within),
        // One patch of many that are left.
        ("!=", 3) => of(&|n| n != minor || !wild),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_packages_write_them() {
        for (text, allowed) in [
            ("3.8.18", "3.8"),
            ("=3.8", "3.8"),
            ("==3.8.*", "3.8"),
            ("3.8.*", "3.8"),
            ("===3.10.4", "3.10"),
            (">=3.8,<3.10", "3.8, 3.9"),
            (">=3.8, <=3.9.7", "3.8, 3.9"),
            (">3.8,<3.10", "3.9"),
            (">3.8.1,<3.9.2", "3.8, 3.9"),
            ("~=3.8.1", "3.8"),
            ("~=3.61", "3.61, 3.62, 3.63"),
            (">=3.61,!=3.62.*", "3.61, 3.63"),
            (">=3.62,!=3.62.1", "3.62, 3.63"),
            (">=3.62,<4", "3.62, 3.63"),
            (">=3.62,<4.0", "3.62, 3.63"),
        ] {
            assert_eq!(asked(text).map(|set| set.to_string()).as_deref(), Some(allowed), "{text}");
        }
        assert_eq!(asked("3"), Some(Pythons::ALL));
        assert_eq!(asked(">=2.7"), Some(Pythons::ALL));
        for text in ["", "2.7.18", "pypy", "=2", "3.99", ">=3.9,<3.8", "3.x"] {
            assert_eq!(asked(text), None, "{text}");
        }
    }

    #[test]
    fn sets_meet_where_they_share_a_version() {
        let here: Pythons = [9, 11, 200].into_iter().collect();
        assert_eq!(here.to_string(), "3.9, 3.11");
        assert!(here.meets(asked(">=3.11").unwrap()) && !here.meets(asked("3.8").unwrap()));
        assert!(Pythons::ALL.has(12) && !here.has(12));
    }
}

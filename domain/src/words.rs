//! Closed lists of words: each word stands once, beside its meaning.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A word that is none of a closed list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is none of {}", .words.join(", "))]
pub struct UnknownWord {
    given: String,
    words: &'static [&'static str],
}

impl UnknownWord {
    /// Longest piece of a wrong word that the sentence repeats, in characters.
    const ECHO: usize = 80;

    pub(crate) fn new(given: &str, words: &'static [&'static str]) -> Self {
        Self { given: given.chars().take(Self::ECHO).collect(), words }
    }
}

/// A word of a closed list `K`, or one that only another build of the program knows. That one is kept as it is: nothing
/// that was stored becomes unreadable by it, and a page or a command line still shows what a newer server says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum OpenWord<K> {
    /// One of the list.
    Known(K),
    /// Any other.
    Other(String),
}

impl<K: PartialEq> OpenWord<K> {
    /// True when it is this word of the list.
    pub fn is(&self, word: K) -> bool {
        matches!(self, Self::Known(known) if *known == word)
    }
}

impl<K> From<K> for OpenWord<K> {
    fn from(word: K) -> Self {
        Self::Known(word)
    }
}

impl<K: fmt::Display> fmt::Display for OpenWord<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(word) => word.fmt(f),
            Self::Other(word) => f.pad(word),
        }
    }
}

impl<'de, K: FromStr> Deserialize<'de> for OpenWord<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(word.parse().map_or(Self::Other(word), Self::Known))
    }
}

/// A number with its noun: *1 replica*, *2 replicas*.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// An enum whose variants are words: on the wire, in the journal, on the command line and in sentences.
macro_rules! words {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// All words of the list, in order.
            pub const ALL: [Self; Self::WORDS.len()] = [$(Self::$variant),+];
            const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word itself.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL
                    .into_iter()
                    .find(|one| one.as_str() == text)
                    .ok_or_else(|| $crate::words::UnknownWord::new(text, Self::WORDS))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::{OpenWord, counted};
    use crate::runtime::Runtime;

    #[test]
    fn a_word_that_only_another_build_knows_is_kept_as_it_is() {
        for (text, expected) in
            [("\"mlflow\"", OpenWord::Known(Runtime::Mlflow)), ("\"remote\"", OpenWord::Other("remote".to_owned()))]
        {
            let read: OpenWord<Runtime> = serde_json::from_str(text).unwrap();
            assert_eq!(read, expected);
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
            assert_eq!(format!("\"{read}\""), text);
        }
        assert!(serde_json::from_str::<OpenWord<Runtime>>("{\"mlflow\": null}").is_err());
    }

    #[test]
    fn a_number_has_its_noun() {
        let replicas = |number| counted(number, "replica", "replicas");
        assert_eq!([0, 1, 2].map(replicas), ["0 replicas", "1 replica", "2 replicas"]);
    }

    #[test]
    fn a_word_is_the_same_everywhere() {
        assert_eq!(Runtime::ALL.len(), 6);
        for runtime in Runtime::ALL {
            assert_eq!(runtime.to_string(), runtime.as_str());
            assert_eq!(serde_json::to_value(runtime).unwrap(), runtime.as_str());
            assert_eq!(runtime.as_str().parse(), Ok(runtime));
        }
        let unknown = "python".parse::<Runtime>().unwrap_err();
        assert_eq!(unknown.to_string(), "\"python\" is none of onnx, command, mlflow, trees, custom, external");
    }
}

//! Closed lists of words: each word stands once, beside its meaning.

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
            /// All of them, in order.
            pub const ALL: [Self; Self::WORDS.len()] = [$(Self::$variant),+];
            const WORDS: &'static [&'static str] = &[$($word),+];

            /// Its word.
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
    use crate::runtime::Runtime;

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

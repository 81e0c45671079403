//! A type for every id and name, so that nothing takes a bare string.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is not a valid id or name; the sentence says what would be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} \"{given}\" is not valid: {rule}")]
pub struct InvalidId {
    what: &'static str,
    given: String,
    rule: &'static str,
}

/// Longest piece of bad input that an error repeats.
const ECHO: usize = 80;

impl InvalidId {
    pub(crate) fn new(what: &'static str, given: &str, rule: &'static str) -> Self {
        Self { what, given: given.chars().take(ECHO).collect(), rule }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $pattern:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        pub struct $name(String);

        impl $name {
            /// The pattern of each of them, a regular expression of JSON Schema.
            pub const PATTERN: &str = $pattern;

            /// The text of it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err(InvalidId::new($what, &text, $rule)) }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $int:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(pub $int);

        impl $name {
            /// The one after it.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

fn opaque(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn dns_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn model_word(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
}

text_id!(
    /// Names a deployment for good; opaque.
    DeploymentId, "deployment id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Name of a deployment, and the first segment of its inference URL.
    DeploymentName, "deployment name", "use 1 to 63 lower-case letters, digits and hyphens, no hyphen first or last",
    "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", dns_label
);
text_id!(
    /// Names a configuration; opaque.
    ConfigurationId, "configuration id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a check of a candidate; opaque.
    CheckId, "check id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a replica; opaque, never used again.
    ReplicaId, "replica id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a policy; opaque.
    PolicyId, "policy id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a freeze; opaque.
    FreezeId, "freeze id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a use case; opaque.
    UseCaseId, "use case id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a change request; opaque.
    RequestId, "change request id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a use of break-glass; opaque.
    BreakGlassId, "break-glass id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names an API token; opaque, and not the token itself.
    TokenId, "token id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names what is kept of a request; opaque. Of two of a deployment, the later one is greater.
    RecordId, "record id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names the session of somebody who has signed in; opaque, and not what the browser sends.
    SessionId, "session id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// The name that a page gives its stream of events, to say by it what the stream is to tell of; opaque.
    StreamName, "stream name", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names an invitation; opaque, and not the secret in its link.
    InvitationId, "invitation id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a webhook; opaque.
    WebhookId, "webhook id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Names a message on its way to a mail server or a webhook; opaque. The receiver tells by it what it has already.
    DeliveryId, "delivery id", "1 to 64 letters, digits and hyphens", "^[A-Za-z0-9-]{1,64}$", opaque
);
text_id!(
    /// Name of a target: a place where replicas run.
    TargetName, "target", "use 1 to 63 lower-case letters, digits and hyphens, no hyphen first or last",
    "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", dns_label
);

impl Actor {
    /// The actor whom an id of this text names: ids are short, and hold nothing but letters, digits and hyphens.
    pub(crate) fn of(id: &impl fmt::Display) -> Self {
        Self(id.to_string())
    }

    /// The server itself, which acts where nobody has just asked it to.
    pub fn server() -> Self {
        Self(Self::SERVER.to_owned())
    }

    /// True for the server itself.
    pub fn is_server(&self) -> bool {
        self.0 == Self::SERVER
    }

    const SERVER: &str = "changeover";
}

impl TargetName {
    /// The name of the target that every server has: processes on its machine.
    pub const LOCAL: &str = "local";
}

impl Default for TargetName {
    fn default() -> Self {
        Self(Self::LOCAL.to_owned())
    }
}

text_id!(
    /// Name of a model in the registry.
    ModelName, "model name", "use 1 to 63 lower-case letters, digits, '-', '_' and '.', a letter or digit first",
    "^[a-z0-9][a-z0-9._-]{0,62}$", model_word
);
text_id!(
    /// SHA-256 of an artifact, 64 lower-case hexadecimal digits.
    Digest, "digest", "64 lower-case hexadecimal digits", "^[0-9a-f]{64}$", |text| {
        text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    }
);
text_id!(
    /// The actor of an operation: a person's or a program's name.
    Actor, "actor", "1 to 128 characters without control characters", "^[^\\p{Cc}]{1,128}$", |text| {
        (1..=128).contains(&text.len()) && !text.chars().any(char::is_control)
    }
);

number_id!(
    /// The n-th configuration that a deployment was given, from 1; only goes up (VX-2).
    RevisionNumber, u32
);
number_id!(
    /// The n-th rollout of a deployment, from 1.
    RolloutNumber, u32
);
number_id!(
    /// Version of a model, from 1; only goes up (AZ-1).
    ModelVersion, u32
);
number_id!(
    /// Counts every change of a deployment's intent; an older one is refused by targets.
    Generation, u64
);
number_id!(
    /// Place of an entry in the journal, from 1, without gaps.
    Seq, u64
);

/// A model at one version, written `iris@2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelRef {
    /// The model.
    pub name: ModelName,
    /// Its version.
    pub version: ModelVersion,
}

impl ModelRef {
    /// The pattern of each of them, a regular expression of JSON Schema.
    pub const PATTERN: &str = "^[a-z0-9][a-z0-9._-]{0,62}@[1-9][0-9]{0,8}$";
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

impl FromStr for ModelRef {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId::new("model version", text, "write NAME@VERSION, for example iris@2");
        let (name, version) = text.split_once('@').ok_or_else(invalid)?;
        let version: ModelVersion = version.parse().map_err(|_| invalid())?;
        if version.0 == 0 {
            return Err(invalid());
        }
        Ok(Self { name: name.parse()?, version })
    }
}

impl TryFrom<String> for ModelRef {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ModelRef> for String {
    fn from(model: ModelRef) -> String {
        model.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_stand_in_a_url_are_accepted_and_others_refused() {
        for good in ["iris", "a", "fraud-scoring-2", &"x".repeat(63)] {
            assert!(good.parse::<DeploymentName>().is_ok(), "{good}");
        }
        for bad in ["", "-iris", "iris-", "Iris", "a/b", "..", "a b", "ü", &"x".repeat(64)] {
            assert!(bad.parse::<DeploymentName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_describe_what_is_taken() {
        fn all_are_taken<T: FromStr>(pattern: &str) {
            let whole = proptest::string::string_regex(pattern.trim_start_matches('^').trim_end_matches('$')).unwrap();
            proptest::proptest!(|(text in whole)| proptest::prop_assert!(text.parse::<T>().is_ok(), "{text}"));
        }
        all_are_taken::<DeploymentName>(DeploymentName::PATTERN);
        all_are_taken::<DeploymentId>(DeploymentId::PATTERN);
        all_are_taken::<ModelName>(ModelName::PATTERN);
        all_are_taken::<Digest>(Digest::PATTERN);
        all_are_taken::<ModelRef>(ModelRef::PATTERN);
    }

    #[test]
    fn a_model_reference_is_a_name_and_a_version() {
        let model: ModelRef = "iris@2".parse().unwrap();
        assert_eq!((model.name.as_str(), model.version), ("iris", ModelVersion(2)));
        assert_eq!(model.to_string(), "iris@2");
        for bad in ["iris", "iris@", "iris@0", "iris@-1", "@1", "iris@two", "../x@1"] {
            assert!(bad.parse::<ModelRef>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_error_repeats_only_the_beginning_of_bad_input() {
        let error = "X".repeat(5000).parse::<DeploymentName>().unwrap_err().to_string();
        assert!(error.len() < 300, "{error}");
    }
}

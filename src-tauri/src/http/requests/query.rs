//! The parameters after the question mark.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use domain::wire::ErrorCode;
use serde::de::value::StrDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};

use crate::commands::Refusal;

/// Parameters of the query; unknown ones are refused by name.
pub(in crate::http) struct QueryParams<T>(pub(in crate::http) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(wrong(&rejection.body_text())),
        }
    }
}

/// For routes without parameters: one that is sent all the same, as `dry_run` might be, must not be overlooked.
pub(in crate::http) struct WithoutQuery;

impl<S: Sync> FromRequestParts<S> for WithoutQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match parts.uri.query() {
            None | Some("") => Ok(Self),
            Some(query) => {
                let name: String = query.split(['=', '&']).next().unwrap_or_default().chars().take(80).collect();
                Err(Refusal::new(
                    ErrorCode::UnknownField,
                    format!("There is no query parameter \"{name}\" here: this route takes none."),
                )
                .with("field", name))
            }
        }
    }
}

fn wrong(text: &str) -> Refusal {
    let text = text.split_once("query string: ").map_or(text, |(_, rest)| rest);
    let unknown = text.split_once("unknown field `").and_then(|(_, rest)| rest.split_once('`'));
    if let Some((name, rest)) = unknown {
        let known = rest.trim_start_matches([',', ' ']);
        return Refusal::new(ErrorCode::UnknownField, format!("There is no query parameter \"{name}\" here: {known}."))
            .with("field", name);
    }
    let (field, problem) = text.split_once(": ").unwrap_or(("", text));
    Refusal::invalid(field, format!("Query parameter {field}: {problem}."))
}

/// Words of a closed list with commas between them, as in `status=running,dead`.
#[derive(Clone, Debug)]
pub(in crate::http) struct Many<T>(Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Many<T> {
    /// True when `value` is one of them.
    pub(in crate::http) fn has(&self, value: &T) -> bool {
        self.0.contains(value)
    }

    /// All of them, in the order in which they were asked for.
    pub(in crate::http) fn all(self) -> Vec<T> {
        self.0
    }

    /// True when `value` is one of them, or none was asked for.
    pub(in crate::http) fn allows(&self, value: &T) -> bool {
        self.0.is_empty() || self.has(value)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let read =
            |word| T::deserialize(StrDeserializer::<serde::de::value::Error>::new(word)).map_err(D::Error::custom);
        words.map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// The number of items that is asked for: 1 to `most`.
pub(in crate::http) fn limit(given: Option<u32>, default: u32, most: u32) -> Result<u32, Refusal> {
    match given {
        None => Ok(default),
        Some(given) if (1..=most).contains(&given) => Ok(given),
        Some(given) => Err(Refusal::invalid("limit", format!("limit={given} is out of range: 1 to {most}."))),
    }
}

//! Names and ids that the server gives.

use domain::id::{Actor, ReplicaId};
use ulid::Ulid;

use super::error::BootError;

/// An id for a new replica: short enough to be read, long enough never to be met twice.
pub(super) fn new_replica() -> ReplicaId {
    let text = Ulid::new().to_string().to_lowercase();
    let id = format!("r-{}", &text[text.len() - 10..]);
    // Hexadecimal digits and letters are always a valid id.
    id.parse().unwrap_or_else(|_| unreachable!("{id} is a valid id"))
}

/// An actor of this name.
///
/// # Errors
/// The text is no name of an actor.
pub(super) fn actor(name: &str) -> Result<Actor, BootError> {
    name.parse()
        .map_err(|error| BootError::System { what: "the operator's name", source: std::io::Error::other(error) })
}

/// The name of whoever started the server, who holds its token.
pub(super) fn operator() -> String {
    let named = |variable| std::env::var(variable).ok().filter(|name: &String| name.parse::<Actor>().is_ok());
    named("USER").or_else(|| named("LOGNAME")).unwrap_or_else(|| "operator".to_owned())
}

//! People, services and groups by their names: ids become names where they are shown, names ids where they are typed.

use std::collections::BTreeMap;

use domain::id::Actor;
use domain::principal::{PrincipalId, PrincipalKind};
use domain::wire::{Page, PrincipalView};

use super::context::Context;
use super::error::CliError;
use super::text::printable;

/// The names that the server knows.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<PrincipalId, PrincipalView>);

impl Names {
    /// The names for what is about to be shown; none with `--json`, which shows ids. A server that tells none is no
    /// error: ids are shown then.
    pub(super) async fn to_show(context: &Context) -> Self {
        if context.json { Self::default() } else { Self::read(context).await.unwrap_or_default() }
    }

    async fn read(context: &Context) -> Result<Self, CliError> {
        let page: Page<PrincipalView> = context.client.get(&["principals"], &[]).await?.read()?;
        Ok(Self(page.items.into_iter().map(|one| (one.id.clone(), one)).collect()))
    }

    /// The name of somebody, or their id where no name is known.
    pub(super) fn of(&self, id: &PrincipalId) -> String {
        match self.0.get(id) {
            Some(known) if known.disabled => format!("{} (disabled)", printable(&known.name)),
            Some(known) => printable(&known.name).into_owned(),
            None => id.to_string(),
        }
    }

    /// The name of an actor. Journals from before there were people name whoever started the server, as they called
    /// themselves.
    pub(super) fn of_actor(&self, actor: &Actor) -> String {
        actor.as_str().parse().map_or_else(|_| printable(actor.as_str()).into_owned(), |id| self.of(&id))
    }

    /// The names of several, behind each other; `nobody` when there is none.
    pub(super) fn list<'a>(&self, ids: impl IntoIterator<Item = &'a PrincipalId>, nobody: &str) -> String {
        let names: Vec<String> = ids.into_iter().map(|id| self.of(id)).collect();
        if names.is_empty() { nobody.to_owned() } else { names.join(", ") }
    }
}

/// The one of a kind that `typed` means: an id, or the name of exactly one.
///
/// # Errors
/// As [`find`].
pub(super) async fn find_one(context: &Context, kind: PrincipalKind, typed: &str) -> Result<PrincipalId, CliError> {
    if let Ok(id) = typed.parse::<PrincipalId>() {
        return match id.kind() == kind {
            true => Ok(id),
            false => Err(CliError::Failed(format!("{id} is a {}, and a {kind} is meant here", id.kind()))),
        };
    }
    let names = Names::read(context).await?.0;
    let found: Vec<&PrincipalView> = names.values().filter(|one| one.kind == kind && one.name == typed).collect();
    match found[..] {
        [one] => Ok(one.id.clone()),
        [] => Err(CliError::Failed(format!("no {kind} is called \"{typed}\"; name it by its id or its whole name"))),
        _ => {
            let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
            Err(CliError::Failed(format!("\"{typed}\" may be {}; name the id", ids.join(" or "))))
        }
    }
}

/// The person, service or group that `typed` means: an id, `everyone`, or the name of exactly one.
///
/// # Errors
/// Nobody has the name, or several have; those of the server.
pub(super) async fn find(context: &Context, typed: &str) -> Result<PrincipalId, CliError> {
    if let Ok(id) = typed.parse() {
        return Ok(id);
    }
    let names = Names::read(context).await?.0;
    let found: Vec<&PrincipalView> = names.values().filter(|one| one.name == typed).collect();
    match found[..] {
        [one] => Ok(one.id.clone()),
        [] => Err(CliError::Failed(format!(
            "nobody is called \"{typed}\"; name an id, `everyone`, or a person, group or service by its whole name"
        ))),
        _ => {
            let each: Vec<String> = found.iter().map(|one| format!("the {} {}", one.kind, one.id)).collect();
            Err(CliError::Failed(format!("\"{typed}\" may be {}; name the id", each.join(" or "))))
        }
    }
}

//! Tells people: what the entries of a transaction come to in notices and messages, which are committed with them.
//!
//! # Flow
//!
//! Before a transaction is committed, those of its entries that people are told of are given to [`tell`]: who is told is
//! decided by [`domain::notice::told`] from what there is then. Each of them gets a notice, and a message where they have
//! an address and have not switched it off; so does each webhook that is for it. What happened to one change request, or
//! to the roles on one deployment, in one transaction is told in one notice.
//!
//! # Guarantees
//!
//! - An entry and what is told of it are committed together, or not at all.
//! - A row that cannot be read keeps nobody from working: what it would have told is left out, and that is logged.

mod around;
mod messages;

use std::collections::BTreeMap;

use domain::event::{Entry, Event};
use domain::ledger::request_of;
use domain::notice::{Topic, several_roles, topic_of};
use domain::principal::PrincipalId;

use super::Refusal;
use crate::store::tables::deliveries::Lane;
use crate::store::tables::notices::Notice;
use crate::store::{Reading, StoreError, Writing};
use around::Happening;
pub(super) use messages::{Recipients, Telling};

/// Tells people of the entries that `writing` has appended.
///
/// # Errors
/// Those of SQLite, when it cannot be written.
pub fn tell(writing: &mut Writing<'_>) -> Result<(), StoreError> {
    let entries: Vec<Entry> = writing.appended().filter(|entry| topic_of(&entry.event).is_some()).cloned().collect();
    if entries.is_empty() {
        return Ok(());
    }
    let mut recipients = Recipients::read(&writing.reading())?;
    let mut told = Telling::default();
    let groups: Vec<String> = entries.iter().map(group_of).collect();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    groups.iter().for_each(|group| *sizes.entry(group).or_default() += 1);
    for (entry, group) in entries.iter().zip(&groups) {
        let alone = sizes[group.as_str()] == 1;
        if let Err(refusal) = collect(&writing.reading(), &mut recipients, (entry, group, alone), &mut told) {
            tracing::error!(%refusal, seq = entry.seq.0, "people cannot be told of what happened");
        }
    }
    told.write(writing)
}

fn collect(
    reading: &Reading<'_>,
    recipients: &mut Recipients,
    (entry, group, is_alone): (&Entry, &str, bool),
    told: &mut Telling,
) -> Result<(), Refusal> {
    let Some(topic) = topic_of(&entry.event) else { return Ok(()) };
    let about = Happening::read(reading, entry)?;
    let Some(mut said) = about.said() else { return Ok(()) };
    if let (Event::AccessChanged { .. }, false, Some(name)) = (&entry.event, is_alone, about.name()) {
        said.subject = several_roles(name);
    }
    let notice = |topic: Topic| Notice {
        topic,
        at: entry.at,
        seq: Some(entry.seq),
        deployment: entry.deployment.clone(),
        said: said.clone(),
    };
    let people: BTreeMap<_, _> = about.told(&recipients.directory);
    for (person, topic) in people {
        let notice = notice(topic);
        let notice = match about.reads(&recipients.directory, &person) {
            true => notice,
            false => Notice { said: notice.said.to_a_consumer(entry, about.name()), ..notice },
        };
        // Whoever works alone knows what they did; somebody else may have signed in as one of several.
        let is_own = PrincipalId::of(&entry.actor) == person && person == PrincipalId::local();
        told.person(reading, recipients, &person, group, notice, is_own)?;
    }
    for webhook in recipients.webhooks_for(topic, entry.deployment.as_ref()) {
        told.message(Lane::Webhook(webhook), None, group, notice(topic), about.name());
    }
    Ok(())
}

/// Names the thing that an entry is about: of one thing a transaction tells once.
fn group_of(entry: &Entry) -> String {
    match (&entry.event, request_of(&entry.event)) {
        (_, Some(request)) => request.to_string(),
        // The roles on a deployment are given and taken together.
        (Event::AccessChanged { .. }, None) => format!("access {:?}", entry.deployment),
        (_, None) => entry.seq.to_string(),
    }
}

#[cfg(test)]
mod tests;

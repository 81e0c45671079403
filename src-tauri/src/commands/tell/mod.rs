//! Tells people: what the entries of a transaction come to in notices and messages, which are committed with them.
//!
//! # Flow
//!
//! Before a transaction is committed, those of its entries that people are told of are given to [`tell`]: who is told is
//! decided by [`domain::notice::told`] from what there is then. Each of them gets a notice, and a message where they have
//! an address and have not switched it off; so does each webhook that is for it. What happened to one change request in
//! one transaction is told in one notice.
//!
//! # Guarantees
//!
//! - An entry and what is told of it are committed together, or not at all.
//! - A row that cannot be read keeps nobody from working: what it would have told is left out, and that is logged.

mod around;
mod messages;

use std::collections::BTreeMap;

use domain::event::Entry;
use domain::ledger::request_of;
use domain::notice::{Channel, Topic, topic_of};

use super::Refusal;
use crate::store::tables::deliveries::Lane;
use crate::store::tables::notices::Notice;
use crate::store::{Reading, StoreError, Writing};
use around::About;
pub(super) use messages::{Recipients, Told};

/// Tells people of the entries that `writing` has appended.
///
/// # Errors
/// Those of SQLite, when it cannot be written.
pub fn tell(writing: &mut Writing<'_>) -> Result<(), StoreError> {
    let entries: Vec<Entry> = writing.appended().filter(|entry| topic_of(&entry.event).is_some()).cloned().collect();
    if entries.is_empty() {
        return Ok(());
    }
    match told_of(&writing.reading(), &entries) {
        Ok(told) => told.write(writing),
        Err(refusal) => {
            tracing::error!(%refusal, "people cannot be told of what happened");
            Ok(())
        }
    }
}

fn told_of(reading: &Reading<'_>, entries: &[Entry]) -> Result<Told, Refusal> {
    let mut recipients = Recipients::read(reading)?;
    let mut told = Told::default();
    for entry in entries {
        let Some(topic) = topic_of(&entry.event) else { continue };
        let about = About::read(reading, entry)?;
        let Some(said) = about.said() else { continue };
        let group = request_of(&entry.event).map_or_else(|| entry.seq.to_string(), ToString::to_string);
        let notice = |topic: Topic| Notice {
            topic,
            at: entry.at,
            seq: Some(entry.seq),
            deployment: entry.deployment.clone(),
            said: said.clone(),
        };
        let people: BTreeMap<_, _> = about.told(&recipients.directory);
        for (person, topic) in people {
            let is_own = domain::principal::PrincipalId::of(&entry.actor) == person;
            told.person(reading, &mut recipients, &person, &group, notice(topic), is_own)?;
        }
        for webhook in recipients.webhooks_for(topic, entry.deployment.as_ref()) {
            told.message(Lane::Webhook(webhook), None, &group, notice(topic), about.name());
        }
        told.name_mail(&group, about.name());
    }
    debug_assert!(told.channels().all(|channel| channel != Channel::Application), "a notice is no message");
    Ok(told)
}

#[cfg(test)]
mod tests;

//! A person's own notices: what they were told, what they have read, and what they want to be told of.

use domain::notice::NoticePreferences;
use domain::wire::{NoticeView, NoticesView, ReadNotices};

use super::directory::{allow_own_account, name_of_principal};
use super::{Act, Moment, Refusal};

/// Most notices that are marked by number in one request.
const MOST_IDS: usize = 1_000;

/// The caller's notices before `before`, newest first; `unread` ones alone, or all.
///
/// # Errors
/// `token_scope`; those of the store.
pub fn notices(moment: &Moment<'_>, unread: bool, before: Option<u64>, limit: u32) -> Result<NoticesView, Refusal> {
    let rights = allow_own_account(moment)?;
    let reading = &moment.reading;
    let mut rows = reading.notices(&rights.id, unread, before, limit.saturating_add(1))?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_before = rows.last().filter(|_| more).map(|row| row.id);
    let shown = rows.into_iter().map(|row| NoticeView {
        id: row.id,
        topic: row.notice.topic,
        at: row.notice.at,
        deployment: row.notice.deployment,
        read: row.read,
        said: row.notice.said.with_names(|id| name_of_principal(reading, id)),
    });
    Ok(NoticesView { items: shown.collect(), unread: reading.unread_notices(&rights.id)?, next_before })
}

/// Marks notices of the caller as read.
///
/// # Errors
/// `token_scope`, `invalid_field`; those of the store.
pub fn read_notices(act: &mut Act<'_, '_>, read: &ReadNotices) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    if read.ids.len() > MOST_IDS {
        return Err(Refusal::invalid("ids", format!("ids: name at most {MOST_IDS}, or use \"up_to\".")));
    }
    Ok(act.writing.read_notices(&rights.id, &read.ids, read.up_to)?)
}

/// What the caller wants to be told of.
///
/// # Errors
/// `token_scope`; those of the store.
pub fn notice_preferences(moment: &Moment<'_>) -> Result<NoticePreferences, Refusal> {
    let rights = allow_own_account(moment)?;
    Ok(moment.reading.notice_preferences(&rights.id)?)
}

/// Changes what the caller wants to be told of.
///
/// # Errors
/// `token_scope`, `invalid_field` for what may not be switched off; those of the store.
pub fn change_notice_preferences(act: &mut Act<'_, '_>, choices: &NoticePreferences) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    if let Some(topic) = choices.too_much() {
        let detail = format!("{topic}: everybody is told of this, so it cannot be switched off.");
        return Err(Refusal::invalid("no_email", detail));
    }
    Ok(act.writing.put_notice_preferences(&rights.id, choices)?)
}

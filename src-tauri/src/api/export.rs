//! The journal given out: as a whole in lines of JSON, which can be checked, or what a search finds, as lines or as a table.

use std::ops::ControlFlow;

use bytes::Bytes;
use domain::chain::Link;
use domain::id::Seq;
use domain::wire::ExportForm;
use futures_util::{Stream, stream};

use super::views::{Candidate, HistoryAbout, Views};
use super::{ApiFor, export_table};
use crate::commands::Refusal;
use crate::store::tables::journal::Written;
use crate::store::{StoreError, transcript};

/// Entries that are read at once.
const BATCH: u32 = 500;

/// The place that a search has come to: the entry behind which it goes on, and how many were found.
#[derive(Clone, Copy, Debug)]
struct Come {
    to: Seq,
    found: u64,
}

impl ApiFor {
    /// Every entry up to the newest at this moment, oldest first, in pieces.
    pub(crate) async fn export(self) -> Result<impl Stream<Item = Result<Bytes, Refusal>> + Send + 'static, Refusal> {
        let (begin, head) = self.read(|views| views.ends_of_history()).await?;
        Ok(stream::try_unfold(Some(begin.seq), move |after| {
            let (own, begin, head) = (self.clone(), begin.clone(), head.clone());
            async move {
                let Some(after) = after else { return Ok(None) };
                let read = move |views: &Views<'_>| {
                    let entries = views.moment.reading.entries_after(after, BATCH)?;
                    Ok(piece(&entries, &begin, &head)?)
                };
                own.read(read).await.map(Some)
            }
        }))
    }

    /// The entries that are found up to the newest at this moment, oldest first, in pieces; and at the end what it is a part
    /// of.
    pub(crate) async fn export_found(
        self,
        about: HistoryAbout,
        form: ExportForm,
    ) -> Result<impl Stream<Item = Result<Bytes, Refusal>> + Send + 'static, Refusal> {
        let first = about.clone();
        let (begin, head) = self
            .read(move |views| {
                views.exported(&first)?;
                views.ends_of_history()
            })
            .await?;
        let begin = Come { to: begin.seq, found: 0 };
        Ok(stream::try_unfold(Some((begin, true)), move |come| {
            let (own, about, head) = (self.clone(), about.clone(), head.clone());
            async move {
                let Some((come, is_first)) = come else { return Ok(None) };
                let read = move |views: &Views<'_>| part(views, &about, form, (come, is_first), &head);
                let (bytes, next) = own.read(read).await?;
                Ok(Some((bytes, next.map(|next| (next, false)))))
            }
        }))
    }
}

/// The lines of `entries` up to `head`, and where to go on; at the end the last line, and nowhere.
fn piece(entries: &[Written], begin: &Link, head: &Link) -> Result<(Bytes, Option<Seq>), StoreError> {
    let mut lines = String::new();
    let mut next = None;
    for written in entries.iter().filter(|written| written.seq <= head.seq) {
        lines.push_str(&transcript::entry(written)?);
        next = Some(written.seq);
    }
    let next = next.filter(|next| *next < head.seq);
    if next.is_none() {
        lines.push_str(&transcript::end(begin, head)?);
    }
    Ok((lines.into(), next))
}

/// What is found next, and where to go on; at the end the last line, and nowhere.
fn part(
    views: &Views<'_>,
    about: &HistoryAbout,
    form: ExportForm,
    (come, is_first): (Come, bool),
    head: &Link,
) -> Result<(Bytes, Option<Come>), Refusal> {
    let search = views.exported(about)?;
    let most = views.api.bounds.looked_at;
    let (mut found, mut to, mut looked_at) = (Vec::<Candidate>::new(), come.to, 0);
    search.look(search.onward(come.to, head.seq), most, |seq, candidate| {
        (to, looked_at) = (seq, looked_at + 1);
        found.extend(candidate);
        Ok(if found.len() < BATCH as usize { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    let is_over = looked_at < most && found.len() < BATCH as usize;
    let count = come.found + found.len() as u64;
    let bytes = match form {
        ExportForm::Lines => {
            let mut lines = String::new();
            for candidate in &found {
                lines.push_str(&transcript::entry(&candidate.written)?);
            }
            if is_over {
                lines.push_str(&transcript::part_end(count, head)?);
            }
            lines.into()
        }
        ExportForm::Table => {
            let mut rows = Vec::with_capacity(found.len());
            for Candidate { shown, .. } in &found {
                let name = shown.deployment.as_ref().map(|id| search.name_of_deployment(id)).transpose()?.flatten();
                rows.push(export_table::row(shown, &search.name_of_actor(&shown.actor), &name.unwrap_or_default()));
            }
            let end = is_over.then(|| export_table::end(count, head));
            let table = export_table::written(is_first, rows.into_iter().chain(end));
            table.map_err(|error| Refusal::fault("a table cannot be written", &error))?
        }
    };
    Ok((bytes, (!is_over).then_some(Come { to, found: count })))
}

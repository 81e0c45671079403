//! The whole journal as lines, one for each entry and one at the end that says where it begins and ends.

use bytes::Bytes;
use domain::chain::Link;
use domain::id::Seq;
use futures_util::{Stream, stream};

use super::ApiFor;
use crate::commands::Refusal;
use crate::store::tables::journal::Written;
use crate::store::{StoreError, transcript};

/// Entries that are read at once.
const BATCH: u32 = 500;

impl ApiFor {
    /// Every entry up to the newest at this moment, oldest first, in pieces.
    pub(crate) async fn export(self) -> Result<impl Stream<Item = Result<Bytes, Refusal>> + Send + 'static, Refusal> {
        let (begin, head) = self.read(|views| views.ends_of_history()).await?;
        Ok(stream::try_unfold(Some(begin.seq), move |after| {
            let (own, begin, head) = (self.clone(), begin.clone(), head.clone());
            async move {
                let Some(after) = after else { return Ok(None) };
                let read = move |views: &super::Views<'_>| {
                    let entries = views.moment.reading.entries_after(after, BATCH)?;
                    Ok(piece(&entries, &begin, &head)?)
                };
                own.read(read).await.map(Some)
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

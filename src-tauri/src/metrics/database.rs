//! The database while it is written: what has come since goes into its rows in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use domain::id::{DeploymentId, Seq};
use domain::metrics::{Gauge, GaugeTrack, Grain, KeptSpan, RequestSum};
use rusqlite::{Connection, TransactionBehavior};

use super::clearing::Clearing;
use super::error::MetricsError;
use super::forgetting::Forgetting;
use super::rows::{self, PointKey};
use super::{file, reading};
use crate::gateway::ClosedSecond;

/// The open database. After an error of [`write`](Self::write) it is not used any more: what it remembers is not in the file.
#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    /// The numbers of those of which something is kept.
    deployments: BTreeMap<DeploymentId, i64>,
    /// What is known of their gauges, once the first second has come.
    tracks: Option<BTreeMap<i64, GaugeTrack>>,
    /// Those of which the next points may say something else than the last.
    unsettled: BTreeSet<i64>,
    span: Option<KeptSpan>,
    forgetting: Forgetting,
}

impl Database {
    /// Opens or makes it.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub(super) fn open(dir: &Path) -> Result<Self, MetricsError> {
        let connection = file::open(dir)?;
        Ok(Self {
            deployments: rows::deployments(&connection)?,
            connection,
            tracks: None,
            unsettled: BTreeSet::new(),
            span: None,
            forgetting: Forgetting::default(),
        })
    }

    /// The deployments of which something is kept.
    pub(super) fn deployments(&self) -> impl Iterator<Item = &DeploymentId> {
        self.deployments.keys()
    }

    /// The last hour before `now`, for the dashboard.
    ///
    /// # Errors
    /// Those of SQLite, and what is damaged.
    pub(super) fn last_hour(&self, now: i64) -> Result<Vec<reading::LastHour>, MetricsError> {
        let hours = self.deployments.iter().map(|(id, number)| reading::last_hour(&self.connection, id, *number, now));
        hours.collect()
    }

    /// The place in the journal up to which every clearing is carried out.
    ///
    /// # Errors
    /// Those of SQLite.
    pub(super) fn carried_out(&self) -> Result<Seq, MetricsError> {
        rows::carried_out(&self.connection)
    }

    /// Carries these clearings out, which are in the order of the journal; the last hour before `now` of each deployment that
    /// they concern.
    ///
    /// # Errors
    /// Those of SQLite, and what is damaged; nothing is removed then.
    pub(super) fn clear(&mut self, clearings: &[Clearing], now: i64) -> Result<Vec<reading::LastHour>, MetricsError> {
        let Some(last) = clearings.last() else { return Ok(Vec::new()) };
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for clearing in clearings {
            if let Some(number) = self.deployments.get(&clearing.deployment) {
                clearing.apply(&tx, *number, now)?;
            }
        }
        // One that was heard of twice is carried out twice, which changes nothing.
        rows::note_carried_out(&tx, last.seq.max(rows::carried_out(&tx)?))?;
        tx.commit()?;
        let concerned: BTreeSet<_> = clearings.iter().map(|clearing| &clearing.deployment).collect();
        let concerned = concerned.into_iter().filter_map(|id| Some((id, *self.deployments.get(id)?)));
        concerned.map(|(id, number)| reading::last_hour(&self.connection, id, number, now)).collect()
    }

    /// Removes everything of these deployments.
    ///
    /// # Errors
    /// Those of SQLite.
    pub(super) fn remove(&mut self, gone: &[DeploymentId]) -> Result<(), MetricsError> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for id in gone {
            let Some(number) = self.deployments.remove(id) else { continue };
            rows::remove_deployment(&tx, number)?;
            self.unsettled.remove(&number);
            self.tracks.as_mut().map(|tracks| tracks.remove(&number));
        }
        Ok(tx.commit()?)
    }

    /// Writes these seconds, oldest first; `goes_on` says that there was one of this server before. `is_gone` is asked of
    /// deployments of which nothing is kept yet: nothing is kept of those that it says.
    ///
    /// # Errors
    /// [`MetricsError`]; nothing is written then.
    pub(super) fn write(
        &mut self,
        seconds: &[Arc<ClosedSecond>],
        goes_on: bool,
        is_gone: impl Fn(&DeploymentId) -> Result<bool, MetricsError>,
    ) -> Result<(), MetricsError> {
        let Some(newest) = seconds.last().map(|second| second.at) else { return Ok(()) };
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut points: BTreeMap<PointKey, RequestSum> = BTreeMap::new();
        let mut gauges = BTreeMap::new();
        let tracks = match &mut self.tracks {
            Some(tracks) => tracks,
            tracks => {
                if !goes_on {
                    rows::remove_later(&tx, self.deployments.values().copied(), seconds[0].at - 1)?;
                }
                self.span = rows::last_span(&tx)?;
                let until = self.span.map_or(seconds[0].at - 1, |span| span.until);
                let read = read_tracks(&tx, self.deployments.values().copied(), until)?;
                self.unsettled = read.iter().filter(|(_, track)| !track.is_settled()).map(|(at, _)| *at).collect();
                tracks.insert(read)
            }
        };
        for (second, goes_on) in seconds.iter().zip(std::iter::once(goes_on).chain(std::iter::repeat(true))) {
            let last = self.span.map_or(second.at - 1, |span| span.until);
            match self.span.and_then(|span| span.with(second.at, goes_on)) {
                Some(longer) => self.span = Some(longer),
                None => {
                    self.span.replace(KeptSpan::of(second.at)).map_or(Ok(()), |over| rows::put_span(&tx, over))?;
                }
            }
            for (id, revision, sum) in &second.requests {
                let Some(number) = number(&tx, &mut self.deployments, id, &is_gone)? else { continue };
                for grain in Grain::ALL {
                    points.entry((grain, number, grain.end_of(second.at), *revision)).or_default().add(sum);
                }
            }
            // Those that a new server does not speak of have no replicas; the others are as they were.
            let mut seen: BTreeMap<i64, Gauge> = match goes_on {
                true => self.unsettled.iter().filter_map(|at| Some((*at, tracks.get(at)?.now()?))).collect(),
                false => self.deployments.values().map(|number| (*number, Gauge::default())).collect(),
            };
            for (id, gauge) in &second.gauges {
                seen.extend(number(&tx, &mut self.deployments, id, &is_gone)?.map(|number| (number, *gauge)));
            }
            for (number, now) in seen {
                let track = tracks.entry(number).or_insert_with(|| GaugeTrack::from_rows([None; 3], last));
                track.see(now, second.at, last, |grain, end, said| {
                    gauges.insert((grain, number, end), said);
                });
                match track.is_settled() {
                    true => self.unsettled.remove(&number),
                    false => self.unsettled.insert(number),
                };
            }
        }
        points.into_iter().try_for_each(|(key, sum)| rows::add_point(&tx, key, sum))?;
        gauges
            .into_iter()
            .try_for_each(|((grain, number, end), gauge)| rows::put_gauge(&tx, grain, number, end, gauge))?;
        self.span.map_or(Ok(()), |span| rows::put_span(&tx, span))?;
        self.forgetting.look(&tx, self.deployments.values().copied(), newest)?;
        Ok(tx.commit()?)
    }
}

/// The number of a deployment, a new one if need be; none of one that is gone.
fn number(
    tx: &Connection,
    deployments: &mut BTreeMap<DeploymentId, i64>,
    id: &DeploymentId,
    is_gone: impl Fn(&DeploymentId) -> Result<bool, MetricsError>,
) -> Result<Option<i64>, MetricsError> {
    if let Some(number) = deployments.get(id) {
        return Ok(Some(*number));
    }
    if is_gone(id)? {
        return Ok(None);
    }
    let number = rows::add_deployment(tx, id)?;
    deployments.insert(id.clone(), number);
    Ok(Some(number))
}

fn read_tracks(
    tx: &Connection,
    deployments: impl Iterator<Item = i64>,
    until: i64,
) -> Result<BTreeMap<i64, GaugeTrack>, MetricsError> {
    deployments.map(|number| Ok((number, reading::track(tx, number, until)?))).collect()
}

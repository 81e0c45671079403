//! The rounds of a rollout as lines of a plan.

use domain::id::ReplicaId;
use domain::rollout::PhaseWord;
use domain::step_kind::StepKind;
use domain::wire::{DeploymentView, RolloutPicture, RolloutRound, RolloutView, RoundToCome, StepView};
use domain::words::OpenWord;
use jiff::Timestamp;

use super::sides::Sides;
use crate::components::{Progressed, TimelineLine, TimelineStep};
use crate::words::{self, news, numbers, times};

/// Everything that the lines are made of.
pub(super) struct Plan<'a> {
    pub(super) rollout: &'a RolloutView,
    pub(super) picture: &'a RolloutPicture,
    pub(super) view: &'a DeploymentView,
    pub(super) sides: &'a Sides,
}

impl Plan<'_> {
    /// The lines: what was, in the order in which it began; what is to come; the end.
    pub(super) fn lines(&self) -> Vec<TimelineLine> {
        let rounds = self.picture.rounds.iter().enumerate().map(|(at, round)| (round.began_at, self.round(at, round)));
        let told = self.rollout.steps.iter().filter_map(|step| self.told(step));
        let mut past: Vec<(Timestamp, TimelineLine)> = rounds.chain(told).collect();
        past.sort_by_key(|(at, _)| *at);
        let mut lines: Vec<TimelineLine> = past.into_iter().map(|(_, line)| line).collect();
        let failing = lines.iter().find(|line| line.progressed == Progressed::Failing).map(|line| line.title.clone());
        lines.extend(
            self.picture.to_come.iter().enumerate().map(|(at, round)| self.to_come(at, *round, failing.as_deref())),
        );
        lines.extend(self.end());
        lines
    }

    fn title(&self, place: u32, back: bool) -> String {
        let of = self.picture.columns.len();
        if back { format!("Back: replica {place} of {of}") } else { format!("Replica {place} of {of}") }
    }

    fn round(&self, at: usize, round: &RolloutRound) -> TimelineLine {
        let title = self.title(round.place, round.back);
        let line =
            |beside, progressed, steps| TimelineLine { title, beside, at: Some(round.began_at), progressed, steps };
        if let Some(ended) = round.ended_at {
            return line(times::took(round.began_at, ended), Progressed::Done, Vec::new());
        }
        if round.broke_off {
            let beside = match (round.restarts, self.rollout.error.as_deref()) {
                (0, None) => "not finished".to_owned(),
                (0, Some(error)) => news::cause(error),
                (restarts, _) => restarted(restarts, self.problem(round)),
            };
            return line(beside, Progressed::BrokeOff, Vec::new());
        }
        let fails = round.restarts > 1;
        let (beside, progressed) = if fails { ("crashes", Progressed::Failing) } else { ("now", Progressed::Now) };
        line(beside.to_owned(), progressed, self.steps(at, round))
    }

    /// The last thing that went wrong in the place of a round.
    fn problem(&self, round: &RolloutRound) -> Option<String> {
        let column = self.picture.columns.get(usize::try_from(round.place).ok()?.checked_sub(1)?)?;
        let comes = if round.back { &column.old } else { &column.new };
        let replica = &comes.as_ref()?.replica;
        let known = self.view.replica_list.iter().flatten().find(|known| known.id == *replica)?;
        known.problem.as_deref().map(news::cause)
    }

    /// The steps of an open round. Repeated restarts are one line, and only the last of what is waited for is told.
    fn steps(&self, at: usize, round: &RolloutRound) -> Vec<TimelineStep> {
        let of_round = |step: &&StepView| step.round.and_then(|round| usize::try_from(round).ok()) == Some(at);
        let own: Vec<&StepView> = self.rollout.steps.iter().filter(of_round).collect();
        let restarts: Vec<&StepView> = own.iter().copied().filter(|step| step.kind.is(StepKind::Restart)).collect();
        let last_wait = own.iter().rposition(|step| step.kind.is(StepKind::Wait));
        let waits_still = last_wait.filter(|wait| *wait + 1 == own.len());
        let mut lines: Vec<TimelineStep> = Vec::new();
        let mut summed = false;
        for (index, step) in own.iter().enumerate() {
            let plain = |text| TimelineStep { text, at: step.at, folded: Vec::new() };
            match &step.kind {
                OpenWord::Known(StepKind::Wait) if Some(index) != waits_still => {}
                OpenWord::Known(StepKind::Wait) => lines.push(plain(format!("Waits for {}", step.reason))),
                OpenWord::Known(StepKind::Restart) if summed => {}
                OpenWord::Known(StepKind::Restart) => {
                    summed = true;
                    let each = restarts.iter().map(|one| format!("{}: {}", times::clock(one.at), one.reason));
                    let at = restarts.last().map_or(step.at, |last| last.at);
                    let text = restarted(round.restarts, self.problem(round));
                    lines.push(TimelineStep { text, at, folded: each.collect() });
                }
                _ => lines.push(plain(self.sentence(step))),
            }
        }
        lines
    }

    fn sentence(&self, step: &StepView) -> String {
        let OpenWord::Known(kind) = &step.kind else { return format!("{}: {}", words::step(&step.kind), step.reason) };
        let who = step.replica.as_ref().map(|id| self.named(id)).unwrap_or_default();
        match kind {
            StepKind::Start => format!("{who} started"),
            StepKind::Drain => format!("{who} drains"),
            StepKind::Stop => format!("{who} stopped"),
            StepKind::Forget => format!("{who} has ended"),
            StepKind::Relabel => format!("{who} stays and counts to the new revision"),
            StepKind::Reconfigure => format!("{who} takes the new user_config"),
            _ => format!("{}: {}", words::step(&step.kind), step.reason),
        }
    }

    /// A replica with its version, by the row in which it stands.
    fn named(&self, id: &ReplicaId) -> String {
        let stands =
            |occupant: &Option<domain::wire::Occupant>| occupant.as_ref().is_some_and(|one| one.replica == *id);
        let is_new = self.picture.columns.iter().any(|column| stands(&column.new));
        let side = if is_new { &self.sides.new.1 } else { self.sides.before().unwrap_or(&self.sides.new.1) };
        format!("{side} {}", short(id))
    }

    /// Something that happened to the rollout as a whole.
    fn told(&self, step: &StepView) -> Option<(Timestamp, TimelineLine)> {
        let OpenWord::Known(kind) = &step.kind else { return None };
        let title = match kind {
            StepKind::Pause => "Paused",
            StepKind::Resume => "Resumed",
            StepKind::Cancel => "Stopped, returns",
            StepKind::Fail => "Failed, returns",
            _ => return None,
        };
        let beside = if *kind == StepKind::Fail { news::cause(&step.reason) } else { step.reason.clone() };
        let (title, at, steps) = (title.to_owned(), Some(step.at), Vec::new());
        Some((step.at, TimelineLine { title, beside, at, progressed: Progressed::Told, steps }))
    }

    fn to_come(&self, at: usize, round: RoundToCome, failing: Option<&str>) -> TimelineLine {
        let beside = match (round.takes_ms, failing) {
            (Some(ms), _) => format!("about {}", about(ms)),
            (None, Some(failing)) if at == 0 => format!("not before {} is ready", failing.to_lowercase()),
            (None, _) => String::new(),
        };
        let (title, progressed) = (self.title(round.place, round.back), Progressed::Planned);
        TimelineLine { title, beside, at: None, progressed, steps: Vec::new() }
    }

    fn end(&self) -> Option<TimelineLine> {
        // To the second, so that the line is not drawn anew for each look.
        let at = times::clock(self.picture.done_at?);
        let title = match (self.rollout.phase, self.sides.before()) {
            (PhaseWord::Reverting, Some(before)) => format!("Back on {before} at about {at}"),
            _ => format!("Done at about {at}"),
        };
        Some(TimelineLine {
            title,
            beside: String::new(),
            at: None,
            progressed: Progressed::Planned,
            steps: Vec::new(),
        })
    }
}

/// Enough of an id to tell replicas apart.
pub(super) fn short(id: &ReplicaId) -> String {
    let text = id.as_str();
    text.get(text.len().saturating_sub(8)..).unwrap_or(text).to_owned()
}

fn restarted(times: u32, problem: Option<String>) -> String {
    let count = match times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    match problem {
        Some(problem) => format!("Restarted {count}, last: {problem}"),
        None => format!("Restarted {count}"),
    }
}

/// An estimate: no more exact than it is.
fn about(ms: u32) -> String {
    match ms {
        0..1_000 => "1 s".to_owned(),
        _ => numbers::span(u64::from(ms).div_ceil(1_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_are_one_sentence_and_estimates_whole_seconds() {
        assert_eq!(restarted(1, None), "Restarted once");
        assert_eq!(restarted(7, Some("exit 1 after 0.6 s".to_owned())), "Restarted 7 times, last: exit 1 after 0.6 s");
        assert_eq!([20, 999, 3_100, 61_000].map(about), ["1 s", "1 s", "4 s", "1 min 1 s"]);
    }
}

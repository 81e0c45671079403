//! States, importance, replicas, votes and times.

use domain::deployment::Importance;
use leptos::prelude::*;

use super::invented::{LONG_AGO, NOW, moment};
use super::shelf::{Line, Shelf};
use crate::components::{
    Ago, Appearance, Glyph, Icon, ImportanceMark, Sparkline, SplitBar, Square, Squares, StateLabel, Tag, Votes,
};
use crate::words::Tone;

const STATES: [(&str, Tone); 9] = [
    ("running", Tone::Good),
    ("updating", Tone::Moving),
    ("update failed", Tone::Warning),
    ("crashing", Tone::Bad),
    ("stopped", Tone::Off),
    ("waits for approval", Tone::Waits),
    ("held by a freeze", Tone::Held),
    ("paused", Tone::Paused),
    ("nothing to say", Tone::Plain),
];
const APPEARANCES: [(Appearance, &str); 7] = [
    (Appearance::Old, "ready, revision before"),
    (Appearance::New, "ready, new revision"),
    (Appearance::Starting, "starting"),
    (Appearance::Draining, "draining"),
    (Appearance::Failed, "failed"),
    (Appearance::Unready, "not ready"),
    (Appearance::Unknown, "unknown"),
];
const ICONS: [Icon; 12] = [
    Icon::Brand,
    Icon::Deployments,
    Icon::Models,
    Icon::Approvals,
    Icon::History,
    Icon::UseCases,
    Icon::People,
    Icon::Freeze,
    Icon::Bell,
    Icon::Lock,
    Icon::Clock,
    Icon::Swap,
];

#[component]
pub(super) fn States() -> impl IntoView {
    let one = |(at, (appearance, title)): (usize, (Appearance, &str))| Square {
        id: format!("r-{at}"),
        appearance,
        title: title.to_owned(),
    };
    let each: Vec<Square> = APPEARANCES.into_iter().enumerate().map(one).collect();
    let many: Vec<Square> = (0..40).map(|at| one((at, APPEARANCES[at % APPEARANCES.len()]))).collect();
    let usual: Vec<u64> = (0..60).map(|at| 20 + at % 7).collect();
    let breaking: Vec<u64> = (0..60).map(|at| if at < 40 { 30 } else { 2 }).collect();
    view! {
        <Shelf title="States">
            <Line state="State of a deployment: a shape and a word">
                {STATES.map(|(word, tone)| view! { <StateLabel word=word.to_owned() tone=tone/> }).collect_view()}
            </Line>
            <Line state="Tag">
                {STATES.map(|(word, tone)| view! { <Tag tone=tone word=word/> }).collect_view()}
            </Line>
            <Line state="Importance">
                {Importance::ALL.map(|importance| view! { <ImportanceMark importance=importance/> }).collect_view()}
            </Line>
            <Line state="Replicas: one of each state"><Squares squares=each label="Seven replicas, one in each state".to_owned()/></Line>
            <Line state="Replicas: more than there is room for"><Squares squares=many label="40 replicas".to_owned()/></Line>
            <div class="legend">
                {APPEARANCES.into_iter().map(|(appearance, word)| view! {
                    <span><i class=appearance.class() aria-hidden="true"></i>{word}</span>
                }).collect_view()}
            </div>
            {[(0_u32, "0 %", "100 %"), (60, "40 %", "60 %"), (100, "0 %", "100 %")].map(|(percent, before, after)| view! {
                <SplitBar percent=percent before=format!("revision 1 · {before}") after=format!("revision 2 · {after}")/>
            }).collect_view()}
            <Line state="Approvals: none, some, all">
                <Votes given=0 needed=2/>
                <Votes given=1 needed=2/>
                <Votes given=2 needed=2/>
            </Line>
            <Line state="Requests of the last hour: usual, failing">
                <Sparkline values={usual} bad=false/>
                <Sparkline values={breaking} bad=true/>
            </Line>
            <Line state="Time since: seconds, months">
                <Ago at=moment(NOW - 20) now=moment(NOW)/>
                <Ago at=moment(LONG_AGO) now=moment(NOW)/>
            </Line>
            <Line state="Icons">{ICONS.map(|icon| view! { <Glyph icon=icon/> }).collect_view()}</Line>
        </Shelf>
    }
}

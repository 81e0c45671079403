//! The calendar: weeks as rows, Monday first, freezes as bands, and a line for now.

use domain::id::FreezeId;
use leptos::prelude::*;

use super::weeks::{Band, BandTime, Held, Week, monday, weeks};
use crate::state::state;
use crate::words::{civil, zones};

/// The weeks from this one on.
#[component]
pub(super) fn Calendar(held: Vec<Held>, zone: Memo<String>, weeks: Memo<usize>) -> impl IntoView {
    let now = state().now();
    // The line for now moves with each minute.
    let minute = Memo::new(move |_| now.get().as_second() / 60);
    let drawn = Memo::new(move |_| {
        minute.track();
        let (now, zone) = (now.get_untracked(), zones::named(&zone.get()));
        self::weeks(monday(now, &zone), weeks.get(), &held, now, &zone)
    });
    let title = move || {
        drawn.with(|drawn| {
            let first = drawn.first().and_then(|week| week.days.first()).map(|day| day.date)?;
            let last = drawn.last().and_then(|week| week.days.last()).map(|day| day.date)?;
            let (from, to) = (long_month(first.month()), long_month(last.month()));
            Some(match (first.month() == last.month(), first.year() == last.year()) {
                (true, true) => format!("{from} {}", first.year()),
                (false, true) if last.month() - first.month() == 1 => format!("{from} and {to} {}", last.year()),
                (false, true) => format!("{from} to {to} {}", last.year()),
                (_, false) => format!("{from} {} to {to} {}", first.year(), last.year()),
            })
        })
    };
    view! {
        <section class="panel calendar" data-test="calendar">
            <header class="panel-head">
                <h2>{title}</h2>
                <span class="sub">{move || format!("in {}", zone.get())}</span>
                <span class="grow"></span>
                <span class="freeze-legend">
                    <span><i class="hold"></i>"holds now"</span><span><i class="next"></i>"comes"</span><span><i class="past"></i>"past"</span>
                </span>
            </header>
            {move || drawn.get().into_iter().enumerate().map(|(at, week)| view! { <WeekRow week=week is_first={at == 0}/> }).collect_view()}
        </section>
    }
}

#[component]
fn WeekRow(
    week: Week,
    /// No earlier one is drawn.
    is_first: bool,
) -> impl IntoView {
    let today = week.now.map(|now| now.floor() as usize);
    let days = week
        .days
        .iter()
        .enumerate()
        .map(|(at, day)| {
            let name = civil::weekday(day.date.to_datetime(jiff::civil::Time::midnight()));
            let letter = name.get(..1).unwrap_or_default();
            let month = (day.date.day() == 1).then(|| civil::month(day.date.month()));
            view! {
                <span class="day" class:today={today == Some(at)} aria-current={(today == Some(at)).then_some("date")}>
                    <span class="only-wide" dir="auto">{name}</span><span class="only-narrow">{letter}</span>
                    " "{day.date.day()}<span class="only-wide">" "{month}</span>
                    {day.hours.map(|hours| view! { <b class="odd" title="The clocks change on this day">{format!("{hours} h")}</b> })}
                </span>
            }
        })
        .collect_view();
    let lanes = week.bands.iter().map(|band| band.lane + 1).max().unwrap_or(0);
    let mut named: Vec<FreezeId> = Vec::new();
    let bands = week
        .bands
        .into_iter()
        .map(|band| {
            // Once a week is enough, where it began in an earlier one.
            let tells = is_first && band.time == BandTime::Holds;
            let again = named.contains(&band.freeze) || (band.from_last && !tells);
            if !again {
                named.push(band.freeze.clone());
            }
            drawn(&band, again)
        })
        .collect_view();
    view! {
        <div class="week">
            <div class="week-head">{format!("Week {}", week.number)}</div>
            <div class="week-grid" style:--lanes=lanes.to_string()>
                {days}
                {bands}
                {week.now.map(|now| view! { <span class="now-line" style:--from=now.to_string() title="now"></span> })}
            </div>
        </div>
    }
}

fn drawn(band: &Band, again: bool) -> AnyView {
    let time = match band.time {
        BandTime::Past => "past",
        BandTime::Holds => "hold",
        BandTime::Next => "next",
    };
    let class = format!(
        "freeze-band {time}{}{}{}",
        if band.is_short() { " short" } else { "" },
        if band.from_last { " from-last" } else { "" },
        if band.to_next { " to-next" } else { "" },
    );
    let late = band.is_short() && band.to > 5.5;
    let title = band.name.clone();
    view! {
        <span
            class=class
            class:late=late
            title=title
            style:--from=band.from.to_string()
            style:--to=band.to.to_string()
            style:--lane=band.lane.to_string()
        >
            {if again {
                view! { <span class="visually-hidden">{band.name.clone()}</span> }.into_any()
            } else {
                view! { <b class="cut">{band.name.clone()}</b> }.into_any()
            }}
        </span>
    }
    .into_any()
}

fn long_month(number: i8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    MONTHS.get(usize::from(number.unsigned_abs().saturating_sub(1))).copied().unwrap_or_default()
}

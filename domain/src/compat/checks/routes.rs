//! Do callers find the candidate where they call today?

use super::line::line;
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Comparison, DeploymentContext, Pair};
use crate::configuration::{Configuration, Routes, Runtime};

/// The candidate must answer at the same routes where a URL is shared (VX-9). Callers of an external package ask it
/// themselves, at its own URL.
pub(super) fn of_files(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = (pair.current, pair.candidate);
    if let (Some(a), Some(b)) = (old.url, new.url) {
        let check = if a == b {
            line(CheckName::Routes, Outcome::Passed, "Both answer at the same URL.")
        } else {
            let message = format!(
                "{} answers at {a} and {} at {b}: callers ask there themselves, so move them.",
                pair.old_name(),
                pair.new_name()
            );
            line(CheckName::Routes, Outcome::Warning, message)
        };
        return vec![check.sides(a, b)];
    }
    if !old.kind.managed() || !new.kind.managed() {
        return Vec::new();
    }
    vec![below_the_url((&old.routes, old.runtime), (&new.routes, new.runtime))]
}

/// Callers share the URL: the routes below it must stay (VX-9).
pub(super) fn shared(
    question: &Comparison<'_>,
    place: &DeploymentContext<'_>,
    current: &Configuration,
    old: &Routes,
) -> Check {
    let new = &place.routes;
    let mut check = below_the_url((old, current.runtime), (new, place.candidate.runtime));
    let models = question.current.as_ref().zip(question.candidate.as_ref()).map(|(old, new)| (&old.model, &new.model));
    if check.outcome == Outcome::Failed {
        // Who changes routes and nothing else means to; a new model must not change them in passing.
        if question.candidate.is_none() {
            check.outcome = Outcome::Warning;
        }
    } else if let Some((before, after)) = models.filter(|(before, after)| before.name != after.name)
        && let Some(route) = [&new.predict, &new.health].into_iter().find(|route| route.contains("{model}"))
    {
        let message = format!(
            "The route {route} names the model, so {} becomes {} in it. Callers that write it out break: register the candidate as {}, or set the route without {{model}}.",
            before.name, after.name, before.name
        );
        check = line(CheckName::Routes, Outcome::Warning, message).sides(said(old), said(new));
    }
    check
}

/// The routes that two sides answer at, and how they are called there.
fn below_the_url(old: (&Routes, Runtime), new: (&Routes, Runtime)) -> Check {
    let same = old.0.predict == new.0.predict && old.0.health == new.0.health;
    let check = if same && old.1.protocol() == new.1.protocol() {
        line(CheckName::Routes, Outcome::Passed, "The routes below the URL stay the same.")
    } else {
        let message = format!(
            "Callers use {} and {} ({}); the candidate answers at {} and {} ({}). Keep the routes, or deploy it under another name.",
            old.0.predict,
            old.0.health,
            old.1.protocol(),
            new.0.predict,
            new.0.health,
            new.1.protocol()
        );
        line(CheckName::Routes, Outcome::Failed, message)
    };
    check.sides(said(old.0), said(new.0))
}

fn said(routes: &Routes) -> String {
    format!("{}, {}", routes.predict, routes.health)
}

//! The lines of the palette: every page, every action, everything that has a page, each with what it does.

use domain::access::ServerAction;
use domain::action::Action;
use domain::credential::Key;
use domain::id::{ModelName, ModelRef};
use domain::principal::PrincipalKind;
use domain::wire::DeploymentView;

use super::super::actions::{beginning, offered, why_not, why_not_here};
use super::super::dialogs::{Open, UpdateTo};
use super::super::theme::Theme;
use crate::api::models::ModelInBrief;
use crate::api::requests::RequestInBrief;
use crate::state::State;
use crate::words;

/// The command of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Command {
    /// Go to a page.
    Go(String),
    /// Open a dialog.
    Show(Open),
    /// Draw the page in an appearance.
    Draw(Theme),
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// What is done, or whose page it is.
    pub(super) text: String,
    /// What kind of thing it is.
    pub(super) beside: String,
    /// What happens.
    pub(super) command: Command,
}

/// Pages, with the words of their lines.
const PAGES: [(&str, &str); 21] = [
    ("Deployments", "/"),
    ("Deployments that need attention", "/?status=attention"),
    ("Deployments that move", "/?status=moving"),
    ("Deployments that are stopped", "/?status=stopped"),
    ("Deployments with an update available", "/?status=outdated"),
    ("Models", "/models"),
    ("Use cases", "/use-cases"),
    ("Approvals", "/approvals"),
    ("Approvals that wait for me", "/approvals?for=me"),
    ("Overrides to acknowledge", "/approvals?for=acknowledge"),
    ("History", "/history"),
    ("History with steps of the engine", "/history?show=all"),
    ("People and policies", "/people"),
    ("People", "/people?tab=people"),
    ("Groups", "/people?tab=groups"),
    ("Services", "/people?tab=services"),
    ("Freezes", "/freezes"),
    ("Notifications", "/notifications"),
    ("What I am told: e-mail, this browser", "/notifications?show=preferences"),
    ("You: sessions, tokens, password", "/me"),
    ("Settings: appearance, the server", "/settings"),
];
/// Pages and dialogs of those who keep the server.
const KEEPING: [(&str, &str); 11] = [
    ("Invitations", "/people?tab=invitations"),
    ("Mail", "/notifications?show=mail"),
    ("Webhooks", "/notifications?show=webhooks"),
    ("Deliveries", "/notifications?show=deliveries"),
    ("Invite somebody…", "/people?tab=invitations&dialog=invite"),
    ("New policy…", "/people?dialog=policy"),
    ("New group…", "/people?tab=groups&dialog=group"),
    ("New service…", "/people?tab=services&dialog=service"),
    ("New freeze…", "/freezes?dialog=new"),
    ("Hold everything now…", "/freezes?dialog=switch"),
    ("New webhook…", "/notifications?show=webhooks&dialog=webhook"),
];
/// The tabs of a deployment beside its first.
const TABS: [(&str, &str); 8] = [
    ("Metrics of", "metrics"),
    ("Configurations of", "configurations"),
    ("Rollouts of", "rollouts"),
    ("Logs of", "logs"),
    ("Access to", "access"),
    ("Requests of", "requests"),
    ("Settings of", "settings"),
    ("Try", "try"),
];

fn line(text: impl Into<String>, beside: &str, command: Command) -> Line {
    Line { text: text.into(), beside: beside.to_owned(), command }
}

fn go(text: impl Into<String>, beside: &str, page: impl Into<String>) -> Line {
    line(text, beside, Command::Go(page.into()))
}

fn show(text: impl Into<String>, open: Open) -> Line {
    line(text, "action", Command::Show(open))
}

/// The lines of the server as a whole.
pub(super) fn general(state: State) -> Vec<Line> {
    let mut lines: Vec<_> = PAGES.map(|(text, page)| go(text, "page", page)).into();
    if state.is_admin() {
        lines.extend(KEEPING.map(|(text, page)| go(text, if text.ends_with('…') { "action" } else { "page" }, page)));
    }
    if why_not_here(ServerAction::CreateDeployment).is_none() {
        lines.push(show("Deploy a model…", Open::Deploy(None)));
        lines.push(show("Register a model…", Open::Register(None)));
        lines.push(go("New use case…", "action", "/use-cases?dialog=new"));
    }
    lines.push(go("New API token…", "action", "/me?dialog=token"));
    lines.push(line("Keyboard shortcuts", "help", Command::Show(Open::Shortcuts)));
    lines
        .extend(Theme::ALL.map(|theme| {
            line(format!("Appearance: {}", theme.label().to_lowercase()), "action", Command::Draw(theme))
        }));
    for view in state.use_cases() {
        lines.push(go(view.name, "use case", format!("/use-cases/{}", view.id)));
    }
    for one in state.principals() {
        let (kind, tab) = match one.kind {
            PrincipalKind::Person => ("person", "people"),
            PrincipalKind::Service => ("service", "services"),
            PrincipalKind::Group => ("group", "groups"),
            PrincipalKind::Everyone => continue,
        };
        lines.push(go(one.name.clone(), kind, format!("/people?tab={tab}")));
        if one.kind != PrincipalKind::Group {
            lines.push(go(format!("History of {}", one.name), "page", format!("/history?by={}", one.id.actor())));
        }
    }
    lines
}

/// The lines of a deployment; its name alone where nothing is searched for.
pub(super) fn of_deployment(view: &DeploymentView, alone: bool) -> Vec<Line> {
    let (name, id) = (&view.name, || view.id.clone());
    let (status, _) = words::of_deployment(view);
    let mut lines = vec![go(name.to_string(), status, format!("/deployments/{name}"))];
    if alone {
        return lines;
    }
    let may = |action: Action| why_not(view, action).is_none();
    if may(Action::Update) {
        lines.push(show(format!("Update {name}…"), Open::Update(id(), None)));
        for newer in &view.newer_model_versions {
            let text = format!("Update {name} to {}…", words::models(std::slice::from_ref(newer)));
            lines.push(show(text, Open::Update(id(), Some(UpdateTo::Version(newer.clone())))));
        }
    }
    if may(Action::RollBack) {
        lines.push(show(format!("Roll back {name}…"), Open::RollBack(id(), None)));
    }
    if let Some(number) = view.rollout.filter(|_| may(Action::Cancel)) {
        lines.push(show(format!("Stop the rollout of {name}…"), Open::Cancel(id(), number)));
    }
    for (label, _, operation) in offered(view) {
        if may(beginning(operation)) {
            let text = format!("{} {name}…", label.trim_end_matches('…'));
            lines.push(show(text, Open::Operate(id(), operation)));
        }
    }
    if may(Action::LinkUseCases) {
        lines.push(show(format!("Link {name} to a use case…"), Open::LinkUseCases(id())));
    }
    if let Some(title) = &view.application {
        lines.push(go(title.clone(), "application", format!("/apps/{name}")));
    }
    if may(Action::ClearStatistics) {
        lines.push(show(format!("Clear statistics of {name}…"), Open::ClearStatistics(id())));
    }
    if may(Action::ManageKeys) {
        lines.extend(Key::ALL.map(|key| show(format!("Rotate the {key} key of {name}…"), Open::RotateKey(id(), key))));
    }
    if may(Action::ManageTokens) {
        lines.push(show(format!("Revoke every token of {name}…"), Open::RevokeTokens(id())));
    }
    for revision in view.revision_list.iter().flatten() {
        let number = revision.number;
        if may(Action::Quarantine) {
            let text = match revision.quarantined {
                Some(_) => format!("Lift the quarantine of revision {number} of {name}…"),
                None => format!("Quarantine revision {number} of {name}…"),
            };
            lines.push(show(text, Open::Quarantine(id(), number)));
        }
        if number != view.revision && may(Action::RemoveRevision) {
            lines.push(show(format!("Remove revision {number} of {name}…"), Open::Remove(id(), number)));
        }
    }
    lines
        .extend(TABS.map(|(text, tab)| go(format!("{text} {name}"), "page", format!("/deployments/{name}?tab={tab}"))));
    lines.push(go(format!("History of {name}"), "page", format!("/history?deployment={name}")));
    if may(Action::Delete) {
        lines.push(show(format!("Delete {name}…"), Open::Delete(id())));
    }
    lines
}

/// The lines of a model; its name alone where nothing is searched for.
pub(super) fn of_model(view: &ModelInBrief, alone: bool, address: impl Fn(&ModelName) -> String) -> Vec<Line> {
    let name = &view.name;
    let mut lines = vec![go(name.to_string(), "model", address(name))];
    if alone || why_not_here(ServerAction::RegisterModel).is_some() {
        return lines;
    }
    lines.push(show(format!("Register a version of {name}…"), Open::Register(Some(name.clone()))));
    for version in &view.versions {
        let model = ModelRef { name: name.clone(), version: version.version };
        let called = words::models(std::slice::from_ref(&model));
        lines.push(show(format!("Deploy {called}…"), Open::Deploy(Some(model.clone()))));
        if version.is_free() {
            lines.push(show(format!("Delete {called}…"), Open::DeleteModel(model)));
        }
    }
    lines
}

/// The lines of a change request.
pub(super) fn of_request(view: &RequestInBrief) -> Vec<Line> {
    let mut lines = vec![go(view.title.clone(), "request", format!("/approvals/{}", view.id))];
    if view.ended.is_some() {
        return lines;
    }
    if let Some(deployment) =
        view.deployment.clone().filter(|_| view.offers.edit.allowed && view.configuration.is_some())
    {
        let open = Open::EditRequest(deployment, view.id.clone(), view.configuration.clone());
        lines.push(show(format!("Edit the request “{}”…", view.title), open));
    }
    if view.offers.cancel.allowed {
        lines.push(show(format!("Cancel the request “{}”…", view.title), Open::CancelRequest(view.id.clone())));
    }
    lines
}

/// Lines in which every word occurs somewhere: those that were taken of late first, the last one before all; then those
/// that begin with the first word.
pub(super) fn ranked(mut lines: Vec<Line>, search: &str, recent: &[String], most: usize) -> Vec<Line> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    lines.retain(|line| {
        let text = format!("{} {}", line.text, line.beside).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    });
    let first = words.first().map_or("", String::as_str);
    lines.sort_by_cached_key(|line| {
        let taken = recent.iter().position(|text| *text == line.text).unwrap_or(usize::MAX);
        (taken, !line.text.to_lowercase().starts_with(first))
    });
    lines.truncate(most);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<Line> {
        texts.iter().map(|text| go(*text, "page", "/")).collect()
    }

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn words_are_found_anywhere_and_what_was_taken_of_late_comes_first() {
        let all = || lines(&["History", "Update iris…", "iris", "Logs of iris", "rose", "Update rose…"]);
        assert_eq!(texts(&ranked(all(), "", &[], 3)), ["History", "Update iris…", "iris"]);
        let recent = ["rose".to_owned(), "Logs of iris".to_owned()];
        assert_eq!(texts(&ranked(all(), "", &recent, 3)), ["rose", "Logs of iris", "History"]);
        assert_eq!(texts(&ranked(all(), "IRIS", &recent, 9)), ["Logs of iris", "iris", "Update iris…"]);
        assert_eq!(texts(&ranked(all(), "ris upd", &[], 9)), ["Update iris…"]);
        assert_eq!(texts(&ranked(all(), "page hist", &[], 9)), ["History"], "the kind is a word too");
        assert_eq!(texts(&ranked(all(), "tulip", &recent, 9)), [""; 0]);
    }
}

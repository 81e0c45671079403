//! The people around: who everybody is by name, and what waits for the person who looks at the page.

use domain::event::EventKind;
use domain::id::{Actor, UseCaseId};
use domain::principal::{PrincipalId, PrincipalKind, ServerRole};
use domain::wire::{HistoryEntry, PrincipalView, Session, UseCaseView};
use domain::words::OpenWord;
use leptos::prelude::*;

use super::request_news::RequestNews;
use super::{Access, CacheStoreFields, State};
use crate::api;
use crate::api::requests::RequestCounts;

/// What an entry of the history changes beside deployments and models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Around {
    /// Change requests, policies, freezes, use cases, or roles.
    requests: bool,
    /// People, groups, services, invitations, tokens or sessions.
    people: bool,
}

fn changed_by(kind: &OpenWord<EventKind>) -> Around {
    use EventKind as Kind;
    let OpenWord::Known(kind) = kind else { return Around::default() };
    match kind {
        Kind::ChangeAsked
        | Kind::ChangeEdited
        | Kind::ChangeReviewed
        | Kind::ReviewWithdrawn
        | Kind::ChangeMoved
        | Kind::PolicyChanged
        | Kind::PolicyDeleted
        | Kind::FreezeChanged
        | Kind::FreezeDeleted
        | Kind::UseCaseChanged
        | Kind::UseCaseDeleted
        | Kind::UseCaseLinked
        | Kind::UseCaseUnlinked
        | Kind::GlassBroken
        | Kind::GlassAcknowledged => Around { requests: true, people: false },
        Kind::AccessChanged | Kind::MemberAdded | Kind::MemberChanged | Kind::GroupChanged | Kind::GroupDeleted => {
            Around { requests: true, people: true }
        }
        Kind::PersonErased
        | Kind::PersonInvited
        | Kind::InvitationWithdrawn
        | Kind::SignedIn
        | Kind::SessionsEnded
        | Kind::PasswordChanged
        | Kind::IdentityLinked
        | Kind::IdentityUnlinked
        | Kind::AdminLinkMade
        | Kind::TokenIssued
        | Kind::TokenRevoked => Around { requests: false, people: true },
        _ => Around::default(),
    }
}

impl State {
    /// Takes note of an entry that is about people, requests, policies, freezes or use cases. False when it is about none of them.
    pub(super) fn around_happened(self, entry: &HistoryEntry) -> bool {
        let around = changed_by(&entry.kind);
        if around.requests {
            self.store.requests_changed().update(|count| *count += 1);
            self.reread_counts();
            self.reread_use_cases();
        }
        if let Some(news) = RequestNews::of(entry).filter(|news| !self.is_own_act(&news.by)) {
            self.store.request_news().update(|all| all.push(news));
        }
        if around.people {
            self.store.people_changed().update(|count| *count += 1);
            self.reread_names();
            self.reread_session();
        }
        around != Around::default()
    }

    /// Reads everything of this kind afresh.
    pub(crate) fn reread_around(self) {
        self.store.requests_changed().update(|count| *count += 1);
        self.store.people_changed().update(|count| *count += 1);
        self.reread_counts();
        self.reread_names();
        self.reread_notices();
        self.reread_use_cases();
    }

    /// Reads again how many requests wait for whom.
    pub(crate) fn reread_counts(self) {
        self.reads.get_value().counts.ask(move || async move {
            // An older count is better than none, and the pages themselves say what went wrong.
            if let Ok(counts) = api::requests::counts().await {
                self.store.request_counts().set(counts);
            }
        });
    }

    fn reread_names(self) {
        self.reads.get_value().names.ask(move || async move {
            if let Ok(names) = api::people::principals().await {
                self.store.principals().set(names);
            }
        });
    }

    fn reread_use_cases(self) {
        self.reads.get_value().use_cases.ask(move || async move {
            // The page of use cases reads them itself, and says what went wrong.
            if let Ok(use_cases) = api::use_cases::list().await {
                self.store.use_cases().set(use_cases);
            }
        });
    }

    fn reread_session(self) {
        self.reads.get_value().session.ask(move || async move {
            match api::session::read().await {
                Ok(session) => self.set_access(Access::SignedIn(Box::new(session))),
                Err(failure) => drop(self.noting(failure)),
            }
        });
    }

    /// The session, while somebody is signed in.
    pub(crate) fn session(self) -> Option<Box<Session>> {
        match self.access() {
            Access::SignedIn(session) => Some(session),
            Access::Asking | Access::SignedOut => None,
        }
    }

    /// True for whoever keeps people, policies and freezes.
    pub(crate) fn is_admin(self) -> bool {
        self.session().is_some_and(|session| session.server_role == ServerRole::Admin)
    }

    /// True for whoever may override policies and freezes.
    pub(crate) fn may_break_glass(self) -> bool {
        self.session().is_some_and(|session| session.may_break_glass)
    }

    /// True while nobody but the local person was ever let in.
    pub(crate) fn is_alone(self) -> bool {
        self.session().is_none_or(|session| session.alone)
    }

    /// True when whoever signed in last can do so with a password.
    pub(crate) fn signs_in_by_password(self) -> bool {
        self.store.by_password().get()
    }

    /// Reads which identity provider there is.
    pub(crate) async fn read_provider(self) {
        // Who cannot be told of it signs in in another way.
        if let Ok(provider) = api::provider::read().await {
            self.store.provider().set(provider);
        }
    }

    /// The name of the identity provider, where there is one.
    pub(crate) fn provider(self) -> Option<String> {
        self.store.provider().get().name
    }

    /// The address at which whoever signed in last signs out of the identity provider too.
    pub(crate) fn leaves_provider_at(self) -> Option<String> {
        self.store.provider().get().sign_out.filter(|_| self.store.by_provider().get())
    }

    /// True for the person who looks at the page.
    pub(crate) fn is_me(self, id: &PrincipalId) -> bool {
        self.session().is_some_and(|session| session.id == *id)
    }

    /// True for what the person who looks at the page did.
    pub(super) fn is_own_act(self, actor: &Actor) -> bool {
        let access = self.store.access().get_untracked();
        matches!(access, Access::SignedIn(session) if actor.as_str() == session.id.to_string())
    }

    /// What others did to change requests since this was last asked, oldest first.
    pub(crate) fn take_request_news(self) -> Vec<RequestNews> {
        let news = self.store.request_news().get();
        if !news.is_empty() {
            self.store.request_news().set(Vec::new());
        }
        news
    }

    /// Everybody who can be named.
    pub(crate) fn principals(self) -> Vec<PrincipalView> {
        self.store.principals().get()
    }

    /// The use cases that are seen, by name.
    pub(crate) fn use_cases(self) -> Vec<UseCaseView> {
        self.store.use_cases().get()
    }

    /// The use cases that are seen, by id, with their names.
    pub(crate) fn use_case_names(self) -> Vec<(UseCaseId, String)> {
        self.store.use_cases().read().iter().map(|view| (view.id.clone(), view.name.clone())).collect()
    }

    /// The name of a use case.
    pub(crate) fn use_case_name(self, id: &UseCaseId) -> String {
        let known = self.store.use_cases().read().iter().find(|view| view.id == *id).map(|view| view.name.clone());
        known.unwrap_or_else(|| "a use case that you do not see".to_owned())
    }

    /// The name that people read.
    pub(crate) fn name_of(self, id: &PrincipalId) -> String {
        let known = self.store.principals().read().iter().find(|one| one.id == *id).map(|one| one.name.clone());
        known.unwrap_or_else(|| match id.kind() {
            PrincipalKind::Everyone => "everyone".to_owned(),
            PrincipalKind::Group => "a group that is gone".to_owned(),
            PrincipalKind::Service => "a service that is gone".to_owned(),
            PrincipalKind::Person if *id == PrincipalId::local() => PrincipalId::LOCAL.to_owned(),
            PrincipalKind::Person => "somebody who is gone".to_owned(),
        })
    }

    /// The name of an actor of the history, who may be from before there were people.
    pub(crate) fn actor_name(self, actor: &Actor) -> String {
        actor.as_str().parse().map_or_else(|_| actor.to_string(), |id| self.name_of(&id))
    }

    /// The requests that the person who looks at the page has to do with.
    pub(crate) fn request_counts(self) -> RequestCounts {
        self.store.request_counts().get()
    }

    /// Goes up when a request, a policy, a freeze, a use case or a role has changed.
    pub(crate) fn requests_changed(self) -> u64 {
        self.store.requests_changed().get()
    }

    /// Goes up when a person, a group, a service, an invitation, a token or a session has changed.
    pub(crate) fn people_changed(self) -> u64 {
        self.store.people_changed().get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_what_is_to_be_read_again() {
        for (kind, requests, people) in [
            (EventKind::ChangeReviewed, true, false),
            (EventKind::MemberChanged, true, true),
            (EventKind::UseCaseChanged, true, false),
            (EventKind::UseCaseLinked, true, false),
            (EventKind::SessionsEnded, false, true),
            (EventKind::ModelRegistered, false, false),
        ] {
            assert_eq!(changed_by(&kind.into()), Around { requests, people }, "{kind}");
        }
        assert_eq!(changed_by(&OpenWord::Other("news".to_owned())), Around::default());
    }
}

//! What is shown of the deployments, in which order and with which columns, as the address and the named views say it. Pure.

use std::collections::BTreeSet;

use domain::page_preferences::{DeploymentColumn, DeploymentsPage, SavedView};

use super::listing::Filter;

/// Columns that are left out.
pub(super) type Hidden = BTreeSet<DeploymentColumn>;

/// Filters and order, with the columns that are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arranged {
    /// Filters and order.
    pub(super) filter: Filter,
    /// The columns that are left out.
    pub(super) hidden: Hidden,
}

impl Arranged {
    /// Reads it from the parameters of the address; the columns are one's `own` where it says nothing of them.
    pub(super) fn read(given: impl Fn(&str) -> Option<String>, own: &Hidden) -> Self {
        let columns = given("columns").filter(|text| !text.is_empty());
        let hidden = columns.map_or_else(|| own.clone(), |text| hidden_of(&text));
        Self { filter: Filter::read(given), hidden }
    }

    /// Reads it from the query of a named view.
    pub(super) fn of_query(query: &str, own: &Hidden) -> Self {
        let pairs: Vec<_> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key, decoded(value)))
            .collect();
        Self::read(|key| pairs.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone()), own)
    }

    /// The query that says all of it, also which columns are shown, so that it looks the same for everybody.
    pub(super) fn written(&self) -> String {
        let mut pairs = self.filter.written();
        pairs.push(("columns", columns(&self.hidden)));
        pairs.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }
}

/// The columns that are shown, as the address says them.
pub(super) fn columns(hidden: &Hidden) -> String {
    let shown: Vec<_> =
        DeploymentColumn::ALL.iter().filter(|one| !hidden.contains(one)).map(|one| one.as_str()).collect();
    match shown.len() {
        0 => "none".to_owned(),
        all if all == DeploymentColumn::ALL.len() => "all".to_owned(),
        _ => shown.join(","),
    }
}

fn hidden_of(columns: &str) -> Hidden {
    if columns == "all" {
        return Hidden::new();
    }
    let shown: Vec<_> = columns.split(',').collect();
    DeploymentColumn::ALL.into_iter().filter(|one| !shown.contains(&one.as_str())).collect()
}

/// A change of what somebody has arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageEdit {
    /// Other columns are left out.
    Hide(Hidden),
    /// This is a view from now on, in place of one of the same name.
    Save(SavedView),
    /// A view is called otherwise.
    Rename(String, String),
    /// A view goes.
    Remove(String),
}

impl PageEdit {
    /// Carries it out.
    pub(super) fn apply(self, page: &mut DeploymentsPage) {
        match self {
            Self::Hide(hidden) => page.hidden = hidden,
            Self::Save(view) => match page.views.iter_mut().find(|known| same(&known.name, &view.name)) {
                Some(known) => *known = view,
                None => page.views.push(view),
            },
            Self::Rename(from, to) => {
                if let Some(view) = page.views.iter_mut().find(|view| view.name == from) {
                    view.name = to;
                }
            }
            Self::Remove(name) => page.views.retain(|view| view.name != name),
        }
    }
}

/// True for names that people take for the same.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                found.push(value);
                at += 3;
            }
            None => {
                found.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&found).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Hidden {
        [DeploymentColumn::Errors].into()
    }

    #[test]
    fn a_view_reads_back_as_it_was_written() {
        let texts = [
            "",
            "q=iris%20v%C3%BC&status=attention&sort=-name",
            "importance=high&use_case=01m8&target=local&owner=person%3Aada&tag=team%3Dfraud%26risk&columns=status,p95",
            "columns=none",
            "columns=all",
            "q=%202%25%20off%20&columns=model",
        ];
        for text in texts {
            let arranged = Arranged::of_query(text, &own());
            let written = arranged.written();
            assert!(written.bytes().all(|byte| byte.is_ascii_graphic()), "{written}");
            let others = Hidden::new();
            assert_eq!(Arranged::of_query(&written, &others), trimmed(arranged), "{text} became {written}");
        }
    }

    fn trimmed(mut arranged: Arranged) -> Arranged {
        arranged.filter.words = arranged.filter.words.trim().to_owned();
        arranged
    }

    #[test]
    fn the_address_wins_over_what_one_has_chosen_for_oneself() {
        assert_eq!(Arranged::of_query("q=x", &own()).hidden, own());
        assert_eq!(Arranged::of_query("columns=all", &own()).hidden, Hidden::new());
        let shown = Arranged::of_query("columns=status,errors,colour", &own());
        assert_eq!(columns(&shown.hidden), "status,errors", "a column that there is not is not missed");
        assert_eq!(columns(&Arranged::of_query("columns=none", &own()).hidden), "none");
    }

    #[test]
    fn a_view_is_saved_renamed_and_removed_by_its_name() {
        let view = |name: &str, query: &str| SavedView { name: name.to_owned(), query: query.to_owned() };
        let mut page = DeploymentsPage::default();
        for edit in [
            PageEdit::Save(view("Mine", "q=a")),
            PageEdit::Save(view("Others", "q=b")),
            PageEdit::Save(view("mine ", "q=c")),
            PageEdit::Rename("Others".to_owned(), "Theirs".to_owned()),
        ] {
            edit.apply(&mut page);
        }
        assert_eq!(page.views, [view("mine ", "q=c"), view("Theirs", "q=b")]);
        PageEdit::Remove("mine ".to_owned()).apply(&mut page);
        PageEdit::Hide(own()).apply(&mut page);
        assert_eq!(page, DeploymentsPage { hidden: own(), views: vec![view("Theirs", "q=b")] });
    }
}

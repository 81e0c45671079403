//! A few words in a corner of the window about something that has a page.

use crate::components::Icon;

/// The words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Note {
    /// The page that tells all of it; each has one note.
    pub(super) page: String,
    /// What it is about.
    pub(super) title: String,
    /// Its picture.
    pub(super) icon: Icon,
    /// The class of its colour.
    pub(super) tone: &'static str,
    /// What has become of it.
    pub(super) text: String,
    /// Another page to go on to, with the words of the link.
    pub(super) follow: Option<(String, &'static str)>,
    /// Names it in tests.
    pub(super) name: &'static str,
}

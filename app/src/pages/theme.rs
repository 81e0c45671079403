//! Light, dark, or as the system has it: chosen by whoever looks at the page, for this browser.

use leptos::prelude::*;

/// The key in the browser's storage under which the choice is kept.
const KEY: &str = "changeover-theme";

/// The appearance of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them, as a person chooses among them.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its word in the storage and in style sheets.
    fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Its label.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::System => "As the system",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The one that was chosen in this browser.
    fn kept() -> Self {
        let kept = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(KEY).ok().flatten());
        Self::ALL.into_iter().find(|theme| Some(theme.word()) == kept.as_deref()).unwrap_or(Self::System)
    }

    /// Draws the page in it.
    fn draw(self) {
        let Some(root) = document().document_element() else { return };
        let _ = match self {
            Self::System => root.remove_attribute("data-theme"),
            theme => root.set_attribute("data-theme", theme.word()),
        };
    }
}

/// The choice, which every part of the page shares.
#[derive(Clone, Copy)]
pub(crate) struct ThemeChoice(RwSignal<Theme>);

impl ThemeChoice {
    /// Draws the page as it was chosen before, and makes the choice available.
    pub(super) fn provide() {
        let kept = Theme::kept();
        kept.draw();
        provide_context(Self(RwSignal::new(kept)));
    }

    /// The one of this page.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// The theme that is chosen.
    pub(crate) fn now(self) -> Theme {
        self.0.get()
    }

    /// Draws the page in another theme, and keeps that.
    pub(crate) fn choose(self, theme: Theme) {
        theme.draw();
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(KEY, theme.word());
        }
        self.0.set(theme);
    }
}

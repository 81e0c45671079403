//! The few pictures, drawn with strokes in the colour of the text.

use leptos::prelude::*;

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The words say it.
pub(crate) enum Icon {
    Brand,
    Search,
    More,
    Copy,
    Check,
    Close,
    Plus,
    Upload,
    Warning,
    Stop,
    Deployments,
    Models,
    History,
    SignOut,
    Chevron,
    Question,
    Download,
    Swap,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Brand => "M2 5.5h10L9.5 3M14 10.5H4L6.5 13",
            Self::Search => "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM14 14l-3.4-3.4",
            Self::More => "M3 8h.01M8 8h.01M13 8h.01",
            Self::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Upload => "M8 10.5V2.5M5 5.5l3-3 3 3M2.5 10.5v3h11v-3",
            Self::Warning => "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1",
            Self::Stop => "M5.2 2h5.6L14 5.2v5.6L10.8 14H5.2L2 10.8V5.2zM8 5v3.6M8 10.9v.1",
            Self::Deployments => "M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01",
            Self::Models => "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.2v6",
            Self::History => "M2.5 8A5.5 5.5 0 1 0 4 4.2M2.5 2.5v3h3M8 5v3.2l2.2 1.3",
            Self::SignOut => "M6 2.5H2.5v11H6M10.5 11l3-3-3-3M13.5 8H6",
            Self::Chevron => "M6 3.5 10.5 8 6 12.5",
            Self::Question => {
                "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.2 6.4a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.3v.1"
            }
            Self::Download => "M8 2.5v8M5 7.5l3 3 3-3M2.5 10.5v3h11v-3",
            Self::Swap => "M2.5 5.5h11L11 3M13.5 10.5h-11L5 13",
        }
    }
}

/// A picture beside a word that says the same.
#[component]
pub(crate) fn Glyph(icon: Icon) -> impl IntoView {
    let class = if icon == Icon::More { "icon dots" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 16 16" aria-hidden="true">
            <path d=icon.path()></path>
        </svg>
    }
}

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
    Approvals,
    People,
    Person,
    Freeze,
    Lock,
    Menu,
    Minus,
    Clock,
    Bell,
    UseCases,
    Pause,
    Settings,
    Play,
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
            Self::Approvals => "M8 1.8 13.2 4v4c0 3-2.2 5.2-5.2 6.2C5 13.2 2.8 11 2.8 8V4zM5.6 8l1.8 1.8L10.6 6.4",
            Self::People => {
                "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.8 13.5c.4-2.4 2-3.6 4.2-3.6s3.8 1.2 4.2 3.6M10.8 3.4a2.3 2.3 0 0 1 0 4.4M12 10.3c1.3.5 2 1.6 2.2 3.2"
            }
            Self::Person => "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 14c.5-3 2.6-4.4 5.5-4.4s5 1.4 5.5 4.4",
            Self::Freeze => {
                "M8 1.8v12.4M2.6 4.9l10.8 6.2M13.4 4.9 2.6 11.1M6.3 2.8 8 4.2l1.7-1.4M6.3 13.2 8 11.8l1.7 1.4"
            }
            Self::Lock => "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
            Self::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
            Self::Minus => "M3 8h10",
            Self::Bell => "M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.8 14.2h2.4",
            Self::UseCases => "M2.5 4.5v8h11v-6.5h-6l-1.5-2zM5 9h6",
            Self::Settings => "M2.5 4.5h6M11.5 4.5h2M10 3v3M2.5 11.5h2M7.5 11.5h6M6 10v3",
            Self::Pause => "M5.5 3v10M10.5 3v10",
            Self::Play => "M5 3l8 5-8 5z",
            Self::Clock => "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 5v3.2l2.2 1.3",
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

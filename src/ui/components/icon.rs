//! The icon set: 24×24 strokes in the text's colour. Decorative; the word beside an icon carries the meaning.

use leptos::prelude::*;

/// Named by what an icon stands for, not by what it draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IconName {
    Alert,
    Apps,
    Arrow,
    Audit,
    Case,
    Channel,
    Check,
    Clock,
    Close,
    Down,
    External,
    Lock,
    Notice,
    Order,
    Overview,
    Refresh,
    Refund,
    Scan,
    Search,
    Staff,
    Till,
    User,
    Webhook,
}

impl IconName {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.5v5.5M12 16.4v.1",
            Self::Apps => "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
            Self::Arrow => "M5 12h14M13 6l6 6-6 6",
            Self::Audit => "M6 3h9l4 4v14H6zM14 3v5h5M9 13h7M9 17h5",
            Self::Case => "M12 4l9 16H3zM12 10v4.5M12 17.4v.1",
            Self::Channel => "M4 8h16v11H4zM4 12h16M8 4h8",
            Self::Check => "M5 12.5l4.5 4.5L19 7.5",
            Self::Clock => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3.5 2",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Down => "M6 9l6 6 6-6",
            Self::External => "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
            Self::Lock => "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
            Self::Notice => "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
            Self::Order => "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
            Self::Overview => "M4 11l8-7 8 7v9H4zM10 20v-6h4v6",
            Self::Refresh => "M19 8a8 8 0 1 0 1 4M20 4v5h-5",
            Self::Refund => "M9 6L4 11l5 5M4 11h10a5 5 0 0 1 0 10h-2",
            Self::Scan => "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5L20 20",
            Self::Staff => {
                "M9 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M3 20c0-4 2.5-6 6-6s6 2 6 6M16 5a3 3 0 0 1 0 6M17.5 14c2.3.6 3.5 2.6 3.5 6"
            }
            Self::Till => "M12 1.5a10.5 10.5 0 1 0 0 21 10.5 10.5 0 0 0 0-21M7 10h10v7H7zM9 10V7.5h6V10M9.5 13.5h5",
            Self::User => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M5 21c0-4 3-6 7-6s7 2 7 6",
            Self::Webhook => "M4 6h16v12H4zM4 7l8 6 8-6",
        }
    }
}

/// `class` stands in place of `icon`, for a drawing of another size.
#[component]
pub fn Icon(name: IconName, #[prop(optional)] class: &'static str) -> impl IntoView {
    let class = if class.is_empty() { "icon" } else { class };
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=name.path()></path>
        </svg>
    }
}

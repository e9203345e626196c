//! A status as a dot and a word: never by colour alone.

use leptos::prelude::*;

/// What a status means for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done and well.
    Ok,
    /// Needs somebody's eye.
    Warn,
    /// Went wrong.
    Bad,
    /// Under way.
    Info,
    /// Over, or of no interest.
    Quiet,
}

impl Tone {
    /// What the style sheet knows it by.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Tone::Ok => "is-ok",
            Tone::Warn => "is-warn",
            Tone::Bad => "is-bad",
            Tone::Info => "is-info",
            Tone::Quiet => "is-quiet",
        }
    }
}

/// The word is part of it: the dot alone says nothing.
#[component]
pub fn Badge(tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{text}</span> }
}

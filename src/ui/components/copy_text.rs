//! The copy button with its texts.

use crate::ui::i18n::{t, t_with};
use crate::ui::islands::CopyButton;
use leptos::prelude::*;

/// `what` names it for those who hear the page, where a page has many of them; without one the text itself does.
#[component]
pub fn CopyText(#[prop(into)] text: String, #[prop(optional, into)] what: Option<String>) -> impl IntoView {
    let what = what.unwrap_or_else(|| text.clone());
    view! { <CopyButton text=text label=t_with("copy", &[("what", what.into())]) done=t("copied") by_hand=t("copy-by-hand")/> }
}

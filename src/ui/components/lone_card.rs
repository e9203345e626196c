//! A page with one card and nothing else: a message, or the form to sign in.

use super::icon::{Icon, IconName};
use crate::ui::i18n::LangSwitch;
use leptos::prelude::*;

/// All that such a page shows. What is given as children follows the heading.
#[component]
pub fn LoneCard(
    #[prop(into)] title: String,
    /// Above the heading.
    #[prop(optional)]
    mark: Option<IconName>,
    /// The card holds a form and not a message.
    #[prop(optional)]
    is_form: bool,
    /// Below the card, a way to the same page in the other language.
    #[prop(optional)]
    switches: bool,
    #[prop(optional)] testid: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let class = if is_form { "lone-card is-form" } else { "lone-card" };
    view! {
        <main class="lone" data-testid=testid>
            <section class=class>
                {mark.map(|name| view! { <Icon name class="result-mark is-quiet"/> })}
                <h1>{title}</h1>
                {children()}
            </section>
            {switches.then(|| view! { <footer class="lone-foot"><LangSwitch/></footer> })}
        </main>
    }
    .into_any()
}

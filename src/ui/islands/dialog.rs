//! A link that opens its form as a dialog instead of a page of its own.

use leptos::ev::MouseEvent;
use leptos::html::Dialog;
use leptos::prelude::*;

/// `children` is the form with its heading; `href` is the page that holds the same form for browsers without scripts.
#[island]
pub fn OpenDialog(href: String, label: String, class: String, close: String, children: Children) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let open = move |event: MouseEvent| {
        #[cfg(feature = "hydrate")]
        if dialog.get_untracked().is_some_and(|d| d.show_modal().is_ok()) {
            event.prevent_default();
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <a href=href class=class on:click=open aria-haspopup="dialog">{label}</a>
        <dialog class="dialog" node_ref=dialog>
            {children()}
            <form method="dialog" class="dialog-foot">
                <button class="button">{close}</button>
            </form>
        </dialog>
    }
}

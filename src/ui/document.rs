//! The document around a page outside of the route tree: finished on the server, without scripts.

use super::i18n::{Lang, t};
use leptos::prelude::*;

/// The whole text. `title` stands in the head as it is, so it must be one of our own texts; `body` finds the language in its
/// context.
pub(super) fn document(lang: Lang, demo: bool, title: &str, body: impl FnOnce() -> AnyView) -> String {
    let page = Owner::new().with(|| {
        provide_context(lang);
        let (title, body) = (title.to_owned(), body());
        view! {
            <html lang=lang.tag()>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="robots" content="noindex, nofollow"/>
                    // A child would bring a marker of the framework along, which a title shows.
                    <title inner_html=title></title>
                    <link rel="stylesheet" href="/pkg/cashier.css"/>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                </head>
                <body>
                    {demo.then(|| view! { <aside class="demo-banner">{t("demo-banner")}</aside> })}
                    {body}
                </body>
            </html>
        }
        .into_any()
        .to_html()
    });
    format!("<!DOCTYPE html>{page}")
}

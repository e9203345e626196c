//! The document around every page.

use super::app::App;
use super::i18n::t;
use super::security::PageSettings;
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// The whole document. The server calls it once per request, before the page itself is rendered.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let lang = {
        super::security::send_policy(&[]);
        super::i18n::provide()
    };
    #[cfg(not(feature = "ssr"))]
    let lang = super::i18n::lang();
    let settings = use_context::<PageSettings>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="format-detection" content="telephone=no"/>
                <meta name="robots" content="noindex, nofollow"/>
                <link rel="stylesheet" href="/pkg/cashier.css"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                // After the style sheet: it wins by its place.
                <noscript><style nonce=use_nonce()>".needs-script{display:none}"</style></noscript>
                <HydrationScripts options islands=true/>
                <MetaTags/>
            </head>
            <body>
                {settings.demo.then(|| view! { <aside class="demo-banner">{t("demo-banner")}</aside> })}
                <App/>
            </body>
        </html>
    }
}

//! New keys, on the one page that ever shows them.

use crate::model::views::admin::FreshKeysView;
use crate::rpc::apps::load_fresh_keys;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn FreshKeysPage() -> impl IntoView {
    loaded(load_fresh_keys(param("app_id")), show)
}

fn show(view: FreshKeysView) -> AnyView {
    let back = format!("/admin/apps/{}", view.app.id);
    if view.keys.is_empty() {
        return page(t("panel-keys-title"), (), empty(t("panel-keys-gone"), Some((back, view.app.name))));
    }
    let mut rows = vec![
        (t("panel-col-app"), Some(app_link(&view.app))),
        (t("panel-col-app-id"), Some(num(&view.app.id))),
        (t("panel-col-pid"), Some(num(&view.pid.to_string()))),
    ];
    rows.extend(view.keys.into_iter().map(|(kind, value)| {
        let shown = view! { <span data-testid=format!("secret-{kind}")><Num value=value/></span> }.into_any();
        (t_of("panel-key", &kind), Some(shown))
    }));
    let body = view! {
        <p class="panel-note is-warn">{t("panel-keys-once")}</p>
        {facts(rows)}
        <p class="row">
            <a class="button is-primary" href=back.clone()>{t("panel-keys-stored")}</a>
            <a class="button" href=format!("{back}/console")>{t("panel-console")}</a>
        </p>
    };
    page(t("panel-keys-title"), (), body)
}

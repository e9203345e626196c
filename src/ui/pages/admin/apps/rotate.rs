//! A new key, with a time in which the old one still works.

use crate::model::views::admin::AppView;
use crate::rpc::apps::{RotateKey, load_app};
use crate::ui::i18n::{t, t_of, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn RotateKeyPage() -> impl IntoView {
    let kind = param("kind");
    loaded(load_app(param("app_id")), move |view| show(view, &kind))
}

fn show(view: AppView, kind: &str) -> AnyView {
    let error = failure::<RotateKey>();
    let back = format!("/admin/apps/{}", view.row.app_id);
    if !matches!(kind, "api" | "webhook") {
        return page(t("panel-rotate-title"), (), empty(t("panel-missing-text"), Some((back, view.row.name))));
    }
    let what = t_with("panel-rotate-what", &[("key", t_of("panel-key", kind).into()), ("app", (&view.row.name).into())]);
    let body = view! {
        <div class="confirm">
            {form_failure(&error)}
            <p>{what}</p>
            <p class="soft">{t("panel-rotate-means")}</p>
            <form method="post" action={path_of::<RotateKey>()} class="form">
                <input type="hidden" name="app_id" value=view.row.app_id/>
                <input type="hidden" name="kind" value=kind.to_owned()/>
                <TextField name="grace_h" kind="number" value={typed::<RotateKey>().text("grace_h", "24")} help=t("panel-rotate-help") required=true error=error/>
                <FormFoot label=t("panel-rotate") back=back danger=true/>
            </form>
        </div>
    };
    page(t("panel-rotate-title"), (), body)
}

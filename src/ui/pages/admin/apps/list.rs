//! All apps, and a new one.

use crate::model::views::admin::{AppRow, AppsView};
use crate::rpc::apps::{CreateApp, load_apps};
use crate::ui::i18n::t;
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn AppsPage() -> impl IntoView {
    loaded(load_apps(), show)
}

fn show(view: AppsView) -> AnyView {
    let add = view
        .may
        .configure
        .then(|| view! { <a class="button is-small is-primary" href="/admin/apps/new">{t("panel-app-new")}</a> });
    if view.rows.is_empty() {
        let action = view.may.configure.then(|| ("/admin/apps/new".to_owned(), t("panel-app-new")));
        return page(t("panel-apps"), (), empty(t("panel-apps-empty"), action));
    }
    let columns = [t("panel-col-name"), t("panel-col-app-id"), t("panel-col-pid"), t("panel-col-status"), t("panel-col-created")];
    let columns = columns.map(Column::new).into();
    page(t("panel-apps"), add, table(t("panel-apps"), columns, view.rows.iter().map(row).collect()))
}

fn row(a: &AppRow) -> Vec<Cell> {
    let href = format!("/admin/apps/{}", a.app_id);
    vec![
        Cell::new(view! { <a href=href>{a.name.clone()}</a> }),
        Cell::new(num(&a.app_id)),
        Cell::new(view! { <span class="mono">{a.pid}</span> }),
        Cell::new(enabled_badge(a.enabled)),
        Cell::new(moment(a.created_at)),
    ]
}

#[component]
pub fn NewAppPage() -> impl IntoView {
    loaded(load_apps(), |_| {
        let error = failure::<CreateApp>();
        let body = view! {
            <div class="confirm">
                {form_failure(&error)}
                <form method="post" action={path_of::<CreateApp>()} class="form">
                    <TextField name="name" value={typed::<CreateApp>().text("name", "")} label=t("panel-app-name") help=t("panel-app-name-help") required=true maxlength=64 error=error/>
                    <FormFoot label=t("panel-app-create") back="/admin/apps"/>
                </form>
            </div>
        };
        page(t("panel-app-new"), (), body)
    })
}

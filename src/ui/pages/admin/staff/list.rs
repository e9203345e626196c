//! Everybody who may sign in.

use crate::model::views::admin::{StaffRow, StaffView};
use crate::rpc::staff::load_staff;
use crate::ui::components::{Badge, Tone};
use crate::ui::i18n::t;
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn StaffPage() -> impl IntoView {
    loaded(load_staff(), show)
}

fn show(view: StaffView) -> AnyView {
    let add = view! { <a class="button is-small is-primary" href="/admin/staff/new">{t("panel-staff-add")}</a> };
    let columns =
        [t("panel-col-name"), t("panel-col-role"), t("panel-col-status"), t("panel-col-created"), t("panel-col-last-login")];
    let columns = columns.map(Column::new).into();
    page(t("panel-staff"), add, table(t("panel-staff"), columns, view.rows.iter().map(row).collect()))
}

fn row(s: &StaffRow) -> Vec<Cell> {
    let href = format!("/admin/staff/{}", s.staff_id);
    let me = s.is_me.then(|| view! { " "<span class="soft">{t("panel-you")}</span> });
    let locked = s.locked.then(|| view! { <Badge tone=Tone::Warn text=t("panel-locked")/> });
    vec![
        Cell::new(view! { <a href=href>{s.name.clone()}</a>{me} }),
        Cell::new(role_name(s.role)),
        Cell::new(view! { {enabled_badge(s.enabled)} {locked} }),
        Cell::new(moment(s.created_at)),
        Cell::new(time_or_dash(s.last_login_at)),
    ]
}

//! The audit log.

use super::parts::*;
use crate::model::views::admin::{AuditRow, AuditView};
use crate::rpc::audit::load_audit;
use crate::ui::i18n::t;
use leptos::prelude::*;

#[component]
pub fn AuditPage() -> impl IntoView {
    loaded(load_audit(at("before"), at("after")), show)
}

fn show(view: AuditView) -> AnyView {
    if view.rows.is_empty() {
        return page(t("panel-audit"), (), empty(t("panel-audit-empty"), None));
    }
    let columns = [
        t("panel-col-time"),
        t("panel-col-who"),
        t("panel-col-action"),
        t("panel-col-object"),
        t("panel-col-change"),
        t("panel-col-address"),
    ];
    let body = view! {
        {table(t("panel-audit"), columns.map(Column::new).into(), view.rows.into_iter().map(row).collect())}
        {neighbours("/admin/audit", &[], &view.pager)}
    };
    page(t("panel-audit"), (), body)
}

fn row(r: AuditRow) -> Vec<Cell> {
    let side = |title: String, text: Option<String>| text.map(|text| view! { <Raw title=title text=text/> });
    vec![
        Cell::new(moment(r.at)),
        Cell::new(actor_text(&r.actor)),
        Cell::new(view! { <span class="mono">{r.action}</span> }),
        Cell::wide(num(&r.object)),
        Cell::wide(view! {
            {side(t("panel-before"), r.before)}
            {side(t("panel-after"), r.after)}
        }),
        Cell::new(r.address.unwrap_or_default()),
    ]
}

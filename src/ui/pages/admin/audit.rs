//! The audit log.

use super::parts::*;
use crate::model::views::admin::{AuditRow, AuditView};
use crate::rpc::audit::load_audit;
use crate::ui::components::{Moment, Pager};
use crate::ui::i18n::t;
use leptos::prelude::*;

#[component]
pub fn AuditPage() -> impl IntoView {
    loaded(load_audit(at("before"), at("after")), show)
}

fn show(view: AuditView) -> AnyView {
    let cursor = |name: &'static str, value: Option<String>| value.map(|c| link("/admin/audit", &[(name, &c)]));
    let (newer, older) = (cursor("after", view.pager.newer), cursor("before", view.pager.older));
    if view.rows.is_empty() {
        return page(t("panel-audit"), (), empty(t("panel-audit-empty"), None));
    }
    let columns = vec![
        t("panel-col-time"),
        t("panel-col-who"),
        t("panel-col-action"),
        t("panel-col-object"),
        t("panel-col-change"),
        t("panel-col-address"),
    ];
    let body = view! {
        {table(t("panel-audit"), columns, view.rows.into_iter().map(row).collect())}
        <Pager newer=newer older=older/>
    };
    page(t("panel-audit"), (), body)
}

fn row(r: AuditRow) -> Vec<Cell> {
    let side = |title: String, text: Option<String>| text.map(|text| view! { <Raw title=title text=text/> });
    vec![
        Cell::new(view! { <Moment at=r.at/> }),
        Cell::new(actor_text(&r.actor)),
        Cell::new(view! { <span class="mono">{r.action}</span> }),
        Cell::wide(view! { <Num value=r.object/> }),
        Cell::wide(view! {
            {side(t("panel-before"), r.before)}
            {side(t("panel-after"), r.after)}
        }),
        Cell::new(r.address.unwrap_or_default()),
    ]
}

//! The cases list.

use crate::model::views::admin::{CaseQuery, CaseRow, CasesView};
use crate::model::{CaseKind, CaseStatus};
use crate::rpc::cases::load_cases;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

const PATH: &str = "/admin/cases";

#[component]
pub fn CasesPage() -> impl IntoView {
    let query = CaseQuery { status: at("status"), kind: at("kind"), app: at("app"), before: at("before"), after: at("after") };
    loaded(load_cases(query.clone()), move |view| show(&query, view))
}

fn show(q: &CaseQuery, view: CasesView) -> AnyView {
    let pairs = [("status", q.status.as_str()), ("kind", &q.kind), ("app", &q.app)];
    let statuses = CaseStatus::ALL.iter().map(|s| (s.to_string(), t_of("panel-case", s.as_str()))).collect();
    let kinds = CaseKind::ALL.iter().map(|k| (k.to_string(), t_of("panel-casekind", k.as_str()))).collect();
    let fields = view! {
        <ChoiceField name="status" label=t("panel-col-status") options=statuses value=q.status.clone() any=t("panel-any")/>
        <ChoiceField name="kind" label=t("panel-col-kind") options=kinds value=q.kind.clone() any=t("panel-any")/>
        <ChoiceField name="app" label=t("panel-col-app") options=named_options(&view.apps) value=q.app.clone() any=t("panel-any")/>
    };
    let rows = (!view.rows.is_empty()).then(|| case_rows(&view.rows));
    let none = empty(t("panel-cases-empty"), None);
    page(t("panel-cases"), (), listing(PATH, &pairs, fields.into_any(), rows, none, &view.pager))
}

/// A table of cases; also part of an order's page.
pub fn case_rows(rows: &[CaseRow]) -> AnyView {
    let columns = vec![
        Column::new(t("panel-col-time")),
        Column::new(t("panel-col-number")),
        Column::new(t("panel-col-kind")),
        Column::new(t("panel-col-channel")),
        Column::right(t("panel-col-amount")),
        Column::new(t("panel-col-status")),
    ];
    table(t("panel-cases"), columns, rows.iter().map(row).collect())
}

fn row(c: &CaseRow) -> Vec<Cell> {
    let answer = c.answer.map(|a| view! { <span class="soft">{t_of("panel-answer", a.as_str())}</span> });
    vec![
        Cell::new(moment(c.created_at)),
        Cell::new(linked_num(PATH, &c.case_id)),
        Cell::new(t_of("panel-casekind", c.kind.as_str())),
        Cell::new(channel_link(&c.channel)),
        Cell::money(c.amount),
        Cell::new(view! { {case_badge(c.status)} {answer} }),
    ]
}

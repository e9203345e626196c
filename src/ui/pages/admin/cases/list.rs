//! The cases list.

use crate::model::views::admin::{CaseQuery, CaseRow, CasesView};
use crate::model::{CaseKind, CaseStatus};
use crate::rpc::cases::load_cases;
use crate::ui::components::{Moment, Pager};
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
    let active = pairs.iter().filter(|(_, v)| !v.is_empty()).count();
    let place =
        |name: &'static str, cursor: Option<String>| cursor.map(|c| link(PATH, &[&pairs[..], &[(name, c.as_str())]].concat()));
    let (newer, older) = (place("after", view.pager.newer.clone()), place("before", view.pager.older.clone()));
    let statuses = CaseStatus::ALL.iter().map(|s| (s.to_string(), t_of("panel-case", s.as_str()))).collect();
    let kinds = CaseKind::ALL.iter().map(|k| (k.to_string(), t_of("panel-casekind", k.as_str()))).collect();
    let fields = view! {
        <ChoiceField name="status" label=t("panel-col-status") options=statuses value=q.status.clone() any=t("panel-any")/>
        <ChoiceField name="kind" label=t("panel-col-kind") options=kinds value=q.kind.clone() any=t("panel-any")/>
        <ChoiceField name="app" label=t("panel-col-app") options=named_options(&view.apps) value=q.app.clone() any=t("panel-any")/>
    };
    let list = if !view.rows.is_empty() {
        case_rows(&view.rows)
    } else if active > 0 {
        empty(t("panel-none-fit"), Some((PATH.to_owned(), t("panel-clear-filters"))))
    } else {
        empty(t("panel-cases-empty"), None)
    };
    let body = view! {
        {filter_bar(PATH, active, fields.into_any())}
        {list}
        <Pager newer=newer older=older/>
    };
    page(t("panel-cases"), (), body)
}

/// A table of cases; also part of an order's page.
pub fn case_rows(rows: &[CaseRow]) -> AnyView {
    let columns = vec![
        t("panel-col-time"),
        t("panel-col-number"),
        t("panel-col-kind"),
        t("panel-col-channel"),
        format!(">{}", t("panel-col-amount")),
        t("panel-col-status"),
    ];
    table(t("panel-cases"), columns, rows.iter().map(row).collect())
}

fn row(c: &CaseRow) -> Vec<Cell> {
    let href = format!("/admin/cases/{}", c.case_id);
    let answer = c.answer.map(|a| view! { <span class="soft">{t_of("panel-answer", a.as_str())}</span> });
    vec![
        Cell::new(view! { <Moment at=c.created_at/> }),
        Cell::new(view! { <Num value=c.case_id.clone() href=href/> }),
        Cell::new(t_of("panel-casekind", c.kind.as_str())),
        Cell::new(channel_link(&c.channel)),
        Cell::right(view! { <span class="money">{c.amount.display()}</span> }),
        Cell::new(view! { {case_badge(c.status)} {answer} }),
    ]
}

//! The list of notices.

use crate::model::views::admin::{NoticeQuery, NoticeRow, NoticesView};
use crate::rpc::notices::load_notices;
use crate::ui::components::{Moment, Pager};
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

const PATH: &str = "/admin/notices";

#[component]
pub fn NoticesPage() -> impl IntoView {
    let query =
        NoticeQuery { q: at("q"), channel: at("channel"), verified: at("verified"), before: at("before"), after: at("after") };
    loaded(load_notices(query.clone()), move |view| show(&query, view))
}

fn show(q: &NoticeQuery, view: NoticesView) -> AnyView {
    let pairs = [("q", q.q.as_str()), ("channel", &q.channel), ("verified", &q.verified)];
    let active = pairs.iter().filter(|(_, v)| !v.is_empty()).count();
    let place =
        |name: &'static str, cursor: Option<String>| cursor.map(|c| link(PATH, &[&pairs[..], &[(name, c.as_str())]].concat()));
    let (newer, older) = (place("after", view.pager.newer.clone()), place("before", view.pager.older.clone()));
    let verified = vec![("yes".to_owned(), t("panel-verified")), ("no".to_owned(), t("panel-unverified"))];
    let channels = named_options(&view.channels);
    let fields = view! {
        <TextField name="q" value=q.q.clone() label=t("panel-filter-number") kind="search" maxlength=64/>
        <ChoiceField name="channel" label=t("panel-col-channel") options=channels value=q.channel.clone() any=t("panel-any")/>
        <ChoiceField name="verified" label=t("panel-col-signature") options=verified value=q.verified.clone() any=t("panel-any")/>
    };
    let list = if !view.rows.is_empty() {
        notice_rows(&view.rows)
    } else if active > 0 {
        empty(t("panel-none-fit"), Some((PATH.to_owned(), t("panel-clear-filters"))))
    } else {
        empty(t("panel-notices-empty"), Some(("/admin/channels".to_owned(), t("panel-channels"))))
    };
    let body = view! {
        {filter_bar(PATH, active, fields.into_any())}
        {list}
        <Pager newer=newer older=older/>
    };
    page(t("panel-notices"), (), body)
}

/// A table of notices; also part of an order's page.
pub fn notice_rows(rows: &[NoticeRow]) -> AnyView {
    let columns = vec![
        t("panel-col-time"),
        t("panel-col-number"),
        t("panel-col-channel"),
        t("panel-col-kind"),
        t("panel-col-signature"),
        t("panel-col-result"),
    ];
    table(t("panel-notices"), columns, rows.iter().map(row).collect())
}

fn row(n: &NoticeRow) -> Vec<Cell> {
    let href = format!("/admin/notices/{}", n.id);
    vec![
        Cell::new(view! { <Moment at=n.received_at/> }),
        Cell::new(view! { <Num value=n.id.clone() href=href/> }),
        Cell::new(channel_link(&n.channel)),
        Cell::new(t_of("panel-noticekind", &n.kind)),
        Cell::new(verified_badge(n.verified)),
        Cell::wide(result_text(&n.result)),
    ]
}

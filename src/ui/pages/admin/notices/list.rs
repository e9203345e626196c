//! The list of notices.

use crate::model::views::admin::{NoticeQuery, NoticeRow, NoticesView};
use crate::rpc::notices::load_notices;
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
    let verified = vec![("yes".to_owned(), t("panel-verified")), ("no".to_owned(), t("panel-unverified"))];
    let channels = named_options(&view.channels);
    let fields = view! {
        <TextField name="q" value=q.q.clone() label=t("panel-filter-number") kind="search" maxlength=64/>
        <ChoiceField name="channel" label=t("panel-col-channel") options=channels value=q.channel.clone() any=t("panel-any")/>
        <ChoiceField name="verified" label=t("panel-col-signature") options=verified value=q.verified.clone() any=t("panel-any")/>
    };
    let rows = (!view.rows.is_empty()).then(|| notice_rows(&view.rows));
    let none = empty(t("panel-notices-empty"), Some(("/admin/channels".to_owned(), t("panel-channels"))));
    page(t("panel-notices"), (), listing(PATH, &pairs, fields.into_any(), rows, none, &view.pager))
}

/// A table of notices; also part of an order's page.
pub fn notice_rows(rows: &[NoticeRow]) -> AnyView {
    let columns = [
        t("panel-col-time"),
        t("panel-col-number"),
        t("panel-col-channel"),
        t("panel-col-kind"),
        t("panel-col-signature"),
        t("panel-col-result"),
    ];
    table(t("panel-notices"), columns.map(Column::new).into(), rows.iter().map(row).collect())
}

fn row(n: &NoticeRow) -> Vec<Cell> {
    vec![
        Cell::new(moment(n.received_at)),
        Cell::new(linked_num(PATH, &n.id)),
        Cell::new(channel_link(&n.channel)),
        Cell::new(t_of("panel-noticekind", &n.kind)),
        Cell::new(verified_badge(n.verified)),
        Cell::wide(result_text(&n.result)),
    ]
}

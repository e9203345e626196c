//! One notice as it arrived, masked.

use crate::model::views::admin::NoticeView;
use crate::rpc::notices::load_notice;
use crate::ui::i18n::{t, t_of, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn NoticePage() -> impl IntoView {
    loaded(load_notice(param("id")), show)
}

fn show(view: NoticeView) -> AnyView {
    let n = &view.row;
    let rows = vec![
        (t("panel-col-signature"), Some(verified_badge(n.verified))),
        (t("panel-col-result"), Some(result_text(&n.result).into_any())),
        (t("panel-fact-notice"), Some(num(&n.id))),
        (t("panel-col-channel"), Some(channel_link(&n.channel))),
        (t("panel-col-kind"), Some(t_of("panel-noticekind", &n.kind).into_any())),
        (t("panel-fact-order-no"), n.order_no.as_ref().map(|no| linked_num("/admin/orders", no))),
        (t("panel-fact-pay-no"), n.pay_no.as_deref().map(num)),
        (t("panel-fact-received"), Some(moment(n.received_at))),
        (
            t("panel-fact-size"),
            Some(t_with("panel-bytes", &[("count", i64::try_from(view.bytes).unwrap_or(0).into())]).into_any()),
        ),
    ];
    let body = view! {
        {facts(rows)}
        <p class="soft">{t("panel-masked")}</p>
        <Raw title=t("panel-headers") text=view.headers/>
        <Raw title=t("panel-body") text=view.body open=true/>
    };
    page(t("panel-notice-title"), (), body)
}

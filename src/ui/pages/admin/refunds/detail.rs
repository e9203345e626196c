//! One refund.

use crate::model::views::admin::RefundRow;
use crate::rpc::refunds::load_refund;
use crate::ui::components::Money;
use crate::ui::i18n::t;
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn RefundPage() -> impl IntoView {
    loaded(load_refund(param("refund_no")), show)
}

fn show(r: RefundRow) -> AnyView {
    let rows = vec![
        (t("panel-fact-refund-no"), Some(num(&r.refund_no))),
        (t("panel-fact-out-refund-no"), Some(num(&r.out_refund_no))),
        (t("panel-fact-order-no"), r.order_no.as_ref().map(|no| linked_num("/admin/orders", no))),
        (t("panel-fact-pay-no"), Some(num(&r.pay_no))),
        (t("panel-fact-case"), r.case_id.as_ref().map(|id| linked_num("/admin/cases", id))),
        (t("panel-col-app"), Some(app_link(&r.app))),
        (t("panel-col-reason"), Some(r.reason.into_any())),
        (t("panel-fact-requested-by"), Some(actor_text(&r.requested_by).into_any())),
        (t("panel-fact-provider-refund-no"), r.provider_refund_no.as_deref().map(num)),
        (t("panel-fact-created"), Some(moment(r.created_at))),
        (t("panel-fact-succeeded"), r.succeeded_at.map(moment)),
        (t("panel-fact-error"), r.error.map(|e| view! { <span class="bad">{e}</span> }.into_any())),
    ];
    let body = view! {
        <div class="amount-head">
            <span class="amount"><Money amount=r.amount test_id="amount"/></span>
            <span data-testid="status" data-status=r.status.as_str()>{refund_badge(r.status)}</span>
        </div>
        {facts(rows)}
    };
    page(t("panel-refund-title"), (), body)
}

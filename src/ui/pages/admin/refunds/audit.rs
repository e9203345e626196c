//! Refunds that the payer asked for at the provider: those that wait, and one with its verdict.

use crate::model::AuditDecision;
use crate::model::views::admin::{RefundAuditRow, RefundAuditView};
use crate::rpc::refunds::{DecideRefund, load_refund_audit};
use crate::ui::components::Money;
use crate::ui::i18n::{t, t_of, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn RefundAuditPage() -> impl IntoView {
    loaded(load_refund_audit(param("audit_id")), show)
}

/// The part of the refunds page that says what waits.
pub fn waiting(rows: &[RefundAuditRow]) -> AnyView {
    let columns = vec![
        Column::new(t("panel-col-time")),
        Column::new(t("panel-col-number")),
        Column::extra(t("panel-col-app")),
        Column::new(t("panel-col-channel")),
        Column::right(t("panel-col-amount")),
        Column::new(t("panel-fact-decision")),
    ];
    let row = |a: &RefundAuditRow| {
        let href = format!("/admin/refunds/audits/{}", a.audit_id);
        let number = a.provider_refund_no.clone();
        vec![
            Cell::new(moment(a.asked_at)),
            Cell::new(view! { <Num value=number href=href.clone()/> }),
            Cell::extra(a.app.as_ref().map(app_link)),
            Cell::new(channel_link(&a.channel)),
            Cell::money(a.amount),
            Cell::new(view! { <a class="button is-small" href=href>{t("panel-audit-look")}</a> }),
        ]
    };
    let body = view! {
        <p class="panel-note is-warn" data-testid="audits">{t("panel-audits-help")}</p>
        {table(t("panel-audits"), columns, rows.iter().map(row).collect())}
    };
    section(t("panel-audits"), body)
}

fn show(view: RefundAuditView) -> AnyView {
    let a = &view.row;
    let decision = a.decision.map_or("open", AuditDecision::as_str);
    let amount = view.approvable.filter(|_| a.decision.is_none()).unwrap_or(a.amount);
    let body = view! {
        <div class="amount-head">
            <span class="amount"><Money amount=amount test_id="amount"/></span>
            <span data-testid="status" data-status=decision>{audit_badge(a.decision)}</span>
        </div>
        {about(a)}
        {(a.decision.is_none() && view.may.move_money).then(|| verdicts(&view))}
    };
    page(t("panel-audit-title"), (), body)
}

fn about(a: &RefundAuditRow) -> AnyView {
    facts(vec![
        (t("panel-fact-provider-refund-no"), Some(num(&a.provider_refund_no))),
        (t("panel-fact-order-no"), a.order_no.as_ref().map(|no| linked_num("/admin/orders", no))),
        (t("panel-fact-pay-no"), Some(num(&a.pay_no))),
        (t("panel-col-app"), a.app.as_ref().map(app_link)),
        (t("panel-col-channel"), Some(channel_link(&a.channel))),
        (t("panel-fact-asked"), Some(moment(a.asked_at))),
        (t("panel-fact-decision"), a.decision.map(|d| t_of("panel-audit", d.as_str()).into_any())),
        (t("panel-fact-decided"), a.decided_at.map(moment)),
        (t("panel-fact-decided-by"), a.decided_by.as_ref().map(|by| actor_text(by).into_any())),
        (t("panel-fact-refund-no"), a.refund_no.as_ref().map(|no| linked_num("/admin/refunds", no))),
    ])
}

/// Two plain forms; each says what it does.
fn verdicts(view: &RefundAuditView) -> AnyView {
    let error = failure::<DecideRefund>();
    let form = |decision: AuditDecision, label: String| {
        view! {
            <form method="post" action={path_of::<DecideRefund>()} class="form" data-testid=format!("verdict-{decision}")>
                <p class="soft">{t_of("panel-audit-means", decision.as_str())}</p>
                <input type="hidden" name="audit_id" value=view.row.audit_id.clone()/>
                <input type="hidden" name="decision" value=decision.as_str()/>
                <FormFoot label=label danger={decision == AuditDecision::Approve}/>
            </form>
        }
        .into_any()
    };
    let approve = match view.approvable {
        Some(amount) => form(AuditDecision::Approve, t_with("panel-audit-do-approve", &[("amount", amount.display().into())])),
        None => view! { <p class="panel-note is-warn">{t("panel-audit-nothing-left")}</p> }.into_any(),
    };
    view! {
        <div class="confirm">
            {form_failure(&error)}
            {approve}
            {form(AuditDecision::Reject, t("panel-audit-do-reject"))}
        </div>
    }
    .into_any()
}

//! One case, what it means, and the answers it allows.

use crate::model::CaseAnswer;
use crate::model::views::admin::CaseView;
use crate::rpc::cases::load_case;
use crate::ui::components::Money;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn CasePage() -> impl IntoView {
    loaded(load_case(param("case_id")), show)
}

fn show(view: CaseView) -> AnyView {
    let c = &view.row;
    let answers = (view.may.move_money && !view.answers.is_empty()).then(|| {
        let button = |answer: &CaseAnswer| {
            let href = format!("/admin/cases/{}/{}", c.case_id, answer.as_str());
            view! { <a class="button" href=href>{t_of("panel-answer-do", answer.as_str())}</a> }
        };
        section(t("panel-case-answers"), view! { <div class="row">{view.answers.iter().map(button).collect_view()}</div> })
    });
    let body = view! {
        <div class="amount-head">
            <span class="amount"><Money amount=c.amount test_id="amount"/></span>
            <span data-testid="status" data-status=c.status.as_str()>{case_badge(c.status)}</span>
        </div>
        <p class="panel-note is-warn">{t_of("panel-casekind-means", c.kind.as_str())}</p>
        {case_facts(&view)}
        {answers}
    };
    page(t_of("panel-casekind", c.kind.as_str()), (), body)
}

fn case_facts(view: &CaseView) -> AnyView {
    let c = &view.row;
    facts(vec![
        (t("panel-fact-case"), Some(num(&c.case_id))),
        (t("panel-col-app"), c.app.as_ref().map(app_link)),
        (t("panel-col-channel"), Some(channel_link(&c.channel))),
        (t("panel-fact-order-no"), c.order_no.as_ref().map(|no| linked_num("/admin/orders", no))),
        (t("panel-fact-pay-no"), c.pay_no.as_deref().map(num)),
        (t("panel-fact-claimed-no"), c.pay_no.is_none().then(|| num(&c.claimed_no))),
        (t("panel-trade-no"), Some(num(&c.provider_trade_no))),
        (t("panel-fact-created"), Some(moment(c.created_at))),
        (t("panel-fact-answer"), c.answer.map(|a| t_of("panel-answer", a.as_str()).into_any())),
        (t("panel-fact-resolved"), c.resolved_at.map(moment)),
        (t("panel-fact-resolved-by"), c.resolved_by.as_ref().map(|by| actor_text(by).into_any())),
        (t("panel-fact-refund-no"), c.refund_no.as_ref().map(|no| linked_num("/admin/refunds", no))),
    ])
}

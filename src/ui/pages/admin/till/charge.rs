//! One charge: waiting for the payer's password, paid, refused or taken back. While it is open the page looks again every
//! two seconds, with or without scripts.

use crate::model::views::admin::TillView;
use crate::rpc::till::{ChargeWallet, load_charge};
use crate::ui::components::{Badge, Money, Tone};
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;
use leptos_meta::Meta;

#[component]
pub fn ChargePage() -> impl IntoView {
    loaded(load_charge(param("order_no")), show)
}

fn show(view: TillView) -> AnyView {
    let tone = match view.state.as_str() {
        "paid" => Tone::Ok,
        "failed" => Tone::Bad,
        "waiting" | "reversing" => Tone::Info,
        _ => Tone::Quiet,
    };
    let open = matches!(view.state.as_str(), "waiting" | "reversing");
    let again = (!open && view.state != "paid" && view.may_scan_again).then(|| scan_again(&view));
    let about = facts(vec![
        (t("panel-col-app"), Some(app_link(&view.row.app))),
        (t("panel-col-method"), Some(method_name(view.row.method).into_any())),
        (t("panel-till-order"), Some(order_link(&view))),
        (t("panel-till-payment"), view.pay_no.as_deref().map(num)),
        (t("panel-till-paid-at"), view.paid_at.map(moment)),
    ]);
    let body = view! {
        {open.then(|| view! { <Meta http_equiv="refresh" content="2"/> })}
        <section class="till" data-testid="till-state" data-state=view.state.clone() role="status">
            <p class="till-amount"><Money amount=view.row.amount test_id="till-amount"/></p>
            <p><Badge tone=tone text=t_of("panel-till-state", &view.state)/></p>
            <p>{t_of("panel-till-text", &view.state)}</p>
            {view.words.clone().map(|words| view! { <p class="soft">{words}</p> })}
        </section>
        {again}
        {about}
        {(!open).then(|| view! { <p><a class="button is-primary" href="/admin/till" data-testid="till-next">{t("panel-till-next")}</a></p> })}
    };
    page(t("panel-till"), (), body)
}

fn order_link(view: &TillView) -> AnyView {
    let href = format!("/admin/orders/{}", view.row.order_no);
    view! { <a class="mono" href=href>{view.row.order_no.clone()}</a> }.into_any()
}

/// Another code for the same charge.
fn scan_again(view: &TillView) -> AnyView {
    let error = failure::<ChargeWallet>();
    view! {
        {form_failure(&error)}
        <form method="post" action={path_of::<ChargeWallet>()} class="form">
            <input type="hidden" name="out_order_no" value=view.row.out_order_no.clone()/>
            <input type="hidden" name="app_id" value=view.row.app.id.clone()/>
            <input type="hidden" name="amount" value=view.row.amount.yuan()/>
            <input type="hidden" name="subject" value=view.row.subject.clone()/>
            <TextField name="auth_code" label=t("panel-till-scan-again") required=true maxlength=32 error=error/>
            <FormFoot label=t("panel-till-charge")/>
        </form>
    }
    .into_any()
}

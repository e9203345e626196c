//! Asking for a refund. The amount begins with what is left; the number is made with the page and kept when the form comes
//! back with an error, so that sending it twice stays one refund.

use crate::model::views::admin::RefundForm;
use crate::rpc::refunds::{CreateRefund, load_refund_form};
use crate::ui::i18n::{t, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn NewRefundPage() -> impl IntoView {
    loaded(load_refund_form(param("order_no")), show)
}

fn show(form: RefundForm) -> AnyView {
    let error = failure::<CreateRefund>();
    let typed = typed::<CreateRefund>().only("order_no", &form.order.order_no);
    let back = format!("/admin/orders/{}", form.order.order_no);
    let what = t_with("panel-refund-what", &[("subject", (&form.order.subject).into()), ("amount", form.paid.display().into())]);
    if form.left.is_zero() {
        return page(t("panel-refund-new"), (), empty(t("panel-refund-nothing-left"), Some((back, t("panel-back")))));
    }
    let help = t_with("panel-refund-left", &[("left", form.left.display().into())]);
    // The refund may have been reserved before the error: under another number the money would go back twice.
    let out_refund_no = typed.text("out_refund_no", form.out_refund_no);
    let body = view! {
        <div class="confirm">
            {form_failure(&error)}
            <p>{what}</p>
            <p><Num value=form.order.order_no.clone()/></p>
            <form method="post" action={path_of::<CreateRefund>()} class="form">
                <input type="hidden" name="order_no" value=form.order.order_no.clone()/>
                <input type="hidden" name="out_refund_no" value=out_refund_no/>
                <TextField name="amount" value=typed.text("amount", form.left.yuan()) help=help required=true maxlength=15 error=error.clone()/>
                <TextField name="reason" value=typed.text("reason", "") help=t("panel-refund-reason-help") required=true maxlength=80 error=error/>
                <FormFoot label=t("panel-refund-send") back=back danger=true/>
            </form>
        </div>
    };
    page(t("panel-refund-new"), (), body)
}

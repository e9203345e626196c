//! What is being paid: the amount first, then what for, and how long there is.

use crate::model::views::checkout::{CheckoutState, CheckoutView};
use crate::ui::components::{CopyText, Money};
use crate::ui::i18n::{t, t_around};
use crate::ui::islands::Live;
use leptos::prelude::*;

/// Also watches the order. `may_renew`: a code that ends before the order is replaced by itself.
#[component]
pub fn Bill(view: CheckoutView, may_renew: bool) -> impl IntoView {
    let watched = view.state.is_open() || view.state == CheckoutState::Expired;
    let live = watched.then(|| {
        let (before, after) = t_around("pay-within", "time");
        let attempt = view.attempt.as_ref();
        let code_ms =
            attempt.and_then(|a| a.code_remaining_ms).filter(|ms| may_renew && is_worth_renewing(*ms, view.remaining_ms));
        let shown = view.state.is_open() && view.remaining_ms > 0;
        view! {
            <Live
                token=view.token.clone()
                state=view.state.as_str().to_owned()
                pay_no=attempt.map(|a| a.pay_no.clone()).unwrap_or_default()
                remaining_ms=view.remaining_ms
                total_ms=view.total_ms
                code_ms
                renew_form=super::waiting::RENEW_FORM.to_owned()
                shown
                before
                after
            />
        }
    });
    view! {
        <section class="bill">
            <p class="bill-amount"><Money amount=view.amount test_id="amount"/></p>
            <h1 class="bill-subject">{view.subject.clone()}</h1>
            <p class="bill-number">
                <span>{t("order-number")}</span>
                <code>{view.out_order_no.clone()}</code>
                <CopyText text=view.out_order_no.clone()/>
            </p>
            {live}
        </section>
    }
}

/// A code that ends with the order is not worth a new one. The two lives were read a moment apart.
fn is_worth_renewing(code_ms: i64, order_ms: i64) -> bool {
    code_ms + 2_000 < order_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_ends_with_its_order_stays() {
        assert!(!is_worth_renewing(899_990, 900_000));
        assert!(!is_worth_renewing(900_000, 900_000));
        assert!(is_worth_renewing(300_000, 900_000));
    }
}

//! Closing an order: what it means, and the button that names it.

use crate::model::views::admin::OrderView;
use crate::rpc::orders::{CloseOrder, load_order};
use crate::ui::i18n::{t, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn CloseOrderPage() -> impl IntoView {
    loaded(load_order(param("order_no")), show)
}

fn show(view: OrderView) -> AnyView {
    let error = failure::<CloseOrder>();
    let row = &view.row;
    let body = view! {
        <div class="confirm">
            {form_failure(&error)}
            <p>{t_with("panel-close-what", &[("subject", (&row.subject).into()), ("amount", row.amount.display().into())])}</p>
            <p class="soft">{t("panel-close-means")}</p>
            <p><Num value=row.order_no.clone()/></p>
            <form method="post" action={path_of::<CloseOrder>()} class="form">
                <input type="hidden" name="order_no" value=row.order_no.clone()/>
                <FormFoot label=t("panel-close-order") back=format!("/admin/orders/{}", row.order_no) danger=true/>
            </form>
        </div>
    };
    page(t("panel-close-title"), (), body)
}

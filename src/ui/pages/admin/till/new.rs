//! Amount, then scan: a scanner types the code and presses enter, which sends the form.

use crate::model::views::admin::TillForm;
use crate::rpc::till::{ChargeWallet, load_till};
use crate::ui::i18n::t;
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn TillPage() -> impl IntoView {
    loaded(load_till(), show)
}

fn show(form: TillForm) -> AnyView {
    if form.apps.is_empty() {
        return page(t("panel-till"), (), empty(t("panel-till-no-app"), Some(("/admin/apps".to_owned(), t("panel-apps")))));
    }
    let (error, typed) = (failure::<ChargeWallet>(), typed::<ChargeWallet>());
    let body = view! {
        <div class="confirm">
            {form_failure(&error)}
            <form method="post" action={path_of::<ChargeWallet>()} class="form" data-testid="till">
                <input type="hidden" name="out_order_no" value=form.out_order_no/>
                <ChoiceField name="app_id" label=t("panel-col-app") options=named_options(&form.apps) value=typed.text("app_id", "")/>
                <TextField name="amount" value=typed.text("amount", "") help=t("panel-till-amount-help") required=true maxlength=14 error=error.clone()/>
                <TextField name="subject" value=typed.text("subject", "") help=t("panel-till-subject-help") maxlength=128 error=error.clone()/>
                <TextField name="auth_code" help=t("panel-till-scan-help") required=true maxlength=32 error=error/>
                <FormFoot label=t("panel-till-charge")/>
            </form>
        </div>
    };
    page(t("panel-till"), (), body)
}

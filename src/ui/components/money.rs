//! An amount for people: currency sign smaller than the digits, fen always shown.

use crate::model::Amount;
use leptos::prelude::*;

/// `test_id` names it for the browser journeys.
#[component]
pub fn Money(amount: Amount, #[prop(optional)] test_id: Option<&'static str>) -> impl IntoView {
    view! {
        <data class="money" value=amount.yuan() data-testid=test_id>
            <span class="money-sign">"¥"</span>
            {amount.display()}
        </data>
    }
}

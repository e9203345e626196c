//! The truth about money that arrived late, twice or in another amount.

use crate::model::views::checkout::UnexpectedMoney;
use crate::ui::components::{Icon, IconName, Moment, Money};
use crate::ui::i18n::t_of;
use leptos::prelude::*;

/// Each with what becomes of it.
#[component]
pub fn Unexpected(money: Vec<UnexpectedMoney>) -> impl IntoView {
    money
        .into_iter()
        .map(|item| {
            view! {
                <div class="unexpected" data-testid="unexpected" data-kind=item.kind.as_str()>
                    <Icon name=IconName::Case/>
                    <div>
                        <p>{t_of("unexpected", item.kind.as_str())}</p>
                        <p class="unexpected-facts"><Money amount=item.amount/>" · "<Moment at=item.at/></p>
                        <p>{t_of("outcome", item.outcome.as_str())}</p>
                    </div>
                </div>
            }
        })
        .collect_view()
}

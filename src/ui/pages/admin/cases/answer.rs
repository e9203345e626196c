//! Confirming an answer to a case: the amount and what will happen to it.

use crate::model::views::admin::CaseView;
use crate::model::{CaseAnswer, UiError};
use crate::rpc::cases::{AnswerCase, load_case};
use crate::ui::i18n::{t, t_of, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn AnswerCasePage() -> impl IntoView {
    let answer = CaseAnswer::parse(&param("answer")).ok();
    let load = async move {
        let answer = answer.ok_or(UiError::NotFound)?;
        load_case(param("case_id")).await.map(|view| (view, answer))
    };
    loaded(load, |(view, answer)| show(view, answer))
}

fn show(view: CaseView, answer: CaseAnswer) -> AnyView {
    let error = failure::<AnswerCase>();
    let c = &view.row;
    let back = format!("/admin/cases/{}", c.case_id);
    if !view.answers.contains(&answer) {
        return page(t("panel-case-answer"), (), empty(t("panel-case-not-now"), Some((back, t("panel-back")))));
    }
    let label = match answer {
        CaseAnswer::Refund => t_with("panel-case-refund-button", &[("amount", c.amount.display().into())]),
        CaseAnswer::Accept | CaseAnswer::None => t_of("panel-answer-do", answer.as_str()),
    };
    let body = view! {
        <div class="confirm">
            {form_failure(&error)}
            <p>{t_with("panel-case-what", &[("amount", c.amount.display().into()), ("kind", t_of("panel-casekind", c.kind.as_str()).into())])}</p>
            <p class="soft">{t_of("panel-answer-means", answer.as_str())}</p>
            <p><Num value=c.case_id.clone()/></p>
            <form method="post" action={path_of::<AnswerCase>()} class="form">
                <input type="hidden" name="case_id" value=c.case_id.clone()/>
                <input type="hidden" name="answer" value=answer.as_str()/>
                <FormFoot label=label back=back danger=true/>
            </form>
        </div>
    };
    page(t("panel-case-answer"), (), body)
}

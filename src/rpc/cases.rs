//! Cases in the panel: money that arrived where none was awaited.

use super::session::*;
#[cfg(feature = "ssr")]
use super::{filters, names::Names, rows};
use crate::model::views::admin::{CaseQuery, CaseView, CasesView};
use crate::model::{CaseAnswer, CaseId, UiError};
use leptos::prelude::*;

/// The list of cases, newest first.
///
/// # Errors
/// `Unauthenticated` without a living session; `Invalid` naming a filter that cannot be read.
#[server(prefix = "/rpc/admin", endpoint = "cases")]
pub async fn load_cases(#[server(default)] query: CaseQuery) -> Result<CasesView, UiError> {
    let me = who(Need::Read).await?;
    let names = Names::load(&me.cashier).await?;
    let filter = filters::cases(&query)?;
    let page = me.cashier.store().cases(&filter, &filters::page(&query.before, &query.after)).await?;
    Ok(CasesView {
        rows: page.items.iter().map(|c| rows::case(c, &names)).collect(),
        pager: filters::pager(&page),
        apps: names.all_apps(),
    })
}

/// One case with the answers that it may have.
///
/// # Errors
/// `Unauthenticated` without a living session; `NotFound` for an unknown case.
#[server(prefix = "/rpc/admin", endpoint = "case")]
pub async fn load_case(#[server(default)] case_id: String) -> Result<CaseView, UiError> {
    let me = who(Need::Read).await?;
    let case_id = CaseId::parse(&case_id).map_err(|_| UiError::NotFound)?;
    let case = me.cashier.store().case(&case_id).await?.ok_or(UiError::NotFound)?;
    let row = rows::case(&case, &Names::load(&me.cashier).await?);
    let payment = match &case.pay_no {
        Some(pay_no) => me.cashier.store().payment(pay_no).await?,
        None => None,
    };
    Ok(CaseView { row, may: me.may(), answers: crate::pay::answers_of(&case, payment.as_ref()) })
}

/// Staff's answer: send it back, take it, or settled elsewhere.
///
/// # Errors
/// `Unauthenticated` without a living session, `Forbidden` for roles that may not move money; `NotFound` for an unknown
/// case; `Invalid` for an answer that it cannot have; `Conflict` when it is answered already, or its order is in another
/// state.
#[server(prefix = "/rpc/admin", endpoint = "answer_case")]
pub async fn answer_case(#[server(default)] case_id: String, #[server(default)] answer: String) -> Result<(), UiError> {
    let me = who(Need::MoveMoney).await?;
    let case_id = CaseId::parse(&case_id).map_err(|_| UiError::NotFound)?;
    let answer = CaseAnswer::parse(&answer).map_err(|_| UiError::invalid("answer", "is required"))?;
    me.cashier.answer_case(&case_id, answer, me.id()).await?;
    go(&format!("/admin/cases/{case_id}"), "answered");
    Ok(())
}

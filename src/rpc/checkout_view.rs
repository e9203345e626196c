//! From the core's records to the page's view, and the page's one act: starting a payment.

use super::{cashier, client_address};
use crate::model::routing::{Browser, Fit, Obstacle, fit, is_for_other_device};
use crate::model::views::checkout::{Attempt, CheckoutState, CheckoutView, MethodChoice, MoneyOutcome, Step, UnexpectedMoney};
use crate::model::{Amount, CaseAnswer, CaseKind, CaseStatus, Method, PaymentStatus, RefundStatus, UiError};
use crate::pay::channel::NextStep;
use crate::pay::{Case, Error, Offered, OrderBundle, PageState, Payment, Start};
use http::header::USER_AGENT;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use std::collections::BTreeMap;

/// Facts that a payer can type in. Others, such as an `openid`, must come from the merchant.
const TYPED: [&str; 3] = ["user_name", "id_no", "phone"];

pub(super) async fn load(token: &str) -> Result<Option<CheckoutView>, UiError> {
    let cashier = cashier()?;
    let Some(state) = cashier.page(token).await? else { return Ok(None) };
    let browser = browser();
    let now = cashier.world().now_ms();
    let view = view_of(token, &state, browser, now);
    let Some(method) = only_way(&view, &state.bundle) else {
        if matches!(view.state, CheckoutState::Waiting | CheckoutState::Confirming | CheckoutState::Expired) {
            cashier.page_waits(token).await;
        }
        return Ok(Some(view));
    };
    // Nothing to choose: the payment starts with the page. A repeat gives the same payment, so looking again is harmless.
    let started = start(token, method.as_str(), []).await;
    let Some(state) = cashier.page(token).await? else { return Ok(None) };
    let mut view = view_of(token, &state, browser, cashier.world().now_ms());
    view.started_now = started.is_ok();
    view.start_error = started.err();
    Ok(Some(view))
}

/// The one usable method of an order that nobody has tried to pay yet.
fn only_way(view: &CheckoutView, bundle: &OrderBundle) -> Option<Method> {
    let untried = view.state == CheckoutState::Choose && bundle.payments.is_empty() && view.remaining_ms > 0;
    let mut usable = view.methods.iter().filter(|m| m.is_usable());
    match (untried, usable.next(), usable.next()) {
        (true, Some(only), None) if only.asks.is_empty() => Some(only.method),
        _ => None,
    }
}

pub(super) async fn start<const N: usize>(token: &str, method: &str, facts: [(&str, String); N]) -> Result<(), UiError> {
    let cashier = cashier()?;
    let method = Method::parse(method).ok().filter(|m| m.is_on_page());
    let method = method.ok_or_else(|| UiError::from(Error::MethodUnavailable))?;
    let order = cashier.store().order_by_token(token).await.map_err(Error::from)?.ok_or(UiError::NotFound)?;
    let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let facts: BTreeMap<String, String> = facts.filter(|(_, value)| !value.is_empty() && value.chars().count() <= 64).collect();
    let start = Start { method, auth_code: None, facts, channel: None, client_ip: client_address(), actor: "payer".to_owned() };
    match cashier.start_payment(&order.order_no, start).await {
        // The page itself says so, better than an error could.
        Ok(_) | Err(Error::AlreadyPaid | Error::Closed) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Sends the browser back to the page: on to the provider after a start, with the error otherwise. The framework would send
/// errors to the `Referer`, which old in-app browsers leave out.
pub(super) fn show_again<F: ServerFn>(token: &str, result: Result<(), UiError>) -> Result<(), UiError> {
    let page = if token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        format!("/checkout/{token}")
    } else {
        return result;
    };
    match result {
        Ok(()) => leptos_axum::redirect(&format!("{page}?go=1")),
        Err(error) if wants_page() => {
            let carried = ServerFnUrlError::<UiError>::new(F::PATH, error.clone());
            // The framework wants an absolute address; only its query is of use.
            match carried.to_url(&format!("http://localhost{page}")) {
                Ok(url) => leptos_axum::redirect(&format!("{page}?{}", url.query().unwrap_or_default())),
                Err(_) => return Err(error),
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Whether a browser's form is asking, and not a script.
fn wants_page() -> bool {
    header(http::header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

fn header(name: http::HeaderName) -> Option<String> {
    use_context::<http::request::Parts>()?.headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn browser() -> Browser {
    Browser::from_user_agent(&header(USER_AGENT).unwrap_or_default())
}

fn view_of(token: &str, state: &PageState, browser: Browser, now: i64) -> CheckoutView {
    let order = &state.bundle.order;
    CheckoutView {
        token: token.to_owned(),
        state: CheckoutState::parse(state.state.as_str()).unwrap_or(CheckoutState::Confirming),
        amount: order.amount,
        merchant: state.app.name.clone(),
        subject: order.subject.clone(),
        order_no: order.order_no.to_string(),
        out_order_no: order.out_order_no.clone(),
        accent: state.app.settings.accent.clone(),
        contact: state.app.settings.contact.clone().filter(|c| !c.is_empty()),
        remaining_ms: state.remaining_ms,
        total_ms: order.expires_at - order.created_at,
        close_reason: order.close_reason,
        browser,
        methods: choices(state, browser),
        attempt: state.current.as_ref().map(|payment| attempt_of(payment, now)),
        started_now: false,
        start_error: None,
        paid_at: order.paid_at,
        refund_status: order.refund_status,
        refunded: order.refunded_amount,
        return_link: state.return_link.clone(),
        cancel_url: order.cancel_url.clone(),
        unexpected: unexpected(&state.bundle),
    }
}

/// The methods that a page can offer: the merchant's order within each rank.
fn choices(state: &PageState, browser: Browser) -> Vec<MethodChoice> {
    let offered = state.methods.iter().filter(|o| o.method.is_on_page());
    let mut choices: Vec<MethodChoice> = offered.map(|offer| choice(offer, &state.bundle, browser)).collect();
    choices.sort_by_key(|c| (c.fit.rank(), is_for_other_device(c.method, browser)));
    choices
}

fn choice(offer: &Offered, bundle: &OrderBundle, browser: Browser) -> MethodChoice {
    let order = &bundle.order;
    let given = |name: &str| order.extra.get(name).is_some_and(|v| !v.is_empty());
    let known =
        |name: &str| given(name) || (name == "user_id" && order.user_id.is_some()) || (name == "user_name" && given("acct_name"));
    let (asks, missing): (Vec<&str>, Vec<&str>) =
        offer.needs.iter().copied().filter(|name| !known(name)).partition(|name| TYPED.contains(name));
    let natural = fit(offer.method, browser);
    let fit = match natural {
        Fit::Greyed(_) => natural,
        _ if !offer.available => Fit::Greyed(Obstacle::Amount),
        _ if !missing.is_empty() => Fit::Greyed(Obstacle::NotPrepared),
        _ => natural,
    };
    let limits = match (Amount::from_stored(offer.min), Amount::from_stored(offer.max)) {
        (Ok(min), Ok(max)) if !offer.available => Some((min, max)),
        _ => None,
    };
    MethodChoice { method: offer.method, fit, asks: asks.into_iter().map(str::to_owned).collect(), limits }
}

fn attempt_of(payment: &Payment, now: i64) -> Attempt {
    let open = payment.status.is_open();
    Attempt {
        pay_no: payment.pay_no.to_string(),
        method: payment.method,
        step: payment.next.as_ref().filter(|_| open).and_then(step_of),
        code_remaining_ms: payment.code_expires_at.filter(|_| open).map(|at| at - now),
        failure: payment.error_message.clone().filter(|text| payment.status == PaymentStatus::Failed && !text.is_empty()),
    }
}

fn step_of(next: &NextStep) -> Option<Step> {
    Some(match next {
        NextStep::Qr { code_url, .. } => Step::Scan { code: code_url.clone() },
        NextStep::Redirect { url } => Step::Follow { url: url.clone() },
        NextStep::Form { action, fields } => Step::Post { action: action.clone(), fields: fields.clone() },
        NextStep::Invoke { bridge, params } => {
            let params = serde_json::Value::Object(params.clone()).to_string();
            Step::Invoke { bridge: bridge.clone(), params }
        }
        NextStep::Wait => Step::Wait,
        NextStep::Done => return None,
    })
}

fn unexpected(bundle: &OrderBundle) -> Vec<UnexpectedMoney> {
    let told = bundle.cases.iter().filter(|case| case.kind != CaseKind::UnknownOrder);
    told.map(|case| UnexpectedMoney { kind: case.kind, amount: case.amount, at: case.created_at, outcome: outcome(case, bundle) })
        .collect()
}

/// Only a succeeded refund "went back"; everything unclear is still being checked.
fn outcome(case: &Case, bundle: &OrderBundle) -> MoneyOutcome {
    let refund = bundle.refunds.iter().find(|r| r.case_id.as_ref() == Some(&case.case_id));
    match (case.answer, refund.map(|r| r.status)) {
        (Some(CaseAnswer::Refund), Some(RefundStatus::Succeeded)) => MoneyOutcome::WentBack,
        (Some(CaseAnswer::Refund), Some(RefundStatus::Failed)) => MoneyOutcome::Checking,
        (Some(CaseAnswer::Refund), _) => MoneyOutcome::GoingBack,
        (Some(CaseAnswer::Accept), _) if case.status == CaseStatus::Resolved => MoneyOutcome::Kept,
        (Some(CaseAnswer::None), _) if case.status == CaseStatus::Resolved => MoneyOutcome::Settled,
        _ => MoneyOutcome::Checking,
    }
}

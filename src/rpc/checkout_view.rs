//! From the core's records to the page's view, and the page's one act: starting a payment.

use super::{CallerAddress, cashier, client_address};
use crate::model::routing::{Browser, Fit, Obstacle, fit, own_way, page_fits};
use crate::model::views::checkout::{
    Ask, Attempt, CheckoutState, CheckoutView, MethodChoice, MoneyOutcome, OneCode, SignInTrouble, Step, UnexpectedMoney,
};
use crate::model::{Amount, Brand, CaseAnswer, CaseKind, CaseStatus, Method, PaymentStatus, RefundStatus, UiError};
use crate::pay::channel::NextStep;
use crate::pay::{Case, Cashier, Error, Offered, OrderBundle, PageState, Payment, SignInError, Start, lacks_payer};
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::USER_AGENT;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use std::collections::BTreeMap;

/// Facts that a payer can type in. Others, such as an `openid`, must come from the merchant.
const TYPED: [&str; 3] = ["user_name", "id_no", "phone"];

pub(super) async fn load(token: &str, ask: Ask) -> Result<Option<CheckoutView>, UiError> {
    let cashier = cashier()?;
    let Some(page) = Page::read(&cashier, token).await? else { return Ok(None) };
    let view = page.view();
    let starts = if ask.still { None } else { only_way(&view, &page.state.bundle).or_else(|| own_way_of(&view, ask)) };
    let Some(method) = starts else {
        match view.state {
            CheckoutState::Waiting => cashier.page_seen(&page.state.bundle),
            CheckoutState::Confirming | CheckoutState::Expired => cashier.page_waits(&page.state.bundle),
            _ => {}
        }
        return Ok(Some(view));
    };
    // Nothing to choose: the payment starts with the page. A repeat gives the same payment, so looking again is harmless.
    let started = match start(token, method.as_str(), []).await {
        Ok(Begun::AskPayer(page)) => {
            leptos_axum::redirect(&page);
            return Ok(Some(view));
        }
        Ok(Begun::Started) => None,
        Err(error) => Some(error),
    };
    let Some(page) = Page::read(&cashier, token).await? else { return Ok(None) };
    let mut view = page.view();
    view.started_now = started.is_none();
    view.start_error = started;
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

/// The wallet that scanned the code for all goes its own way, whatever was tried elsewhere.
fn own_way_of(view: &CheckoutView, ask: Ask) -> Option<Method> {
    let open = matches!(view.state, CheckoutState::Choose | CheckoutState::Waiting | CheckoutState::Failed);
    if !ask.one || !open || view.remaining_ms <= 0 {
        return None;
    }
    let ways: Vec<(Method, Fit)> = view.methods.iter().map(|m| (m.method, m.fit)).collect();
    own_way(&ways, view.browser)
}

/// What starting came to.
pub(super) enum Begun {
    Started,
    /// The provider's page must first tell who pays.
    AskPayer(String),
}

pub(super) async fn start<const N: usize>(token: &str, method: &str, facts: [(&str, String); N]) -> Result<Begun, UiError> {
    let cashier = cashier()?;
    let method = Method::parse(method).ok().filter(|m| m.is_on_page());
    let method = method.ok_or_else(|| UiError::from(Error::MethodUnavailable))?;
    let bundle = cashier.store().bundle_by_token(token).await.map_err(Error::from)?.ok_or(UiError::NotFound)?;
    if lacks_payer(&bundle.order, method)
        && bundle.order.status.is_open()
        && let Some(page) = cashier.sign_in_page(&bundle, method).await?
    {
        return Ok(Begun::AskPayer(page));
    }
    let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let facts: BTreeMap<String, String> = facts.filter(|(_, value)| !value.is_empty() && value.chars().count() <= 64).collect();
    let start = Start {
        method,
        auth_code: None,
        facts,
        channel: None,
        client_ip: client_address(),
        actor: "payer".to_owned(),
        nonce: None,
    };
    match cashier.start_payment_of(bundle, start).await {
        // The page itself says so, better than an error could.
        Ok(_) | Err(Error::AlreadyPaid | Error::Closed) => Ok(Begun::Started),
        Err(error) => Err(error.into()),
    }
}

/// The path of a token's page, if it can be one.
fn page_of(token: &str) -> Option<String> {
    token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_').then(|| format!("/checkout/{token}"))
}

/// The page with an error, as the framework carries it.
fn page_with<F: ServerFn>(page: &str, error: &UiError) -> Option<String> {
    let carried = ServerFnUrlError::<UiError>::new(F::PATH, error.clone());
    // The framework wants an absolute address; only its query is of use.
    let url = carried.to_url(&format!("http://localhost{page}")).ok()?;
    Some(format!("{page}?{}", url.query().unwrap_or_default()))
}

/// Sends the browser back to the page: on to the provider after a start, with the error otherwise. The framework would send
/// errors to the `Referer`, which old in-app browsers leave out.
pub(super) fn show_again<F: ServerFn>(token: &str, result: Result<Begun, UiError>) -> Result<(), UiError> {
    match (result, page_of(token)) {
        (Ok(Begun::AskPayer(page)), _) => leptos_axum::redirect(&page),
        (Ok(Begun::Started), Some(page)) => leptos_axum::redirect(&format!("{page}?go=1")),
        (Ok(Begun::Started), None) => {}
        (Err(error), Some(page)) if wants_page() => match page_with::<F>(&page, &error) {
            Some(to) => leptos_axum::redirect(&to),
            None => return Err(error),
        },
        (Err(error), _) => return Err(error),
    }
    Ok(())
}

/// `GET /checkout/{token}/signed-in/{method}`: the provider's page sends the browser here with a code. Shows the checkout,
/// with the payment started or with what went wrong.
pub async fn signed_in(
    State(cashier): State<Cashier>,
    Path((token, method)): Path<(String, String)>,
    Query(given): Query<BTreeMap<String, String>>,
    address: Option<Extension<CallerAddress>>,
) -> Response {
    let order = cashier.store().order_by_token(&token).await;
    let (Some(page), Ok(method)) = (page_of(&token), Method::parse(&method)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let order = match order {
        Ok(Some(order)) => order,
        // The page itself says that there is no such order.
        Ok(None) => return Redirect::to(&page).into_response(),
        Err(error) => {
            tracing::error!(?error, "the order of a payer who came back could not be read");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let client_ip = address.map(|Extension(address)| address.0.to_string());
    let trouble = |word: SignInTrouble| format!("{page}?signin={word}");
    let to = match cashier.signed_in(&order, method, &given, client_ip).await {
        Ok(_) => format!("{page}?go=1"),
        Err(SignInError::Start(Error::AlreadyPaid | Error::Closed)) => page.clone(),
        Err(SignInError::State) => trouble(SignInTrouble::State),
        Err(SignInError::Refused) => trouble(SignInTrouble::Refused),
        Err(SignInError::Start(error)) => {
            page_with::<super::checkout::StartPayment>(&page, &error.into()).unwrap_or_else(|| trouble(SignInTrouble::Refused))
        }
    };
    Redirect::to(&to).into_response()
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

/// All that a page is made of, read at one instant.
struct Page {
    state: PageState,
    browser: Browser,
    now: i64,
    /// Our own address of the page.
    address: String,
    /// Methods whose accounts can tell who pays, and where they ask.
    sign_ins: BTreeMap<Method, Vec<String>>,
}

impl Page {
    async fn read(cashier: &Cashier, token: &str) -> Result<Option<Self>, UiError> {
        let Some(state) = cashier.page(token).await? else { return Ok(None) };
        let open = state.bundle.order.status.is_open();
        let sign_ins = if open { cashier.sign_ins(&state.bundle.order).await? } else { BTreeMap::new() };
        let (browser, now) = (browser(), cashier.world().now_ms());
        Ok(Some(Self { browser, now, address: cashier.checkout_url(token), sign_ins, state }))
    }

    fn view(&self) -> CheckoutView {
        let state = &self.state;
        let order = &state.bundle.order;
        CheckoutView {
            token: order.token.clone(),
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
            browser: self.browser,
            methods: self.choices(),
            attempt: state.current.as_ref().map(|payment| attempt_of(payment, self.now)),
            one_code: self.one_code(),
            form_origins: self.form_origins(),
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

    fn offered(&self) -> impl Iterator<Item = &Offered> {
        self.state.methods.iter().filter(|o| o.method.is_on_page())
    }

    /// The methods that a page can offer: the merchant's order within each rank.
    fn choices(&self) -> Vec<MethodChoice> {
        let mut choices: Vec<MethodChoice> = self.offered().map(|offer| self.choice(offer, self.browser)).collect();
        // A wallet's page for the other kind of device beside the one that fits would be the same row twice.
        let page_fits = |choice: &MethodChoice| page_fits(choice.method, self.browser);
        let is_spare = |choice: &MethodChoice| page_fits(choice) == Some(false);
        let fitting = choices.iter().filter(|c| page_fits(c) == Some(true));
        let fitting: BTreeMap<Brand, bool> = fitting.map(|c| (c.method.brand(), c.is_usable())).collect();
        choices.retain(|c| !is_spare(c) || fitting.get(&c.method.brand()).is_none_or(|usable| !usable && c.is_usable()));
        choices.sort_by_key(|c| (c.fit.rank(), is_spare(c)));
        choices
    }

    fn choice(&self, offer: &Offered, browser: Browser) -> MethodChoice {
        let order = &self.state.bundle.order;
        let given = |name: &str| order.extra.get(name).is_some_and(|v| !v.is_empty());
        let known = |name: &str| {
            given(name) || (name == "user_id" && order.user_id.is_some()) || (name == "user_name" && given("acct_name"))
        };
        let no_payer = lacks_payer(order, offer.method);
        let asked = self.sign_ins.contains_key(&offer.method);
        let unknown = offer.needs.iter().copied().filter(|name| !(known(name) || no_payer && asked && *name == "openid"));
        let (asks, missing): (Vec<&str>, Vec<&str>) = unknown.partition(|name| TYPED.contains(name));
        let natural = fit(offer.method, browser);
        let fit = match natural {
            Fit::Greyed(_) => natural,
            _ if !offer.available => Fit::Greyed(Obstacle::Amount),
            _ if !missing.is_empty() || (no_payer && !asked) => Fit::Greyed(Obstacle::NotPrepared),
            _ => natural,
        };
        let limits = match (Amount::from_stored(offer.min), Amount::from_stored(offer.max)) {
            (Ok(min), Ok(max)) if !offer.available => Some((min, max)),
            _ => None,
        };
        MethodChoice { method: offer.method, fit, asks: asks.into_iter().map(str::to_owned).collect(), limits }
    }

    /// Of use on a computer's screen, when at least two wallets would find a way of their own behind it.
    fn one_code(&self) -> Option<OneCode> {
        if !self.browser.is_desktop() || !self.state.bundle.order.status.is_open() {
            return None;
        }
        let way = |browser: Browser| {
            let ways: Vec<(Method, Fit)> = self.offered().map(|offer| (offer.method, self.choice(offer, browser).fit)).collect();
            own_way(&ways, browser).map(Method::brand)
        };
        let brands: Vec<Brand> = Browser::wallets().filter_map(way).collect();
        (brands.len() >= 2).then(|| OneCode { link: format!("{}?one=1", self.address), brands })
    }

    /// Where the forms of usable methods may be sent on to.
    fn form_origins(&self) -> Vec<String> {
        let here = self.sign_ins.iter().filter(|(method, _)| fit(**method, self.browser).is_usable());
        let mut origins: Vec<String> = here.flat_map(|(_, origins)| origins.clone()).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
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

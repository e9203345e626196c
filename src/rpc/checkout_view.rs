//! From the core's records to what the checkout page shows.

use super::context::header;
use crate::model::routing::{Browser, Fit, Obstacle, fit, own_way, page_fits};
use crate::model::views::checkout::{
    Attempt, CheckoutState, CheckoutView, MethodChoice, MoneyOutcome, OneCode, Step, UnexpectedMoney,
};
use crate::model::{Amount, Brand, CaseAnswer, CaseKind, CaseStatus, Method, PaymentStatus, RefundStatus, UiError};
use crate::pay::channel::NextStep;
use crate::pay::{Case, Cashier, Offered, OrderBundle, PageState, Payment, lacks_payer};
use http::header::USER_AGENT;
use std::collections::BTreeMap;

/// Facts that a payer can type in. Others, such as an `openid`, must come from the merchant.
const TYPED: [&str; 3] = ["user_name", "id_no", "phone"];

/// All that a page is made of, read at one instant.
pub(super) struct Page {
    pub(super) state: PageState,
    browser: Browser,
    /// UTC ms.
    now: i64,
    /// Our own address of the page.
    address: String,
    /// Methods whose accounts can tell who pays, and where they ask.
    sign_ins: BTreeMap<Method, Vec<String>>,
}

impl Page {
    /// The page of a token; `None` for an unknown one.
    ///
    /// # Errors
    /// Storage errors, as `Unavailable` or `Internal`.
    pub(super) async fn read(cashier: &Cashier, token: &str) -> Result<Option<Self>, UiError> {
        let Some(state) = cashier.page(token).await? else { return Ok(None) };
        let open = state.bundle.order.status.is_open();
        let sign_ins = if open { cashier.sign_ins(&state.bundle.order).await? } else { BTreeMap::new() };
        let (browser, now) = (browser(), cashier.world().now_ms());
        Ok(Some(Self { browser, now, address: cashier.checkout_url(token), sign_ins, state }))
    }

    /// What it shows, for the browser that is asking.
    pub(super) fn view(&self) -> CheckoutView {
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

fn browser() -> Browser {
    Browser::from_user_agent(&header(USER_AGENT).unwrap_or_default())
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

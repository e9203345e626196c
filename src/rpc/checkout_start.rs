//! The checkout page's one act, starting a payment: by the payer's choice, or with the page where nothing is left to choose.
//! And the way back to the page afterwards.

use super::checkout::StartPayment;
use super::checkout_view::Page;
use super::context::{cashier, client_address, header};
use crate::model::routing::{Fit, own_way};
use crate::model::views::checkout::{Ask, CheckoutState, CheckoutView};
use crate::model::{Method, UiError};
use crate::pay::{Error, OrderBundle, Start, lacks_payer};
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use std::collections::BTreeMap;

/// The page of a token, for [`super::checkout::load_checkout`].
///
/// # Errors
/// Storage errors, as `Unavailable` or `Internal`. That a payment could not be started stands in the view.
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
    /// A payment runs, or the order wants none any more: the page says which.
    Started,
    /// The provider's page must first tell who pays.
    AskPayer(String),
}

/// Starts a payment, or takes up the one that still serves. `facts` are what the payer typed.
///
/// # Errors
/// `NotFound` for an unknown token; what the core says about the method.
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
pub(crate) fn page_of(token: &str) -> Option<String> {
    token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_').then(|| format!("/checkout/{token}"))
}

/// The page with an error of starting, as the framework carries it.
pub(crate) fn page_with(page: &str, error: &UiError) -> Option<String> {
    let carried = ServerFnUrlError::<UiError>::new(StartPayment::PATH, error.clone());
    // The framework wants an absolute address; only its query is of use.
    let url = carried.to_url(&format!("http://localhost{page}")).ok()?;
    Some(format!("{page}?{}", url.query().unwrap_or_default()))
}

/// Sends the browser back to the page: on to the provider after a start, with the error otherwise. The framework would send
/// errors to the `Referer`, which old in-app browsers leave out.
///
/// # Errors
/// The error itself where a script asks: it wants no page.
pub(super) fn show_again(token: &str, result: Result<Begun, UiError>) -> Result<(), UiError> {
    match (result, page_of(token)) {
        (Ok(Begun::AskPayer(page)), _) => leptos_axum::redirect(&page),
        (Ok(Begun::Started), Some(page)) => leptos_axum::redirect(&format!("{page}?go=1")),
        (Ok(Begun::Started), None) => {}
        (Err(error), Some(page)) if wants_page() => match page_with(&page, &error) {
            Some(to) => leptos_axum::redirect(&to),
            None => return Err(error),
        },
        (Err(error), _) => return Err(error),
    }
    Ok(())
}

/// Whether a browser's form is asking, and not a script.
fn wants_page() -> bool {
    header(http::header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

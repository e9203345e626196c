//! Starting a payment without our page.

use super::Ask;
use super::codes::Failure;
use super::rules::BAR;
use crate::model::{Method, PaymentStatus};
use crate::pay::channel::NextStep;
use crate::pay::{Error, Payment, Secret, Start, bar_method};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) async fn start(ask: Ask<'_>) -> Result<Value, Failure> {
    let auth_code = ask.fields.text("auth_code");
    let method = method_of(&ask.fields.text("method").unwrap_or_default(), auth_code.as_deref())?;
    let cashier = &ask.state.cashier;
    let found = match cashier.find_order_to_pay(&ask.app().app_id, ask.fields.text("order_no")).await {
        Ok(found) => found,
        Err(e) => {
            ask.spend_nonce().await?;
            return Err(e.into());
        }
    };
    let facts: BTreeMap<String, String> = ask.fields.text("openid").map(|v| ("openid".to_owned(), v)).into_iter().collect();
    let start = Start {
        method,
        auth_code: auth_code.filter(|_| method.is_bar()).map(Secret::new),
        facts,
        channel: None,
        client_ip: ask.fields.text("client_ip").or_else(|| found.order.client_ip.clone()),
        actor: "api".to_owned(),
        nonce: Some(ask.nonce.clone()),
    };
    let payment = cashier.start_payment_of(found, start).await?;
    Ok(json!({ "pay_no": payment.pay_no, "next": next_step(&payment)? }))
}

/// What the merchant must do now. The worker asks for a bar code whose answer got lost; an attempt that ended while it was
/// being started serves nobody, and the next call begins another.
fn next_step(payment: &Payment) -> Result<NextStep, Failure> {
    match &payment.next {
        _ if payment.status == PaymentStatus::Succeeded => Ok(NextStep::Done),
        Some(next) if payment.status.is_open() => Ok(next.clone()),
        None if payment.status.is_open() && payment.method.is_bar() => Ok(NextStep::Wait),
        _ => Err(Error::ProviderUnclear.into()),
    }
}

fn method_of(name: &str, auth_code: Option<&str>) -> Result<Method, Failure> {
    let method = if name == BAR {
        let code = auth_code.ok_or_else(|| Failure::missing("auth_code"))?;
        bar_method(code).ok_or_else(|| Failure::invalid("auth_code", "is no bar code of a known wallet"))?
    } else {
        Method::parse(name).map_err(|_| Failure::invalid("method", "must be a known method, or bar"))?
    };
    if method.is_bar() && auth_code.is_none() {
        return Err(Failure::missing("auth_code"));
    }
    Ok(method)
}

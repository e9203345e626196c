//! Calls about refunds.

use super::codes::Failure;
use super::{Ask, orders};
use crate::model::Amount;
use crate::pay::objects::refund_json;
use crate::pay::{RefundInput, RefundKey};
use serde_json::Value;

pub(super) async fn request(ask: Ask<'_>) -> Result<Value, Failure> {
    let fen = ask.fields.integer("amount").ok_or_else(|| Failure::missing("amount"))?;
    let input = RefundInput {
        app_id: Some(ask.app().app_id.clone()),
        order: orders::key(&ask.fields),
        out_refund_no: ask.fields.text("out_refund_no").ok_or_else(|| Failure::missing("out_refund_no"))?,
        amount: Amount::from_fen(fen).map_err(|e| Failure::invalid("amount", &e.to_string()))?,
        reason: ask.fields.text("reason").unwrap_or_default(),
        notify_url: ask.fields.text("notify_url"),
        requested_by: "api".to_owned(),
        nonce: Some(ask.nonce.clone()),
    };
    let refund = ask.state.cashier.request_refund(input).await?;
    Ok(refund_json(&refund))
}

pub(super) async fn query(ask: Ask<'_>) -> Result<Value, Failure> {
    ask.spend_nonce().await?;
    let key = RefundKey { refund_no: ask.fields.text("refund_no"), out_refund_no: ask.fields.text("out_refund_no") };
    let refund = ask.state.cashier.find_refund(&ask.app().app_id, &key).await?;
    Ok(refund_json(&refund))
}

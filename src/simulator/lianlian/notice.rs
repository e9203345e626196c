//! What LianLian tells of its own accord (provider's documents: 支付结果异步通知, 退款异步通知, 同步返回): JSON bodies with the
//! plan of repeats, and the fields that the browser carries back.

use super::account::Account;
use super::check;
use super::ledger::{Refund, Trade};
use super::sign::Fields;
use crate::model::ChannelKind;
use crate::simulator::{Message, Notice};
use std::time::Duration;

/// Thirty tries in all, two minutes apart.
pub const PLAN: &[u64] = &[120; 29];
/// A receiver has this long.
const PATIENCE: Duration = Duration::from_secs(5);
/// From the payment to the first notice, before the clock factor.
const DELAY: Duration = Duration::from_millis(500);

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What every message about a payment says.
pub fn payment_fields(trade: &Trade) -> Fields {
    let paid = trade.paid.as_ref();
    let money = check::yuan_text(paid.map_or(trade.order.money, |paid| paid.amount));
    pairs([
        ("no_order", &trade.order.no_order),
        ("dt_order", &trade.order.dt_order),
        ("oid_paybill", &trade.oid_paybill),
        ("money_order", &money),
        ("result_pay", trade.result_pay()),
        ("settle_date", &paid.map(|paid| check::day(paid.at)).unwrap_or_default()),
        ("info_order", trade.order.info_order.as_deref().unwrap_or_default()),
        ("pay_type", paid.map_or("", |paid| &paid.pay_type)),
        ("bank_code", paid.map_or("", |paid| &paid.bank_code)),
    ])
}

/// What the browser takes to `url_return`, signed: one input per field on the web, one JSON on WAP.
pub fn return_fields(account: &Account, trade: &Trade) -> Vec<(String, String)> {
    let mut fields = payment_fields(trade);
    if trade.order.gate.is_wap() {
        fields.retain(|name, _| !matches!(name.as_str(), "info_order" | "pay_type" | "bank_code"));
    }
    let sealed = account.seal(trade.order.how, fields, false);
    if trade.order.gate.is_wap() { vec![("res_data".to_owned(), json(&sealed))] } else { sealed.into_iter().collect() }
}

/// What every message about a refund says.
pub fn refund_fields(refund: &Refund) -> Fields {
    pairs([
        ("no_refund", &refund.no_refund),
        ("dt_refund", &refund.dt_refund),
        ("money_refund", &check::yuan_text(refund.money)),
        ("oid_refundno", &refund.oid_refundno),
        ("sta_refund", refund.state.code()),
        ("settle_date", &refund.done_at.map(check::day).unwrap_or_default()),
    ])
}

pub fn json(fields: &Fields) -> String {
    serde_json::to_string(fields).unwrap_or_default()
}

/// The notice of a paid order.
pub fn paid(account: &Account, trade: &Trade) -> Notice {
    let sealed = |spoil| json(&account.seal(trade.order.how, payment_fields(trade), spoil)).into_bytes();
    let (good, bad) = (sealed(false), sealed(true));
    let behaviour = trade.behaviour;
    Notice {
        kind: ChannelKind::Lianlian,
        about: trade.order.no_order.clone(),
        url: trade.order.notify_url.clone(),
        delay: DELAY + behaviour.notice_delay(),
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |attempt| message(if behaviour.spoils_signature(attempt) { bad.clone() } else { good.clone() })),
        accepted,
    }
}

/// The notice of a refund that is over.
pub fn refunded(account: &Account, refund: &Refund) -> Notice {
    let body = json(&account.seal(refund.how, refund_fields(refund), false)).into_bytes();
    Notice {
        kind: ChannelKind::Lianlian,
        about: refund.no_refund.clone(),
        url: refund.notify_url.clone(),
        delay: DELAY,
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |_| message(body.clone())),
        accepted,
    }
}

fn message(body: Vec<u8>) -> Message {
    Message { headers: vec![("content-type", "text/json;charset=utf-8".to_owned())], body }
}

/// JSON whose `ret_code` is 0000; the sentence does not matter.
pub fn accepted(status: u16, body: &[u8]) -> bool {
    let said: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    status == 200 && said.is_some_and(|said| said["ret_code"] == "0000")
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn only_the_code_0000_ends_the_notices() {
        assert!(accepted(200, r#"{"ret_code":"0000","ret_msg":"交易成功"}"#.as_bytes()));
        assert!(accepted(200, br#"{"ret_code":"0000"}"#));
        for (status, body) in [
            (200, "0000"),
            (200, "success"),
            (200, ""),
            (200, r#"{"ret_code":"9999","ret_msg":"x"}"#),
            (200, r#"{"ret_code":0}"#),
            (500, r#"{"ret_code":"0000"}"#),
            (302, r#"{"ret_code":"0000"}"#),
        ] {
            assert!(!accepted(status, body.as_bytes()), "{status} {body}");
        }
    }
}

//! What JD tells of its own accord (provider's documents: 异步通知, 页面回调): documents in envelopes to `notifyUrl`, and the
//! fields that the browser carries back.

use super::account::Account;
use super::envelope;
use super::ledger::{Refund, Trade};
use super::order::seconds;
use super::sign::{self, Fields};
use super::xml::element;
use crate::model::ChannelKind;
use crate::simulator::{Message, Notice};
use std::time::Duration;

/// Waits between tries, in seconds. JD publishes no plan; this one spreads fifteen tries over a day.
pub const PLAN: &[u64] = &[10, 30, 60, 120, 300, 600, 900, 1800, 1800, 3600, 7200, 10800, 21600, 36000];
/// A receiver has this long; not published either.
const PATIENCE: Duration = Duration::from_secs(5);
/// From the payment to the first notice, before the clock factor.
const DELAY: Duration = Duration::from_millis(500);

/// `payList`: the payer's own money, and a coupon as an entry of its own.
pub fn pay_list(trade: &Trade) -> String {
    let Some(paid) = &trade.paid else { return String::new() };
    let entry = |sort: &str, amount: i64, detail: &str| {
        let time = seconds(paid.at);
        let facts = [("payType", sort), ("amount", &amount.to_string()), ("currency", "CNY"), ("tradeTime", &time)];
        let facts: String = facts.iter().map(|(name, value)| element(name, value)).collect();
        format!("<pay>{facts}{detail}</pay>")
    };
    let card = "<detail><cardHolderName>*明</cardHolderName><cardNo>6222****1234</cardNo><bankCode>ICBC</bankCode><cardType>1</cardType></detail>";
    let own = if paid.amount > paid.coupon { entry("0", paid.amount - paid.coupon, card) } else { String::new() };
    let coupon = if paid.coupon > 0 { entry("3", paid.coupon, "") } else { String::new() };
    format!("<payList>{own}{coupon}</payList>")
}

/// What the browser takes to `callbackUrl`: locked values, empty ones left empty, signed in clear.
pub fn return_fields(account: &Account, trade: &Trade) -> Vec<(String, String)> {
    let at = trade.paid.as_ref().map_or(trade.created_at, |paid| paid.at);
    let clear: Fields = [
        ("tradeNum", trade.order.trade_num.clone()),
        ("amount", trade.amount().to_string()),
        ("currency", "CNY".to_owned()),
        ("tradeTime", seconds(at)),
        ("note", trade.order.note.clone()),
        // As in the real samples: 0 after a payment.
        ("status", "0".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let sign = account.sign(&sign::form_text(&clear));
    let lock = |value: &str| if value.is_empty() { String::new() } else { account.des_key.encrypt(value) };
    let mut fields: Vec<_> = clear.iter().map(|(name, value)| (name.clone(), lock(value))).collect();
    fields.push(("sign".to_owned(), sign));
    fields
}

/// The notice of a paid order.
pub fn paid(account: &Account, trade: &Trade) -> Notice {
    let front = element("tradeNum", &trade.order.trade_num) + &element("tradeType", "0");
    let rest = [
        ("note", trade.order.note.as_str()),
        ("amount", &trade.amount().to_string()),
        ("currency", "CNY"),
        ("tradeTime", &seconds(trade.paid.as_ref().map_or(trade.created_at, |paid| paid.at))),
        ("status", trade.status.code()),
    ];
    let back: String = rest.iter().map(|(name, value)| element(name, value)).collect::<String>() + &pay_list(trade);
    let good = envelope::notice(account, &front, &back, false);
    let bad = envelope::notice(account, &front, &back, true);
    let behaviour = trade.behaviour;
    notice(&trade.order.trade_num, &trade.order.notify_url, behaviour.notice_delay(), move |attempt| {
        if behaviour.spoils_signature(attempt) { bad.clone() } else { good.clone() }
    })
}

/// The elements of every message about a refund.
pub fn refund_elements(trade: &Trade, refund: &Refund) -> String {
    let facts = [
        ("tradeNum", refund.trade_num.as_str()),
        ("oTradeNum", &trade.order.trade_num),
        ("amount", &refund.amount.to_string()),
        ("currency", "CNY"),
        ("tradeTime", &seconds(refund.done_at.unwrap_or(refund.created_at))),
        ("note", &refund.note),
        ("status", refund.status.code()),
    ];
    facts.iter().map(|(name, value)| element(name, value)).collect()
}

/// The notice of a refund that is over.
pub fn refunded(account: &Account, trade: &Trade, refund: &Refund, url: &str) -> Notice {
    let body = envelope::notice(account, &element("tradeType", "1"), &refund_elements(trade, refund), false);
    notice(&refund.trade_num, url, Duration::ZERO, move |_| body.clone())
}

fn notice(about: &str, url: &str, late: Duration, body: impl Fn(u32) -> String + Send + Sync + 'static) -> Notice {
    Notice {
        kind: ChannelKind::Jd,
        about: about.to_owned(),
        url: url.to_owned(),
        delay: DELAY + late,
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |attempt| Message {
            headers: vec![("content-type", "application/xml; charset=utf-8".to_owned())],
            body: body(attempt).into_bytes(),
        }),
        accepted,
    }
}

/// The bare word.
pub fn accepted(status: u16, body: &[u8]) -> bool {
    status == 200 && body == b"success"
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn only_the_bare_word_ends_the_notices() {
        assert!(accepted(200, b"success"));
        for (status, body) in
            [(200, "fail"), (200, ""), (200, "success\n"), (200, "\"success\""), (500, "success"), (302, "success")]
        {
            assert!(!accepted(status, body.as_bytes()), "{status} {body}");
        }
    }
}

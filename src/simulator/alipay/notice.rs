//! Notices to `notify_url` and the parameters that the browser carries to `return_url`: which are sent, what they say, and
//! the signature over them.
//!
//! Provider's documents: 异步通知说明 of the web, mobile web, app and face-to-face products.

use super::account::Account;
use super::china_time;
use super::ledger::{Event, Status, Trade};
use super::order::Product;
use super::params;
use super::signature::{corrupted, notice_text};
use super::yuan;

/// Waits between deliveries of an event that is not acknowledged, in seconds: eight deliveries in some 25 hours.
pub const RETRY_PLAN: &[u64] = &[4 * 60, 10 * 60, 10 * 60, 60 * 60, 2 * 60 * 60, 6 * 60 * 60, 15 * 60 * 60];

/// Whether an answer ends the deliveries: exactly `success` and nothing around it.
#[must_use]
pub fn acknowledged(status: u16, body: &[u8]) -> bool {
    status == 200 && body == b"success"
}

/// Whether a product tells this event. `now` is the trade after the event.
#[must_use]
pub fn is_sent(now: &Trade, event: &Event) -> bool {
    let face_to_face = now.order.product.is_face_to_face();
    match event {
        Event::Paid => true,
        // A part given back leaves the trade a success, and that status every product tells.
        Event::Refunded(_) if now.status == Status::Success => true,
        Event::Refunded(_) => !face_to_face,
        // For web pages the documents differ; the stingy reading is the safer one to be tested with.
        Event::Closed | Event::Finished => matches!(now.order.product, Product::App | Product::Wap),
    }
}

type Pairs = Vec<(String, String)>;

fn push(pairs: &mut Pairs, name: &str, value: impl Into<String>) {
    pairs.push((name.to_owned(), value.into()));
}

/// The parameters of one notice, unsigned and without `notify_time`, which is stamped per delivery.
#[must_use]
pub fn parameters(trade: &Trade, account: &Account, event: &Event, notify_id: &str) -> Pairs {
    let order = &trade.order;
    let mut p = Pairs::new();
    push(&mut p, "gmt_create", china_time::seconds(trade.created_ms));
    push(&mut p, "charset", order.charset.name());
    push(&mut p, "seller_email", &account.seller_email);
    push(&mut p, "subject", &order.subject);
    if let Some(body) = &order.body {
        push(&mut p, "body", body);
    }
    if let Some(paid) = &trade.paid {
        push(&mut p, "buyer_id", &paid.payer.user_id);
        push(&mut p, "buyer_open_id", &paid.payer.open_id);
        push(&mut p, "buyer_logon_id", paid.payer.logon_id);
        push(&mut p, "invoice_amount", yuan::text(paid.funds.own));
        push(&mut p, "receipt_amount", yuan::text(paid.charge));
        push(&mut p, "buyer_pay_amount", yuan::text(paid.funds.own));
        push(&mut p, "point_amount", "0.00");
        push(&mut p, "fund_bill_list", paid.funds.bill_list("fundChannel"));
        push(&mut p, "gmt_payment", china_time::seconds(paid.at_ms));
    }
    push(&mut p, "notify_id", notify_id);
    push(&mut p, "notify_type", "trade_status_sync");
    push(&mut p, "trade_status", trade.status.name());
    push(&mut p, "sign_type", "RSA2");
    push(&mut p, "app_id", &order.app_id);
    push(&mut p, "auth_app_id", &order.app_id);
    push(&mut p, "seller_id", &order.seller_id);
    if let Event::Refunded(number) = event {
        let at = trade.refunds.iter().find(|r| r.out_request_no == *number).and_then(|r| r.done_ms);
        push(&mut p, "gmt_refund", china_time::millis(at.unwrap_or(trade.created_ms)));
        push(&mut p, "refund_fee", yuan::text(trade.refunded()));
        push(&mut p, "out_biz_no", number);
    }
    if let Some(at) = trade.closed_ms.filter(|_| trade.status == Status::Closed) {
        push(&mut p, "gmt_close", china_time::seconds(at));
    }
    if let Some(echo) = &order.passback_params {
        push(&mut p, "passback_params", echo);
    }
    push(&mut p, "version", "1.0");
    push(&mut p, "out_trade_no", &order.out_trade_no);
    push(&mut p, "total_amount", yuan::text(trade.total()));
    push(&mut p, "trade_no", &trade.trade_no);
    p
}

/// A notice as it goes out: stamped, signed over everything but `sign` and `sign_type`, in the call's character set.
#[must_use]
pub fn signed_form(mut pairs: Pairs, trade: &Trade, account: &Account, now_ms: i64, spoil: bool) -> String {
    push(&mut pairs, "notify_time", china_time::seconds(now_ms));
    let charset = trade.order.charset;
    let sign = account.platform_key.sign(&charset.encode(&notice_text(&pairs)));
    push(&mut pairs, "sign", if spoil { corrupted(&sign) } else { sign });
    params::form(&pairs, charset)
}

/// Where the browser goes after paying on a page: `return_url` with the signed result, or `None` without one.
#[must_use]
pub fn return_address(trade: &Trade, account: &Account, now_ms: i64) -> Option<String> {
    let order = &trade.order;
    let base = order.return_url.as_deref()?;
    let method = match order.product {
        Product::Page => "alipay.trade.page.pay.return",
        Product::Wap => "alipay.trade.wap.pay.return",
        _ => return None,
    };
    let mut p = Pairs::new();
    push(&mut p, "charset", order.charset.name());
    push(&mut p, "out_trade_no", &order.out_trade_no);
    push(&mut p, "method", method);
    push(&mut p, "total_amount", yuan::text(trade.total()));
    push(&mut p, "trade_no", &trade.trade_no);
    push(&mut p, "auth_app_id", &order.app_id);
    push(&mut p, "version", "1.0");
    push(&mut p, "app_id", &order.app_id);
    push(&mut p, "sign_type", "RSA2");
    push(&mut p, "seller_id", &order.seller_id);
    push(&mut p, "timestamp", china_time::seconds(now_ms));
    let sign = account.platform_key.sign(&order.charset.encode(&notice_text(&p)));
    p.insert(4, ("sign".to_owned(), sign));
    let (base, fragment) = base.split_once('#').map_or((base, None), |(base, fragment)| (base, Some(fragment)));
    let joint = if base.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|f| format!("#{f}")).unwrap_or_default();
    Some(format!("{base}{joint}{}{fragment}", params::form(&p, order.charset)))
}

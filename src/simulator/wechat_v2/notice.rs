//! Notices (provider's documents: 支付结果通知, 退款结果通知): the XML, the plan of repeats, and what counts as received.

use super::super::clock::beijing;
use super::super::notify::{Message, Notice};
use super::super::stage::Stage;
use super::account::Account;
use super::check::spaced;
use super::query::paid_pairs;
use super::reply::{Pairs, push};
use super::sign::{seal, sign};
use super::trade::{Refund, Trade};
use super::xml;
use crate::model::ChannelKind;
use std::time::Duration;

/// Seconds between repeats.
const PLAN: &[u64] = &[15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];
/// A receiver has this long.
const PATIENCE: Duration = Duration::from_secs(5);
/// From the payment to the first notice, before the clock factor.
const DELAY: Duration = Duration::from_millis(500);

fn common(account: &Account, stage: &Stage, with_sub: bool) -> Pairs {
    let mut pairs = Pairs::new();
    push(&mut pairs, "return_code", "SUCCESS");
    push(&mut pairs, "appid", account.app.appid.clone());
    push(&mut pairs, "mch_id", account.mch_id.clone());
    if with_sub {
        push(&mut pairs, "sub_mch_id", account.sub_mch_id.clone());
    }
    push(&mut pairs, "nonce_str", stage.token(32));
    pairs
}

/// The notice of a paid trade. Signed as its order was; some carry `sign_type` or a field nobody has heard of, as the
/// real ones do at times.
pub fn paid(account: &Account, stage: &Stage, trade: &Trade, url: String) -> Notice {
    let mut pairs = common(account, stage, trade.with_sub);
    push(&mut pairs, "result_code", "SUCCESS");
    pairs.extend(paid_pairs(trade));
    let turn = trade.transaction_id.as_deref().and_then(|id| id.bytes().last()).unwrap_or(b'0') - b'0';
    if turn.is_multiple_of(2) {
        push(&mut pairs, "sign_type", trade.algorithm.as_str());
    }
    if turn.is_multiple_of(3) {
        push(&mut pairs, "trade_scene_ext", "{\"from\":\"cash\"}");
    }
    let good = sign(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())), &account.key, trade.algorithm);
    let body = |signature: String| {
        let mut pairs = pairs.clone();
        pairs.push(("sign".into(), signature));
        pairs.sort();
        xml::write("xml", &pairs, true).into_bytes()
    };
    let bad = body(good.chars().rev().collect());
    let good = body(good);
    let behaviour = trade.behaviour;
    Notice {
        kind: ChannelKind::WechatV2,
        about: trade.out_trade_no.clone(),
        url,
        delay: DELAY + behaviour.notice_delay(),
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |attempt| message(if behaviour.spoils_signature(attempt) { bad.clone() } else { good.clone() })),
        accepted,
    }
}

/// The notice of a refund: unsigned, its substance sealed under the merchant's key.
pub fn refunded(account: &Account, stage: &Stage, trade: &Trade, refund: &Refund, url: String) -> Notice {
    let mut pairs = common(account, stage, trade.with_sub);
    let plain = format!("<root>{}</root>", refund_fields(trade, refund));
    push(&mut pairs, "req_info", seal(&plain, &account.key));
    let body = xml::write("xml", &pairs, false).into_bytes();
    Notice {
        kind: ChannelKind::WechatV2,
        about: refund.out_refund_no.clone(),
        url,
        delay: DELAY,
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |_| message(body.clone())),
        accepted,
    }
}

fn refund_fields(trade: &Trade, refund: &Refund) -> String {
    let mut pairs = Pairs::new();
    let total = trade.paid.as_ref().map_or(trade.amount, |paid| paid.amount);
    let settled = trade.paid.as_ref().map_or(trade.amount, |paid| paid.settlement_total_fee());
    push(&mut pairs, "out_refund_no", refund.out_refund_no.clone());
    push(&mut pairs, "out_trade_no", trade.out_trade_no.clone());
    push(&mut pairs, "refund_account", refund.account.clone());
    push(&mut pairs, "refund_fee", refund.amount.fen().to_string());
    push(&mut pairs, "refund_id", refund.refund_id.clone());
    push(&mut pairs, "refund_recv_accout", "支付用户零钱");
    push(&mut pairs, "refund_request_source", "API");
    push(&mut pairs, "refund_status", refund.state.as_str());
    push(&mut pairs, "settlement_refund_fee", refund.amount.fen().to_string());
    push(&mut pairs, "settlement_total_fee", settled.fen().to_string());
    push(&mut pairs, "success_time", refund.succeeded_at.map(|at| spaced(beijing(at))).unwrap_or_default());
    push(&mut pairs, "total_fee", total.fen().to_string());
    push(&mut pairs, "transaction_id", trade.transaction_id.clone().unwrap_or_default());
    pairs.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>")).collect()
}

fn message(body: Vec<u8>) -> Message {
    Message { headers: vec![("content-type", "text/xml".to_owned())], body }
}

/// HTTP 200 and XML with `return_code` SUCCESS, with nothing before or after it.
fn accepted(status: u16, body: &[u8]) -> bool {
    status == 200
        && body.starts_with(b"<xml>")
        && body.ends_with(b"</xml>")
        && xml::read(body, "xml").is_ok_and(|fields| fields.get("return_code").is_some_and(|code| code == "SUCCESS"))
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn only_a_clean_acknowledgement_counts() {
        assert!(accepted(
            200,
            b"<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>"
        ));
        assert!(accepted(200, b"<xml><return_code>SUCCESS</return_code></xml>"));
        for (status, body) in [
            (200, "success"),
            (200, ""),
            (200, "{\"return_code\":\"SUCCESS\"}"),
            (200, "<xml><return_code>FAIL</return_code></xml>"),
            (200, "\u{feff}<xml><return_code>SUCCESS</return_code></xml>"),
            (200, "<xml><return_code>SUCCESS</return_code></xml>\n"),
            (500, "<xml><return_code>SUCCESS</return_code></xml>"),
            (302, "<xml><return_code>SUCCESS</return_code></xml>"),
        ] {
            assert!(!accepted(status, body.as_bytes()), "{status} {body}");
        }
    }
}

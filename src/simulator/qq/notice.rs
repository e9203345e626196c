//! Payment notices (provider's document: 支付结果通知): the XML, the plan of repeats, and what counts as received. There are
//! none of refunds.

use super::super::flat_xml as xml;
use super::super::notify::{Message, Notice};
use super::super::stage::Stage;
use super::account::Account;
use super::query::paid_pairs;
use super::reply::{Pairs, push};
use super::sign::sign;
use super::trade::Trade;
use crate::model::ChannelKind;
use std::time::Duration;

/// Seconds between repeats. The provider's own plan is not published; this is its relative's.
const PLAN: &[u64] = &[15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];
/// A receiver has this long.
const PATIENCE: Duration = Duration::from_secs(5);
/// From the payment to the first notice, before the clock factor.
const DELAY: Duration = Duration::from_millis(500);

/// The notice of a paid trade: neither `return_code` nor `result_code`, but `trade_state`. Half of them carry their
/// signature in lower case, as the provider's samples do.
pub fn paid(account: &Account, stage: &Stage, trade: &Trade) -> Notice {
    let mut pairs = Pairs::new();
    push(&mut pairs, "appid", account.appid.clone());
    push(&mut pairs, "mch_id", account.mch_id.clone());
    push(&mut pairs, "nonce_str", stage.random_text(b"0123456789abcdef", 32));
    push(&mut pairs, "trade_state", "SUCCESS");
    pairs.extend(paid_pairs(trade));
    let mut good = sign(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())), &account.key);
    let turn = trade.transaction_id.as_deref().and_then(|id| id.bytes().last()).unwrap_or(b'0');
    if turn.is_multiple_of(2) {
        good = good.to_ascii_lowercase();
    }
    let body = |signature: String| {
        let mut pairs = pairs.clone();
        push(&mut pairs, "sign", signature);
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n{}", xml::write("xml", &pairs, true)).into_bytes()
    };
    let bad = body(good.chars().rev().collect());
    let good = body(good);
    let behaviour = trade.behaviour;
    Notice {
        kind: ChannelKind::Qq,
        about: trade.out_trade_no.clone(),
        url: trade.notify_url.clone(),
        delay: DELAY + behaviour.notice_delay(),
        plan: PLAN,
        patience: PATIENCE,
        compose: Box::new(move |attempt| Message {
            headers: vec![("content-type", "text/xml".to_owned())],
            body: if behaviour.spoils_signature(attempt) { bad.clone() } else { good.clone() },
        }),
        accepted,
    }
}

/// HTTP 200 and XML with `return_code` SUCCESS.
fn accepted(status: u16, body: &[u8]) -> bool {
    status == 200 && xml::read(body, "xml").is_ok_and(|fields| fields.get("return_code").is_some_and(|code| code == "SUCCESS"))
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn only_the_documented_acknowledgement_counts() {
        assert!(accepted(200, b"<xml><return_code>SUCCESS</return_code></xml>"));
        assert!(accepted(200, b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>"));
        for (status, body) in [
            (200, "SUCCESS"),
            (200, ""),
            (200, "{\"return_code\":\"SUCCESS\"}"),
            (200, "<xml><return_code>FAIL</return_code><return_msg>x</return_msg></xml>"),
            (500, "<xml><return_code>SUCCESS</return_code></xml>"),
            (302, "<xml><return_code>SUCCESS</return_code></xml>"),
        ] {
            assert!(!accepted(status, body.as_bytes()), "{status} {body}");
        }
    }
}

//! What the mini program hands to Baidu's cashier. Provider's document: 支付 → 发起支付 (orderInfo).

use super::account::Account;
use super::sign::{Params, SIGNATURE};
use crate::model::Method;
use crate::pay::channel::{ChannelError, NextStep, StartRequest};
use serde_json::{Map, Value, json};

/// The longest title in characters. No document names a limit; this one fits every screen.
const LONGEST_TITLE: usize = 128;
/// The amount is among the signed fields: the only value that is still allowed.
const SIGNED_WITH_AMOUNT: &str = "1";

/// The very object for `swan.requestPolymerPayment`. The same payment gives the same object each time.
///
/// # Errors
/// `Credentials` when the private key cannot sign; `Unsupported` for another method.
pub fn next_step(account: &Account, request: &StartRequest) -> Result<NextStep, ChannelError> {
    if request.method != Method::BaiduMini {
        return Err(ChannelError::Unsupported("this method"));
    }
    let order_info = order_info(account, request)?;
    let params = Map::from_iter([("orderInfo".to_owned(), Value::Object(order_info))]);
    Ok(NextStep::Invoke { bridge: "baidu_mini".to_owned(), params })
}

fn order_info(account: &Account, request: &StartRequest) -> Result<Map<String, Value>, ChannelError> {
    // Every value is text, the amount above all: what is signed must be what is sent, digit for digit.
    let mut fields = Params::from([
        ("appKey".to_owned(), account.app_key.clone()),
        ("dealId".to_owned(), account.deal_id.clone()),
        ("totalAmount".to_owned(), request.amount.fen().to_string()),
        ("tpOrderId".to_owned(), request.pay_no.clone()),
    ]);
    let signature = account.sign(&fields)?;
    fields.insert(SIGNATURE.to_owned(), signature);
    let copy: Map<String, Value> = fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    // An object here is refused as a bad signature: it has to be JSON inside of a text.
    fields.insert("bizInfo".to_owned(), json!({ "tpData": copy }).to_string());
    fields.insert("dealTitle".to_owned(), title(&request.subject, &request.pay_no));
    fields.insert("signFieldsRange".to_owned(), SIGNED_WITH_AMOUNT.to_owned());
    fields.insert("notifyUrl".to_owned(), request.notify_url.clone());
    Ok(fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
}

/// A subject in one line, shortened at a character border; `fallback` when nothing is left.
fn title(subject: &str, fallback: &str) -> String {
    let plain: String = subject.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect();
    let plain = plain.trim();
    if plain.is_empty() { fallback.to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_line_of_bounded_length() {
        assert_eq!(title(" 青瓷\n茶壶 😀", "P1"), "青瓷茶壶 😀");
        assert_eq!(title("\u{7}", "P1"), "P1");
        assert_eq!(title(&"茶".repeat(200), "P1"), "茶".repeat(LONGEST_TITLE));
    }
}

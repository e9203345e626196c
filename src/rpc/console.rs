//! The test console: a call of the merchant API, signed, as text to be compared with what a merchant's program makes.

use crate::model::UiError;
use crate::model::views::admin::{ConsoleQuery, ConsoleView, Named};
use crate::pay::signing::{Fields, SignType, canonical_text};
use crate::pay::{App, Cashier};

/// Calls of the API with fields to begin with.
const CALLS: &[(&str, &str)] = &[
    ("orders", "out_order_no=TEST-{now}\namount=100\nsubject=Test order"),
    ("orders/query", "out_order_no=TEST-1"),
    ("orders/close", "out_order_no=TEST-1"),
    ("orders/list", "limit=20"),
    ("payments", "order_no=\nmethod=wechat_native"),
    ("refunds", "out_order_no=TEST-1\nout_refund_no=R-1\namount=100\nreason=Test"),
    ("refunds/query", "out_refund_no=R-1"),
];

/// A call with the app's signature; what the query leaves out is filled in.
///
/// # Errors
/// `NotFound` for an unknown app; `Internal` when it has no key.
pub async fn signed(cashier: &Cashier, app: &App, query: ConsoleQuery) -> Result<ConsoleView, UiError> {
    let now_s = cashier.world().now_ms() / 1000;
    let (call, begin) = CALLS.iter().copied().find(|(call, _)| *call == query.call).unwrap_or(CALLS[0]);
    let sign_type = SignType::parse(&query.sign_type)
        .filter(|t| *t == SignType::HmacSha256 || (*t == SignType::Md5 && app.settings.allow_md5))
        .unwrap_or(SignType::HmacSha256);
    let given = if query.fields.trim().is_empty() { begin.replace("{now}", &now_s.to_string()) } else { query.fields };
    let (mut fields, bad_line) = read(&given);
    for (name, value) in [
        ("app_id", app.app_id.to_string()),
        ("timestamp", now_s.to_string()),
        ("nonce", cashier.world().token(12)),
        ("sign_type", sign_type.as_str().to_owned()),
    ] {
        fields.insert(name.to_owned(), value);
    }
    let text = canonical_text(&fields);
    let keys = cashier.app_with_keys(&app.app_id).await?.ok_or(UiError::NotFound)?;
    let sign = cashier.sign_answer(&keys, sign_type, &text).await?;
    fields.insert("sign".to_owned(), sign.clone());
    let body = serde_json::to_string(&fields).unwrap_or_default();
    let url = format!("{}/api/v1/{call}", cashier.settings().public_url);
    Ok(ConsoleView {
        app: Named { id: app.app_id.to_string(), name: app.name.clone() },
        calls: CALLS.iter().map(|(call, _)| (*call).to_owned()).collect(),
        call: call.to_owned(),
        sign_type: sign_type.as_str().to_owned(),
        sign_types: if app.settings.allow_md5 { vec!["HMAC-SHA256".into(), "MD5".into()] } else { vec!["HMAC-SHA256".into()] },
        fields: given,
        bad_line,
        text,
        sign,
        curl: format!("curl -sS {} -H 'content-type: application/json' -d {}", quoted(&url), quoted(&body)),
    })
}

/// `name=value` lines; the first line that is none.
fn read(text: &str) -> (Fields, Option<String>) {
    let mut fields = Fields::new();
    let mut bad = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() && name.trim() != "sign" => {
                fields.insert(name.trim().to_owned(), value.trim().to_owned());
            }
            _ => bad = bad.or_else(|| Some(line.to_owned())),
        }
    }
    (fields, bad)
}

/// For a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_fields_and_a_signature_is_none() {
        let (fields, bad) = read("a=1\n\n b = x=y \nsign=zz\nnonsense");
        assert_eq!(
            fields.into_iter().collect::<Vec<_>>(),
            [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "x=y".to_owned())]
        );
        assert_eq!(bad.as_deref(), Some("sign=zz"));
    }

    #[test]
    fn the_console_offers_the_calls_of_the_api_with_fields_that_they_know() {
        use crate::web::api::calls;
        for (call, begin) in CALLS {
            let path = format!("/api/v1/{call}");
            let known = calls::ALL.iter().find(|c| c.path == path).unwrap_or_else(|| panic!("the API has no {path}"));
            let (fields, bad) = read(begin);
            assert_eq!(bad, None, "{path}");
            for name in fields.keys() {
                assert!(known.fields.iter().any(|f| f.name == name), "{path} knows no {name}");
            }
        }
        assert_eq!(CALLS.len(), calls::ALL.len());
    }

    #[test]
    fn a_quote_does_not_end_the_argument() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}

//! The channel against recorded and constructed signatures, and against a server on the loopback interface.

mod calls;
mod notices;
mod refunds;
mod starting;
mod vectors;

use super::account::Account;
use super::sign::Params;
use super::{Baidu, order};
use crate::channels::credentials::Fields;
use crate::channels::gateway::Gateway;
use crate::channels::http::Transport;
use crate::channels::loopback::{Loopback, Request, Script};
use crate::model::{Amount, ChannelKind, Method};
use crate::pay::channel::{ChannelError, PaymentRef, RefundRequest, StartRequest};
use crate::pay::{Credentials, Secret, World};
use std::collections::BTreeMap;

/// A key made for these tests only; it stands for ours and for Baidu's.
const TEST_KEY: &str = include_str!("../vectors/test_key.pkcs8");
const TEST_PUBLIC: &str = include_str!("../vectors/test_key.pub");
/// Baidu's key and signature as somebody once received them.
const RECORDED_KEY: &str = include_str!("../vectors/recorded_platform.pub");
const RECORDED_TEXT: &str = include_str!("../vectors/recorded_notice.text");
const RECORDED_SIGN: &str = include_str!("../vectors/recorded_notice.sign");

const APP_KEY: &str = "MMUBBH";
const DEAL_ID: &str = "470193086";
const PAY_NO: &str = "3028903626";
const ORDER_ID: &str = "81341494729172";
const USER_ID: &str = "3391629990";
const NOON: i64 = 1_709_265_600_000;

/// With or without what opens the newer generation.
fn credentials(with_client: bool) -> Credentials {
    let mut pairs = vec![
        ("deal_id", DEAL_ID),
        ("app_key", APP_KEY),
        ("app_id", "10026"),
        ("private_key_pem", TEST_KEY),
        ("platform_public_key_pem", TEST_PUBLIC),
    ];
    if with_client {
        pairs.extend([("client_id", "mini-app-key"), ("client_secret", "mini-app-secret")]);
    }
    pairs.into_iter().map(|(name, value)| (name.to_owned(), Secret::new(value.to_owned()))).collect()
}

fn with(mut credentials: Credentials, name: &str, value: &str) -> Credentials {
    credentials.insert(name.to_owned(), Secret::new(value.to_owned()));
    credentials
}

fn account(credentials: &Credentials) -> Account {
    Account::open(&Fields::new(credentials)).unwrap()
}

fn channel(with_client: bool, origin: &str) -> Baidu {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Baidu {
        account: account(&credentials(with_client)),
        gateway: Gateway::parse(Some(origin)).unwrap(),
        http: Transport::default().open(ChannelKind::Baidu, None, None).unwrap(),
        world: World::system(),
        token: tokio::sync::Mutex::default(),
    }
}

/// A server that gives a token and answers each call, by the last part of its path, from a table.
async fn serving(answers: &'static [(&'static str, &'static str)]) -> Loopback {
    Loopback::serve(move |request| {
        let path = request.path.split('?').next().unwrap().to_owned();
        let name = path.rsplit('/').next().unwrap();
        if name == "token" {
            return Script::ok(r#"{"access_token":"t+1","expires_in":86400,"scope":"smartapp_snsapi_base"}"#);
        }
        match answers.iter().find(|(of, _)| *of == name) {
            Some((_, "502")) => Script::status(502, "<html>"),
            Some((_, body)) => Script::ok(*body),
            None => Script::status(404, ""),
        }
    })
    .await
}

/// Query and form of a request.
fn sent(request: &Request) -> BTreeMap<String, String> {
    let query = request.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(&request.body));
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn fen(fen: i64) -> Amount {
    Amount::from_fen(fen).unwrap()
}

fn start() -> StartRequest {
    StartRequest {
        pay_no: PAY_NO.to_owned(),
        method: Method::BaiduMini,
        amount: fen(1),
        subject: "青瓷茶壶".to_owned(),
        body: None,
        notify_url: "https://cashier.example.com/notify/ch_1/pay".to_owned(),
        return_url: "https://cashier.example.com/return/X".to_owned(),
        checkout_url: "https://cashier.example.com/checkout/t".to_owned(),
        public_url: "https://cashier.example.com".to_owned(),
        merchant_name: "Shop".to_owned(),
        created_at: NOON,
        deadline: NOON + 30 * 60_000,
        now_ms: NOON,
        client_ip: "203.0.113.9".to_owned(),
        auth_code: None,
        facts: BTreeMap::new(),
    }
}

/// A payment as known before, or after its notice.
fn payment(is_known: bool) -> PaymentRef {
    PaymentRef {
        pay_no: PAY_NO.to_owned(),
        method: Method::BaiduMini,
        amount: fen(1),
        provider_trade_no: is_known.then(|| ORDER_ID.to_owned()),
        payer: is_known.then(|| USER_ID.to_owned()),
        provider_data: BTreeMap::new(),
        created_at: NOON,
        now_ms: NOON,
    }
}

fn refund() -> RefundRequest {
    RefundRequest {
        refund_no: "RF202601010001".to_owned(),
        pay_no: PAY_NO.to_owned(),
        method: Method::BaiduMini,
        provider_trade_no: Some(ORDER_ID.to_owned()),
        payer: Some(USER_ID.to_owned()),
        provider_data: BTreeMap::new(),
        provider_refund_no: None,
        paid_amount: fen(100),
        amount: fen(1),
        reason: "客服退款".to_owned(),
        notify_url: "https://cashier.example.com/notify/ch_1/refund".to_owned(),
        paid_at: Some(NOON),
        created_at: NOON,
        now_ms: NOON,
    }
}

#[test]
fn broken_credentials_are_refused_by_name() {
    let opened = |credentials: &Credentials| Account::open(&Fields::new(credentials)).map(|_| ());
    let field = |result: Result<(), ChannelError>| match result {
        Err(ChannelError::Credentials { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    for name in ["deal_id", "app_key", "app_id", "private_key_pem", "platform_public_key_pem"] {
        assert_eq!(field(opened(&with(credentials(false), name, ""))), name);
    }
    assert_eq!(field(opened(&with(credentials(false), "platform_public_key_pem", TEST_KEY))), "platform_public_key_pem");
    assert_eq!(field(opened(&with(credentials(false), "client_id", "x"))), "client_secret");
    assert_eq!(field(opened(&with(credentials(false), "client_secret", "x"))), "client_id");
    // The payment service's key and the mini program's are easily confused.
    assert_eq!(field(opened(&with(credentials(true), "client_id", APP_KEY))), "client_id");
    assert!(opened(&credentials(true)).is_ok());
}

//! The channel against the vectors of the specification and against a scripted gateway on the loopback interface.

mod bills;
mod identities;
mod notices;
mod paying;
mod refunds;
mod vectors;

use super::message::{self, Fields};
use super::{Unionpay, account};
use crate::channels::credentials;
use crate::channels::gateway::Gateway;
use crate::channels::http::Transport;
use crate::channels::keys::SigningKey;
use crate::channels::loopback::{Loopback, Request, Script};
use crate::channels::{certificates, shanghai};
use crate::model::{Amount, ChannelKind, Method};
use crate::pay::channel::{ChannelError, PaymentRef, RefundRequest, StartRequest};
use crate::pay::{Chance, Clock, Credentials, Secret, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

const MER_ID: &str = "777290058100001";
const PAY_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";
const REFUND_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0RF";
/// 2024-03-01 12:00:00 in Shanghai.
const NOON: i64 = 1_709_265_600_000;
const MINUTE: i64 = 60_000;

// Certificates and keys made for the vectors of this protocol. They open nothing anywhere.
const ROOT: &str = include_str!("../vectors/root.crt");
const MIDDLE: &str = include_str!("../vectors/middle.crt");
const PLATFORM: &str = include_str!("../vectors/platform.crt");
const PLATFORM_KEY: &str = include_str!("../vectors/platform.key");
const MERCHANT: &str = include_str!("../vectors/merchant.crt");
const MERCHANT_KEY: &str = include_str!("../vectors/merchant.key");
const MERCHANT_PFX: &str = include_str!("../vectors/merchant.p12");
/// The password of that file, as everywhere in the provider's test environment.
const PASSWORD: &str = "000000";

/// Waits before questions that no test has to sit through.
const SOON: &[Duration] = &[Duration::from_millis(1), Duration::from_millis(1)];

static THEIR_KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::read(PLATFORM_KEY).unwrap());

struct Still(AtomicI64);

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

struct Zeros;

impl Chance for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn credentials(pairs: &[(&str, &str)]) -> Credentials {
    let mut all = BTreeMap::from([
        ("mer_id", MER_ID),
        ("sign_pfx", MERCHANT_PFX),
        ("sign_pfx_password", PASSWORD),
        ("middle_cert_pem", MIDDLE),
        ("root_cert_pem", ROOT),
    ]);
    all.extend(pairs.iter().copied());
    all.into_iter().map(|(n, v)| (n.to_owned(), Secret::new(v.to_owned()))).collect()
}

/// One for all tests, since reading the system's certificate authorities is slow.
static TRANSPORT: LazyLock<Transport> = LazyLock::new(|| {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Transport::default()
});

fn open_at(gateway: Option<&str>, pairs: &[(&str, &str)]) -> Result<Unionpay, ChannelError> {
    let credentials = credentials(pairs);
    let fields = credentials::Fields::new(&credentials);
    let world = World { clock: Arc::new(Still(NOON.into())), chance: Arc::new(Zeros) };
    account(&fields, Gateway::parse(gateway)?, TRANSPORT.open(ChannelKind::Unionpay, None, None)?, world)
}

fn crlf(pem: &str) -> String {
    pem.trim_end().replace('\n', "\r\n")
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

/// Fields of a text `name=value&…` whose values hold no `&`.
fn cut(text: &str) -> Fields {
    message::read_answer(text.as_bytes()).unwrap()
}

/// Signed by the platform, whatever certificate it names.
fn sign_with(key: &SigningKey, mut fields: Fields) -> Fields {
    fields.remove("signature");
    let signature = key.sign_sha256(message::digest(&fields).as_bytes()).unwrap();
    fields.insert("signature".to_owned(), STANDARD.encode(signature));
    fields
}

/// A message of the platform: common fields, then these (an empty value removes one).
fn theirs(pairs: &[(&str, &str)]) -> Fields {
    let mut all = fields(&[
        ("version", "5.1.0"),
        ("encoding", "UTF-8"),
        ("signMethod", "01"),
        ("accessType", "0"),
        ("bizType", "000201"),
        ("merId", MER_ID),
        ("respCode", "00"),
        ("respMsg", "成功[0000000]"),
    ]);
    all.insert("signPubKeyCert".to_owned(), crlf(PLATFORM));
    all.extend(fields(pairs));
    all.retain(|_, value| !value.is_empty());
    sign_with(&THEIR_KEY, all)
}

/// As a synchronous answer: nothing encoded, certificate and signature last.
fn wire(fields: &Fields) -> String {
    let late = |name: &str| matches!(name, "signPubKeyCert" | "signature");
    let early = fields.iter().filter(|(n, _)| !late(n));
    let last = ["signPubKeyCert", "signature"].into_iter().filter_map(|n| fields.get_key_value(n));
    early.chain(last).map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("&")
}

fn answer(pairs: &[(&str, &str)]) -> Script {
    Script::ok(wire(&theirs(pairs)))
}

/// An answer about what was asked, as all answers to questions are.
fn about(asked: &Fields, pairs: &[(&str, &str)]) -> Script {
    let named = ["orderId", "txnTime"].into_iter().filter_map(|name| Some((name, asked.get(name)?.as_str())));
    answer(&named.chain(pairs.iter().copied()).collect::<Vec<_>>())
}

/// A scripted gateway and the channel that calls it.
struct Stage {
    server: Loopback,
    channel: Unionpay,
}

impl Stage {
    async fn set(answer: impl Fn(&Fields) -> Script + Send + Sync + 'static) -> Self {
        let server = Loopback::serve(move |request: &Request| answer(&message::read_form(&request.body).unwrap())).await;
        let mut channel = open_at(Some(&server.origin), &[]).unwrap();
        channel.ask_after = SOON;
        Self { server, channel }
    }

    async fn answering(pairs: &'static [(&'static str, &'static str)]) -> Self {
        Self::set(move |asked| about(asked, pairs)).await
    }

    /// Paths and fields of all requests; their signatures are ours.
    fn sent(&self) -> Vec<(String, Fields)> {
        let read = |request: Request| {
            let content_type = request.header("content-type").unwrap_or_default();
            assert_eq!(content_type, "application/x-www-form-urlencoded;charset=UTF-8");
            let fields = message::read_form(&request.body).unwrap();
            assert_ours(&fields);
            (request.path, fields)
        };
        self.server.seen().into_iter().map(read).collect()
    }

    fn last(&self) -> (String, Fields) {
        self.sent().pop().unwrap()
    }
}

fn verifying(pem: &str) -> crate::channels::keys::VerifyingKey {
    crate::channels::keys::VerifyingKey::read(pem).unwrap()
}

fn assert_ours(fields: &Fields) {
    let signature = STANDARD.decode(&fields["signature"]).unwrap();
    assert!(verifying(MERCHANT).verify_sha256(message::digest(fields).as_bytes(), &signature));
    for (name, value) in [
        ("version", "5.1.0"),
        ("encoding", "UTF-8"),
        ("signMethod", "01"),
        ("merId", MER_ID),
        ("certId", "69903319041"),
        ("accessType", "0"),
    ] {
        assert_eq!(fields[name], value);
    }
}

fn start(method: Method) -> StartRequest {
    StartRequest {
        pay_no: PAY_NO.to_owned(),
        method,
        amount: Amount::from_fen(8888).unwrap(),
        subject: "蓝色茶壶 {A&B}".to_owned(),
        body: None,
        notify_url: "https://cashier.example.com/notify/ch_1/pay".to_owned(),
        return_url: format!("https://cashier.example.com/return/{PAY_NO}"),
        checkout_url: "https://cashier.example.com/checkout/t".to_owned(),
        public_url: "https://cashier.example.com".to_owned(),
        merchant_name: "茶馆".to_owned(),
        created_at: NOON,
        deadline: NOON + 15 * MINUTE,
        now_ms: NOON + 1200,
        client_ip: "127.0.0.1".to_owned(),
        auth_code: None,
        facts: BTreeMap::new(),
    }
}

/// The payment, asked about so many minutes after its start.
fn payment(minutes: i64) -> PaymentRef {
    PaymentRef {
        pay_no: PAY_NO.to_owned(),
        method: Method::UnionpayWeb,
        amount: Amount::from_fen(8888).unwrap(),
        provider_trade_no: None,
        payer: None,
        provider_data: BTreeMap::from([("pay_timeout".to_owned(), (NOON + 15 * MINUTE).to_string())]),
        created_at: NOON,
        now_ms: NOON + minutes * MINUTE,
    }
}

/// A refund of a payment of the day before, so many seconds after it was asked for.
fn refund(fen: i64, seconds: i64) -> RefundRequest {
    RefundRequest {
        refund_no: REFUND_NO.to_owned(),
        pay_no: PAY_NO.to_owned(),
        method: Method::UnionpayWeb,
        provider_trade_no: Some("742403011200001234568".to_owned()),
        payer: None,
        provider_data: BTreeMap::new(),
        provider_refund_no: None,
        paid_amount: Amount::from_fen(8888).unwrap(),
        amount: Amount::from_fen(fen).unwrap(),
        reason: "不要了".to_owned(),
        notify_url: "https://cashier.example.com/notify/ch_1/refund".to_owned(),
        paid_at: Some(NOON - 24 * 60 * MINUTE),
        created_at: NOON,
        now_ms: NOON + seconds * 1000,
    }
}

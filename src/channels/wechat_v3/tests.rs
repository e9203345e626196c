//! The channel against a scripted provider on loopback. The published test key plays the provider here, a fresh key plays
//! the merchant.

use super::sign::tests::vectors::{TEST_KEY, TEST_PUBLIC};
use super::sign::tests::{MCHID, SEAL_KEY, SERIAL, seal};
use super::*;
use crate::channels::Registry;
use crate::channels::keys::tests::KEY;
use crate::channels::keys::{SigningKey, pem};
use crate::channels::loopback::{Loopback, Request as Arrived, Script};
use crate::model::{Amount, ChannelId, ChannelKind, Method};
use crate::pay::channel::{ChannelFactory, NextStep, Paid};
use crate::pay::{Chance, ChannelAccount, ChannelRecord, Clock, Credentials, Secret, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

mod bills;
mod certificates;
mod notices;
mod orders;
mod refunds;
mod replies;

const APPID: &str = "wx8888888888888888";
const PUBLIC_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";
const PAY_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";
const REFUND_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0RF";
const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
/// 2024-06-01 12:00:00 in Shanghai.
const NOON: i64 = 1_717_214_400_000;

/// Stands still until a test moves it.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Every number is another one.
struct Counting(AtomicU64);

impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        bytes.iter_mut().zip(n.iter().cycle()).for_each(|(b, n)| *b = *n);
    }
}

fn world(clock: &Arc<Hand>) -> World {
    World { clock: Arc::clone(clock) as _, chance: Arc::new(Counting(0.into())) }
}

/// One for all tests, since reading the system's certificate authorities is slow; each opening is a channel of its own, so
/// that the circuit breaker of one test does not stop another.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Registry::new(world(&Arc::new(Hand(NOON.into()))))
});

static OPENED: AtomicU64 = AtomicU64::new(0);

static MERCHANT_PEM: LazyLock<String> = LazyLock::new(|| pem("PRIVATE KEY", KEY.to_pkcs8_der().unwrap().as_bytes()));
static MERCHANT_PUBLIC: LazyLock<String> =
    LazyLock::new(|| pem("PUBLIC KEY", KEY.to_public_key().to_public_key_der().unwrap().as_bytes()));
static PLATFORM: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::read(TEST_KEY).unwrap());

fn credentials(pairs: &[(&str, &str)]) -> Credentials {
    let mut all = BTreeMap::from([
        ("appid", APPID),
        ("mchid", MCHID),
        ("serial_no", SERIAL),
        ("private_key_pem", MERCHANT_PEM.as_str()),
        ("api_v3_key", SEAL_KEY),
        ("public_key_id", PUBLIC_ID),
        ("public_key_pem", TEST_PUBLIC),
    ]);
    all.extend(pairs.iter().copied());
    all.into_iter().map(|(n, v)| (n.to_owned(), Secret::new(v.to_owned()))).collect()
}

fn open_in(registry: &Registry, origin: &str, pairs: &[(&str, &str)]) -> Result<Arc<dyn Channel>, ChannelError> {
    let record = ChannelRecord {
        channel_id: ChannelId::parse(&format!("ch_{:08}", OPENED.fetch_add(1, Ordering::SeqCst))).unwrap(),
        kind: ChannelKind::WechatV3,
        name: "test".to_owned(),
        app_id: None,
        enabled: true,
        methods: Vec::new(),
        gateway_url: Some(origin.to_owned()).filter(|o| !o.is_empty()),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: 0,
        updated_at: 0,
    };
    registry.open(&ChannelAccount { record, version: 1, credentials: credentials(pairs) })
}

fn open_at(origin: &str, pairs: &[(&str, &str)]) -> Result<Arc<dyn Channel>, ChannelError> {
    open_in(&REGISTRY, origin, pairs)
}

/// Without a public key: the provider's certificates are downloaded.
const BY_CERTIFICATE: &[(&str, &str)] = &[("public_key_id", ""), ("public_key_pem", "")];
const SERVICE_PROVIDER: &[(&str, &str)] = &[("sub_appid", "wx9999999999999999"), ("sub_mchid", "1900000110")];

/// The four headers over a body, signed at a time of seconds.
fn seal_headers(serial: &str, seconds: i64, body: &[u8]) -> Vec<(&'static str, String)> {
    let text = sign::reply_text(&seconds.to_string(), "nonce", body);
    vec![
        ("wechatpay-timestamp", seconds.to_string()),
        ("wechatpay-nonce", "nonce".to_owned()),
        ("wechatpay-signature", STANDARD.encode(PLATFORM.sign_sha256(&text).unwrap())),
        ("wechatpay-serial", serial.to_owned()),
    ]
}

fn signed_by(serial: &str, status: u16, body: &str) -> Script {
    Script::Reply { status, headers: seal_headers(serial, NOON / 1000, body.as_bytes()), body: body.as_bytes().to_vec() }
}

fn signed(body: &Value) -> Script {
    signed_by(PUBLIC_ID, 200, &body.to_string())
}

/// An error of the provider, unsigned.
fn refused(status: u16, code: &str) -> Script {
    refused_with(status, code, "说明", "")
}

fn refused_with(status: u16, code: &str, message: &str, sub_code: &str) -> Script {
    let body = json!({"code": code, "message": message}).to_string().into_bytes();
    Script::Reply { status, headers: vec![("request-id", format!("08F78BB5A506-{sub_code}"))], body }
}

/// A provider that always gives the same answer.
struct Stage {
    server: Loopback,
    channel: Arc<dyn Channel>,
}

impl Stage {
    async fn set(answer: impl Fn(&Arrived) -> Script + Send + Sync + 'static) -> Self {
        Self::with(&[], answer).await
    }

    async fn with(pairs: &[(&str, &str)], answer: impl Fn(&Arrived) -> Script + Send + Sync + 'static) -> Self {
        let server = Loopback::serve(answer).await;
        let channel = open_at(&server.origin, pairs).unwrap();
        Self { server, channel }
    }

    /// For one reply.
    async fn once(script: Script) -> Self {
        let script = std::sync::Mutex::new(Some(script));
        Self::set(move |_| script.lock().unwrap().take().unwrap_or(Script::status(500, ""))).await
    }

    /// Method, path and body of the last request, whose signature is right.
    fn last(&self) -> (String, String, Value) {
        let request = self.server.seen().pop().unwrap();
        assert_rightly_sent(&request);
        let body = if request.body.is_empty() { Value::Null } else { serde_json::from_slice(&request.body).unwrap() };
        (request.method, request.path, body)
    }
}

/// The parts of an `Authorization`.
fn parts(request: &Arrived) -> BTreeMap<String, String> {
    let header = request.header("authorization").unwrap();
    let rest = header.strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
    rest.split("\",")
        .map(|pair| pair.split_once("=\"").unwrap())
        .map(|(n, v)| (n.to_owned(), v.trim_end_matches('"').to_owned()))
        .collect()
}

fn assert_rightly_sent(request: &Arrived) {
    let parts = parts(request);
    assert_eq!((parts["mchid"].as_str(), parts["serial_no"].as_str()), (MCHID, SERIAL));
    let text = sign::request_text(
        &request.method,
        &request.path,
        parts["timestamp"].parse().unwrap(),
        &parts["nonce_str"],
        &request.body,
    );
    let key = crate::channels::keys::VerifyingKey::read(&MERCHANT_PUBLIC).unwrap();
    assert!(key.verify_sha256(&text, &STANDARD.decode(&parts["signature"]).unwrap()), "signature of {}", request.path);
    assert_eq!(request.header("accept"), Some("application/json"));
    assert!(request.header("user-agent").is_some_and(|a| !a.is_empty()));
    assert_eq!(request.header("content-type"), (request.method == "POST").then_some("application/json"));
}

fn start_request(method: Method) -> StartRequest {
    StartRequest {
        pay_no: PAY_NO.to_owned(),
        method,
        amount: Amount::from_fen(100).unwrap(),
        subject: "收银台-测试商品".to_owned(),
        body: None,
        notify_url: "https://pay.example.com/notify/ch_1/pay".to_owned(),
        return_url: format!("https://pay.example.com/return/{PAY_NO}"),
        checkout_url: "https://pay.example.com/checkout/t".to_owned(),
        public_url: "https://pay.example.com".to_owned(),
        merchant_name: "小店".to_owned(),
        created_at: NOON,
        deadline: NOON + 300_000,
        now_ms: NOON,
        client_ip: "203.0.113.7".to_owned(),
        auth_code: None,
        facts: BTreeMap::from([("openid".to_owned(), OPENID.to_owned())]),
    }
}

fn payment() -> PaymentRef {
    PaymentRef {
        pay_no: PAY_NO.to_owned(),
        method: Method::WechatNative,
        amount: Amount::from_fen(100).unwrap(),
        payer: None,
        provider_trade_no: None,
        provider_data: BTreeMap::new(),
        created_at: NOON,
        now_ms: NOON + 20_000,
    }
}

fn refund_request() -> RefundRequest {
    RefundRequest {
        refund_no: REFUND_NO.to_owned(),
        pay_no: PAY_NO.to_owned(),
        method: Method::WechatNative,
        payer: None,
        provider_trade_no: Some("4200002024060100000000000001".to_owned()),
        provider_data: BTreeMap::new(),
        provider_refund_no: None,
        paid_amount: Amount::from_fen(100).unwrap(),
        amount: Amount::from_fen(30).unwrap(),
        reason: "七天无理由".to_owned(),
        notify_url: "https://pay.example.com/notify/ch_1/refund".to_owned(),
        paid_at: Some(NOON),
        created_at: NOON,
        now_ms: NOON,
    }
}

/// A word for an outcome, so that tables can name it.
fn word<T>(result: &Result<T, ChannelError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(ChannelError::Refused { code, .. }) => format!("refused {code}"),
        Err(ChannelError::Unclear(_)) => "unclear".to_owned(),
        Err(ChannelError::Credentials { field, problem }) => format!("{field}: {problem}"),
        Err(other) => other.to_string(),
    }
}

#[test]
fn credentials_are_checked_at_the_door() {
    let own = MERCHANT_PUBLIC.as_str();
    for (pairs, expected) in [
        (vec![("appid", "")], "appid: is missing"),
        (vec![("mchid", "")], "mchid: is missing"),
        (vec![("mchid", "19\"x")], "mchid: must be digits"),
        (vec![("serial_no", "")], "serial_no: is missing"),
        (vec![("serial_no", "XYZ")], "serial_no: must be at most 40 hex digits"),
        (
            vec![("serial_no", PUBLIC_ID)],
            "serial_no: is the number of WeChat's public key; the merchant certificate's belongs here",
        ),
        (vec![("private_key_pem", "")], "private_key_pem: is missing"),
        (vec![("private_key_pem", TEST_PUBLIC)], "private_key_pem: is not a private key"),
        (vec![("api_v3_key", "")], "api_v3_key: is missing"),
        (vec![("api_v3_key", "testAPIv3Key0000")], "api_v3_key: must have exactly 32 letters and digits"),
        (vec![("public_key_id", "")], "public_key_id: is required together with public_key_pem"),
        (vec![("public_key_pem", "")], "public_key_pem: is required together with public_key_id"),
        (vec![("public_key_id", SERIAL)], "public_key_id: must begin with PUB_KEY_ID_"),
        (vec![("public_key_pem", own)], "public_key_pem: is the merchant's own key; WeChat's public key belongs here"),
        (vec![("sub_appid", "wx1")], "sub_mchid: is required together with sub_appid"),
        (vec![("sub_mchid", "1900000110")], "ok"),
        (BY_CERTIFICATE.to_vec(), "ok"),
        (vec![("serial_no", "1dde55ad98ed71d6edd4a4a16996de7b47773a8c")], "ok"),
    ] {
        assert_eq!(word(&open_at("http://127.0.0.1:9", &pairs)), expected, "{pairs:?}");
    }
}

#[test]
fn only_an_account_with_a_secret_can_tell_who_the_payer_is() {
    assert!(open_at("http://127.0.0.1:9", &[]).unwrap().sign_in().is_none());
    let channel = open_at("http://127.0.0.1:9", &[("app_secret", "s")]).unwrap();
    let page = channel.sign_in().unwrap().page("https://pay.example.com/back", "S1");
    assert!(page.starts_with(&format!("http://127.0.0.1:9/connect/oauth2/authorize?appid={APPID}&")), "{page}");
}

#[tokio::test]
async fn the_check_button_tells_what_is_wrong() {
    use CheckMeaning as M;
    let body = json!({"code": "ORDER_NOT_EXIST", "message": "订单不存在"}).to_string();
    let with = |serial: &str, spoil: bool| {
        let mut headers = seal_headers(serial, NOON / 1000, body.as_bytes());
        if spoil {
            headers[0].1 = (NOON / 1000 + 1).to_string();
        }
        Script::Reply { status: 404, headers, body: body.clone().into_bytes() }
    };
    for (script, expected) in [
        (refused(404, "ORDER_NOT_EXIST"), M::Works),
        (with(PUBLIC_ID, false), M::Works),
        (with(PUBLIC_ID, true), M::TheirSignatureWrong),
        (with("PUB_KEY_ID_9", false), M::TheirSignatureWrong),
        (refused(401, "SIGN_ERROR"), M::OurSignatureRefused),
        (refused(400, "APPID_MCHID_NOT_MATCH"), M::UnknownAccount),
        (refused(404, "MCH_NOT_EXISTS"), M::UnknownAccount),
        (refused(403, "NO_AUTH"), M::NotPermitted),
        (refused(400, "PARAM_ERROR"), M::Other),
        (Script::status(404, "<html></html>"), M::Other),
        (Script::status(502, ""), M::Unreachable),
    ] {
        let stage = Stage::once(script).await;
        let report = stage.channel.check().await.unwrap();
        assert_eq!(report.meaning, expected, "{report:?}");
        assert_eq!(report.ok, expected == M::Works);
        let (method, path, _) = stage.last();
        assert_eq!((method.as_str(), report.asked), ("GET", format!("GET {path}")));
        assert!(path.ends_with("?mchid=1900000109"), "{path}");
    }
}

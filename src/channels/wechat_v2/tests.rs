//! The channel against a scripted provider on loopback. Replies are signed with `sign`, which has the published vectors.

use super::*;
use crate::channels::loopback::{Loopback, Request, Script};
use crate::channels::{Registry, shanghai, xml};
use crate::model::{Amount, ChannelId, ChannelKind};
use crate::pay::channel::{ChannelFactory, Paid};
use crate::pay::{Chance, ChannelAccount, ChannelRecord, Clock, Credentials};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

mod notices;
mod orders;
mod refunds;
mod replies;

const APPID: &str = "wx8888888888888888";
const MCH_ID: &str = "1900000109";
const KEY: &str = "exposed_your_key_here_have_risks";
const PAY_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0VW";
const REFUND_NO: &str = "01JD3ZQ8K7M4N5P6Q7R8S9T0RF";
/// 2024-06-01 12:00:00 in Shanghai.
const NOON: i64 = 1_717_214_400_000;

struct Still;

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        NOON
    }
}

/// Every number is another one.
struct Counting(AtomicU64);

impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes()[0]);
    }
}

fn credentials(pairs: &[(&str, &str)]) -> Credentials {
    let mut all = BTreeMap::from([("appid", APPID), ("mch_id", MCH_ID), ("key", KEY), ("sign_type", "MD5")]);
    all.extend(pairs.iter().copied());
    all.into_iter().map(|(n, v)| (n.to_owned(), Secret::new(v.to_owned()))).collect()
}

/// One for all tests, since reading the system's certificate authorities is slow; each opening is a channel of its own, so
/// that the circuit breaker of one test does not stop another.
static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Registry::new(World { clock: Arc::new(Still), chance: Arc::new(Counting(0.into())) })
});

static OPENED: AtomicU64 = AtomicU64::new(0);

fn open_at(origin: &str, pairs: &[(&str, &str)]) -> Result<Arc<dyn Channel>, ChannelError> {
    let record = ChannelRecord {
        channel_id: ChannelId::parse(&format!("ch_{:08}", OPENED.fetch_add(1, Ordering::SeqCst))).unwrap(),
        kind: ChannelKind::WechatV2,
        name: "test".to_owned(),
        app_id: None,
        enabled: true,
        methods: Vec::new(),
        gateway_url: Some(origin.to_owned()),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: 0,
        updated_at: 0,
    };
    REGISTRY.open(&ChannelAccount { record, version: 1, credentials: credentials(pairs) })
}

fn map(pairs: &[(&str, &str)]) -> Map {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

fn to_xml(fields: &Map) -> String {
    xml::write("xml", fields.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}

/// A message of the provider: common fields, then these (an empty value removes one), then the signature.
fn signed_map(pairs: &[(&str, &str)]) -> Map {
    let mut fields = map(&[
        ("return_code", "SUCCESS"),
        ("return_msg", "OK"),
        ("result_code", "SUCCESS"),
        ("appid", APPID),
        ("mch_id", MCH_ID),
        ("nonce_str", "n"),
    ]);
    fields.extend(map(pairs));
    fields.retain(|_, value| !value.is_empty());
    let signature = sign::sign(&fields, KEY, SignType::Md5);
    fields.insert("sign".to_owned(), signature);
    fields
}

fn signed(pairs: &[(&str, &str)]) -> Script {
    Script::ok(to_xml(&signed_map(pairs)))
}

fn failed(code: &str) -> Script {
    signed(&[("result_code", "FAIL"), ("err_code", code), ("err_code_des", "说明")])
}

/// A provider that always gives the same answer.
struct Stage {
    server: Loopback,
    channel: Arc<dyn Channel>,
}

impl Stage {
    async fn set(answer: impl Fn(&Request) -> Script + Send + Sync + 'static) -> Self {
        Self::with(&[], answer).await
    }

    async fn with(pairs: &[(&str, &str)], answer: impl Fn(&Request) -> Script + Send + Sync + 'static) -> Self {
        let server = Loopback::serve(answer).await;
        let channel = open_at(&server.origin, pairs).unwrap();
        Self { server, channel }
    }

    /// Path and fields of the last request, whose signature is right.
    fn last(&self) -> (String, Map) {
        let request = self.server.seen().pop().unwrap();
        let fields = xml::read(&request.body, "xml").unwrap();
        assert!(sign::verify(&fields, KEY, SignType::Md5));
        assert_eq!(request.method, "POST");
        (request.path, fields)
    }
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
        facts: BTreeMap::from([("openid".to_owned(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned())]),
    }
}

fn bar(code: &str) -> StartRequest {
    StartRequest { auth_code: Some(Secret::new(code.to_owned())), ..start_request(Method::WechatMicropay) }
}

fn payment(method: Method) -> PaymentRef {
    PaymentRef {
        pay_no: PAY_NO.to_owned(),
        method,
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
    for (pairs, expected) in [
        (vec![("key", "")], "key: is missing"),
        (vec![("key", "  ")], "key: is missing"),
        (vec![("appid", "")], "appid: is missing"),
        (vec![("mch_id", "")], "mch_id: is missing"),
        (vec![("sign_type", "SHA1")], "sign_type: must be one of MD5, HMAC-SHA256"),
        (vec![("sub_appid", "wx1")], "sub_mch_id: is required together with sub_appid"),
        (vec![("client_cert_pem", "x!")], "client_cert_pem: is neither PEM nor base64"),
        (vec![("client_key_pem", "AAAA")], "client_cert_pem: is missing"),
        (vec![("sign_type", "")], "ok"),
        (vec![("sub_mch_id", "1900000110")], "ok"),
    ] {
        assert_eq!(word(&open_at("http://127.0.0.1:9", &pairs)), expected, "{pairs:?}");
    }
}

#[tokio::test]
async fn the_check_button_tells_what_is_wrong() {
    use CheckMeaning as M;
    let fail = |message: &str| Script::ok(to_xml(&map(&[("return_code", "FAIL"), ("return_msg", message)])));
    let cases: Vec<(Script, M)> = vec![
        (failed("ORDERNOTEXIST"), M::Works),
        (failed("SIGNERROR"), M::OurSignatureRefused),
        (fail("签名错误"), M::OurSignatureRefused),
        (failed("APPID_NOT_EXIST"), M::UnknownAccount),
        (failed("MCHID_NOT_EXIST"), M::UnknownAccount),
        (failed("APPID_MCHID_NOT_MATCH"), M::UnknownAccount),
        (fail("appid和mch_id不匹配"), M::UnknownAccount),
        (failed("NOAUTH"), M::NotPermitted),
        (failed("SYSTEMERROR"), M::Other),
        (fail("ORDERNOTEXIST"), M::Other),
        (
            Script::ok(to_xml(&map(&[("return_code", "SUCCESS"), ("result_code", "FAIL"), ("err_code", "ORDERNOTEXIST")]))),
            M::TheirSignatureWrong,
        ),
        (Script::ok("<html>"), M::Other),
        (Script::status(502, ""), M::Unreachable),
    ];
    for (script, expected) in cases {
        let script = std::sync::Mutex::new(Some(script));
        let stage = Stage::set(move |_| script.lock().unwrap().take().unwrap()).await;
        let report = stage.channel.check().await.unwrap();
        assert_eq!(report.meaning, expected, "{report:?}");
        assert_eq!(report.ok, expected == M::Works);
        let (path, fields) = stage.last();
        assert_eq!(path, "/pay/orderquery");
        assert!(report.asked.contains(&fields["out_trade_no"]));
    }
}

#[tokio::test]
async fn a_service_provider_names_the_sub_merchant_in_every_call() {
    let sub = [("sub_appid", "wx9999999999999999"), ("sub_mch_id", "1900000110")];
    let stage = Stage::with(&sub, |_| failed("SYSTEMERROR")).await;
    let c = &stage.channel;
    let _ = c.start(&start_request(Method::WechatNative)).await;
    let _ = c.query(&payment(Method::WechatNative)).await;
    let _ = c.close(&payment(Method::WechatNative)).await;
    let _ = c.refund(&refund_request()).await;
    assert_eq!(stage.server.seen().len(), 4);
    let again = Stage::with(&sub, |_| failed("SYSTEMERROR")).await;
    let _ = again.channel.query_refund(&refund_request()).await;
    let _ = again.channel.close(&payment(Method::WechatMicropay)).await;
    let _ = again.channel.start(&bar("134567890123456789")).await;
    for request in stage.server.seen().iter().chain(&again.server.seen()) {
        let fields = xml::read(&request.body, "xml").unwrap();
        assert_eq!(
            (text(&fields, "sub_appid"), text(&fields, "sub_mch_id")),
            (Some(sub[0].1), Some(sub[1].1)),
            "{}",
            request.path
        );
        assert!(sign::verify(&fields, KEY, SignType::Md5));
    }
}

#[tokio::test]
async fn hmac_channels_sign_with_hmac_and_believe_only_hmac() {
    let reply = |how| {
        let mut fields = signed_map(&[("result_code", "FAIL"), ("err_code", "ORDERNOTEXIST")]);
        let signature = sign::sign(&fields, KEY, how);
        fields.insert("sign".to_owned(), signature);
        to_xml(&fields)
    };
    for (how, expected) in [(SignType::HmacSha256, "ok"), (SignType::Md5, "unclear")] {
        let body = reply(how);
        let stage = Stage::with(&[("sign_type", "HMAC-SHA256")], move |_| Script::ok(body.clone())).await;
        assert_eq!(word(&stage.channel.query(&payment(Method::WechatNative)).await), expected);
        let sent = xml::read(&stage.server.seen()[0].body, "xml").unwrap();
        assert_eq!((sent["sign_type"].as_str(), sent["sign"].len()), ("HMAC-SHA256", 64));
        assert!(sign::verify(&sent, KEY, SignType::HmacSha256));
    }
}

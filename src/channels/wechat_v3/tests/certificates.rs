//! The provider's certificates: downloaded, believed, replaced; alive beside a public key.

use super::*;
use crate::pay::channel::{NoticeError, NoticeKind};
use rcgen::{CertificateParams, KeyPair, SerialNumber};
use std::sync::Mutex;

/// Twenty bytes; the second one begins with a zero digit, the third one with a zero byte.
const FIRST: &str = "7132D72A03E93CDDF8C03BBD1F37EEDF00000001";
const SECOND: &str = "0132D72A03E93CDDF8C03BBD1F37EEDF00000002";

/// A platform certificate over the test key, as the list seals it.
fn entry(serial: &str, listed_as: &str, expires: &str) -> Value {
    let pair = KeyPair::try_from(STANDARD.decode(TEST_KEY.replace('\n', "")).unwrap().as_slice()).unwrap();
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&hex::decode(serial).unwrap()));
    params.not_after = rcgen::date_time_ymd(2029, 1, 1);
    let certificate = params.self_signed(&pair).unwrap().pem();
    json!({
        "serial_no": listed_as, "effective_time": "2024-01-01T00:00:00+08:00", "expire_time": expires,
        "encrypt_certificate": {"algorithm": "AEAD_AES_256_GCM", "nonce": "61f9c719728a", "associated_data": "certificate",
            "ciphertext": seal("61f9c719728a", "certificate", &certificate)}
    })
}

fn listed(serials: &[&str]) -> String {
    let entries: Vec<Value> = serials.iter().map(|s| entry(s, s, "2029-01-01T00:00:00+08:00")).collect();
    json!({ "data": entries }).to_string()
}

/// Could be one.
const NOBODYS: &str = "7132D72A03E93CDDF8C03BBD1F37EEDFFFFFFFFF";

const NOBODY: &str = r#"{"code":"ORDER_NOT_EXIST","message":"x"}"#;

/// A provider in certificate mode, its list and the serial of its replies in a test's hands.
struct Site {
    server: Loopback,
    channel: Arc<dyn Channel>,
    clock: Arc<Hand>,
    list: Arc<Mutex<Download>>,
    serial: Arc<Mutex<String>>,
}

/// What the download answers.
#[derive(Clone)]
struct Download {
    status: u16,
    body: String,
    /// Signs the list; empty for unsigned.
    serial: String,
}

impl Site {
    async fn new(pairs: &[(&str, &str)], serials: &[&str]) -> Self {
        let list = Arc::new(Mutex::new(Download { status: 200, body: listed(serials), serial: FIRST.to_owned() }));
        let serial = Arc::new(Mutex::new(FIRST.to_owned()));
        let clock = Arc::new(Hand(NOON.into()));
        let (answer, name, time) = (Arc::clone(&list), Arc::clone(&serial), Arc::clone(&clock));
        let server = Loopback::serve(move |request| {
            let seconds = time.now_ms() / 1000;
            let sign = |serial: &str, status: u16, body: &str| Script::Reply {
                status,
                headers: if serial.is_empty() { Vec::new() } else { seal_headers(serial, seconds, body.as_bytes()) },
                body: body.as_bytes().to_vec(),
            };
            if request.path == "/v3/certificates" {
                let list = answer.lock().unwrap().clone();
                return sign(&list.serial, list.status, &list.body);
            }
            sign(&name.lock().unwrap(), 204, "")
        })
        .await;
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let channel = open_in(&Registry::new(world(&clock)), &server.origin, pairs).unwrap();
        Self { server, channel, clock, list, serial }
    }

    /// A call whose reply must be proven.
    async fn close(&self) -> String {
        word(&self.channel.close(&payment()).await)
    }

    fn downloads(&self) -> usize {
        self.server.seen().iter().filter(|r| r.path == "/v3/certificates").count()
    }

    fn advance(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn sign_with(&self, serial: &str) {
        serial.clone_into(&mut self.serial.lock().unwrap());
    }

    fn list(&self, change: impl FnOnce(&mut Download)) {
        change(&mut self.list.lock().unwrap());
    }

    fn notice(&self, serial: &str) -> Result<Vec<NoticeFact>, NoticeError> {
        let body = super::super::sign::tests::vectors::H_BODY.as_bytes();
        let headers: Vec<(String, String)> =
            seal_headers(serial, self.clock.now_ms() / 1000, body).into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        let raw = RawNotice { kind: NoticeKind::Pay, headers: &headers, query: "", body, now_ms: self.clock.now_ms() };
        self.channel.read_notice(&raw)
    }
}

#[tokio::test]
async fn the_first_reply_brings_the_certificates_and_later_ones_use_them() {
    let site = Site::new(BY_CERTIFICATE, &[FIRST]).await;
    assert_eq!(site.close().await, "ok");
    assert_eq!(site.close().await, "ok");
    assert_eq!(site.downloads(), 1);
    for request in site.server.seen() {
        assert_rightly_sent(&request);
        assert_eq!(request.header("wechatpay-serial"), None, "asks for a certificate's signature");
    }
}

#[tokio::test]
async fn numbers_are_compared_without_case_and_leading_zeros() {
    let site = Site::new(BY_CERTIFICATE, &[FIRST, SECOND]).await;
    site.list(|list| list.body = list.body.replace(SECOND, SECOND.trim_start_matches('0')));
    for serial in [SECOND, SECOND.trim_start_matches('0'), &SECOND.to_lowercase()] {
        site.sign_with(serial);
        assert_eq!(site.close().await, "ok", "{serial}");
    }
}

#[tokio::test]
async fn a_new_certificate_is_fetched_once_and_the_old_one_lives_on() {
    let site = Site::new(BY_CERTIFICATE, &[FIRST]).await;
    assert_eq!(site.close().await, "ok");
    site.advance(3600);
    site.list(|list| list.body = listed(&[FIRST, SECOND]));
    site.sign_with(SECOND);
    assert_eq!(site.close().await, "ok");
    site.sign_with(FIRST);
    assert_eq!(site.close().await, "ok");
    assert_eq!(site.downloads(), 2);
}

#[tokio::test]
async fn a_made_up_number_makes_us_ask_once_and_then_refuse() {
    let site = Site::new(BY_CERTIFICATE, &[FIRST]).await;
    site.sign_with(NOBODYS);
    assert_eq!(site.close().await, "unclear");
    assert_eq!(site.close().await, "unclear");
    assert_eq!(site.downloads(), 1);
    assert_eq!(site.notice(NOBODYS), Err(NoticeError::Signature), "the provider has just not named it");
    site.advance(3600);
    assert_eq!(site.notice(NOBODYS), Err(NoticeError::UnknownKey(NOBODYS.to_owned())));
    for odd in ["ABCDEF", "no number at all, but long enough for it", "PUB_KEY_ID"] {
        assert_eq!(site.notice(odd), Err(NoticeError::Signature), "{odd}");
    }
}

#[tokio::test]
async fn a_notice_with_a_new_number_is_read_after_the_fetch() {
    let site = Site::new(BY_CERTIFICATE, &[FIRST]).await;
    assert_eq!(site.notice(FIRST), Err(NoticeError::UnknownKey(FIRST.to_owned())));
    let keys = site.channel.rotating_keys().unwrap();
    assert_eq!(keys.fetch().await, Ok(()));
    assert!(matches!(site.notice(FIRST).as_deref(), Ok([NoticeFact::Payment { .. }])));
    assert_eq!(word(&keys.fetch().await), "unclear", "not twice within a moment");
}

#[tokio::test]
async fn both_kinds_of_key_are_alive_at_once() {
    let site = Site::new(&[], &[FIRST]).await;
    for serial in [PUBLIC_ID, FIRST, PUBLIC_ID] {
        site.sign_with(serial);
        assert_eq!(site.close().await, "ok", "{serial}");
    }
    assert!(site.notice(PUBLIC_ID).is_ok());
    assert!(site.notice(FIRST).is_ok());
    assert_eq!(site.downloads(), 1);
    assert_eq!(site.notice("PUB_KEY_ID_OTHER"), Err(NoticeError::Signature));
}

#[tokio::test]
async fn a_merchant_without_certificates_lives_on_the_public_key() {
    let site = Site::new(&[], &[]).await;
    site.list(|list| {
        list.status = 404;
        list.body = r#"{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}"#.to_owned();
    });
    site.sign_with(PUBLIC_ID);
    assert_eq!(site.close().await, "ok");
    assert_eq!(site.downloads(), 0);
    let fetched = site.channel.rotating_keys().unwrap().fetch().await;
    assert!(matches!(&fetched, Err(ChannelError::Unclear(reason)) if reason.contains("RESOURCE_NOT_EXISTS")), "{fetched:?}");
    site.advance(60);
    site.list(|list| *list = Download { status: 200, body: r#"{"data":[]}"#.to_owned(), serial: PUBLIC_ID.to_owned() });
    assert_eq!(word(&site.channel.rotating_keys().unwrap().fetch().await), "unclear");
    assert_eq!(site.close().await, "ok", "what was known stays");
}

#[tokio::test]
async fn lists_that_prove_nothing_change_nothing() {
    let foreign = seal("61f9c719728a", "other", "x");
    for (what, change) in [
        ("unsigned", Box::new(|list: &mut Download| list.serial.clear()) as Box<dyn Fn(&mut Download)>),
        ("signed by a number not in it", Box::new(|list| list.serial = SECOND.to_owned())),
        ("unreadable", Box::new(|list| list.body = "<html>".to_owned())),
        ("sealed with another key", {
            let foreign = foreign.clone();
            Box::new(move |list: &mut Download| {
                let mut body: Value = serde_json::from_str(&list.body).unwrap();
                body["data"][0]["encrypt_certificate"]["ciphertext"] = json!(foreign);
                list.body = body.to_string();
            })
        }),
        ("another algorithm", Box::new(|list| list.body = list.body.replace("AEAD_AES_256_GCM", "AEAD_SM4_GCM"))),
        ("a certificate of another number", {
            Box::new(|list: &mut Download| {
                list.body = json!({"data": [entry(SECOND, FIRST, "2029-01-01T00:00:00+08:00")]}).to_string();
            })
        }),
        ("a wrong time", Box::new(|list| list.body = list.body.replace("2029-01-01T00:00:00+08:00", "2029"))),
        ("HTTP 500", Box::new(|list| list.status = 500)),
    ] {
        let site = Site::new(BY_CERTIFICATE, &[FIRST]).await;
        site.list(|list| change(list));
        assert_eq!(site.close().await, "unclear", "{what}");
        assert!(matches!(site.notice(FIRST), Err(NoticeError::UnknownKey(_))), "{what}");
    }
}

#[tokio::test]
async fn an_expired_certificate_is_none() {
    let site = Site::new(BY_CERTIFICATE, &[FIRST]).await;
    site.list(|list| list.body = json!({"data": [entry(FIRST, FIRST, "2024-06-01T13:00:00+08:00")]}).to_string());
    assert_eq!(site.close().await, "ok");
    site.advance(3601);
    assert_eq!(site.close().await, "unclear");
    assert!(site.notice(FIRST).is_err());
}

#[tokio::test]
async fn certificates_are_renewed_every_twelve_hours_and_kept_when_that_fails() {
    let site = Site::new(BY_CERTIFICATE, &[FIRST]).await;
    assert_eq!(site.close().await, "ok");
    site.advance(12 * 3600);
    assert_eq!(site.close().await, "ok");
    assert_eq!(site.downloads(), 2);
    site.advance(12 * 3600);
    site.list(|list| list.status = 500);
    assert_eq!(site.close().await, "ok", "the known ones still count");
    assert_eq!(site.downloads(), 3);
}

#[tokio::test]
async fn the_check_fetches_certificates_where_nothing_else_can_prove_a_reply() {
    let site = Loopback::serve(|request| match request.path.as_str() {
        "/v3/certificates" => Script::status(404, r#"{"code":"RESOURCE_NOT_EXISTS","message":"x"}"#),
        _ => Script::status(404, NOBODY),
    })
    .await;
    let report = open_at(&site.origin, BY_CERTIFICATE).unwrap().check().await.unwrap();
    assert_eq!(report.meaning, CheckMeaning::TheirSignatureWrong);
    let site = Loopback::serve(|request| match request.path.as_str() {
        "/v3/certificates" => signed_by(FIRST, 200, &listed(&[FIRST])),
        _ => Script::status(404, NOBODY),
    })
    .await;
    assert!(open_at(&site.origin, BY_CERTIFICATE).unwrap().check().await.unwrap().ok);
}

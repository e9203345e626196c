//! The gateway with a hand-moved clock, a merchant that signs without the code under test, and a listener for notices.

mod files;
mod pages;
mod payments;
mod refunds;
mod strictness;
mod vectors;

use super::moment;
use crate::model::ChannelKind;
use crate::simulator::{Account, Behaviour, HandClock, Pay, Receipt, Refusal, Settings, Simulator};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::KeyStore;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tower::ServiceExt as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// 2024-03-01 12:00:00 in China.
const NOON: i64 = 1_709_265_600_000;
const PAYMENT: &str = "PAYMENT0000000000000000001";
const REFUND: &str = "REFUND00000000000000000001";

type Sent = BTreeMap<String, String>;

struct Scene {
    simulator: Arc<Simulator>,
    clock: Arc<HandClock>,
    router: Router,
    mer_id: String,
    cert_id: String,
    key: RsaKeyPair,
    inbox: String,
    notices: mpsc::UnboundedReceiver<Sent>,
}

/// Cuts an unencoded answer; no value of these tests holds an `&`.
fn cut(text: &str) -> Sent {
    text.split('&').filter_map(|part| part.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

fn letters(fields: &Sent) -> String {
    let signed = fields.iter().filter(|(name, value)| *name != "signature" && !value.is_empty());
    let text: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    hex::encode(Sha256::digest(text.join("&")))
}

fn certificate_der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).expect("base64")
}

/// The subject's common name, when the certificate that came along made the signature.
fn signer(fields: &Sent) -> Option<String> {
    let der = certificate_der(fields.get("signPubKeyCert")?);
    let (_, certificate) = X509Certificate::from_der(&der).expect("a certificate");
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &certificate.public_key().subject_public_key.data);
    let signature = STANDARD.decode(fields.get("signature")?).expect("base64");
    key.verify(letters(fields).as_bytes(), &signature).ok()?;
    certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok()).map(str::to_owned)
}

const UNIONPAY: &str = "041@8310000000083040@中国银联股份有限公司@00016495";

impl Scene {
    async fn new() -> Self {
        let clock = Arc::new(HandClock::at(NOON));
        let settings = Settings { seed: Some(7), clock: clock.clone(), ..Settings::at("http://127.0.0.1:3100") };
        let simulator = Simulator::new(settings).expect("starts");
        let router = simulator.router();
        let document = simulator.credentials_of(ChannelKind::Unionpay).expect("a document");
        let text = |name: &str| document["credentials"][name].as_str().expect("a credential").to_owned();
        let file = STANDARD.decode(text("sign_pfx")).expect("base64");
        let store = KeyStore::from_pkcs12(&file, &text("sign_pfx_password")).expect("opens");
        let (_, chain) = store.private_key_chain().expect("a key");
        let der = chain.chain()[0].as_der();
        let (_, certificate) = X509Certificate::from_der(der).expect("a certificate");

        let (tell, notices) = mpsc::unbounded_channel();
        let take = move |body: Bytes| {
            let _ = tell.send(form_urlencoded::parse(&body).into_owned().collect::<Sent>());
            async { "ok" }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let inbox = format!("http://{}/notify", listener.local_addr().expect("bound"));
        let app = Router::new().route("/notify", axum::routing::post(take));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            simulator,
            clock,
            router,
            mer_id: text("mer_id"),
            cert_id: certificate.tbs_certificate.serial.to_string(),
            key: RsaKeyPair::from_pkcs8(chain.key()).expect("a key"),
            inbox,
            notices,
        }
    }

    /// Common fields, then these (an empty value removes one), signed.
    fn signed(&self, pairs: &[(&str, &str)]) -> Sent {
        let mut fields: Sent = [
            ("version", "5.1.0"),
            ("encoding", "UTF-8"),
            ("signMethod", "01"),
            ("accessType", "0"),
            ("merId", &self.mer_id),
            ("certId", &self.cert_id),
        ]
        .into_iter()
        .chain(pairs.iter().copied())
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
        fields.retain(|_, value| !value.is_empty());
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &random, letters(&fields).as_bytes(), &mut signature).expect("signs");
        fields.insert("signature".to_owned(), STANDARD.encode(signature));
        fields
    }

    async fn post(&self, path: &str, fields: &Sent) -> (StatusCode, HeaderMap, String) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post_raw(path, "application/x-www-form-urlencoded", body).await
    }

    async fn post_raw(&self, path: &str, content_type: &str, body: String) -> (StatusCode, HeaderMap, String) {
        let request = Request::post(path).header(header::CONTENT_TYPE, content_type).body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).expect("UTF-8"))
    }

    /// A call and its answer, which is signed by the platform.
    async fn call(&self, path: &str, pairs: &[(&str, &str)]) -> Sent {
        let (status, _, text) = self.post(path, &self.signed(pairs)).await;
        assert_eq!(status, StatusCode::OK);
        let answer = cut(&text);
        assert_eq!(signer(&answer).as_deref(), Some(UNIONPAY), "{text}");
        answer
    }

    fn payment<'a>(&'a self, channel_type: &'a str, biz_type: &'a str, sub_type: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("txnType", "01"),
            ("txnSubType", sub_type),
            ("bizType", biz_type),
            ("channelType", channel_type),
            ("orderId", PAYMENT),
            ("txnTime", "20240301120000"),
            ("txnAmt", "8888"),
            ("currencyCode", "156"),
            ("frontUrl", "http://127.0.0.1:1/return/X"),
            ("backUrl", &self.inbox),
            ("payTimeout", "20240301121500"),
            ("riskRateInfo", "{commodityName=茶壶}"),
            ("reqReserved", "Y2g9Nw=="),
        ]
    }

    /// Applies for a code; what the payer scans.
    async fn code(&self) -> String {
        let pairs: Vec<_> =
            self.payment("08", "000000", "07").into_iter().filter(|(n, _)| !matches!(*n, "frontUrl" | "riskRateInfo")).collect();
        let answer = self.call("/gateway/api/backTransReq.do", &pairs).await;
        assert_eq!(answer["respCode"], "00", "{answer:?}");
        answer["qrCode"].clone()
    }

    async fn query(&self, number: &str) -> Sent {
        self.query_at(number, "20240301120000").await
    }

    async fn query_at(&self, number: &str, time: &str) -> Sent {
        let pairs = [("txnType", "00"), ("txnSubType", "00"), ("bizType", "000000"), ("orderId", number), ("txnTime", time)];
        self.call("/gateway/api/queryTrans.do", &pairs).await
    }

    async fn pay(&self, code: &str, behaviour: &str) -> Result<Receipt, Refusal> {
        let behaviour = Behaviour::parse(behaviour).expect("a behaviour");
        self.simulator.pay(code, Pay { behaviour, account: Account::Xiaoming }).await
    }

    async fn notice(&mut self) -> Sent {
        tokio::time::timeout(Duration::from_secs(20), self.notices.recv()).await.expect("comes").expect("open")
    }

    /// Paid by scanning, with its notice taken.
    async fn paid(&mut self) -> Sent {
        let code = self.code().await;
        self.pay(&code, "ok").await.expect("paid");
        self.notice().await
    }

    async fn advance(&self, by: Duration) {
        // What was spawned before has to be waiting for the clock first.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        self.clock.advance(by);
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    async fn switch(&self, wish: Value) {
        let (status, _, text) = self.post_raw("/unionpay/switches", "application/json", wish.to_string()).await;
        assert_eq!(status, StatusCode::OK, "{text}");
    }

    fn now(&self) -> String {
        use crate::simulator::Clock as _;
        moment::full(self.clock.now_ms())
    }
}

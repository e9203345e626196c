//! A merchant's server, written from the API's description alone: its own canonical text and its own signatures, nothing
//! of `pay::signing`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use rsa::pkcs8::{DecodePublicKey, EncodePublicKey, LineEnding};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Merchant {
    pub url: String,
    pub app_id: String,
    pub key: String,
    pub webhook_secret: String,
    pub sign_type: &'static str,
    /// The cashier's public key, for RSA2 answers.
    pub platform_pem: String,
    client: reqwest::Client,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    /// Whether the signature fits; `None` when there is none.
    pub signature_fits: Option<bool>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().expect("code").to_owned()
    }

    pub fn data(&self) -> Value {
        self.json()["data"].clone()
    }

    /// The `data` of a call that must have worked.
    pub fn done(&self) -> Value {
        assert_eq!((self.status, self.code().as_str()), (200, "000000"), "{}", self.text);
        assert_eq!(self.signature_fits, Some(true), "{}", self.text);
        self.data()
    }

    /// Code, HTTP status and a right signature of a refused call.
    pub fn refused(&self, code: &str, status: u16) -> Value {
        assert_eq!((self.code().as_str(), self.status), (code, status), "{}", self.text);
        assert_eq!(self.signature_fits, Some(true), "{}", self.text);
        self.data()
    }

    /// The same for an answer that must carry no signature.
    pub fn refused_unsigned(&self, code: &str, status: u16) -> Value {
        assert_eq!((self.code().as_str(), self.status), (code, status), "{}", self.text);
        assert_eq!(self.signature_fits, None, "{}", self.text);
        self.data()
    }
}

pub fn now_s() -> i64 {
    crate::pay::World::system().now_ms() / 1000
}

pub fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("nonce-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// One key pair for all tests: making one takes a while.
pub static RSA: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("key"));

pub fn rsa_public_pem() -> String {
    RSA.to_public_key().to_public_key_pem(LineEnding::LF).expect("PEM")
}

impl Merchant {
    pub fn new(url: &str, app_id: &str, key: &str, webhook_secret: &str) -> Self {
        Self {
            url: url.to_owned(),
            app_id: app_id.to_owned(),
            key: key.to_owned(),
            webhook_secret: webhook_secret.to_owned(),
            sign_type: "HMAC-SHA256",
            platform_pem: String::new(),
            client: super::app::client(),
        }
    }

    /// The common fields and these; a field given here wins.
    pub fn fields(&self, own: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::from([
            ("app_id".to_owned(), self.app_id.clone()),
            ("timestamp".to_owned(), now_s().to_string()),
            ("nonce".to_owned(), nonce()),
            ("sign_type".to_owned(), self.sign_type.to_owned()),
        ]);
        fields.extend(own.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        fields
    }

    pub fn signed(&self, own: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut fields = self.fields(own);
        fields.insert("sign".to_owned(), self.sign(&text_of(&fields)));
        fields
    }

    pub async fn call(&self, path: &str, own: &[(&str, &str)]) -> Answer {
        self.send(path, &self.signed(own)).await
    }

    pub async fn create(&self, out_order_no: &str, amount: i64) -> Answer {
        let amount = amount.to_string();
        self.call("/api/v1/orders", &[("out_order_no", out_order_no), ("amount", &amount), ("subject", "青瓷茶壶 🫖")]).await
    }

    /// As given, without signing again.
    pub async fn send(&self, path: &str, fields: &BTreeMap<String, String>) -> Answer {
        let body: Map<String, Value> = fields.iter().map(|(k, v)| (k.clone(), Value::String(v.clone()))).collect();
        self.send_raw(path, Value::Object(body).to_string().into_bytes()).await
    }

    pub async fn send_raw(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.client.post(format!("{}{path}", self.url)).header("content-type", "application/json").body(body);
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("text");
        let signature_fits = self.check_answer(&text);
        Answer { status, headers, text, signature_fits }
    }

    /// Cuts `data` out as it was sent, since its text is what is signed.
    fn check_answer(&self, text: &str) -> Option<bool> {
        let parts: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).ok()?;
        let plain = |name: &str| {
            parts.get(name).map(|raw| serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned()))
        };
        let sign = plain("sign")?;
        let mut fields = BTreeMap::new();
        for name in ["code", "message", "request_id", "timestamp"] {
            fields.insert(name.to_owned(), plain(name)?);
        }
        let data = parts.get("data").map(|raw| raw.get().to_owned()).filter(|raw| raw != "null");
        fields.insert("data".to_owned(), data.unwrap_or_default());
        Some(self.fits(&text_of(&fields), &sign))
    }

    pub fn sign(&self, text: &str) -> String {
        match self.sign_type {
            "HMAC-SHA256" => hex::encode(self.hmac(text)),
            "MD5" => hex::encode_upper(Md5::digest(format!("{text}&key={}", self.key))),
            "RSA2" => STANDARD.encode(RSA.sign(sha256_pkcs1(), &Sha256::digest(text)).expect("signature")),
            other => panic!("{other}"),
        }
    }

    pub fn fits(&self, text: &str, sign: &str) -> bool {
        if self.sign_type == "RSA2" {
            let key = rsa::RsaPublicKey::from_public_key_pem(&self.platform_pem).expect("platform key");
            let signature = STANDARD.decode(sign).expect("base64");
            return key.verify(sha256_pkcs1(), &Sha256::digest(text), &signature).is_ok();
        }
        self.sign(text) == sign
    }

    fn hmac(&self, text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).expect("any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// RFC 8017, section 9.2: the name of SHA-256 before the digest.
fn sha256_pkcs1() -> Pkcs1v15Sign {
    let prefix =
        [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
    Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(prefix) }
}

/// All fields but `sign`, without empty ones, by name.
pub fn text_of(fields: &BTreeMap<String, String>) -> String {
    let kept = fields.iter().filter(|(k, v)| *k != "sign" && !v.is_empty());
    kept.map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&")
}

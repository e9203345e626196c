//! Platform certificates and their download (provider's document: 下载平台证书).

use super::super::clock::beijing;
use super::super::keys::RsaKey;
use super::super::stage::Stage;
use super::call::Call;
use super::play::Wechat;
use super::reply::{Answer, Fault};
use super::sign;
use super::trade::rfc3339;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, SerialNumber};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::json;
use std::sync::{Arc, OnceLock};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A certificate is good for five years.
const LIFE_MS: i64 = 5 * 365 * DAY_MS;

/// One platform certificate; its X.509 is made when first asked for.
#[derive(Clone)]
pub struct Certificate {
    /// 40 hex digits; the second one of an account begins with a zero, which careless readers lose.
    pub serial_no: String,
    pub key: RsaKey,
    effective_at: i64,
    pem: Arc<OnceLock<String>>,
}

impl Certificate {
    fn new(stage: &Stage, nth: usize, effective_at: i64) -> Self {
        let label = format!("wechat_v3/certificate/{nth}");
        let first = if nth.is_multiple_of(2) { "4" } else { "0" };
        let serial_no = format!("{first}{}", stage.keys().text(&label, b"123456789ABCDEF", 39));
        Self { serial_no, key: stage.keys().rsa(&label), effective_at, pem: Arc::default() }
    }

    fn expires_at(&self) -> i64 {
        self.effective_at + LIFE_MS
    }

    #[expect(clippy::expect_used, reason = "constant names, hex digits and a fresh key always give a certificate")]
    fn pem(&self) -> &str {
        self.pem.get_or_init(|| self.issue().expect("a certificate"))
    }

    fn issue(&self) -> Result<String, rcgen::Error> {
        let mut name = DistinguishedName::new();
        name.push(DnType::CountryName, "CN");
        name.push(DnType::OrganizationName, "SIM Tenpay");
        name.push(DnType::CommonName, "SIM Tenpay.com sign");
        let mut params = CertificateParams::default();
        params.distinguished_name = name;
        let serial = hex::decode(&self.serial_no).unwrap_or_default();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.not_before = beijing(self.effective_at);
        params.not_after = beijing(self.expires_at());
        let der = self.key.private_der();
        let der = PrivatePkcs8KeyDer::from(der.as_slice());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_RSA_SHA256)?;
        Ok(params.self_signed(&pair)?.pem())
    }
}

/// All live certificates, oldest first; the newest signs.
pub struct Certificates {
    live: Vec<Certificate>,
    made: usize,
}

impl Certificates {
    pub fn new(stage: &Stage) -> Self {
        Self { live: vec![Certificate::new(stage, 0, stage.now_ms() - 30 * DAY_MS)], made: 1 }
    }

    /// A new one beside the others.
    pub fn rotate(&mut self, stage: &Stage) {
        self.live.push(Certificate::new(stage, self.made, stage.now_ms() - DAY_MS));
        self.made += 1;
    }

    /// The newest one alone.
    pub fn retire(&mut self) {
        let old = self.live.len().saturating_sub(1);
        self.live.drain(..old);
    }

    #[expect(clippy::expect_used, reason = "there is one from the start, and the last one is never dropped")]
    pub fn newest(&self) -> &Certificate {
        self.live.last().expect("a certificate")
    }
}

/// `GET /v3/certificates`.
pub fn download(wechat: &Arc<Wechat>, call: &Call) -> Answer {
    match call.query("algorithm_type") {
        None | Some("RSA" | "ALL") => {}
        Some("SM2") => return Ok(Some(json!({ "data": [] }))),
        Some(_) => return Err(Fault::wrong("/query/algorithm_type", "的值不正确")),
    }
    if !wechat.switches().has_certificates {
        return Err(Fault::new(
            404,
            "RESOURCE_NOT_EXISTS",
            "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥",
            268_435_461,
        ));
    }
    let live = wechat.certificates().live.clone();
    let data: Vec<_> = live
        .iter()
        .map(|certificate| {
            let nonce = wechat.stage.random_text(b"0123456789abcdef", 12);
            let sealed = sign::seal(&wechat.account.api_v3_key, &nonce, "certificate", certificate.pem());
            json!({
                "serial_no": certificate.serial_no,
                "effective_time": rfc3339(certificate.effective_at),
                "expire_time": rfc3339(certificate.expires_at()),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "nonce": nonce,
                    "associated_data": "certificate",
                    "ciphertext": sealed,
                },
            })
        })
        .collect();
    Ok(Some(json!({ "data": data })))
}

//! The one merchant of the simulated gateway: its number, its certificates, its file, and the gateway's own keys.

use super::certificates::{self, Certificates};
use crate::simulator::{Keys, RsaKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::{Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKeyChain};
use std::sync::OnceLock;

/// The name on the payer's page.
pub const PAYEE: &str = "示例商城（银联商户）";

/// The merchant, and the keys of both sides.
pub struct Account {
    pub mer_id: String,
    /// Of the merchant's file. The provider's test environment has `000000` everywhere, which nobody could look for in a log.
    password: String,
    keys: Keys,
    made: OnceLock<Made>,
    credentials: OnceLock<serde_json::Value>,
}

/// Keys take a while to make, so that is left until somebody talks to this provider.
struct Made {
    platform: RsaKey,
    merchant: RsaKey,
    certificates: Certificates,
}

/// Which of the gateway's certificates a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    Current,
    Next,
    Stranger,
    Expired,
    Foreign,
}

impl Account {
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let mer_id = format!("7772900581{}", keys.digits("unionpay merId", 5));
        let password = keys.text("unionpay password", b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", 16);
        Self { mer_id, password, keys: keys.clone(), made: OnceLock::new(), credentials: OnceLock::new() }
    }

    /// Decimal serial number of the merchant's certificate.
    #[must_use]
    pub fn cert_id() -> String {
        certificates::MERCHANT_SERIAL.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte)).to_string()
    }

    /// Whether the merchant's key made a signature of a text.
    #[must_use]
    pub fn is_merchants(&self, text: &[u8], signature: &[u8]) -> bool {
        self.made().merchant.verifies_sha256(text, signature)
    }

    /// The gateway's signature of a text.
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.made().platform.sign_sha256(text)
    }

    /// A certificate of the gateway's as it travels: lines end in CR LF, the last in nothing.
    #[must_use]
    pub fn certificate(&self, leaf: Leaf) -> String {
        let all = &self.made().certificates;
        let pem = match leaf {
            Leaf::Current => &all.platform,
            Leaf::Next => &all.next,
            Leaf::Stranger => &all.stranger,
            Leaf::Expired => &all.expired,
            Leaf::Foreign => &all.foreign,
        };
        pem.lines().collect::<Vec<_>>().join("\r\n")
    }

    #[expect(clippy::expect_used, reason = "fresh RSA keys and fixed names always make certificates")]
    fn made(&self) -> &Made {
        self.made.get_or_init(|| {
            // All of them begin at once; each is waited for when it is first used.
            let [root, middle, platform, merchant] =
                ["root", "middle", "platform", "merchant"].map(|name| self.keys.rsa(&format!("unionpay {name}")));
            let ders = [&root, &middle, &platform, &merchant].map(RsaKey::private_der);
            let keys = certificates::Keys { root: &ders[0], middle: &ders[1], platform: &ders[2], merchant: &ders[3] };
            let certificates = certificates::issue(&keys, &self.mer_id).expect("issues");
            Made { platform, merchant, certificates }
        })
    }

    /// The credential fields of a `unionpay` channel.
    #[must_use]
    pub fn credentials(&self) -> &serde_json::Value {
        self.credentials.get_or_init(|| {
            let all = &self.made().certificates;
            serde_json::json!({
                "mer_id": self.mer_id,
                "sign_pfx": STANDARD.encode(self.file()),
                "sign_pfx_password": self.password,
                "middle_cert_pem": all.middle,
                "root_cert_pem": all.root,
            })
        })
    }

    /// The merchant's PKCS#12 file with the old ciphers that the real ones have.
    #[expect(clippy::expect_used, reason = "writes a key and certificates that were made here")]
    fn file(&self) -> Vec<u8> {
        let all = &self.made().certificates;
        let chain = [&all.merchant, &all.middle, &all.root].map(|pem| {
            let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
            Certificate::from_der(&STANDARD.decode(body).expect("PEM")).expect("a certificate")
        });
        let mut store = KeyStore::new();
        let entry = PrivateKeyChain::new(self.made().merchant.private_der(), [1], chain);
        store.add_entry(&self.mer_id, KeyStoreEntry::PrivateKeyChain(entry));
        store
            .writer(&self.password)
            .encryption_algorithm(EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc)
            .encryption_iterations(2000)
            .mac_algorithm(MacAlgorithm::HmacSha1)
            .mac_iterations(2000)
            .write()
            .expect("writes")
    }
}

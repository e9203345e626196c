//! The merchant accounts at the simulated gateway: one AppID in public-key mode, one in certificate mode.

use super::certificates::{Certificates, IssuingKeys, Subjects, issue};
use super::params::Params;
use super::refusal::Refusal;
use super::signature::{KeyFault, MerchantKey, PlatformKey};
use crate::simulator::Keys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use std::sync::OnceLock;

/// One AppID with its merchant.
pub struct Account {
    pub app_id: String,
    /// The merchant's number, PID.
    pub seller_id: String,
    pub seller_email: String,
    /// The name on the payer's page.
    pub payee: &'static str,
    /// What the merchant configures; kept to print it.
    pub merchant_key_pem: String,
    pub merchant_key: MerchantKey,
    pub platform_key: PlatformKey,
    /// Present in certificate mode.
    pub certificates: Option<Certificates>,
    /// Present where the merchant has switched on content encryption, as the one in certificate mode has. Calls in the clear
    /// are taken all the same.
    pub content_key: Option<[u8; 16]>,
}

/// The numbers of an account, known before its keys are made.
#[derive(Clone)]
pub struct Numbers {
    pub app_id: String,
    pub seller_id: String,
    pub seller_email: &'static str,
    pub payee: &'static str,
}

impl Account {
    /// An account in public-key mode. Keys are PKCS#8 DER.
    ///
    /// # Errors
    /// When a key is none.
    pub fn with_public_key(numbers: &Numbers, platform: &[u8], merchant: &[u8]) -> Result<Self, KeyFault> {
        let private = rsa::RsaPrivateKey::from_pkcs8_der(merchant).map_err(|e| KeyFault::of("merchant key", e))?;
        let spki = private.to_public_key().to_public_key_der().map_err(|e| KeyFault::of("merchant key", e))?;
        Ok(Self {
            app_id: numbers.app_id.clone(),
            seller_id: numbers.seller_id.clone(),
            seller_email: numbers.seller_email.to_owned(),
            payee: numbers.payee,
            merchant_key_pem: private.to_pkcs8_pem(LineEnding::LF).map_err(|e| KeyFault::of("merchant key", e))?.to_string(),
            merchant_key: MerchantKey::from_spki(spki.as_bytes())?,
            platform_key: PlatformKey::from_pkcs8(platform)?,
            certificates: None,
            content_key: None,
        })
    }

    /// An account in certificate mode.
    ///
    /// # Errors
    /// When a key is none.
    pub fn with_certificates(numbers: &Numbers, keys: &IssuingKeys<'_>) -> Result<Self, KeyFault> {
        let subjects = Subjects { app_id: &numbers.app_id, seller_id: &numbers.seller_id, seller_email: numbers.seller_email };
        let certificates = issue(keys, &subjects)?;
        let plain = Self::with_public_key(numbers, keys.platform, keys.merchant)?;
        let content_key = Some(Md5::digest(keys.merchant).into());
        Ok(Self { certificates: Some(certificates), content_key, ..plain })
    }

    /// The account as the credential fields of an `alipay` channel.
    #[must_use]
    pub fn credentials(&self) -> serde_json::Value {
        match &self.certificates {
            None => serde_json::json!({
                "app_id": self.app_id,
                "private_key_pem": self.merchant_key_pem,
                "alipay_public_key_pem": self.platform_key.public_pem(),
                "seller_id": self.seller_id,
            }),
            Some(certificates) => serde_json::json!({
                "app_id": self.app_id,
                "private_key_pem": self.merchant_key_pem,
                "app_cert_pem": certificates.app_cert_pem,
                "alipay_cert_pem": certificates.alipay_cert_pem,
                "alipay_root_cert_pem": certificates.root_bundle_pem,
                "seller_id": self.seller_id,
                "aes_key": self.content_key.map(|key| STANDARD.encode(key)),
            }),
        }
    }

    /// The number of the platform's certificate, in answers of certificate mode.
    #[must_use]
    pub fn platform_cert_sn(&self) -> Option<&str> {
        self.certificates.as_ref().map(|c| c.alipay_cert_sn.as_str())
    }

    /// Whether the certificate numbers of a call are those of this account's mode.
    ///
    /// # Errors
    /// When the other mode's numbers are sent, or this one's are absent or wrong.
    pub fn check_mode(&self, params: &Params) -> Result<(), Refusal> {
        let (app, root) = (params.get("app_cert_sn"), params.get("alipay_root_cert_sn"));
        match &self.certificates {
            None if app.is_some() || root.is_some() => Err(Refusal::signature_config("应用为公钥模式，不应上送证书序列号")),
            None => Ok(()),
            Some(_) if app.is_none() => Err(Refusal::signature_config("应用为证书模式，缺少 app_cert_sn")),
            Some(_) if root.is_none() => Err(Refusal::signature_config("应用为证书模式，缺少 alipay_root_cert_sn")),
            Some(own) if app != Some(&own.app_cert_sn) => Err(Refusal::signature_config("app_cert_sn 与应用证书不符")),
            Some(own) if root != Some(&own.root_cert_sn) => Err(Refusal::signature_config("alipay_root_cert_sn 与根证书不符")),
            Some(_) => Ok(()),
        }
    }
}

/// Both accounts, each made when it is first needed: keys take a while.
pub struct Accounts {
    pub plain_numbers: Numbers,
    pub certified_numbers: Numbers,
    plain: OnceLock<Account>,
    certified: OnceLock<Account>,
}

impl Accounts {
    /// The accounts that belong to these keys.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let numbers = |label: &str, seller_email, payee| Numbers {
            app_id: format!("2021{}", keys.digits(&format!("alipay app {label}"), 12)),
            seller_id: format!("2088{}", keys.digits(&format!("alipay seller {label}"), 12)),
            seller_email,
            payee,
        };
        // Asking begins the work; the first call that needs the result waits for what is left of it.
        let _ = (keys.rsa(PLATFORM), keys.rsa(MERCHANT));
        Self {
            plain_numbers: numbers("public key", "seller@example.com", "模拟商户"),
            certified_numbers: numbers("certificate", "certified@example.com", "模拟商户（证书）"),
            plain: OnceLock::new(),
            certified: OnceLock::new(),
        }
    }

    /// Accounts with given keys, for vectors.
    #[cfg(test)]
    pub fn fixed(plain: Account, certified: Account) -> Self {
        let numbers = |a: &Account| Numbers {
            app_id: a.app_id.clone(),
            seller_id: a.seller_id.clone(),
            seller_email: "seller@example.com",
            payee: a.payee,
        };
        Self {
            plain_numbers: numbers(&plain),
            certified_numbers: numbers(&certified),
            plain: plain.into(),
            certified: certified.into(),
        }
    }

    /// The account in public-key mode.
    #[expect(clippy::expect_used, reason = "keys that were just made are keys")]
    pub fn plain(&self, keys: &Keys) -> &Account {
        self.plain.get_or_init(|| {
            let (platform, merchant) = (keys.rsa(PLATFORM), keys.rsa(MERCHANT));
            Account::with_public_key(&self.plain_numbers, &platform.private_der(), &merchant.private_der()).expect("fresh keys")
        })
    }

    /// The account in certificate mode.
    #[expect(clippy::expect_used, reason = "keys that were just made are keys")]
    pub fn certified(&self, keys: &Keys) -> &Account {
        self.certified.get_or_init(|| {
            let [platform, merchant, root, issuer] =
                [PLATFORM, "alipay certificate merchant", "alipay root", "alipay issuer"].map(|l| keys.rsa(l));
            // Nothing hangs below the second root, so it may share the first one's key; its name and number differ.
            let root = root.private_der();
            let keys = IssuingKeys {
                root: &root,
                second_root: &root,
                issuer: &issuer.private_der(),
                platform: &platform.private_der(),
                merchant: &merchant.private_der(),
            };
            Account::with_certificates(&self.certified_numbers, &keys).expect("fresh keys")
        })
    }

    /// The account with this AppID.
    pub fn by_app_id(&self, app_id: &str, keys: &Keys) -> Option<&Account> {
        if app_id == self.plain_numbers.app_id {
            Some(self.plain(keys))
        } else if app_id == self.certified_numbers.app_id {
            Some(self.certified(keys))
        } else {
            None
        }
    }
}

const PLATFORM: &str = "alipay platform";
const MERCHANT: &str = "alipay merchant";

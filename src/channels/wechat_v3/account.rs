//! Who we are at the provider, read from the credential fields; the ways to name it in a message.

use super::platform::PUBLIC_KEY_ID;
use super::sign::SealKey;
use crate::channels::credentials::{Fields, wrong};
use crate::channels::keys::{SigningKey, VerifyingKey};
use crate::pay::channel::ChannelError;
use serde_json::{Map, Value};

/// A merchant, or a service provider on behalf of one.
#[derive(Debug, Clone)]
pub struct Account {
    pub appid: String,
    pub mchid: String,
    /// Of the merchant's certificate: names the key that our signatures are checked with.
    pub serial_no: String,
    pub key: SigningKey,
    pub seal_key: SealKey,
    /// Set for a merchant behind a service provider; everything above is then the service provider's.
    pub sub: Option<Sub>,
}

#[derive(Debug, Clone)]
pub struct Sub {
    pub mchid: String,
    pub appid: Option<String>,
}

impl Account {
    /// # Errors
    /// `Credentials` naming the field.
    pub fn read(fields: &Fields<'_>) -> Result<Self, ChannelError> {
        let serial_no = fields.required("serial_no")?.to_ascii_uppercase();
        if serial_no.starts_with(PUBLIC_KEY_ID) {
            return Err(wrong("serial_no", "is the number of WeChat's public key; the merchant certificate's belongs here"));
        }
        if serial_no.len() > 40 || !serial_no.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong("serial_no", "must be at most 40 hex digits"));
        }
        let mchid = fields.required("mchid")?;
        if mchid.len() > 32 || !mchid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong("mchid", "must be digits"));
        }
        let sub_appid = fields.optional("sub_appid");
        let sub = match fields.optional("sub_mchid") {
            Some(mchid) => Some(Sub { mchid: mchid.to_owned(), appid: sub_appid.map(str::to_owned) }),
            None if sub_appid.is_some() => return Err(wrong("sub_mchid", "is required together with sub_appid")),
            None => None,
        };
        Ok(Self {
            appid: fields.required("appid")?.to_owned(),
            mchid: mchid.to_owned(),
            serial_no,
            key: fields.signing_key("private_key_pem")?,
            seal_key: SealKey::read(fields.required("api_v3_key")?).map_err(|problem| wrong("api_v3_key", problem))?,
            sub,
        })
    }

    /// WeChat's public key with its number, where both are given.
    ///
    /// # Errors
    /// `Credentials` when only one of them is, or when the key is the merchant's own.
    pub fn public_key(&self, fields: &Fields<'_>) -> Result<Option<(String, VerifyingKey)>, ChannelError> {
        let (id, pem) = (fields.optional("public_key_id"), fields.optional("public_key_pem"));
        let id = match (id, pem) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(wrong("public_key_id", "is required together with public_key_pem")),
            (Some(_), None) => return Err(wrong("public_key_pem", "is required together with public_key_id")),
            (Some(id), Some(_)) => id,
        };
        if !id.starts_with(PUBLIC_KEY_ID) {
            return Err(wrong("public_key_id", "must begin with PUB_KEY_ID_"));
        }
        let key = fields.verifying_key("public_key_pem")?;
        let probe = self.key.sign_sha256(b"whose key is it?").unwrap_or_default();
        if key.verify_sha256(b"whose key is it?", &probe) {
            return Err(wrong("public_key_pem", "is the merchant's own key; WeChat's public key belongs here"));
        }
        Ok(Some((id.to_owned(), key)))
    }

    /// The fields of a body that name the accounts of an order.
    pub fn name_order(&self, body: &mut Map<String, Value>) {
        let mut put = |name: &str, value: &str| body.insert(name.to_owned(), Value::String(value.to_owned()));
        match &self.sub {
            None => {
                put("appid", &self.appid);
                put("mchid", &self.mchid);
            }
            Some(sub) => {
                put("sp_appid", &self.appid);
                put("sp_mchid", &self.mchid);
                if let Some(appid) = &sub.appid {
                    put("sub_appid", appid);
                }
                put("sub_mchid", &sub.mchid);
            }
        }
    }

    /// The fields of a body that name the merchants only.
    pub fn name_merchants(&self, body: &mut Map<String, Value>) {
        let mut put = |name: &str, value: &str| body.insert(name.to_owned(), Value::String(value.to_owned()));
        match &self.sub {
            None => {
                put("mchid", &self.mchid);
            }
            Some(sub) => {
                put("sp_mchid", &self.mchid);
                put("sub_mchid", &sub.mchid);
            }
        }
    }

    /// The query of a question about an order.
    #[must_use]
    pub fn order_query(&self) -> String {
        match &self.sub {
            None => format!("?mchid={}", self.mchid),
            Some(sub) => format!("?sp_mchid={}&sub_mchid={}", self.mchid, sub.mchid),
        }
    }

    /// Where orders live: a service provider's are apart.
    #[must_use]
    pub fn orders_path(&self) -> &'static str {
        match self.sub {
            None => "/v3/pay/transactions",
            Some(_) => "/v3/pay/partner/transactions",
        }
    }

    /// The first id of a message that is not ours. `strict`: the ids that are in every such message must be there.
    /// `with_appid`: it is about an order, not about a refund.
    #[must_use]
    pub fn stranger(&self, ids: &Ids, strict: bool, with_appid: bool) -> Option<&'static str> {
        let differs = |name: &'static str, theirs: &Option<String>, ours: Option<&String>, needed: bool| match (theirs, ours) {
            (Some(theirs), Some(ours)) if theirs == ours => None,
            (Some(_), _) => Some(name),
            (None, _) if needed => Some(name),
            (None, _) => None,
        };
        let needs_appid = strict && with_appid;
        match &self.sub {
            None => differs("mchid", &ids.mchid, Some(&self.mchid), strict)
                .or_else(|| differs("appid", &ids.appid, Some(&self.appid), needs_appid))
                .or_else(|| differs("sp_mchid", &ids.sp_mchid, None, false))
                .or_else(|| differs("sub_mchid", &ids.sub_mchid, None, false)),
            Some(sub) => differs("sp_mchid", &ids.sp_mchid, Some(&self.mchid), strict)
                .or_else(|| differs("sub_mchid", &ids.sub_mchid, Some(&sub.mchid), strict))
                .or_else(|| differs("sp_appid", &ids.sp_appid, Some(&self.appid), needs_appid))
                // The provider fills in the one that is bound, whether we named it or not.
                .or_else(|| sub.appid.as_ref().and_then(|own| differs("sub_appid", &ids.sub_appid, Some(own), false))),
        }
    }
}

/// The accounts that a message of the provider names.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub struct Ids {
    appid: Option<String>,
    mchid: Option<String>,
    sp_appid: Option<String>,
    sp_mchid: Option<String>,
    sub_appid: Option<String>,
    sub_mchid: Option<String>,
}

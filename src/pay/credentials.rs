//! What may be said of stored credentials without giving them away: the end of a secret, the dates of a certificate.

use super::cashier::Cashier;
use super::error::Error;
use super::secret::Secret;
use crate::model::ChannelId;
use std::collections::BTreeMap;

/// One stored field of a channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialFact {
    /// The value itself, of fields that are no secret.
    pub plain: Option<String>,
    /// `…7f2c`
    pub hint: String,
    pub certificates: Vec<CertificateFact>,
}

/// A certificate found in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFact {
    pub subject: String,
    pub issuer: String,
    /// Decimal, as providers quote it, where it is short; else hexadecimal.
    pub serial: String,
    /// UTC ms.
    pub not_before: i64,
    pub not_after: i64,
}

impl Cashier {
    /// The fields of a channel's current credentials by name.
    ///
    /// # Errors
    /// `NotFound`, storage errors.
    pub async fn credential_facts(&self, channel_id: &ChannelId) -> Result<BTreeMap<String, CredentialFact>, Error> {
        let missing = || Error::NotFound { what: "channel" };
        let record = self.store().channel(channel_id).await?.ok_or_else(missing)?;
        let account = self.store().channel_account(channel_id, record.version).await?.ok_or_else(missing)?;
        let declaration = self.factory().declaration(record.kind);
        let is_plain =
            |name: &str| declaration.and_then(|d| d.fields.iter().find(|f| f.name == name)).is_some_and(|field| !field.secret);
        let fact = |(name, value): (&String, &Secret<String>)| (name.clone(), fact(value, is_plain(name)));
        Ok(account.credentials.iter().map(fact).collect())
    }
}

fn fact(value: &Secret<String>, is_plain: bool) -> CredentialFact {
    CredentialFact {
        plain: is_plain.then(|| value.expose().clone()),
        hint: hint(value),
        certificates: certificates(value.expose()),
    }
}

/// The end of a secret; of a PEM text that of its body, since all of them end in dashes.
fn hint(value: &Secret<String>) -> String {
    let body: String = value.expose().lines().filter(|line| !line.starts_with("-----")).collect();
    Secret::new(body).hint()
}

/// All X.509 certificates of a PEM text, in its order.
#[must_use]
pub fn certificates(text: &str) -> Vec<CertificateFact> {
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Vec::new();
    }
    x509_parser::pem::Pem::iter_from_buffer(text.as_bytes())
        .filter_map(Result::ok)
        .filter(|pem| pem.label == "CERTIFICATE")
        .filter_map(|pem| {
            let parsed = pem.parse_x509().ok()?;
            let serial = &parsed.tbs_certificate.serial;
            let decimal = serial.to_string();
            Some(CertificateFact {
                subject: parsed.subject().to_string(),
                issuer: parsed.issuer().to_string(),
                serial: if decimal.len() <= 20 { decimal } else { serial.to_str_radix(16).to_uppercase() },
                not_before: parsed.validity().not_before.timestamp().saturating_mul(1000),
                not_after: parsed.validity().not_after.timestamp().saturating_mul(1000),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_shows_name_and_dates() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["pay.example".to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "Tester");
        params.not_before = rcgen::date_time_ymd(2024, 1, 1);
        params.not_after = rcgen::date_time_ymd(2034, 1, 1);
        let pem = params.self_signed(&key).unwrap().pem();
        let found = certificates(&format!("{pem}{pem}"));
        assert_eq!(found.len(), 2);
        assert!(found[0].subject.contains("Tester"));
        assert_eq!((found[0].not_before, found[0].not_after), (1_704_067_200_000, 2_019_686_400_000));
    }

    #[test]
    fn a_key_is_no_certificate() {
        assert!(certificates("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----").is_empty());
        assert!(certificates("192006250b4c09247ec02edce69f6a2d").is_empty());
    }

    #[test]
    fn a_pem_hint_is_the_end_of_its_body() {
        let pem = Secret::new("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nab12\n-----END PRIVATE KEY-----\n".to_owned());
        assert_eq!(hint(&pem), "…ab12");
    }

    #[test]
    fn a_secret_field_keeps_its_value() {
        let value = Secret::new("192006250b4c09247ec02edce69f7f2c".to_owned());
        assert_eq!(fact(&value, false), CredentialFact { plain: None, hint: "…7f2c".to_owned(), certificates: Vec::new() });
    }
}

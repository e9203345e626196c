use super::super::PROVIDER;
use super::*;
use crate::channels::Registry;
use crate::model::ChannelId;
use crate::pay::channel::{Channel, ChannelError, ChannelFactory, NextStep};
use crate::pay::{ChannelAccount, ChannelRecord};
use std::sync::Arc;

fn problem(credentials: &Credentials) -> (&'static str, String) {
    match Account::open(&Fields::new(credentials)) {
        Err(ChannelError::Credentials { field, problem }) => (field, problem),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("opened"),
    }
}

fn changed(mut credentials: Credentials, changes: &[(&str, &str)]) -> Credentials {
    for (name, value) in changes {
        credentials.insert((*name).to_owned(), Secret::new((*value).to_owned()));
    }
    credentials
}

#[test]
fn both_modes_open() {
    assert_eq!(account(&public_mode()).certificates, None);
    let numbers = account(&certificate_mode()).certificates.unwrap();
    assert_eq!(numbers.app, "299e68bffbc7c22884cb9d012285bd94");
    assert_eq!(numbers.alipay, "e81f3cd4ab54e71af1f9a69b9d9cf175");
    assert_eq!(numbers.root, "408202301f65af253e8591e7f55a8564_d240f4853affea3558f63340f81c8b5a");
    let pkcs1 = changed(public_mode(), &[("private_key_pem", include_str!("../vectors/m.pkcs1"))]);
    assert_eq!(account(&pkcs1).sign("x"), account(&public_mode()).sign("x"));
}

#[test]
fn missing_fields_are_named() {
    for (credentials, field) in [
        (changed(public_mode(), &[("app_id", " ")]), "app_id"),
        (changed(public_mode(), &[("private_key_pem", "")]), "private_key_pem"),
        (changed(public_mode(), &[("private_key_pem", PUBLIC_M)]), "private_key_pem"),
        (changed(public_mode(), &[("alipay_public_key_pem", "")]), "alipay_public_key_pem"),
        (changed(public_mode(), &[("alipay_public_key_pem", "AAAA")]), "alipay_public_key_pem"),
        (changed(public_mode(), &[("app_cert_pem", CERT_APP)]), "alipay_public_key_pem"),
        (changed(certificate_mode(), &[("app_cert_pem", "")]), "app_cert_pem"),
        (changed(certificate_mode(), &[("alipay_cert_pem", "")]), "alipay_cert_pem"),
        (changed(certificate_mode(), &[("alipay_root_cert_pem", "")]), "alipay_root_cert_pem"),
        (changed(certificate_mode(), &[("alipay_root_cert_pem", "AAAA")]), "alipay_root_cert_pem"),
    ] {
        assert_eq!(problem(&credentials).0, field);
    }
}

// Pitfall 1: the most frequent mistake of all.
#[test]
fn our_own_key_as_alipays_is_found_out() {
    let (field, text) = problem(&changed(public_mode(), &[("alipay_public_key_pem", PUBLIC_M)]));
    assert_eq!(field, "alipay_public_key_pem");
    assert!(text.contains("application's own key"), "{text}");
    let (field, text) = problem(&changed(certificate_mode(), &[("alipay_cert_pem", CERT_APP)]));
    assert_eq!(field, "alipay_cert_pem");
    assert!(text.contains("application's own key"), "{text}");
}

#[test]
fn certificates_must_belong_together() {
    let (field, text) = problem(&changed(certificate_mode(), &[("app_cert_pem", CERT_PLATFORM)]));
    assert_eq!((field, text.as_str()), ("app_cert_pem", "does not belong to the private key"));
    let der = crate::channels::certificates::read_certificates(CERT_PLATFORM).unwrap().remove(0);
    let mut forged = der.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    let forged = format!("{}{CERT_ISSUER}", crate::channels::keys::pem("CERTIFICATE", &forged));
    let (field, text) = problem(&changed(certificate_mode(), &[("alipay_cert_pem", &forged)]));
    assert_eq!((field, text.as_str()), ("alipay_cert_pem", "was not signed by the issuer that it names"));
}

// What the consoles hand out in reality: a leaf without its issuer, or one whose root is not in the bundle.
#[test]
fn a_chain_that_cannot_be_followed_is_no_contradiction() {
    for credentials in [
        changed(certificate_mode(), &[("alipay_cert_pem", CERT_PLATFORM)]),
        changed(certificate_mode(), &[("alipay_cert_pem", CERT_PLATFORM), ("alipay_root_cert_pem", CERT_ISSUER)]),
    ] {
        assert_eq!(account(&credentials).certificates.unwrap().alipay, "e81f3cd4ab54e71af1f9a69b9d9cf175");
    }
}

async fn opened(gateway_url: Option<&str>) -> Arc<dyn Channel> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let record = ChannelRecord {
        channel_id: ChannelId::parse("ch_01jd3zq8k7m4n5p6q7r8s9t0vw").unwrap(),
        kind: ChannelKind::Alipay,
        name: "test".to_owned(),
        app_id: None,
        enabled: true,
        methods: Vec::new(),
        gateway_url: gateway_url.map(str::to_owned),
        ca_pem: None,
        priority: 0,
        version: 1,
        created_at: 0,
        updated_at: 0,
    };
    Registry::new(World::system()).open(&ChannelAccount { record, version: 1, credentials: public_mode() }).unwrap()
}

// Pitfall 16: one origin for everything, the provider's own when none is set.
#[tokio::test]
async fn browsers_are_sent_to_the_configured_origin() {
    for (gateway_url, gateway) in
        [(None, "https://openapi.alipay.com/gateway.do?"), (Some("http://127.0.0.1:3100"), "http://127.0.0.1:3100/gateway.do?")]
    {
        let channel = opened(gateway_url).await;
        match channel.start(&start(Method::AlipayWap)).await.unwrap().next {
            NextStep::Redirect { url } => assert!(url.starts_with(gateway), "{url}"),
            other => panic!("{other:?}"),
        }
        match channel.start(&start(Method::AlipayPage)).await.unwrap().next {
            NextStep::Form { action, .. } => assert!(action.starts_with(gateway), "{action}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn fields_and_methods_are_those_of_the_contract() {
    let names: Vec<&str> = PROVIDER.declaration.fields.iter().map(|field| field.name).collect();
    let expected = [
        "app_id",
        "private_key_pem",
        "alipay_public_key_pem",
        "app_cert_pem",
        "alipay_cert_pem",
        "alipay_root_cert_pem",
        "seller_id",
        "aes_key", // ours: an app with content encryption takes and gives nothing readable without it
    ];
    assert_eq!(names, expected);
    let methods: Vec<&str> = PROVIDER.declaration.methods.iter().map(|spec| spec.method.as_str()).collect();
    assert_eq!(methods, ["alipay_page", "alipay_wap", "alipay_qr", "alipay_bar", "alipay_jsapi", "alipay_app"]);
    let secret = |name: &str| PROVIDER.declaration.fields.iter().any(|field| field.name == name && field.secret);
    assert!(secret("private_key_pem") && secret("aes_key"));
}

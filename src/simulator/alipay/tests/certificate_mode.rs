//! The account in certificate mode.

use super::stage::{Listener, Scene, order};
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

#[tokio::test]
async fn answers_name_the_platforms_certificate() {
    let (scene, mut listener) = (Scene::new(), Listener::start().await);
    let merchant = scene.certified_merchant();
    // `precreate` and `status` verify signature and certificate number.
    let code = merchant.precreate("N1", "1.00", Some(&listener.url)).await;
    scene.pay(&code, "ok").await.expect("paid");
    assert_eq!(merchant.status("N1").await, "TRADE_SUCCESS");
    let notice = listener.next(&merchant).await;
    assert_eq!(notice["app_id"], merchant.app_id);
    assert!(!notice.contains_key("alipay_cert_sn"));
}

#[tokio::test]
async fn certificate_numbers_must_be_there_and_right() {
    let scene = Scene::new();
    let merchant = scene.certified_merchant();
    for (name, value) in [
        ("app_cert_sn", None),
        ("alipay_root_cert_sn", None),
        ("app_cert_sn", Some("00000000000000000000000000000000")),
        ("alipay_root_cert_sn", Some("00000000000000000000000000000000")),
    ] {
        let mut params = merchant.params("alipay.trade.query", &json!({ "out_trade_no": "N1" }));
        match value {
            Some(value) => params.insert(name.into(), value.into()),
            None => params.remove(name),
        };
        merchant.sign(&mut params);
        let document: Value = serde_json::from_str(&merchant.send(params).await).expect("JSON");
        assert_eq!(document["alipay_trade_query_response"]["sub_code"], "isv.missing-signature-config", "{name}");
        assert!(document.get("sign").is_none());
    }
}

#[tokio::test]
async fn the_root_bundle_has_a_member_that_does_not_count() {
    let scene = Scene::new();
    let merchant = scene.certified_merchant();
    let (_, root) = merchant.cert_sn.clone().expect("certificate mode");
    assert_eq!(root.split('_').count(), 2, "three members, one of them elliptic");
    let all = scene.simulator.credentials();
    let bundle = all.iter().find_map(|c| c["credentials"]["alipay_root_cert_pem"].as_str()).expect("a bundle");
    assert_eq!(bundle.matches("BEGIN CERTIFICATE").count(), 3);
}

#[tokio::test]
async fn encrypted_calls_are_answered_encrypted_and_refused_in_the_clear() {
    let scene = Scene::new();
    let merchant = scene.certified_merchant();
    let all = scene.simulator.credentials();
    let key = all.iter().find_map(|c| c["credentials"]["aes_key"].as_str()).expect("a key");
    let key: [u8; 16] = STANDARD.decode(key).expect("base64").try_into().expect("128 bits");
    let seal = |text: &str| {
        let cipher = cbc::Encryptor::<aes::Aes128>::new(&key.into(), &[0; 16].into());
        STANDARD.encode(cipher.encrypt_padded_vec_mut::<Pkcs7>(text.as_bytes()))
    };
    let ask = async |content: String, kind: &str| {
        let mut params = merchant.params("alipay.trade.query", &json!({}));
        params.insert("biz_content".into(), content);
        params.insert("encrypt_type".into(), kind.into());
        merchant.sign(&mut params);
        let document: Value = serde_json::from_str(&merchant.send(params).await).expect("JSON");
        document["alipay_trade_query_response"].clone()
    };
    let question = json!({ "out_trade_no": "N1" }).to_string();
    assert_eq!(ask(seal(&question), "AES").await["sub_code"], "ACQ.TRADE_NOT_EXIST");
    let code = merchant.precreate("N1", "1.00", None).await;
    scene.pay(&code, "ok").await.expect("paid");
    let sealed = ask(seal(&question), "AES").await;
    let bytes = STANDARD.decode(sealed.as_str().expect("a text")).expect("base64");
    let cipher = cbc::Decryptor::<aes::Aes128>::new(&key.into(), &[0; 16].into());
    let node: Value = serde_json::from_slice(&cipher.decrypt_padded_vec_mut::<Pkcs7>(&bytes).expect("opens")).expect("JSON");
    assert_eq!(node["trade_status"], "TRADE_SUCCESS");
    assert_eq!(ask(question.clone(), "AES").await["sub_code"], "isv.decryption-error-unknown");
    assert_eq!(ask(seal(&question), "DES").await["sub_code"], "isv.invalid-encrypt-type");
}

#[tokio::test]
async fn merchants_do_not_see_each_others_trades() {
    let scene = Scene::new();
    let (one, other) = (scene.merchant(), scene.certified_merchant());
    let code = one.precreate("N1", "1.00", None).await;
    let trade_no = scene.pay(&code, "ok").await.expect("paid").trade_no;
    assert_eq!(other.status("N1").await, "ACQ.TRADE_NOT_EXIST");
    let node = other.call("alipay.trade.query", json!({ "trade_no": trade_no })).await;
    assert_eq!(node["sub_code"], "ACQ.TRADE_NOT_EXIST");
    assert_eq!(other.call("alipay.trade.precreate", order("N1", "2.00")).await["code"], "10000");
}

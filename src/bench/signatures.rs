//! How many signatures a second one core makes and checks for each kind of channel, beside what OpenSSL's own `speed` says
//! of the same algorithm in the same run.
//!
//! Ours begins with a message's fields and ends with the text that travels; OpenSSL's is the bare algorithm.

use super::Failure;
use super::load::count;
use super::report::{Bound, Report};
use cashier::channels::keys::{SigningKey, VerifyingKey, pem};
use cashier::channels::legacy_keys::LegacyKey;
use cashier::channels::{alipay, baidu, jd, lianlian, qq, unionpay, wechat_v2, wechat_v3};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long each of our figures counts.
const COUNTED: Duration = Duration::from_millis(500);
/// Share of OpenSSL's signatures that ours must reach where `aws-lc-rs` signs.
const FLOOR: f64 = 0.6;
const KEY: &str = "192006250b4c09247ec02edce69f6a2d";

/// Measures all kinds and prints them.
///
/// # Errors
/// When a signature cannot be made or does not verify.
pub fn all(report: &mut Report) -> Result<(), Failure> {
    println!();
    println!("signatures of one core; the share is that of OpenSSL's speed");
    let fields = message();
    let text = alipay::sign::request_text(&fields);

    let md5 = speed(&["-bytes", &text.len().to_string(), "-evp", "md5"]).map(|bytes| bytes[0] / count(text.len()));
    let hmac = speed(&["-bytes", &text.len().to_string(), "-hmac", "sha256"]).map(|bytes| bytes[0] / count(text.len()));
    for (how, limit) in [(wechat_v2::sign::SignType::Md5, md5), (wechat_v2::sign::SignType::HmacSha256, hmac)] {
        let name = format!("wechat_v2, {}", how.as_str());
        let sign = |fields: &Fields| wechat_v2::sign::sign(fields, KEY, how);
        keyed(report, &name, limit, &fields, sign, |fields| wechat_v2::sign::verify(fields, KEY, how))?;
    }
    keyed(report, "qq, MD5", md5, &fields, |fields| qq::sign::sign(fields, KEY), |fields| qq::sign::verify(fields, KEY))?;
    let keys = lianlian::sign::Keys::Md5(cashier::pay::Secret::new(KEY.to_owned()));
    sealed(report, "lianlian, MD5", md5.map(|rate| [rate; 2]), &keys, &fields)?;

    modern(report, &fields)?;
    legacy(report, &fields, &text)
}

type Fields = BTreeMap<String, String>;

/// Fields as an order has them.
fn message() -> Fields {
    let pairs = [
        ("appid", "wx2421b1c4370ec43b"),
        ("body", "一份性能测试 A4 80g"),
        ("device_info", "WEB"),
        ("mch_id", "10000100"),
        ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"),
        ("notify_url", "https://pay.example/notify/ch_01m8aw64nz5989gywqg9xkdkad/pay"),
        ("out_trade_no", "01KBA2Y7W3J8R5V0N6Q4T1XHZD"),
        ("spbill_create_ip", "203.0.113.7"),
        ("time_expire", "20260101123000"),
        ("time_start", "20260101120000"),
        ("total_fee", "8888"),
        ("trade_type", "NATIVE"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The kinds that sign with a shared key.
fn keyed(
    report: &mut Report,
    name: &str,
    limit: Option<f64>,
    fields: &Fields,
    sign: impl Fn(&Fields) -> String,
    check: impl Fn(&Fields) -> bool,
) -> Result<(), Failure> {
    let mut signed = fields.clone();
    signed.insert("sign".to_owned(), sign(fields));
    let made = rate(|| !sign(fields).is_empty())?;
    report.signatures(&format!("{name}: made"), made, limit);
    report.signatures(&format!("{name}: checked"), rate(|| check(&signed))?, limit);
    Ok(())
}

fn sealed(
    report: &mut Report,
    name: &str,
    limit: Option<[f64; 2]>,
    keys: &lianlian::sign::Keys,
    fields: &Fields,
) -> Result<(), Failure> {
    let sealed = keys.seal(fields.clone())?;
    report.signatures(&format!("{name}: made"), rate(|| keys.seal(fields.clone()).is_ok())?, limit.map(|l| l[0]));
    report.signatures(&format!("{name}: checked"), rate(|| keys.verify(&sealed))?, limit.map(|l| l[1]));
    Ok(())
}

/// SHA256withRSA with 2048 bits, which `aws-lc-rs` makes and checks.
fn modern(report: &mut Report, fields: &Fields) -> Result<(), Failure> {
    let (private, public) = key(2048)?;
    let (ours, theirs) = (SigningKey::read(&private)?, VerifyingKey::read(&public)?);
    let limit = speed(&["rsa2048"]);
    let body = serde_json::to_vec(fields)?;
    type Text<'a> = Box<dyn Fn() -> Vec<u8> + 'a>;
    let texts: [(&str, Text<'_>); 3] = [
        ("wechat_v3", {
            let body = &body;
            let target = "/v3/pay/transactions/native";
            Box::new(move || wechat_v3::sign::request_text("POST", target, 1_767_225_600, KEY, body))
        }),
        ("alipay", Box::new(|| alipay::sign::request_text(fields).into_bytes())),
        ("unionpay", Box::new(|| unionpay::message::digest(fields).into_bytes())),
    ];
    for (kind, text) in texts {
        let signature = ours.sign_sha256(&text())?;
        let made = rate(|| ours.sign_sha256(&text()).is_ok())?;
        let name = format!("{kind}, SHA256withRSA 2048");
        report.signatures(&format!("{name}: made"), made, limit.as_ref().map(|l| l[0]));
        if let Some(limit) = &limit {
            let (floor, aim) = (Bound::Rate(limit[0] * FLOOR, None), Bound::Rate(limit[0], None));
            report.value(&format!("  {kind}: beside OpenSSL's"), made, "/s", floor, aim);
        }
        let checked = rate(|| theirs.verify_sha256(&text(), &signature))?;
        report.signatures(&format!("{name}: checked"), checked, limit.as_ref().map(|l| l[1]));
    }
    Ok(())
}

/// 1024 bits and older digests, which only the `rsa` crate still signs.
fn legacy(report: &mut Report, fields: &Fields, text: &str) -> Result<(), Failure> {
    let (private, public) = key(1024)?;
    let (ours, theirs) = (LegacyKey::read(&private)?, VerifyingKey::read(&public)?);
    let limit = speed(&["rsa1024"]).map(|l| [l[0], l[1]]);
    let (made_limit, checked_limit) = (limit.map(|l| l[0]), limit.map(|l| l[1]));

    let signature = baidu::sign::signature(&ours, text.as_bytes())?;
    let made = rate(|| baidu::sign::signature(&ours, baidu::sign::text(fields).as_bytes()).is_ok())?;
    report.signatures("baidu, SHA1withRSA 1024: made", made, made_limit);
    let raw = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, signature)?;
    let checked = rate(|| theirs.verify_sha1(baidu::sign::text(fields).as_bytes(), &raw))?;
    report.signatures("baidu, SHA1withRSA 1024: checked", checked, checked_limit);

    let keys = jd::sign::Keys { ours: ours.clone(), theirs: theirs.clone() };
    let signature = keys.sign(text)?;
    report.signatures("jd, bare RSA 1024: made", rate(|| keys.sign(&jd::sign::form_text(fields)).is_ok())?, made_limit);
    let checked = rate(|| keys.verify(&jd::sign::form_text(fields), &signature))?;
    report.signatures("jd, bare RSA 1024: checked", checked, checked_limit);

    let keys = lianlian::sign::Keys::Rsa { ours, theirs: Box::new(theirs) };
    sealed(report, "lianlian, MD5withRSA 1024", limit, &keys, fields)
}

/// A fresh pair as PEM, private and public.
fn key(bits: usize) -> Result<(String, String), Failure> {
    let key = RsaPrivateKey::new(&mut rand::rngs::OsRng, bits)?;
    let public = key.to_public_key().to_public_key_der()?;
    Ok((pem("PRIVATE KEY", key.to_pkcs8_der()?.as_bytes()), pem("PUBLIC KEY", public.as_bytes())))
}

/// How often a second something succeeds.
fn rate(work: impl Fn() -> bool) -> Result<f64, Failure> {
    let begun = Instant::now();
    let mut done = 0_usize;
    while begun.elapsed() < COUNTED {
        for _ in 0..16 {
            if !black_box(work()) {
                return Err("a signature was not made, or did not verify".into());
            }
        }
        done += 16;
    }
    Ok(count(done) / begun.elapsed().as_secs_f64())
}

/// What `openssl speed` answers: the numbers of its result, signatures and checks a second or bytes a second. `None` where
/// there is no such program.
fn speed(arguments: &[&str]) -> Option<Vec<f64>> {
    let output = Command::new("openssl").args(["speed", "-mr", "-seconds", "1"]).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.lines().rfind(|line| line.starts_with("+F"))?;
    // `+F:number:name:bytes` of a digest, `+F2:number:bits:signatures:checks` of RSA.
    let numbers: Vec<f64> = line.split(':').skip(3).filter_map(|number| number.parse().ok()).collect();
    let wanted = if line.starts_with("+F2") { 2 } else { 1 };
    (numbers.len() >= wanted).then_some(numbers)
}

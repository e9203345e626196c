//! Spoiled notices of every provider: as bytes, which no signature covers any more, and rightly signed around spoiled
//! values, which get past it.

use super::record::{Heard, Played, open_channel, play_all};
use super::{Mutator, budget, feed, fen_of, is_confined, note, seed};
use crate::channels::keys::tests::KEY;
use crate::model::ChannelKind;
use crate::pay::Secret;
use crate::pay::channel::{Channel, NoticeFact, NoticeKind, RawNotice, Remote};
use crate::tests::forger::{Fields, Forger};
use crate::tests::merchant::rsa_public_pem;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use rand::seq::SliceRandom;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

fn raw(heard: &Heard, now_ms: i64) -> RawNotice<'_> {
    RawNotice { kind: heard.kind, headers: &heard.headers, query: &heard.query, body: &heard.body, now_ms }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_are_read_or_refused() {
    if !is_confined("notices::notices_are_read_or_refused") {
        return;
    }
    for played in play_all().await {
        let now = played.world.now_ms();
        for heard in &played.notices {
            let read = played.channel.read_notice(&raw(heard, now));
            assert!(read.is_ok(), "{}: an honest notice: {read:?}", played.name);
        }
        spoil_notices(&played);
    }
}

fn spoil_notices(played: &Played) {
    let seed = seed();
    let mut mutator = Mutator::new(seed, played.notices.iter().map(|h| h.body.clone()).collect());
    let trades: BTreeSet<&str> = played.payments.iter().filter_map(|(_, _, trade_no)| trade_no.as_deref()).collect();
    let now = played.world.now_ms();
    let (began, mut messages) = (Instant::now(), 0);
    while began.elapsed() < budget() {
        let Some(mut heard) = played.notices.choose(mutator.chance()).cloned() else { return };
        match mutator.chance().gen_range(0..10) {
            0 => heard.query = String::from_utf8_lossy(&mutator.spoil(heard.query.into_bytes())).into_owned(),
            1 if !heard.headers.is_empty() => {
                let at = mutator.chance().gen_range(0..heard.headers.len());
                let value = std::mem::take(&mut heard.headers[at].1);
                heard.headers[at].1 = String::from_utf8_lossy(&mutator.spoil(value.into_bytes())).into_owned();
            }
            _ => heard.body = mutator.spoil(heard.body),
        }
        note(&played.name, &heard.body);
        let read = std::panic::catch_unwind(AssertUnwindSafe(|| played.channel.read_notice(&raw(&heard, now))));
        let Ok(read) = read else { panic!("{} panics: seed {seed}: {heard:?} {}", played.name, STANDARD.encode(&heard.body)) };
        for fact in read.unwrap_or_default() {
            if let NoticeFact::Payment { remote: Remote::Paid(paid), .. } = fact {
                let is_true = paid.amount.fen() == super::record::AMOUNT && trades.contains(paid.trade_no.as_str());
                assert!(is_true, "{}: {paid:?} from {heard:?}, seed {seed}", played.name);
            }
        }
        messages += 1;
    }
    println!("{} notices: {messages} messages, seed {seed}", played.name);
}

/// Channels whose provider's key the tests hold.
fn signers() -> Vec<(&'static str, Arc<dyn Channel>, Forger)> {
    let credentials =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), Secret::new((*v).to_owned()))).collect();
    let wechat = [
        ("appid", "wx2421b1c4370ec43b"),
        ("mch_id", "10000100"),
        ("key", "192006250b4c09247ec02edce69f6a2d"),
        ("sign_type", "HMAC-SHA256"),
    ];
    let private = KEY.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string();
    let public = rsa_public_pem();
    let alipay =
        [("app_id", "2014072300007148"), ("private_key_pem", private.as_str()), ("alipay_public_key_pem", public.as_str())];
    let text =
        |pairs: &[(&str, &str)], name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()).expect("there");
    let gateway = "http://127.0.0.1:9"; // nothing is called
    vec![
        (
            "wechat_v2",
            open_channel(ChannelKind::WechatV2, credentials(&wechat), gateway),
            Forger::WeChat { appid: text(&wechat, "appid"), mch_id: text(&wechat, "mch_id"), key: text(&wechat, "key") },
        ),
        (
            "alipay",
            open_channel(ChannelKind::Alipay, credentials(&alipay), gateway),
            Forger::Alipay { app_id: text(&alipay, "app_id"), seller_id: "2088102146225135".to_owned() },
        ),
    ]
}

/// The money that a notice speaks of, in fen, and its number; `None` where its text is no amount.
fn told<'a>(forger: &Forger, fields: &'a Fields) -> (Option<i64>, &'a String) {
    match forger {
        Forger::WeChat { .. } => (fields["total_fee"].parse().ok(), &fields["transaction_id"]),
        Forger::Alipay { .. } => (fen_of(&fields["total_amount"]), &fields["trade_no"]),
    }
}

/// The provider vouches for every value, so each is believed as it stands, or the notice is refused.
#[test]
fn rightly_signed_nonsense_is_read_or_refused() {
    if !is_confined("notices::rightly_signed_nonsense_is_read_or_refused") {
        return;
    }
    for (name, channel, forger) in signers() {
        let truth = forger.truth("01JD0000000000000000000000", 100, "4200002026060712345678901234");
        let names: Vec<String> = truth.keys().cloned().collect();
        let values: Vec<Vec<u8>> = truth.values().map(|v| v.as_bytes().to_vec()).collect();
        let seeds = (0..names.len() * 4).map(|n| vec![u8::try_from(n % names.len()).expect("few"), b'1']).chain(values).collect();
        feed(&format!("signed {name}"), seeds, |message| {
            // The first byte chooses the field.
            let Some((which, value)) = message.split_first() else { return };
            let mut fields = truth.clone();
            // No form can carry what XML forbids; the reader would refuse it before the signature.
            let value: String = String::from_utf8_lossy(value).chars().filter(|c| !c.is_control() && *c != ']').collect();
            fields.insert(names[usize::from(*which) % names.len()].clone(), value);
            let body = forger.signed(&fields);
            let notice = Heard { kind: NoticeKind::Pay, headers: Vec::new(), query: String::new(), body };
            for fact in channel.read_notice(&raw(&notice, 1_790_000_000_000)).unwrap_or_default() {
                if let NoticeFact::Payment { remote: Remote::Paid(paid), .. } = fact {
                    let (amount, trade_no) = told(&forger, &fields);
                    assert_eq!((Some(paid.amount.fen()), &paid.trade_no), (amount, trade_no), "{paid:?} from {fields:?}");
                    assert!(!trade_no.is_empty(), "{paid:?} from {fields:?}");
                }
            }
        });
    }
}

//! A day's bill: a signed ticket, an unsigned file, a hash between them.

use super::*;
use sha1::{Digest, Sha1};

const FILE: &str = "\u{feff}交易时间,微信订单号,商户订单号,交易状态,订单金额,手续费\r\n`2024-05-31 12:01:30,`4200,`CS20240601000001,`SUCCESS,`1.00,`0.01000\r\n总交易单数,应结订单总金额\r\n`1.0,`1.00\r\n";

fn ticket(hash_type: &str, hash: &str, url: &str) -> Value {
    json!({ "hash_type": hash_type, "hash_value": hash, "download_url": url })
}

async fn bill(ticket: Value, file: impl Fn() -> Script + Send + Sync + 'static) -> (Stage, Result<Vec<u8>, ChannelError>) {
    let stage = Stage::set(move |request| match request.path.starts_with("/v3/bill/tradebill?") {
        true => signed(&ticket),
        false => file(),
    })
    .await;
    let bill = stage.channel.bills().unwrap().bill("2024-05-31").await;
    let bill = bill.map(|bill| {
        assert_eq!(bill.lines.len(), 1);
        assert_eq!((bill.lines[0].number.as_str(), bill.lines[0].fee_fen), ("CS20240601000001", Some(1)));
        bill.raw
    });
    (stage, bill)
}

const URL: &str = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Bb";

#[tokio::test]
async fn a_bill_is_believed_for_its_hash_alone() {
    let hash = hex::encode_upper(Sha1::digest(FILE));
    let (stage, raw) = bill(ticket("SHA1", &hash, URL), || Script::ok(FILE)).await;
    assert_eq!(raw, Ok(FILE.as_bytes().to_vec()));
    let seen = stage.server.seen();
    assert_eq!(seen[0].path, "/v3/bill/tradebill?bill_date=2024-05-31&bill_type=ALL");
    assert_eq!(seen[1].path, "/v3/billdownload/file?token=a%2Bb");
    seen.iter().for_each(assert_rightly_sent);
}

#[tokio::test]
async fn files_that_differ_from_their_ticket_are_not_used() {
    let hash = hex::encode(Sha1::digest(FILE));
    let cut = || Script::ok(&FILE[..FILE.len() - 10]);
    for (what, ticket, file) in [
        ("cut", ticket("SHA1", &hash, URL), Box::new(cut) as Box<dyn Fn() -> Script + Send + Sync>),
        ("another hash", ticket("SHA1", &hash.replace('a', "b"), URL), Box::new(|| Script::ok(FILE))),
        ("another kind of hash", ticket("MD5", &hash, URL), Box::new(|| Script::ok(FILE))),
        ("no address", ticket("SHA1", &hash, "x"), Box::new(|| Script::ok(FILE))),
        ("gone", ticket("SHA1", &hash, URL), Box::new(|| refused(400, "PARAM_ERROR"))),
        ("no ticket", json!({}), Box::new(|| Script::ok(FILE))),
    ] {
        assert_eq!(word(&bill(ticket, file).await.1), "unclear", "{what}");
    }
    let page = "<html></html>";
    let (_, raw) = bill(ticket("SHA1", &hex::encode(Sha1::digest(page)), URL), move || Script::ok(page)).await;
    assert_eq!(word(&raw), "unclear", "no bill");
}

#[tokio::test]
async fn a_day_without_payments_is_an_empty_bill() {
    let stage = Stage::once(refused(400, "NO_STATEMENT_EXIST")).await;
    let bill = stage.channel.bills().unwrap().bill("2024-05-31").await.unwrap();
    assert_eq!((bill.lines.len(), bill.raw.len()), (0, 0));
    let stage = Stage::once(refused(400, "STATEMENT_CREATING")).await;
    assert_eq!(word(&stage.channel.bills().unwrap().bill("2024-05-31").await), "unclear");
    let bills = open_at("http://127.0.0.1:9", &[]).unwrap();
    assert_eq!(word(&bills.bills().unwrap().bill("2024-05-31&x=1").await), "refused PARAM_ERROR");
}

#[tokio::test]
async fn an_unsigned_ticket_is_not_believed() {
    let hash = hex::encode(Sha1::digest(FILE));
    let body = ticket("SHA1", &hash, URL).to_string();
    let stage = Stage::once(Script::ok(body)).await;
    assert_eq!(word(&stage.channel.bills().unwrap().bill("2024-05-31").await), "unclear");
    assert_eq!(stage.server.seen().len(), 1);
}

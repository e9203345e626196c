//! Notices: what they carry, and how long they are repeated.

use super::{Algorithm, Bench, Receiver, fault, sign, xml};

fn is_rightly_signed(bench: &Bench, body: &[u8]) -> bool {
    let notice = xml::read(body, "xml").expect("XML");
    sign(notice.iter().map(|(n, v)| (n.as_str(), v.as_str())), &bench.key, bench.algorithm) == notice["sign"]
}

async fn pay(bench: &Bench, receiver: &Receiver, behaviour: &str) {
    let order = bench.order(&[("notify_url", &receiver.url)]).await;
    assert_eq!(fault(&order), "");
    bench.pay(&order["code_url"], behaviour).await;
}

#[tokio::test]
async fn a_notice_is_repeated_until_it_is_acknowledged() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&["success", "", "<xml><return_code>FAIL</return_code></xml>"]).await;
    pay(&bench, &receiver, "ok").await;
    let got = receiver.wait_for(4).await;
    assert!(got.iter().all(|body| is_rightly_signed(&bench, body)));
    let notice = xml::read(&got[3], "xml").expect("XML");
    assert_eq!((notice["total_fee"].as_str(), notice["result_code"].as_str()), ("100", "SUCCESS"));
    assert_eq!(notice["out_trade_no"], "CS20240601000001");
    // 180 s of the plan are 180 ms here: a fifth one would have come by then.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(receiver.wait_for(4).await.len(), 4);
    let book = bench.simulator.book();
    let outcomes: Vec<_> = book["notices"].as_array().expect("tries").iter().map(|t| t["outcome"].as_str()).collect();
    assert_eq!(outcomes, [Some("refused"), Some("refused"), Some("refused"), Some("accepted")]);
}

#[tokio::test]
async fn notices_are_signed_as_their_order_was() {
    let bench = Bench { algorithm: Algorithm::Md5, ..Bench::fast() };
    let receiver = Receiver::start(&[]).await;
    pay(&bench, &receiver, "ok").await;
    assert!(is_rightly_signed(&bench, &receiver.wait_for(1).await[0]));
}

#[tokio::test]
async fn bad_signatures_come_first_and_good_ones_follow() {
    let bench = Bench::fast();
    let receiver =
        Receiver::start(&["<xml><return_code>FAIL</return_code></xml>", "<xml><return_code>FAIL</return_code></xml>"]).await;
    pay(&bench, &receiver, "bad_signature").await;
    let got = receiver.wait_for(3).await;
    let good: Vec<_> = got.iter().map(|body| is_rightly_signed(&bench, body)).collect();
    assert_eq!(good, [false, false, true]);
}

#[tokio::test]
async fn twice_means_two_and_no_notice_means_none() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    pay(&bench, &receiver, "twice").await;
    receiver.wait_for(2).await;

    let silent = Receiver::start(&[]).await;
    let order = bench.order(&[("notify_url", &silent.url), ("out_trade_no", "SILENT-1")]).await;
    bench.pay(&order["code_url"], "no_notice").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(silent.wait_for(0).await.len(), 0);
    assert_eq!(bench.query("SILENT-1").await["trade_state"], "SUCCESS");
}

#[tokio::test]
async fn the_amount_really_paid_is_told() {
    let bench = Bench::fast();
    let receiver = Receiver::start(&[]).await;
    pay(&bench, &receiver, "wrong_amount").await;
    let body = receiver.wait_for(1).await.remove(0);
    assert!(is_rightly_signed(&bench, &body));
    assert_eq!(xml::read(&body, "xml").expect("XML")["total_fee"], "99");
}

//! Asking, closing, refunding: what each answer means.

use super::*;
use crate::pay::channel::{Channel, ChannelError, CheckMeaning, Closing, Remote, RemoteRefund};

fn order(result_pay: &str) -> String {
    answer(&[
        ("no_order", PAY_NO),
        ("dt_order", "20170605131558"),
        ("oid_paybill", "2017060500771034"),
        ("money_order", "88.88"),
        ("result_pay", result_pay),
    ])
}

/// A no as LianLian gives it before it knows who asks.
fn no(code: &str) -> String {
    format!(r#"{{"ret_code":"{code}","ret_msg":"说明"}}"#)
}

/// A no to somebody it knows.
fn signed_no(code: &str) -> String {
    wire::write(&sealed(&[("ret_code", code), ("ret_msg", "说明")]))
}

async fn query(answer: &str) -> Result<Remote, ChannelError> {
    let (_server, channel) = scripted(&[answer.to_owned()]).await;
    channel.query(&payment()).await
}

async fn close(answer: &str) -> Result<Closing, ChannelError> {
    let (_server, channel) = scripted(&[answer.to_owned()]).await;
    channel.close(&payment()).await
}

#[tokio::test]
async fn a_query_names_the_order_by_number_and_time() {
    let (server, channel) = scripted(&[order("SUCCESS")]).await;
    channel.query(&payment()).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/orderquery.htm"));
    assert_eq!(seen.header("content-type"), Some("application/json;charset=utf-8"));
    let asked = wire::read(&seen.body).unwrap();
    assert!(is_signed(&asked));
    let names: Vec<&str> = asked.keys().map(String::as_str).collect();
    assert_eq!(names, ["dt_order", "no_order", "oid_partner", "query_version", "sign", "sign_type"]);
    // The kept time, not the one that could be worked out anew.
    assert_eq!((asked["dt_order"].as_str(), asked["query_version"].as_str()), ("20170605131558", "1.1"));
    let mut bare = payment();
    bare.provider_data.clear();
    channel.query(&bare).await.unwrap();
    assert_eq!(wire::read(&server.seen()[1].body).unwrap()["dt_order"], "20170605131559");
}

#[tokio::test]
async fn result_pay_decides_and_nothing_else() {
    for paid in ["SUCCESS", "REFUND"] {
        let Ok(Remote::Paid(found)) = query(&order(paid)).await else { panic!("{paid}") };
        assert_eq!((found.trade_no.as_str(), found.amount, found.paid_at), ("2017060500771034", fen(8888), None));
    }
    for pending in ["WAITING", "PROCESSING", "SOMETHING_NEW", ""] {
        assert_eq!(query(&order(pending)).await, Ok(Remote::Pending), "{pending}");
    }
    // Not the question's own sentence, which says that it went well.
    let failed = Remote::Failed { code: "FAILURE".to_owned(), message: "the payment failed".to_owned() };
    assert_eq!(query(&order("FAILURE")).await, Ok(failed));
    assert_eq!(query(&no("8901")).await, Ok(Remote::Unknown));
    assert_eq!(query(&no("2006")).await, Ok(Remote::Closed));
    for pending in ["1003", "2003", "2005", "2008"] {
        assert_eq!(query(&no(pending)).await, Ok(Remote::Pending), "{pending}");
    }
}

#[tokio::test]
async fn doubt_stays_doubt() {
    let mut wrong = sealed(&[("ret_code", "0000"), ("no_order", PAY_NO), ("result_pay", "SUCCESS"), ("money_order", "88.88")]);
    wrong.insert("money_order".to_owned(), "0.01".to_owned());
    let mut unsigned = wrong.clone();
    unsigned.remove("sign");
    let lacking = answer(&[("no_order", PAY_NO), ("result_pay", "SUCCESS"), ("money_order", "88.88")]);
    let odd = order("SUCCESS").replace(r#""ret_code":"0000""#, r#""ret_code":"0000","ret_code":"0000""#);
    let mut stranger = map(&[("oid_partner", "201408071000009999"), ("ret_code", "0000"), ("no_order", PAY_NO)]);
    stranger.insert("result_pay".to_owned(), "WAITING".to_owned());
    let stranger = md5_keys(MD5_KEY).seal(stranger).unwrap();
    let mut forged_no = sealed(&[("ret_code", "8901")]);
    forged_no.insert("sign".to_owned(), "0".repeat(32));
    for (n, answer) in [
        wire::write(&wrong),
        wire::write(&unsigned),
        lacking,
        odd,
        wire::write(&stranger),
        wire::write(&forged_no),
        order("SUCCESS").replace(PAY_NO, "01JD3ZQ8K7M4N5P6Q7R8S9T0XX"),
        no("9999"),
        no("1001"),
        no("7777"),
        "<html>".to_owned(),
        String::new(),
        "{}".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        assert!(matches!(query(answer).await, Err(ChannelError::Unclear(_))), "{n}: {answer}");
        assert!(matches!(close(answer).await, Err(ChannelError::Unclear(_))), "{n}: {answer}");
    }
}

/// Version 1.1 answers carry two fields beside the signature, and some masked facts may be there too; nobody decides by
/// what is not signed.
#[tokio::test]
async fn known_fields_outside_of_the_signature_do_not_spoil_it() {
    let signed = wire::read(order("SUCCESS").as_bytes()).unwrap();
    let mut beside = signed.clone();
    beside.extend(map(&[("bank_name", "工商银行"), ("memo", "x")]));
    assert!(matches!(query(&wire::write(&beside)).await, Ok(Remote::Paid(_))));
    beside.extend(map(&[("card_no", "6222****1234"), ("acct_name", "*试")]));
    assert!(matches!(query(&wire::write(&beside)).await, Ok(Remote::Paid(_))));
    beside.insert("settle_date".to_owned(), "20170605".to_owned());
    assert!(matches!(query(&wire::write(&beside)).await, Err(ChannelError::Unclear(_))));
}

#[tokio::test]
async fn closing_asks_and_lets_the_order_run_out() {
    assert_eq!(close(&order("SUCCESS")).await, Ok(Closing::AlreadyPaid));
    assert_eq!(close(&order("REFUND")).await, Ok(Closing::AlreadyPaid));
    for over in [order("WAITING"), order("FAILURE"), no("8901"), no("2006")] {
        assert_eq!(close(&over).await, Ok(Closing::Closed), "{over}");
    }
    for busy in [order("PROCESSING"), order("SOMETHING_NEW"), no("2005")] {
        assert!(matches!(close(&busy).await, Ok(Closing::NotYet(_))), "{busy}");
    }
}

fn refunded(sta_refund: &str) -> String {
    answer(&[
        ("no_refund", REFUND_NO),
        ("dt_refund", "20170605131658"),
        ("money_refund", "20.00"),
        ("oid_refundno", "2017060600123456"),
        ("sta_refund", sta_refund),
    ])
}

async fn send_back(answers: &[String]) -> Result<RemoteRefund, ChannelError> {
    let (server, channel) = scripted(answers).await;
    let result = channel.refund(&refund()).await;
    assert_eq!(server.seen().len(), answers.len(), "calls");
    result
}

#[tokio::test]
async fn a_refund_carries_every_number() {
    let (server, channel) = scripted(&[refunded("0")]).await;
    channel.refund(&refund()).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.path, "/refund.htm");
    let asked = wire::read(&seen.body).unwrap();
    assert!(is_signed(&asked));
    for (name, value) in [
        ("no_refund", REFUND_NO),
        ("dt_refund", "20170605131658"),
        ("money_refund", "20.00"),
        ("no_order", PAY_NO),
        ("dt_order", "20170605131558"),
        ("oid_paybill", "2017060500771034"),
        ("notify_url", "https://cashier.example.com/notify/ch_1/refund"),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
}

#[tokio::test]
async fn the_state_of_a_refund_is_its_sta_refund() {
    let number = Some("2017060600123456".to_owned());
    for open in ["0", "1", "9"] {
        let expected = Ok(RemoteRefund::Processing { provider_refund_no: number.clone() });
        assert_eq!(send_back(&[refunded(open)]).await, expected, "{open}");
    }
    let done = RemoteRefund::Succeeded { provider_refund_no: number, succeeded_at: None };
    assert_eq!(send_back(&[refunded("2")]).await, Ok(done.clone()));
    let failed = RemoteRefund::Failed { code: "sta_refund 3".to_owned(), message: "the refund failed".to_owned() };
    assert_eq!(send_back(&[refunded("3")]).await, Ok(failed));

    let (server, channel) = scripted(&[refunded("2")]).await;
    assert_eq!(channel.query_refund(&refund()).await, Ok(done));
    assert_eq!(server.seen()[0].path, "/refundquery.htm");
    let asked = wire::read(&server.seen()[0].body).unwrap();
    assert_eq!((asked["no_refund"].as_str(), asked["dt_refund"].as_str()), (REFUND_NO, "20170605131658"));
    let (_server, channel) = scripted(&[no("8901")]).await;
    assert_eq!(channel.query_refund(&refund()).await, Ok(RemoteRefund::Unknown));
    for unclear in ["5005", "9920", "9921", "9999"] {
        let (_server, channel) = scripted(&[no(unclear)]).await;
        assert!(matches!(channel.query_refund(&refund()).await, Err(ChannelError::Unclear(_))), "{unclear}");
    }
}

#[tokio::test]
async fn a_no_to_a_refund_is_final_only_when_no_earlier_try_went_through() {
    for code in ["1002", "2006", "2007", "5002", "5003", "5006", "5007", "5008", "8901", "9983"] {
        let earlier = send_back(&[signed_no(code), refunded("2")]).await;
        assert!(matches!(earlier, Ok(RemoteRefund::Succeeded { .. })), "{code}");
        let unclear = send_back(&[signed_no(code), no("9999")]).await;
        assert!(matches!(unclear, Err(ChannelError::Unclear(_))), "{code}");
    }
    for code in ["5003", "5006", "5007", "5008"] {
        let failed = send_back(&[signed_no(code), no("8901")]).await;
        assert_eq!(failed, Ok(RemoteRefund::Failed { code: code.to_owned(), message: "说明".to_owned() }));
        let unsigned = send_back(&[no(code), no("8901")]).await;
        assert!(matches!(unsigned, Err(ChannelError::Unclear(_))), "{code}: {unsigned:?}");
    }
    for code in ["1001", "1004", "1008", "3001"] {
        assert!(matches!(send_back(&[no(code)]).await, Err(ChannelError::Refused { .. })), "{code}");
    }
    for code in ["5004", "9999", "9000"] {
        assert!(matches!(send_back(&[no(code)]).await, Err(ChannelError::Unclear(_))), "{code}");
    }
    assert!(matches!(send_back(&[no("1003")]).await, Ok(RemoteRefund::Processing { .. })));
}

/// The first try of a refund may have reached the books while its record has not.
#[tokio::test]
async fn a_number_in_use_is_no_failure_of_the_refund() {
    for code in ["1002", "9983", "8901", "2006"] {
        for refusal in [no(code), signed_no(code)] {
            let open = Ok(RemoteRefund::Processing { provider_refund_no: None });
            assert_eq!(send_back(&[refusal, no("8901")]).await, open, "{code}");
        }
    }
    for code in ["2007", "5002"] {
        let doubt = send_back(&[signed_no(code), no("8901")]).await;
        assert!(matches!(doubt, Err(ChannelError::Unclear(_))), "{code}: {doubt:?}");
    }
}

#[tokio::test]
async fn an_answer_about_another_refund_or_amount_is_doubt() {
    let other = answer(&[("no_refund", "X"), ("money_refund", "20.00"), ("sta_refund", "2")]);
    let amount = answer(&[("no_refund", REFUND_NO), ("money_refund", "20.01"), ("sta_refund", "2")]);
    for text in [other, amount] {
        assert!(matches!(send_back(&[text]).await, Err(ChannelError::Unclear(_))));
    }
}

#[tokio::test]
async fn the_check_tells_what_is_wrong() {
    for (text, meaning) in [
        (no("8901"), CheckMeaning::Works),
        (wire::write(&sealed(&[("ret_code", "8901"), ("ret_msg", "没有记录")])), CheckMeaning::Works),
        (no("1001"), CheckMeaning::OurSignatureRefused),
        (no("3001"), CheckMeaning::UnknownAccount),
        (no("3010"), CheckMeaning::NotPermitted),
        (no("1008"), CheckMeaning::NotPermitted),
        (no("9999"), CheckMeaning::Other),
        (r#"{"ret_code":"8901","sign_type":"MD5","sign":"00"}"#.to_owned(), CheckMeaning::TheirSignatureWrong),
        ("nonsense".to_owned(), CheckMeaning::Unreachable),
    ] {
        let (_server, channel) = scripted(std::slice::from_ref(&text)).await;
        let report = channel.check().await.unwrap();
        assert_eq!((report.meaning, report.ok), (meaning, meaning == CheckMeaning::Works), "{text}");
    }
}

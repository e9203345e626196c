//! Settlement files.

use super::super::{bill, zip};
use super::*;
use crate::pay::channel::{BillKind, BillLine, Bills};

const CONTENT: &str = include_str!("../vectors/w9.content");
const LINES: &[u8] = include_bytes!("../vectors/w9.zm");

fn line(kind: BillKind, number: &str, provider_no: &str, fen: i64, fee: i64, at: &str) -> BillLine {
    BillLine {
        kind,
        number: number.to_owned(),
        provider_no: provider_no.to_owned(),
        amount: Amount::from_fen(fen).unwrap(),
        fee_fen: Some(fee),
        at: shanghai::parse_compact(at).unwrap(),
    }
}

fn expected() -> Vec<BillLine> {
    vec![
        line(BillKind::Payment, "G20240301120000000001", "742403011200001234568", 8888, 53, "20240301120000"),
        line(BillKind::Refund, "R20240301130000000001", "742403011300001234608", 2000, -12, "20240301130000"),
    ]
}

// W-9, and pitfall 16.
#[tokio::test]
async fn the_vector_is_fetched_unpacked_and_read() {
    let stage = Stage::set(|_| {
        let name = "RD2024_777290058100001.zip";
        answer(&[("txnType", "76"), ("settleDate", "0301"), ("fileName", name), ("fileContent", CONTENT.trim_end())])
    })
    .await;
    let bill = stage.channel.bill("2024-03-01").await.unwrap();
    assert_eq!(bill.lines, expected());
    assert_eq!(bill.raw, LINES);
    let (path, sent) = stage.last();
    assert_eq!(path, "/");
    for (name, value) in [
        ("txnType", "76"),
        ("txnSubType", "01"),
        ("bizType", "000000"),
        ("settleDate", "0301"),
        ("fileType", "00"),
        ("txnTime", "20240301120000"),
    ] {
        assert_eq!(sent[name], value);
    }
}

#[tokio::test]
async fn a_day_without_a_file_is_empty_once_it_should_be_there() {
    let stage = Stage::answering(&[("respCode", "98"), ("respMsg", "文件不存在")]).await;
    // It is noon on the first of March.
    assert_eq!(stage.channel.bill("2024-02-29").await.unwrap().lines, vec![]);
    for day in ["2024-03-01", "2024-03-02"] {
        assert!(matches!(stage.channel.bill(day).await, Err(ChannelError::Refused { code, .. }) if code == "98"), "{day}");
    }
    let asked = stage.sent().len();
    for day in ["2023-03-01", "2024-02-30", "0301", ""] {
        assert!(matches!(stage.channel.bill(day).await, Err(ChannelError::Refused { .. })), "{day}");
    }
    assert_eq!(stage.sent().len(), asked, "the request names no year: an old day is never asked for");
}

#[tokio::test]
async fn broken_files_are_doubt() {
    let whole = STANDARD.decode(CONTENT.trim_end()).unwrap();
    let plain_zip = STANDARD.encode(zip::inflate(&whole).unwrap());
    let cut_off = STANDARD.encode(&whole[..whole.len() / 2]);
    for content in [String::new(), "%".to_owned(), "AAAA".to_owned(), plain_zip, cut_off] {
        let kept = content.clone();
        let stage = Stage::set(move |_| answer(&[("fileContent", &kept)])).await;
        let bill = stage.channel.bill("2024-03-01").await;
        assert!(matches!(bill, Err(ChannelError::Unclear(_))), "{content}: {bill:?}");
    }
    for code in ["03", "99"] {
        let stage = Stage::set(move |_| answer(&[("respCode", code)])).await;
        assert!(matches!(stage.channel.bill("2024-03-01").await, Err(ChannelError::Unclear(_))));
    }
}

#[test]
fn lines_are_cut_by_bytes_and_foreign_ones_left_out() {
    let day = NOON - 12 * 60 * MINUTE;
    assert_eq!(bill::read(LINES, MER_ID, day).unwrap(), expected());
    assert_eq!(bill::read(LINES, "777290058100002", day).unwrap(), vec![]);
    let mut other = LINES.to_vec();
    let end = other.len() - 2;
    assert!(bill::read(&other[..end], MER_ID, day).is_ok(), "the last line end may be missing");
    assert!(bill::read(&other[..100], MER_ID, day).is_err());
    // Another type of transaction, such as a pre-authorisation, is none of ours.
    let at = |field: usize| {
        [3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15][..field].iter().map(|w| w + 1).sum::<usize>()
    };
    other[at(19)..at(19) + 2].copy_from_slice(b"02");
    assert_eq!(bill::read(&other, MER_ID, day).unwrap(), expected()[1..]);
    // A fee that does not explain the net amount is not believed.
    let mut odd = LINES.to_vec();
    odd[at(15) + 12] = b'9';
    assert_eq!(bill::read(&odd, MER_ID, day).unwrap()[0].fee_fen, None);
}

#[test]
fn archives_are_checked() {
    let whole = zip::inflate(&STANDARD.decode(CONTENT.trim_end()).unwrap()).unwrap();
    let entries = zip::entries(&whole).unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].name, b"INN24030188ZM_777290058100001");
    assert_eq!(entries[0].content, LINES);
    for length in [0, 4, 30, whole.len() - 4] {
        assert!(zip::entries(&whole[..length]).is_err(), "{length}");
    }
    for at in 0..whole.len() {
        let mut spoilt = whole.clone();
        spoilt[at] ^= 0x55;
        // Never a panic, and never other lines.
        if let Ok(entries) = zip::entries(&spoilt) {
            assert!(entries.iter().all(|e| e.content == LINES), "{at}");
        }
    }
}

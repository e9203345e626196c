//! WeChat's trade bill, the same text for both APIs (provider's document: 交易账单字段说明).
//!
//! Columns are found by their names, since old files and other kinds of bills have other ones. Must not know how a bill was
//! fetched.

use super::shanghai;
use crate::model::Amount;
use crate::pay::channel::{BillKind, BillLine};
use std::collections::HashMap;

/// Reads a trade bill of any kind (`ALL`, `SUCCESS`, `REFUND`).
///
/// # Errors
/// What is odd about it, in words; then nothing of it is to be used.
pub fn lines(file: &[u8]) -> Result<Vec<BillLine>, String> {
    let text = std::str::from_utf8(file).map_err(|_| "the file is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rest = text.lines();
    let header = rest.next().filter(|line| line.contains("商户订单号")).ok_or("the file has no known header")?;
    let columns: HashMap<&str, usize> = header.split(',').map(str::trim).enumerate().map(|(at, name)| (name, at)).collect();
    let mut found = Vec::new();
    while let Some(line) = rest.next() {
        let Some(cells) = cells(line) else {
            return if line.starts_with("总交易单数") && counted(rest.next()) == Some(found.len()) {
                Ok(found)
            } else {
                Err("the file has no right summary: it is cut off".to_owned())
            };
        };
        if cells.len() != columns.len() {
            return Err(format!("row {} has {} values for {} columns", found.len() + 1, cells.len(), columns.len()));
        }
        let row = Row { columns: &columns, cells: &cells };
        found.push(row.read().ok_or_else(|| format!("row {} is unreadable", found.len() + 1))?);
    }
    Err("the file has no summary: it is cut off".to_owned())
}

/// The values of a row of data: each stands behind a back-tick, and only that tells a comma inside a product's name from
/// one between values.
fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix('`')?.split(",`").collect())
}

/// The count in a summary, which may be printed as `45.0`.
fn counted(line: Option<&str>) -> Option<usize> {
    let cells = cells(line?)?;
    let whole = cells.first()?.trim();
    whole.strip_suffix(".0").unwrap_or(whole).parse().ok()
}

struct Row<'a> {
    columns: &'a HashMap<&'a str, usize>,
    cells: &'a [&'a str],
}

impl Row<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.columns.get(name).and_then(|at| self.cells.get(*at)).map(|cell| cell.trim())
    }

    fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    fn number(&self, name: &str) -> Option<String> {
        self.get(name).filter(|number| !number.is_empty() && *number != "0").map(str::to_owned)
    }

    fn read(&self) -> Option<BillLine> {
        let fee_fen = self.get("手续费").and_then(exact_fen);
        let at = shanghai::parse_spaced(self.get("交易时间")?)?;
        Some(match self.get("交易状态")? {
            "SUCCESS" => BillLine {
                kind: BillKind::Payment,
                number: self.number("商户订单号")?,
                provider_no: self.number("微信订单号")?,
                amount: amount(self.first(&["订单金额", "总金额"])?)?,
                fee_fen,
                at,
            },
            "REFUND" => BillLine {
                kind: BillKind::Refund,
                number: self.number("商户退款单号")?,
                provider_no: self.number("微信退款单号")?,
                amount: amount(self.first(&["申请退款金额", "退款金额"])?)?,
                fee_fen,
                at,
            },
            // A bar-code payment taken back as a whole has no refund number of ours.
            "REVOKED" => BillLine {
                kind: BillKind::Refund,
                number: self.number("商户退款单号").or_else(|| self.number("商户订单号"))?,
                provider_no: self.number("微信退款单号").or_else(|| self.number("微信订单号"))?,
                amount: amount(self.first(&["申请退款金额", "退款金额"])?)?,
                fee_fen,
                at,
            },
            _ => return None,
        })
    }
}

/// Yuan with up to five decimals as hundred-thousandths of a yuan.
fn units(text: &str) -> Option<i64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || decimals.len() > 5 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let all: i64 = format!("{whole}{decimals:0<5}").parse().ok()?;
    Some(if negative { -all } else { all })
}

/// `None` where the amount is not a whole number of fen.
fn exact_fen(text: &str) -> Option<i64> {
    let units = units(text)?;
    (units % 1000 == 0).then_some(units / 1000)
}

fn amount(text: &str) -> Option<Amount> {
    Amount::from_stored(exact_fen(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    const PAID: &str = "`2024-06-01 12:01:30,`wx8888888888888888,`1900000109,`0,`,`4200002024060100000000000001,`CS20240601000001,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`NATIVE,`SUCCESS,`OTHERS,`CNY,`1.00,`0.00,`0,`0,`0.00,`0.00,`,`,`收银台-测试商品,`,`0.00600,`0.60%,`1.00,`0.00,`";
    const BACK: &str = "`2024-06-01 12:30:00,`wx8888888888888888,`1900000109,`0,`,`4200002024060100000000000001,`CS20240601000001,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50300002024060100000000000001,`RF20240601000001,`0.30,`0.00,`ORIGINAL,`SUCCESS,`收银台-测试商品,`,`-0.00180,`0.60%,`0.00,`0.30,`";
    const SUMMARY: &str = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
    const TOTALS: &str = "`2.0,`1.00,`0.30,`0.0,`0.00420,`1.00,`0.30";

    fn file(lines: &[&str]) -> Vec<u8> {
        format!("\u{feff}{}\r\n", lines.join("\r\n")).into_bytes()
    }

    /// 2024-06-01 12:00:00 in Shanghai.
    const NOON: i64 = 1_717_214_400_000;

    #[test]
    fn payments_and_refunds_are_told_apart() {
        let read = lines(&file(&[HEADER, PAID, BACK, SUMMARY, TOTALS])).unwrap();
        assert_eq!(
            read,
            [
                BillLine {
                    kind: BillKind::Payment,
                    number: "CS20240601000001".to_owned(),
                    provider_no: "4200002024060100000000000001".to_owned(),
                    amount: Amount::from_fen(100).unwrap(),
                    // Six tenths of a fen are not said exactly.
                    fee_fen: None,
                    at: NOON + 90_000,
                },
                BillLine {
                    kind: BillKind::Refund,
                    number: "RF20240601000001".to_owned(),
                    provider_no: "50300002024060100000000000001".to_owned(),
                    amount: Amount::from_fen(30).unwrap(),
                    fee_fen: None,
                    at: NOON + 1_800_000,
                },
            ]
        );
    }

    #[test]
    fn commas_in_names_and_other_columns_do_not_shift_values() {
        let row = PAID.replace("收银台-测试商品", "茶壶,蓝色,\"大\"");
        let only = TOTALS.replace("`2.0", "`1");
        assert_eq!(lines(&file(&[HEADER, &row, SUMMARY, &only])).unwrap()[0].number, "CS20240601000001");
        let short_header = "交易时间,微信订单号,商户订单号,交易状态,总金额,手续费";
        let short = "`2024-06-01 12:01:30,`42,`CS1,`SUCCESS,`12.8,`0.07000";
        let read = lines(&file(&[short_header, short, SUMMARY, "`1"])).unwrap();
        assert_eq!((read[0].amount.fen(), read[0].fee_fen), (1280, Some(7)));
    }

    #[test]
    fn a_file_that_breaks_off_is_not_used() {
        let five = TOTALS.replace("`2.0", "`5.0");
        let odd = PAID.replace(",`CNY", "");
        let unknown = PAID.replace("`SUCCESS", "`MAYBE");
        let amount = PAID.replace("`1.00,`0.00,`", "`1.005,`0.00,`");
        for (what, file) in [
            ("empty", Vec::new()),
            ("page", b"<html>".to_vec()),
            ("no summary", file(&[HEADER, PAID, BACK])),
            ("no totals", file(&[HEADER, PAID, BACK, SUMMARY])),
            ("another count", file(&[HEADER, PAID, BACK, SUMMARY, &five])),
            ("a value less", file(&[HEADER, &odd, BACK, SUMMARY, TOTALS])),
            ("an unknown state", file(&[HEADER, &unknown, BACK, SUMMARY, TOTALS])),
            ("half a fen", file(&[HEADER, &amount, BACK, SUMMARY, TOTALS])),
        ] {
            assert!(lines(&file).is_err(), "{what}");
        }
    }

    #[test]
    fn amounts_are_exact_or_not_at_all() {
        for (text, fen) in [("1.00", Some(100)), ("0.3", Some(30)), ("12", Some(1200)), ("-0.07000", Some(-7)), ("0.00600", None)]
        {
            assert_eq!(exact_fen(text), fen, "{text}");
        }
        for bad in ["", ".5", "1e3", "１", "1.000000", "--1", "+1"] {
            assert_eq!(units(bad), None, "{bad}");
        }
    }
}

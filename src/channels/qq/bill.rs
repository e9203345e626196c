//! The trade bill (provider's document: 对账单下载): a line of column names, a line per movement of money with a back-tick
//! before each value, and one or two lines of summary. Columns are found by their names, since the bills differ in them.

use super::wire::Account;
use crate::channels::shanghai;
use crate::model::Amount;
use crate::pay::channel::{Bill, BillKind, BillLine};
use std::collections::HashMap;

/// Reads a bill.
///
/// # Errors
/// What is missing or unreadable: a bill that is understood in part only is worth nothing, and one whose summary counts
/// other rows than there are is cut off.
pub fn read(raw: Vec<u8>, account: &Account) -> Result<Bill, String> {
    let text = std::str::from_utf8(&raw).map_err(|_| "the bill is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let (header, lines) = lines.split_first().ok_or("the bill is empty")?;
    let names: Vec<&str> = header.split(',').map(|name| name.trim().trim_start_matches('`')).collect();
    if !names.contains(&"交易时间") {
        return Err("the bill has no line of column names".to_owned());
    }
    let rows: Vec<Vec<&str>> = lines.iter().map_while(|line| cells(line).filter(|cells| cells.len() == names.len())).collect();
    // Whatever is no row must be the summary: a row with a value more or less is not skipped.
    let summary = lines.get(rows.len()..).unwrap_or_default();
    if counted(summary) != Some(rows.len()) {
        let next = rows.len() + 1;
        return Err(format!("line {next} of the bill is neither a row of {} values nor a right summary", names.len()));
    }
    let line = |cells: Vec<&str>| Row(names.iter().copied().zip(cells).collect()).line(account);
    let found: Vec<BillLine> = rows.into_iter().map(line).collect::<Result<_, _>>()?;
    Ok(Bill { lines: found, raw })
}

/// The values of a row. A comma inside a value is not followed by a back-tick.
fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix('`')?.split(",`").collect())
}

/// The number of rows in a summary, its first value. The words are not documented; it has one line or two, and the count
/// may be printed as `45.0`.
fn counted(summary: &[&str]) -> Option<usize> {
    let values = match summary {
        // More than one value, or a row that breaks off after a digit would do.
        [line] if line.starts_with('`') => line.strip_prefix('`').filter(|values| values.contains(",`"))?,
        [line] => line.split_once(",`")?.1,
        [names, values] if !names.starts_with('`') => values.strip_prefix('`')?,
        _ => return None,
    };
    let count = values.split(',').next()?.trim();
    count.strip_suffix(".0").unwrap_or(count).parse().ok()
}

struct Row<'a>(HashMap<&'a str, &'a str>);

impl<'a> Row<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<&'a str, String> {
        self.text(name).ok_or_else(|| format!("a line of the bill has no {name}"))
    }

    fn line(&self, account: &Account) -> Result<BillLine, String> {
        if self.need("商户号")? != account.mch_id {
            return Err("the bill is about another merchant".to_owned());
        }
        // The words for states are not documented; a refund is a line that names one.
        let (kind, number, provider_no, amount, time) = match self.text("商户退款订单号") {
            Some(number) => {
                let time = self.text("退款提交时间").or(self.text("退款成功时间"));
                (BillKind::Refund, number, self.need("QQ钱包退款订单号")?, self.need("退款金额")?, time)
            }
            None => {
                let time = self.text("交易时间");
                (BillKind::Payment, self.need("商户订单号")?, self.need("QQ钱包订单号")?, self.need("订单金额")?, time)
            }
        };
        let fen = fen(amount).ok_or_else(|| format!("{amount} is no amount"))?;
        Ok(BillLine {
            kind,
            number: number.to_owned(),
            provider_no: provider_no.to_owned(),
            amount: Amount::from_stored(fen.abs()).map_err(|_| format!("{amount} is no amount"))?,
            fee_fen: self.text("手续费金额").and_then(self::fen),
            at: time.and_then(shanghai::parse_spaced).ok_or("a line of the bill has no time")?,
        })
    }
}

/// Yuan as fen, when they are whole ones; a sign may stand before.
fn fen(yuan: &str) -> Option<i64> {
    let (sign, digits) = match yuan.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, yuan),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 11 || part.len() > 2 || !plain(whole) || !plain(part) {
        return None;
    }
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    Some(sign * (whole.parse::<i64>().ok()? * 100 + cents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::Secret;

    const HEAD: &str = "交易时间,商户号,商户APPID,子商户号,子商户APPID,用户标识,设备号,支付方式,商户订单号,QQ钱包订单号,付款银行,货币种类,订单金额,商户优惠金额,商户应收金额,QQ钱包优惠金额,用户支付金额,交易状态,退款提交时间,商户退款订单号,QQ钱包退款订单号,退款金额,退还QQ钱包优惠金额,退款状态,退款成功时间,退款方式,商品名称,商户数据包,手续费金额,费率";
    const PAYMENT: &str = "`2024-06-01 12:00:00,`1900000109,`100619284,`,`,`9E2C,`,`NATIVE,`CS1,`1353933301461607211903715555,`BALANCE,`CNY,`8.88,`0.00,`8.88,`0.88,`8.00,`SUCCESS,`,`,`,`,`,`,`,`,`茶壶,蓝色,`a,b,`0.05,`0.60%";
    const REFUND: &str = "`2024-06-01 12:00:00,`1900000109,`100619284,`,`,`9E2C,`,`NATIVE,`CS1,`1353933301461607211903715555,`BALANCE,`CNY,`8.88,`0.00,`8.88,`0.88,`8.00,`REFUND,`2024-06-01 12:30:00,`RF1,`1121218133801201611098791376,`1.00,`0.88,`SUCCESS,`,`ORIGINAL,`茶壶,`,`-0.006,`0.60%";

    fn account() -> Account {
        Account {
            mch_id: "1900000109".to_owned(),
            key: Secret::new("k".to_owned()),
            appid: None,
            app_key: None,
            op_user_id: String::new(),
            op_user_passwd: None,
        }
    }

    fn lines(text: &str) -> Result<Vec<BillLine>, String> {
        read(text.as_bytes().to_vec(), &account()).map(|bill| bill.lines)
    }

    #[test]
    fn payments_and_refunds_are_told_apart() {
        for summary in ["总交易单数,`2", "总交易单数,订单总金额\r\n`2.0,`8.88", "总交易单数,`2,订单总金额,`8.88", "`2,`8.88"]
        {
            let found = lines(&format!("\u{feff}{HEAD}\r\n{PAYMENT}\r\n{REFUND}\r\n{summary}\r\n")).unwrap();
            let noon = 1_717_214_400_000;
            assert_eq!(
                found,
                [
                    BillLine {
                        kind: BillKind::Payment,
                        number: "CS1".to_owned(),
                        provider_no: "1353933301461607211903715555".to_owned(),
                        amount: Amount::from_fen(888).unwrap(),
                        fee_fen: Some(5),
                        at: noon,
                    },
                    BillLine {
                        kind: BillKind::Refund,
                        number: "RF1".to_owned(),
                        provider_no: "1121218133801201611098791376".to_owned(),
                        amount: Amount::from_fen(100).unwrap(),
                        fee_fen: None,
                        at: noon + 1_800_000,
                    },
                ]
            );
        }
    }

    #[test]
    fn columns_are_found_by_name() {
        let head = "商户号,QQ钱包订单号,商户订单号,交易时间,订单金额";
        let found = lines(&format!("{head}\n`1900000109,`135,`CS1,`2024-06-01 12:00:00,`0.01\n总数,`1\n")).unwrap();
        assert_eq!((found[0].number.as_str(), found[0].amount.fen(), found[0].fee_fen), ("CS1", 1, None));
    }

    #[test]
    fn a_bill_that_is_not_understood_is_none() {
        for (what, text) in [
            ("no header", format!("{PAYMENT}\n总数,`1\n")),
            ("empty", String::new()),
            ("another merchant", format!("{HEAD}\n{}\n总数,`1\n", PAYMENT.replace("1900000109", "1900000110"))),
            ("no amount", format!("{HEAD}\n{}\n总数,`1\n", PAYMENT.replacen("`8.88", "`x", 1))),
            ("parts of a fen", format!("{HEAD}\n{}\n总数,`1\n", PAYMENT.replacen("`8.88", "`8.885", 1))),
            ("no number", format!("{HEAD}\n{}\n总数,`1\n", PAYMENT.replace("`CS1", "`"))),
            ("no time", format!("{HEAD}\n{}\n总数,`1\n", PAYMENT.replace("2024-06-01 12:00:00", "yesterday"))),
        ] {
            assert!(lines(&text).is_err(), "{what}");
        }
        assert!(read(b"\xff".to_vec(), &account()).is_err());
    }

    #[test]
    fn a_bill_that_is_cut_off_or_lost_a_row_is_none() {
        let shorter = PAYMENT.replacen(",`CNY", "", 1);
        let longer = PAYMENT.replacen(",`CNY", ",`CNY,`CNY", 1);
        let half = &PAYMENT[..40];
        for (what, rest) in [
            ("no summary", format!("{PAYMENT}\n{REFUND}\n")),
            ("another count", format!("{PAYMENT}\n{REFUND}\n总数,`3\n")),
            ("no count", format!("{PAYMENT}\n{REFUND}\n总数\n")),
            ("no values", format!("{PAYMENT}\n{REFUND}\n总数,总额\n")),
            ("a row with a value less", format!("{PAYMENT}\n{shorter}\n总数,`2\n")),
            ("a row with a value more", format!("{longer}\n{REFUND}\n总数,`2\n")),
            ("a row less, and counted so", format!("{PAYMENT}\n{shorter}\n总数,`1\n")),
            ("half a row", format!("{PAYMENT}\n{half}\n")),
            ("the first letters of a row", format!("{PAYMENT}\n{REFUND}\n`2")),
            ("a row behind the summary", format!("{PAYMENT}\n总数,`1\n{REFUND}\n")),
            ("three lines of summary", format!("{PAYMENT}\n总数\n`1\n`1\n")),
        ] {
            assert!(lines(&format!("{HEAD}\n{rest}")).is_err(), "{what}");
        }
        assert_eq!(lines(&format!("{HEAD}\n总数,`0\n")), Ok(Vec::new()), "a day without money");
    }

    #[test]
    fn yuan_become_fen_exactly_or_not_at_all() {
        for (yuan, expected) in [
            ("8.88", Some(888)),
            ("8", Some(800)),
            ("8.8", Some(880)),
            ("0.00", Some(0)),
            ("-0.05", Some(-5)),
            ("0.05000", Some(5)),
            ("0.006", None),
            ("1e2", None),
            ("", None),
            (".5", None),
            ("8.8.8", None),
            ("--1", None),
        ] {
            assert_eq!(fen(yuan), expected, "{yuan}");
        }
    }
}

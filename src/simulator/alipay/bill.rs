//! Bills: a day's or month's trades and refunds as a ZIP of two GBK tables.
//!
//! Provider's document: alipay.data.dataservice.bill.downloadurl.query and 业务账单.

use super::china_time;
use super::ledger::{Ledger, Trade};
use super::params::Charset;
use super::yuan;
use crate::simulator::zip::Archive;

const HEADER: &str = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,\
商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,\
退款批次号/请求号,服务费（元）,分润（元）,备注";

/// The period of one bill, in UTC milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Period {
    /// `yyyy-MM-dd` or `yyyy-MM`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Some(from_ms) = china_time::read_day(text) {
            return Some(Self { from_ms, to_ms: from_ms + china_time::DAY_MS });
        }
        china_time::read_month(text).map(|(from_ms, to_ms)| Self { from_ms, to_ms })
    }

    fn holds(self, ms: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&ms)
    }
}

struct Row {
    at_ms: i64,
    text: String,
    /// Negative for a refund.
    fen: i64,
    store: String,
}

fn row(trade: &Trade, kind: &str, at_ms: i64, fen: i64, request: &str) -> Row {
    let order = &trade.order;
    let paid = trade.paid.as_ref();
    let tab = |text: &str| format!("{text}\t");
    let payer = paid.map_or("", |p| p.payer.logon_id);
    let coupon = if fen > 0 { paid.map_or(0, |p| p.funds.coupon) } else { 0 };
    let fee = yuan::text(-service_fee(fen));
    let cells = [
        tab(&trade.trade_no),
        tab(&order.out_trade_no),
        kind.to_owned(),
        order.subject.replace(',', "，"),
        tab(&china_time::seconds(trade.created_ms)),
        tab(&china_time::seconds(at_ms)),
        tab(order.store_id.as_deref().unwrap_or_default()),
        String::new(),
        tab(order.operator_id.as_deref().unwrap_or_default()),
        tab(order.terminal_id.as_deref().unwrap_or_default()),
        tab(payer),
        yuan::text(fen),
        yuan::text(fen),
        yuan::text(coupon),
        "0.00".to_owned(),
        "0.00".to_owned(),
        "0.00".to_owned(),
        "0.00".to_owned(),
        String::new(),
        "0.00".to_owned(),
        "0.00".to_owned(),
        tab(request),
        fee,
        "0.00".to_owned(),
        String::new(),
    ];
    Row { at_ms, text: cells.join(","), fen, store: order.store_id.clone().unwrap_or_default() }
}

/// 0.6 % in whole fen, charged on trades and given back on refunds.
fn service_fee(fen: i64) -> i64 {
    (fen * 6 + 500 * fen.signum()) / 1000
}

fn rows(ledger: &Ledger, seller_id: &str, period: Period) -> Vec<Row> {
    let mut rows = Vec::new();
    for trade in ledger.all().filter(|t| t.order.seller_id == seller_id) {
        if let Some(paid) = trade.paid.as_ref().filter(|p| period.holds(p.at_ms)) {
            rows.push(row(trade, "交易", paid.at_ms, paid.charge, ""));
        }
        for refund in &trade.refunds {
            if let Some(at) = refund.done_ms.filter(|at| period.holds(*at)) {
                rows.push(row(trade, "退款", at, -refund.amount, &refund.out_request_no));
            }
        }
    }
    rows.sort_by_key(|row| row.at_ms);
    rows
}

/// The bill of a seller's period as ZIP bytes; `None` when nothing happened in it.
#[must_use]
pub fn archive(ledger: &Ledger, seller_id: &str, period: Period, now_ms: i64) -> Option<Vec<u8>> {
    let rows = rows(ledger, seller_id, period);
    if rows.is_empty() {
        return None;
    }
    let account = format!("{seller_id}0156");
    let day = china_time::compact_day(period.from_ms);
    let mut zip = Archive::default();
    for (name, text) in [
        (format!("{account}_{day}_业务明细.csv"), detail(&rows, &account, period, now_ms)),
        (format!("{account}_{day}_业务明细(汇总).csv"), summary(&rows, &account, period, now_ms)),
    ] {
        zip.add(&Charset::Gbk.encode(&name), &Charset::Gbk.encode(&text));
    }
    Some(zip.finish())
}

fn head(title: &str, account: &str, period: Period) -> String {
    let (from, to) = (china_time::spoken(period.from_ms), china_time::spoken(period.to_ms));
    format!("#支付宝{title}查询\r\n#账号：[{account}]\r\n#起始日期：[{from}]   终止日期：[{to}]\r\n")
}

fn totals(rows: &[Row]) -> [(usize, i64); 2] {
    let of = |wanted: fn(i64) -> bool| {
        let fens: Vec<i64> = rows.iter().map(|r| r.fen).filter(|fen| wanted(*fen)).collect();
        (fens.len(), fens.iter().sum())
    };
    [of(|fen| fen >= 0), of(|fen| fen < 0)]
}

fn detail(rows: &[Row], account: &str, period: Period, now_ms: i64) -> String {
    let [(paid, paid_fen), (back, back_fen)] = totals(rows);
    let line = "-----------------------------------------";
    let mut text = head("业务明细", account, period);
    text += &format!("#{line}业务明细列表{line}\r\n{HEADER}\r\n");
    for row in rows {
        text += &row.text;
        text += "\r\n";
    }
    text += &format!("#{line}业务明细列表结束{line}\r\n");
    text += &format!("#交易合计：{paid}笔，商家实收共{}元，商家优惠共0.00元\r\n", yuan::text(paid_fen));
    text += &format!("#退款合计：{back}笔，商家实收退款共{}元，商家优惠退款共0.00元\r\n", yuan::text(back_fen));
    text + &format!("#导出时间：[{}]\r\n", china_time::spoken(now_ms))
}

fn summary(rows: &[Row], account: &str, period: Period, now_ms: i64) -> String {
    let line = "-----------------------------------------";
    let mut text = head("业务汇总", account, period);
    text += &format!("#{line}业务汇总列表{line}\r\n");
    text += "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）\r\n";
    let mut stores: Vec<&str> = rows.iter().map(|r| r.store.as_str()).collect();
    stores.sort_unstable();
    stores.dedup();
    for store in stores {
        let mine: Vec<&Row> = rows.iter().filter(|r| r.store == store).collect();
        let (paid, back) = (mine.iter().filter(|r| r.fen >= 0).count(), mine.iter().filter(|r| r.fen < 0).count());
        let net: i64 = mine.iter().map(|r| r.fen).sum();
        let fee: i64 = mine.iter().map(|r| -service_fee(r.fen)).sum();
        let (gross, fee_text, left) = (yuan::text(net), yuan::text(fee), yuan::text(net + fee));
        text += &format!("{store}\t,,{paid},{back},{gross},{gross},0.00,0.00,0.00,{fee_text},0.00,{left}\r\n");
    }
    text += &format!("#{line}业务汇总列表结束{line}\r\n");
    text + &format!("#导出时间：[{}]\r\n", china_time::spoken(now_ms))
}

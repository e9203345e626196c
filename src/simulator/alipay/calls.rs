//! The gateway's methods: fields in, node out.
//!
//! Provider's documents: the page of each `alipay.trade.*` method, and alipay.data.dataservice.bill.downloadurl.query.

use super::account::Account;
use super::bar::{self, Plan};
use super::bill::{self, Period};
use super::china_time;
use super::desk::{Alipay, Desk};
use super::fields::Fields;
use super::ledger::{Key, Status, Trade};
use super::node::Node;
use super::order::{Order, Product};
use super::params::Params;
use super::refunds::CancelAction;
use super::refusal::Refusal;
use super::yuan;
use crate::simulator::{self, Behaviour, OfferState, Pay};
use std::sync::Arc;

/// One verified call.
pub struct Call<'a> {
    pub alipay: &'a Arc<Alipay>,
    pub account: &'a Account,
    pub params: &'a Params,
    pub fields: &'a Fields,
}

impl Call<'_> {
    /// Runs the method.
    ///
    /// # Errors
    /// The method's refusals.
    pub fn run(&self, method: &str) -> Result<Node, Refusal> {
        match method {
            "alipay.trade.precreate" => self.precreate(),
            "alipay.trade.pay" => self.bar_pay(),
            "alipay.trade.create" => self.create(),
            "alipay.trade.query" => self.query(),
            "alipay.trade.close" => self.close(),
            "alipay.trade.cancel" => self.cancel(),
            "alipay.trade.refund" => self.refund(),
            "alipay.trade.fastpay.refund.query" => self.refund_query(),
            "alipay.data.dataservice.bill.downloadurl.query" => self.bill(),
            _ => Err(Refusal::invalid("method", "该方法不能由服务端直接调用")),
        }
    }

    /// The number a call is about, if it names one that can be found; trades need not exist.
    pub fn about(&self, desk: &Desk) -> Option<Key> {
        let trade_no = self.fields.optional("trade_no", 64).ok().flatten();
        if let Some(key) = trade_no.and_then(|no| desk.ledger.by_trade_no(&no).cloned()) {
            return Some(key);
        }
        let number = self.fields.optional("out_trade_no", 64).ok().flatten()?;
        Some((self.account.seller_id.clone(), number))
    }

    fn order(&self, product: Product) -> Result<Order, Refusal> {
        Order::read(product, self.account, self.params, self.fields)
    }

    fn find(&self, desk: &Desk) -> Result<Key, Refusal> {
        let trade_no = self.fields.optional("trade_no", 64)?;
        let number = self.fields.optional_number("out_trade_no", 64)?;
        desk.ledger.find(&self.account.seller_id, trade_no.as_deref(), number.as_deref())
    }

    fn precreate(&self) -> Result<Node, Refusal> {
        let order = self.order(Product::Precreate)?;
        let now = self.alipay.now_ms();
        let mut desk = self.alipay.desk();
        desk.ledger.admits(&order, now)?;
        let known = desk.code_of.get(&order.key()).cloned();
        let code = match known {
            Some(code) if desk.codes.get(&code).is_some_and(|(same, until)| same.agrees_with(&order) && *until > now) => code,
            other => {
                // A code asked for again with other data before anybody scanned replaces the first.
                if let Some(replaced) = other {
                    desk.codes.remove(&replaced);
                }
                let tail = self.alipay.stage.random_text(b"0123456789abcdefghijklmnopqrstuvwxyz", 20);
                format!("https://qr.alipay.com/bax{tail}")
            }
        };
        desk.code_of.insert(order.key(), code.clone());
        let until = order.deadline.from(now).min(now.saturating_add(order.code_life_ms));
        let node = Node::ok().text("out_trade_no", &order.out_trade_no).text("qr_code", &code);
        desk.codes.insert(code, (order, until));
        Ok(node)
    }

    fn create(&self) -> Result<Node, Refusal> {
        let order = self.order(Product::Create)?;
        let mut desk = self.alipay.desk();
        let key = self.alipay.open(&mut desk, &order, false)?;
        let trade = desk.ledger.get(&key).ok_or_else(Refusal::unknown)?;
        Ok(Node::ok().text("out_trade_no", &order.out_trade_no).text("trade_no", &trade.trade_no))
    }

    fn bar_pay(&self) -> Result<Node, Refusal> {
        let order = self.order(Product::Bar)?;
        let scene = self.fields.required("scene", 32)?;
        if scene != "bar_code" && scene != "wave_code" {
            return Err(Refusal::field("scene", "只能为 bar_code 或 wave_code"));
        }
        let code = self.fields.required("auth_code", 32)?;
        if !bar::is_well_formed(&code) {
            return Err(Refusal::acq("PAYMENT_AUTH_CODE_INVALID", "支付授权码无效"));
        }
        let now = self.alipay.now_ms();
        let mut desk = self.alipay.desk();
        desk.ledger.admits(&order, now)?;
        let plan = match bar::fixed(&code) {
            Some(plan) => plan,
            None => {
                let issued = desk.bar_codes.get_mut(&code).filter(|c| !c.used && c.expires_ms > now);
                let issued = issued.ok_or_else(|| Refusal::acq("PAYMENT_AUTH_CODE_INVALID", "支付授权码无效、已使用或已过期"))?;
                issued.used = true;
                Plan::Wallet(issued.pay)
            }
        };
        match plan {
            Plan::Refused(name) => Err(Refusal::acq(name, "支付失败")),
            Plan::Wallet(Pay { behaviour, account }) if behaviour == Behaviour::Fail || account == simulator::Account::Poor => {
                Err(Refusal::acq("BUYER_BALANCE_NOT_ENOUGH", "买家余额不足"))
            }
            Plan::Wallet(pay) => {
                let key = self.alipay.open(&mut desk, &order, false)?;
                let receipt = self.alipay.pay_trade(&mut desk, &key, pay)?;
                let trade = desk.ledger.get(&key).ok_or_else(Refusal::unknown)?;
                Ok(if receipt.state == OfferState::Paying { in_process(trade) } else { paid_node(trade) })
            }
            Plan::TypingForEver => {
                let key = self.alipay.open(&mut desk, &order, false)?;
                let trade = desk.ledger.get_mut(&key).ok_or_else(Refusal::unknown)?;
                trade.typing = true;
                Ok(in_process(trade))
            }
            Plan::Unknown { paid } => {
                if paid {
                    let key = self.alipay.open(&mut desk, &order, false)?;
                    let pay = Pay { behaviour: Behaviour::Ok, account: simulator::Account::Xiaoming };
                    self.alipay.pay_trade(&mut desk, &key, pay)?;
                }
                Err(Refusal::unknown())
            }
        }
    }

    fn query(&self) -> Result<Node, Refusal> {
        let desk = self.alipay.desk();
        let key = self.find(&desk)?;
        let trade = desk.ledger.get(&key).ok_or_else(Refusal::no_trade)?;
        let paid = trade.paid.as_ref();
        let own = yuan::text(paid.map_or(0, |p| p.funds.own));
        let payer = paid.map(|p| &p.payer);
        let mut node = Node::ok()
            .maybe("buyer_logon_id", payer.map(|p| p.logon_id))
            .text("buyer_pay_amount", &own)
            .maybe("buyer_open_id", payer.filter(|_| self.account.certificates.is_some()).map(|p| p.open_id.as_str()))
            .maybe("buyer_user_id", payer.filter(|_| self.account.certificates.is_none()).map(|p| p.user_id.as_str()))
            .maybe("buyer_user_type", payer.map(|_| "PRIVATE"));
        if let Some(paid) = paid.filter(|_| self.fields.asks_for("fund_bill_list")) {
            node = node.raw("fund_bill_list", &paid.funds.bill_list("fund_channel"));
        }
        Ok(node
            .text("invoice_amount", &own)
            .text("out_trade_no", &trade.order.out_trade_no)
            .text("point_amount", "0.00")
            .text("receipt_amount", &yuan::text(paid.map_or(0, |p| p.charge)))
            .maybe("send_pay_date", paid.map(|p| china_time::seconds(p.at_ms)).as_deref())
            .maybe("store_id", trade.order.store_id.as_deref())
            .maybe("terminal_id", trade.order.terminal_id.as_deref())
            .text("total_amount", &yuan::text(trade.total()))
            .text("trade_no", &trade.trade_no)
            .text("trade_status", trade.status.name()))
    }

    fn close(&self) -> Result<Node, Refusal> {
        self.fields.optional("operator_id", 28)?;
        let now = self.alipay.now_ms();
        let mut desk = self.alipay.desk();
        let key = self.find(&desk)?;
        let event = desk.ledger.close(&key, now)?;
        self.alipay.tell(&mut desk, &key, &event);
        let trade = desk.ledger.get(&key).ok_or_else(Refusal::unknown)?;
        Ok(Node::ok().text("out_trade_no", &trade.order.out_trade_no).text("trade_no", &trade.trade_no))
    }

    fn cancel(&self) -> Result<Node, Refusal> {
        let now = self.alipay.now_ms();
        let mut desk = self.alipay.desk();
        let key = match self.find(&desk) {
            Ok(key) => key,
            // A number that never became a trade: nothing to take back, and that is a yes.
            Err(refusal) if refusal == Refusal::no_trade() => {
                let number = self.fields.optional("out_trade_no", 64)?;
                return Ok(Node::ok().maybe("out_trade_no", number.as_deref()).text("retry_flag", "N"));
            }
            Err(refusal) => return Err(refusal),
        };
        let (action, event) = desk.ledger.cancel(&key, now)?;
        if let Some(event) = event {
            self.alipay.tell(&mut desk, &key, &event);
        }
        let trade = desk.ledger.get(&key).ok_or_else(Refusal::unknown)?;
        let action = match action {
            CancelAction::Nothing => None,
            CancelAction::Close => Some("close"),
            CancelAction::Refund => Some("refund"),
        };
        Ok(Node::ok()
            .maybe("action", action)
            .text("out_trade_no", &trade.order.out_trade_no)
            .text("retry_flag", "N")
            .text("trade_no", &trade.trade_no))
    }

    fn refund(&self) -> Result<Node, Refusal> {
        let amount = self.fields.charge("refund_amount")?;
        let number = self.fields.optional_number("out_request_no", 64)?;
        self.fields.optional("refund_reason", 256)?;
        for (name, max) in [("operator_id", 30), ("store_id", 32), ("terminal_id", 32)] {
            self.fields.optional(name, max)?;
        }
        self.fields.goods_detail()?;
        let now = self.alipay.now_ms();
        let mut desk = self.alipay.desk();
        let key = self.find(&desk)?;
        let stuck = desk.behaviour(&key).0 == Behaviour::RefundStuck;
        let outcome = desk.ledger.refund(&key, amount, number.as_deref(), stuck, now)?;
        if let Some(event) = &outcome.event {
            self.alipay.tell(&mut desk, &key, event);
        }
        let trade = desk.ledger.get(&key).ok_or_else(Refusal::unknown)?;
        let payer = trade.paid.as_ref().map(|p| &p.payer);
        let done = trade.refunds.iter().find(|r| r.out_request_no == outcome.out_request_no).and_then(|r| r.done_ms);
        Ok(Node::ok()
            .maybe("buyer_logon_id", payer.map(|p| p.logon_id))
            .maybe("buyer_open_id", payer.filter(|_| self.account.certificates.is_some()).map(|p| p.open_id.as_str()))
            .maybe("buyer_user_id", payer.filter(|_| self.account.certificates.is_none()).map(|p| p.user_id.as_str()))
            .text("fund_change", if outcome.moved { "Y" } else { "N" })
            .maybe("gmt_refund_pay", done.map(china_time::seconds).as_deref())
            .text("out_trade_no", &trade.order.out_trade_no)
            .text("refund_fee", &yuan::text(trade.refunded()))
            .text("send_back_fee", &yuan::text(if outcome.moved { amount } else { 0 }))
            .text("trade_no", &trade.trade_no))
    }

    fn refund_query(&self) -> Result<Node, Refusal> {
        let number = self.fields.required("out_request_no", 64)?;
        let desk = self.alipay.desk();
        let key = self.find(&desk)?;
        let trade = desk.ledger.get(&key).ok_or_else(Refusal::no_trade)?;
        let entry = trade.refunds.iter().find(|r| r.out_request_no == number);
        // "Query executed" and nothing more: no such refund, or not yet.
        let Some((entry, done)) = entry.and_then(|r| Some((r, r.done_ms?))) else { return Ok(Node::ok()) };
        let at = china_time::seconds(done);
        Ok(Node::ok()
            .maybe("gmt_refund_pay", self.fields.asks_for("gmt_refund_pay").then_some(at.as_str()))
            .text("out_request_no", &entry.out_request_no)
            .text("out_trade_no", &trade.order.out_trade_no)
            .text("refund_amount", &yuan::text(entry.amount))
            .text("refund_status", "REFUND_SUCCESS")
            .text("total_amount", &yuan::text(trade.total()))
            .text("trade_no", &trade.trade_no))
    }

    fn bill(&self) -> Result<Node, Refusal> {
        let kind = self.fields.required("bill_type", 20)?;
        if kind != "trade" {
            return Err(Refusal::invalid("parameter", "bill_type 只提供 trade"));
        }
        let date = self.fields.required("bill_date", 15)?;
        let period = Period::read(&date).ok_or_else(|| Refusal::invalid("parameter", "bill_date 应为 yyyy-MM-dd 或 yyyy-MM"))?;
        let now = self.alipay.now_ms();
        let mut desk = self.alipay.desk();
        let too_early = period.to_ms > now && !desk.switches.bills_for_today;
        let too_old = Period::read("2016-01-01").is_some_and(|first| period.from_ms < first.from_ms);
        let seller = self.account.seller_id.clone();
        if too_early || too_old || bill::archive(&desk.ledger, &seller, period, now).is_none() {
            return Err(Refusal::business("isp.bill_not_exist", "账单不存在"));
        }
        let ticket = self.alipay.stage.token(32);
        desk.bills.insert(ticket.clone(), (seller, period, now + BILL_LIFE_MS));
        let url = format!("{}/downloadBillFile.resource?bizType=trade&token={ticket}", self.alipay.stage.origin());
        Ok(Node::ok().text("bill_download_url", &url))
    }
}

/// How long a bill's address works.
const BILL_LIFE_MS: i64 = 30_000;

fn in_process(trade: &Trade) -> Node {
    Node::coded("10003", "order success pay inprocess")
        .text("out_trade_no", &trade.order.out_trade_no)
        .text("total_amount", &yuan::text(trade.order.total))
        .text("trade_no", &trade.trade_no)
}

fn paid_node(trade: &Trade) -> Node {
    debug_assert_ne!(trade.status, Status::Wait);
    let Some(paid) = &trade.paid else { return in_process(trade) };
    Node::ok()
        .text("buyer_logon_id", paid.payer.logon_id)
        .text("buyer_open_id", &paid.payer.open_id)
        .text("buyer_pay_amount", &yuan::text(paid.funds.own))
        .text("buyer_user_id", &paid.payer.user_id)
        .raw("fund_bill_list", &paid.funds.bill_list("fund_channel"))
        .text("gmt_payment", &china_time::seconds(paid.at_ms))
        .text("invoice_amount", &yuan::text(paid.funds.own))
        .text("out_trade_no", &trade.order.out_trade_no)
        .text("point_amount", "0.00")
        .text("receipt_amount", &yuan::text(paid.charge))
        .maybe("store_id", trade.order.store_id.as_deref())
        .text("total_amount", &yuan::text(paid.charge))
        .text("trade_no", &trade.trade_no)
}

//! Alipay's own pages for `alipay.trade.page.pay` and `.wap.pay`: what the payer sees, pays on, and leaves by. Faults of
//! the merchant's request are shown here as a page; the merchant's server hears nothing.

use super::check;
use super::content;
use super::desk::Alipay;
use super::fields::Fields;
use super::ledger::{Key, Status, Trade};
use super::notice;
use super::order::{Order, Product};
use super::params::Params;
use super::refusal::Refusal;
use super::view;
use crate::model::ChannelKind;
use crate::simulator::{self, Behaviour, Pay};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// A page's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Chinese,
    English,
}

impl Lang {
    /// The first of `Accept-Language` that there is; Chinese where nothing is said.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let first = accepted.split(',').map(|tag| tag.trim_start().to_ascii_lowercase());
        first
            .filter_map(
                |tag| if tag.starts_with("zh") { Some(Self::Chinese) } else { tag.starts_with("en").then_some(Self::English) },
            )
            .next()
            .unwrap_or(Self::Chinese)
    }

    #[must_use]
    pub fn pick(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// Reads and checks a browser call: signature first, then the order.
///
/// # Errors
/// Any refusal of the gateway or of the order's fields.
pub fn read_order(alipay: &Alipay, params: &Params) -> Result<Order, Refusal> {
    let account = check::identify(params, &alipay.accounts, alipay.stage.keys())?;
    let product = params.get("method").and_then(Product::of_method);
    let product = product.filter(|p| matches!(p, Product::Page | Product::Wap | Product::App));
    let product = product.ok_or_else(|| Refusal::invalid("method", "不是页面或客户端支付"))?;
    let fields = Fields::parse(content::biz_content(account, params)?.as_deref())?;
    Order::read(product, account, params, &fields)
}

/// Answers a browser that was sent to the gateway: the trade begins, and the payer sees it.
pub fn open(alipay: &Arc<Alipay>, params: &Params, lang: Lang) -> Response {
    let opened = read_order(alipay, params).and_then(|order| {
        let mut desk = alipay.desk();
        match alipay.open(&mut desk, &order, false) {
            // Opened again after the payment: the page says so and leads back.
            Err(refusal) if refusal.sub_code == "ACQ.TRADE_HAS_SUCCESS" => Ok(order.key()),
            other => other,
        }
    });
    match opened {
        Ok(key) => show_trade(alipay, &key, lang, None),
        Err(refusal) => {
            alipay.stage.refused(ChannelKind::Alipay, &refusal.sub_code);
            error(StatusCode::OK, lang, &refusal.sub_code, &check::escape_html(&refusal.sub_msg))
        }
    }
}

/// A page for what went wrong; `detail` is HTML.
pub fn error(status: StatusCode, lang: Lang, code: &str, detail: &str) -> Response {
    let body = view::fault(lang, code, detail);
    (status, view::HEADERS, view::document(lang, lang.pick("支付宝提示", "Alipay notice"), &body)).into_response()
}

fn show_trade(alipay: &Arc<Alipay>, key: &Key, lang: Lang, note: Option<&'static str>) -> Response {
    let desk = alipay.desk();
    let seen = desk.ledger.get(key).and_then(|trade| Some((trade, alipay.account(&trade.order.app_id)?)));
    let Some((trade, account)) = seen else {
        return error(StatusCode::NOT_FOUND, lang, "TRADE_NOT_EXIST", lang.pick("交易不存在", "There is no such trade"));
    };
    let back = match trade.status {
        Status::Success | Status::Finished => notice::return_address(trade, account, alipay.now_ms()),
        _ => leave_address(trade),
    };
    let behaviour = desk.behaviour(key).0;
    let body = view::trade(lang, trade, account.payee, behaviour, back.as_deref(), note);
    (view::HEADERS, view::document(lang, lang.pick("支付宝收银台", "Alipay cashier"), &body)).into_response()
}

/// Where a payer goes who gives up.
fn leave_address(trade: &Trade) -> Option<String> {
    trade.order.quit_url.clone().or_else(|| trade.order.return_url.clone())
}

/// `GET /alipay/cashier/{trade_no}`.
pub async fn show(State(alipay): State<Arc<Alipay>>, headers: HeaderMap, Path(trade_no): Path<String>) -> Response {
    let lang = Lang::of(&headers);
    let key = alipay.desk().ledger.by_trade_no(&trade_no).cloned();
    match key {
        Some(key) => show_trade(&alipay, &key, lang, None),
        None => error(StatusCode::NOT_FOUND, lang, "TRADE_NOT_EXIST", lang.pick("交易不存在", "There is no such trade")),
    }
}

/// `POST /alipay/cashier/{trade_no}/pay`: the button.
pub async fn pay(State(alipay): State<Arc<Alipay>>, headers: HeaderMap, Path(trade_no): Path<String>, body: Bytes) -> Response {
    let lang = Lang::of(&headers);
    let Some(key) = alipay.desk().ledger.by_trade_no(&trade_no).cloned() else {
        return error(StatusCode::NOT_FOUND, lang, "TRADE_NOT_EXIST", lang.pick("交易不存在", "There is no such trade"));
    };
    let wish = |wanted: &str| form_urlencoded::parse(&body).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned());
    let chosen = wish("behaviour").and_then(|name| Behaviour::parse(&name).ok());
    let account = wish("account").and_then(|name| simulator::Account::parse(&name).ok()).unwrap_or(simulator::Account::Xiaoming);
    let outcome = {
        let mut desk = alipay.desk();
        let behaviour = chosen.unwrap_or_else(|| desk.behaviour(&key).0);
        alipay.pay_trade(&mut desk, &key, Pay { behaviour, account })
    };
    match outcome {
        Ok(receipt) if receipt.ok => {
            let here = format!("/alipay/cashier/{trade_no}");
            Redirect::to(receipt.return_url.as_deref().unwrap_or(&here)).into_response()
        }
        Ok(receipt) if receipt.state == simulator::OfferState::Paying => {
            Redirect::to(&format!("/alipay/cashier/{trade_no}")).into_response()
        }
        Ok(_) => show_trade(
            &alipay,
            &key,
            lang,
            Some(lang.pick("付款失败：余额不足。没有扣款。", "Payment failed: not enough balance. You were not charged.")),
        ),
        Err(refusal) if refusal.sub_code == "ACQ.TRADE_HAS_SUCCESS" => show_trade(&alipay, &key, lang, None),
        Err(refusal) => error(StatusCode::OK, lang, &refusal.sub_code, &check::escape_html(&refusal.sub_msg)),
    }
}

/// `GET /alipay/cashier.css`.
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("cashier.css"))
}

//! Where the payer's browser arrives (`saveOrder`), and the page it is sent to. A refused form shows JD's error page; the
//! merchant's server hears nothing of it.

use super::envelope;
use super::ledger::Status;
use super::notice;
use super::order::Order;
use super::play::Jd;
use super::refusal::No;
use super::sign::Fields;
use crate::model::{Amount, Brand, ChannelKind};
use crate::simulator::payer_page::{self, Back, Sight, Step};
use crate::simulator::wallet::Lang;
use crate::simulator::{Account, Behaviour, Pay};
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Ctx};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::HashMap;
use std::sync::Arc;

/// `POST /jdpay/saveOrder`.
pub async fn save_order(Ctx(jd): Ctx<Arc<Jd>>, headers: HeaderMap, body: Bytes) -> Response {
    let opened = read(&jd, &body).and_then(|fields| {
        let order = Order::read(&fields, false)?;
        let (order_id, key) = jd.numbers();
        let mut ledger = jd.ledger();
        let at = ledger.open(order, order_id, key, jd.now())?;
        let trade = &ledger.trades[at];
        Ok(format!(
            "payCashier?tradeNum={}&ourTradeNum={}&orderId={}&key={}",
            trade.order.trade_num, trade.order_id, trade.order_id, trade.key
        ))
    });
    match opened {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(no) => {
            jd.stage.refused(ChannelKind::Jd, no.code);
            payer_page::fault(Lang::of(&headers), Brand::Jd, no.code, &no.words)
        }
    }
}

/// The form in clear: every value but three is locked, and the signature covers the clear ones.
fn read(jd: &Jd, body: &[u8]) -> Result<Fields, No> {
    let mut fields: Fields = form_urlencoded::parse(body).into_owned().collect();
    if fields.get("version").map(String::as_str) != Some("V2.0") {
        return Err(No::field("version"));
    }
    if fields.get("merchant") != Some(&jd.account.merchant) {
        return Err(No::merchant());
    }
    for (name, value) in &mut fields {
        if !matches!(name.as_str(), "version" | "merchant" | "sign" | "cert") && !value.is_empty() {
            *value = jd.account.des_key.decrypt(value).ok_or_else(No::encryption)?;
        }
    }
    if envelope::form_is_signed(&jd.account, &fields) { Ok(fields) } else { Err(No::signature()) }
}

fn page(jd: &Jd, lang: Lang, at: usize, refused: Option<&'static str>) -> Response {
    let ledger = jd.ledger();
    let Some(trade) = ledger.trades.get(at) else { return gone(lang) };
    let order = &trade.order;
    let sight = Sight {
        brand: Brand::Jd,
        payee: jd.account.payee,
        subject: &order.trade_name,
        amount: Amount::from_stored(trade.amount()).unwrap_or_default(),
        number: &order.trade_num,
        trade_no: &trade.order_id,
    };
    let step = match trade.status {
        Status::Created => {
            let action = format!("/jd/cashier/{}/pay", trade.key);
            Step::Pay { action, leave: order.callback_url.clone(), behaviour: trade.behaviour, refused }
        }
        Status::Processing => Step::Wait { here: here(&order.trade_num, &trade.key) },
        Status::Success => {
            let fields = || notice::return_fields(&jd.account, trade);
            Step::Over { outcome: "paid", back: order.callback_url.clone().map(|action| Back::Form { action, fields: fields() }) }
        }
        Status::Failed => Step::Over { outcome: "failed", back: order.callback_url.clone().map(Back::Link) },
        Status::Closed => Step::Over { outcome: "expired", back: order.callback_url.clone().map(Back::Link) },
    };
    payer_page::show(lang, &sight, &step)
}

fn here(trade_num: &str, key: &str) -> String {
    format!("/jdpay/payCashier?tradeNum={trade_num}&key={key}")
}

fn gone(lang: Lang) -> Response {
    let no = No::no_trade();
    payer_page::fault(lang, Brand::Jd, no.code, &no.words)
}

/// `GET /jdpay/payCashier`.
pub async fn show(Ctx(jd): Ctx<Arc<Jd>>, headers: HeaderMap, Query(asked): Query<HashMap<String, String>>) -> Response {
    let lang = Lang::of(&headers);
    let key = asked.get("key").map(String::as_str).unwrap_or_default();
    let at = jd.ledger().by_key(key);
    at.map_or_else(|| gone(lang), |at| page(&jd, lang, at, None))
}

/// `POST /jd/cashier/{key}/pay`: the button.
pub async fn pay(Ctx(jd): Ctx<Arc<Jd>>, headers: HeaderMap, Path(key): Path<String>, body: Bytes) -> Response {
    let lang = Lang::of(&headers);
    let form: Fields = form_urlencoded::parse(&body).into_owned().collect();
    let chosen = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let pay = Pay {
        behaviour: Behaviour::parse(chosen("behaviour")).unwrap_or(Behaviour::Ok),
        account: Account::parse(chosen("account")).unwrap_or(Account::Xiaoming),
    };
    let found = {
        let ledger = jd.ledger();
        ledger.by_key(&key).map(|at| (at, ledger.trades[at].order.trade_num.clone()))
    };
    let Some((at, number)) = found else { return gone(lang) };
    match jd.pay(&number, pay) {
        Err(refusal) if refusal.code == "not_enough" => page(&jd, lang, at, Some("not_enough")),
        // A reload of what follows must not pay again.
        _ => Redirect::to(&here(&number, &key)).into_response(),
    }
}

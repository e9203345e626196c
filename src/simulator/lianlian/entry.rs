//! Where the payer's browser arrives, and the page it sees. A refused order shows LianLian's own error page; the merchant's
//! server hears nothing of it.

use super::ledger::State;
use super::notice;
use super::order::{Gate, Order};
use super::play::Lianlian;
use super::refusal::No;
use super::sign::Fields;
use crate::model::{Amount, Brand, ChannelKind};
use crate::simulator::payer_page::{self, Back, Sight, Step};
use crate::simulator::wallet::Lang;
use crate::simulator::{Account, Behaviour, Pay};
use axum::body::Bytes;
use axum::extract::{Path, State as Ctx};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// One of the gateways' pages.
pub fn gate(gate: Gate) -> axum::routing::MethodRouter<Arc<Lianlian>> {
    axum::routing::post(move |Ctx(lianlian): Ctx<Arc<Lianlian>>, headers: HeaderMap, body: Bytes| async move {
        arrive(&lianlian, gate, Lang::of(&headers), &body)
    })
}

fn arrive(lianlian: &Arc<Lianlian>, gate: Gate, lang: Lang, body: &[u8]) -> Response {
    let opened = read(gate, body).and_then(|fields| {
        let how = lianlian.account.identify(&fields)?;
        let order = Order::read(gate, how, &fields, lianlian.now())?;
        let oid_paybill = lianlian.number(18);
        lianlian.ledger().open(order, oid_paybill, lianlian.now())
    });
    match opened {
        Ok(at) => page(lianlian, lang, at, None),
        Err(no) => {
            lianlian.stage.refused(ChannelKind::Lianlian, no.code);
            payer_page::fault(lang, Brand::Lianlian, no.code, &no.words)
        }
    }
}

/// The form's inputs; on WAP the fields inside of its one input.
fn read(gate: Gate, body: &[u8]) -> Result<Fields, No> {
    let form: Fields = form_urlencoded::parse(body).into_owned().collect();
    if !gate.is_wap() {
        return Ok(form);
    }
    let data = form.get("req_data").ok_or_else(|| No::parameter("req_data"))?;
    serde_json::from_str(data).map_err(|_| No::unreadable())
}

fn page(lianlian: &Lianlian, lang: Lang, at: usize, refused: Option<&'static str>) -> Response {
    let ledger = lianlian.ledger();
    let Some(trade) = ledger.trades.get(at) else { return gone(lang) };
    let order = &trade.order;
    let shown = trade.paid.as_ref().map_or(order.money, |paid| paid.amount);
    let sight = Sight {
        brand: Brand::Lianlian,
        payee: lianlian.account.payee,
        subject: &order.name_goods,
        amount: Amount::from_stored(shown).unwrap_or_default(),
        number: &order.no_order,
        trade_no: &trade.oid_paybill,
    };
    let here = format!("/lianlian/cashier/{}", trade.oid_paybill);
    let step = match trade.state {
        State::Waiting => {
            let leave = order.back_url.clone().or_else(|| order.url_return.clone());
            Step::Pay { action: format!("{here}/pay"), leave, behaviour: trade.behaviour, refused }
        }
        State::Processing => Step::Wait { here },
        // The way back is offered after success only.
        State::Success => {
            let fields = || notice::return_fields(&lianlian.account, trade);
            Step::Over { outcome: "paid", back: order.url_return.clone().map(|action| Back::Form { action, fields: fields() }) }
        }
        State::Failure => Step::Over { outcome: "failed", back: order.back_url.clone().map(Back::Link) },
        State::Expired => Step::Over { outcome: "expired", back: order.back_url.clone().map(Back::Link) },
    };
    payer_page::show(lang, &sight, &step)
}

fn gone(lang: Lang) -> Response {
    let no = No::no_record();
    payer_page::fault(lang, Brand::Lianlian, no.code, &no.words)
}

/// `GET /lianlian/cashier/{oid_paybill}`.
pub async fn show(Ctx(lianlian): Ctx<Arc<Lianlian>>, headers: HeaderMap, Path(oid_paybill): Path<String>) -> Response {
    let at = lianlian.ledger().by_paybill(&oid_paybill);
    at.map_or_else(|| gone(Lang::of(&headers)), |at| page(&lianlian, Lang::of(&headers), at, None))
}

/// `POST /lianlian/cashier/{oid_paybill}/pay`: the button.
pub async fn pay(
    Ctx(lianlian): Ctx<Arc<Lianlian>>,
    headers: HeaderMap,
    Path(oid_paybill): Path<String>,
    body: Bytes,
) -> Response {
    let lang = Lang::of(&headers);
    let form: Fields = form_urlencoded::parse(&body).into_owned().collect();
    let chosen = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let pay = Pay {
        behaviour: Behaviour::parse(chosen("behaviour")).unwrap_or(Behaviour::Ok),
        account: Account::parse(chosen("account")).unwrap_or(Account::Xiaoming),
    };
    let outcome = lianlian.pay(&oid_paybill, pay);
    let Some(at) = lianlian.ledger().by_paybill(&oid_paybill) else { return gone(lang) };
    match outcome {
        Err(refusal) if refusal.code == "not_enough" => page(&lianlian, lang, at, Some("not_enough")),
        // A reload of what follows must not pay again.
        _ => Redirect::to(&format!("/lianlian/cashier/{oid_paybill}")).into_response(),
    }
}

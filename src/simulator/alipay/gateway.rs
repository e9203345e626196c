//! `/gateway.do`: reads a call, finds out who it is, runs it, and signs the answer.

use super::account::Account;
use super::calls::Call;
use super::check;
use super::content;
use super::desk::Alipay;
use super::fields::Fields;
use super::node::{Node, document, document_sign_first};
use super::oauth;
use super::page;
use super::params::{Charset, Params};
use super::refusal::Refusal;
use super::signature::corrupted;
use super::switches::Switch;
use crate::model::ChannelKind;
use crate::simulator::Behaviour;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Both transports: everything in the body but `charset`, or the system parameters in the address.
pub async fn gateway(
    State(alipay): State<Arc<Alipay>>,
    http_method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let is_form =
        http_method == Method::POST && content_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
    let params = Params::read(&query.unwrap_or_default(), if is_form { &body } else { b"" });
    match params.get("method") {
        Some("alipay.trade.page.pay" | "alipay.trade.wap.pay") => page::open(&alipay, &params, page::Lang::of(&headers)),
        _ => server_call(&alipay, &params).await,
    }
}

/// The key under which a method's node stands.
fn response_key(method: Option<&str>) -> String {
    match method {
        Some(method) if check::METHODS.contains(&method) => format!("{}_response", method.replace('.', "_")),
        _ => "error_response".to_owned(),
    }
}

async fn server_call(alipay: &Arc<Alipay>, params: &Params) -> Response {
    let method = params.get("method");
    let key = response_key(method);
    let account = match check::identify(params, &alipay.accounts, alipay.stage.keys()) {
        Ok(account) => account,
        Err(refusal) => {
            alipay.stage.refused(ChannelKind::Alipay, &refusal.sub_code);
            let text = document(&key, &refusal_node(&refusal, None).finish(), None, None);
            return answer(alipay, params.charset.encode(&text), params.charset);
        }
    };
    let method = method.unwrap_or_default();
    let switch = alipay.desk().switches.take(method == "alipay.trade.refund");
    if switch == Some(Switch::Http502) {
        return bad_gateway();
    }
    if method == "alipay.system.oauth.token" {
        let outcome = oauth::token(alipay, account, params);
        let key = if outcome.is_ok() { key } else { "error_response".to_owned() };
        return finish(alipay, account, params, &key, outcome, None, switch).await;
    }
    let biz = content::biz_content(account, params);
    let fields = match biz.and_then(|biz| Fields::parse(biz.as_deref())) {
        Ok(fields) => fields,
        Err(refusal) => return finish(alipay, account, params, &key, Err(refusal), None, switch).await,
    };
    let call = Call { alipay, account, params, fields: &fields };
    // A bar code's money moves before the front end breaks down; everything else breaks before it is done.
    let is_bar = method == "alipay.trade.pay";
    if !is_bar && let Some(broken) = hindrance(&call).await {
        return broken;
    }
    let outcome = match switch {
        Some(Switch::SellerBalanceEmpty) => Err(Refusal::acq("SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")),
        _ => call.run(method),
    };
    if is_bar && let Some(broken) = hindrance(&call).await {
        return broken;
    }
    let number = fields.optional("out_trade_no", 64).ok().flatten();
    finish(alipay, account, params, &key, outcome, number.as_deref(), switch).await
}

async fn hindrance(call: &Call<'_>) -> Option<Response> {
    let (behaviour, since) = {
        let desk = call.alipay.desk();
        let key = call.about(&desk)?;
        desk.behaviour(&key)
    };
    call.alipay.stage.hindrance(behaviour, since).await
}

fn refusal_node(refusal: &Refusal, number: Option<&str>) -> Node {
    // The text that a bad signature is answered with comes escaped for HTML, even inside JSON.
    let is_signature = refusal.sub_code == "isv.invalid-signature";
    let sub_msg = if is_signature { check::escape_html(&refusal.sub_msg) } else { refusal.sub_msg.clone() };
    Node::coded(refusal.code, refusal.msg())
        .text("sub_code", &refusal.sub_code)
        .text("sub_msg", &sub_msg)
        .maybe("out_trade_no", number)
}

async fn finish(
    alipay: &Arc<Alipay>,
    account: &Account,
    params: &Params,
    key: &str,
    outcome: Result<Node, Refusal>,
    number: Option<&str>,
    switch: Option<Switch>,
) -> Response {
    let outcome = if switch == Some(Switch::Unknown) { Err(Refusal::unknown()) } else { outcome };
    let node = match outcome {
        Ok(node) => content::node(account, params, node.finish()),
        Err(refusal) => {
            alipay.stage.refused(ChannelKind::Alipay, &refusal.sub_code);
            refusal_node(&refusal, number.filter(|_| refusal.code == "40004")).finish()
        }
    };
    let charset = if switch == Some(Switch::GbkBody) { Charset::Gbk } else { params.charset };
    let sign = account.platform_key.sign(&charset.encode(&node));
    let cert_sn = account.platform_cert_sn();
    let text = match switch {
        Some(Switch::DropSign) => document(key, &node, cert_sn, None),
        Some(Switch::CorruptSign) => document(key, &node, cert_sn, Some(&corrupted(&sign))),
        Some(Switch::SignFirst) => document_sign_first(key, &node, cert_sn, &sign),
        _ => document(key, &node, cert_sn, Some(&sign)),
    };
    match switch {
        Some(Switch::Delay) => alipay.stage.pause(Behaviour::SLOWNESS).await,
        Some(Switch::Cut) => return cut_connection(),
        _ => {}
    }
    answer(alipay, charset.encode(&text), params.charset)
}

fn answer(alipay: &Alipay, body: Vec<u8>, charset: Charset) -> Response {
    let content_type = format!("text/html;charset={}", charset.name());
    let trace = alipay.stage.random_text(b"0123456789abcdef", 32);
    ([(header::CONTENT_TYPE.as_str(), content_type), ("trace_id", trace)], body).into_response()
}

fn bad_gateway() -> Response {
    (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], "<html><body><h1>502 Bad Gateway</h1></body></html>")
        .into_response()
}

/// An answer that promises a body and breaks off instead.
fn cut_connection() -> Response {
    let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
    Body::from_stream(broken).into_response()
}

/// `POST /alipay/switches` with `{"switch": …, "times": n}`: faults for the next answers.
pub async fn switches(State(alipay): State<Arc<Alipay>>, body: Bytes) -> Response {
    #[derive(serde::Deserialize)]
    struct Wish {
        switch: Switch,
        #[serde(default = "once")]
        times: u32,
    }
    fn once() -> u32 {
        1
    }
    match serde_json::from_slice::<Wish>(&body) {
        Ok(wish) => {
            alipay.desk().switches.set(wish.switch, wish.times);
            axum::Json(serde_json::json!({ "ok": true })).into_response()
        }
        Err(e) => {
            (StatusCode::BAD_REQUEST, axum::Json(serde_json::json!({ "ok": false, "message": e.to_string() }))).into_response()
        }
    }
}

/// `GET /downloadBillFile.resource?token=…`: a bill as ZIP, while its address lives.
pub async fn download_bill(State(alipay): State<Arc<Alipay>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let token = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token").map(|(_, value)| value.into_owned());
    let now = alipay.now_ms();
    let desk = alipay.desk();
    let ticket = token.and_then(|token| desk.bills.get(&token)).filter(|(_, _, until)| *until > now);
    let zip = ticket.and_then(|(seller, period, _)| super::bill::archive(&desk.ledger, seller, *period, now));
    match zip {
        Some(zip) => ([(header::CONTENT_TYPE, "application/zip")], zip).into_response(),
        None => (StatusCode::FORBIDDEN, "bill address expired").into_response(),
    }
}

//! The wallet's pages: enter a code, look and pay, result. Plain HTML, own style sheet, no scripts.

use super::super::behaviour::{Account, Behaviour};
use super::super::provider::{Offer, OfferState};
use super::super::server::Simulator;
use super::words::Lang;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use std::fmt::Write as _;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Asked {
    code: Option<String>,
    outcome: Option<String>,
}

pub(super) async fn show(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let lang = Lang::of(&headers);
    let code = asked.code.as_deref().map(str::trim).filter(|c| !c.is_empty());
    let Some(code) = code else { return page(StatusCode::OK, lang, "plain", None, &entry(lang, "", false)) };
    match simulator.look_up(code) {
        None => page(StatusCode::NOT_FOUND, lang, "plain", None, &entry(lang, code, true)),
        Some((_, offer)) if offer.state == OfferState::Open || offer.state == OfferState::Closed => {
            page(StatusCode::OK, lang, offer.brand.as_str(), None, &offered(lang, code, &offer))
        }
        Some((_, offer)) => {
            let outcome = if offer.state == OfferState::Paid { "already_paid" } else { offer.state.as_str() };
            page(StatusCode::OK, lang, offer.brand.as_str(), None, &done(lang, &offer, outcome))
        }
    }
}

pub(super) async fn result(State(simulator): State<Arc<Simulator>>, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let lang = Lang::of(&headers);
    let code = asked.code.unwrap_or_default();
    let Some((_, offer)) = simulator.look_up(&code) else {
        return page(StatusCode::NOT_FOUND, lang, "plain", None, &entry(lang, &code, true));
    };
    // What the trade says goes before what the address says: a payer with a password may be through by now.
    let said = asked.outcome.as_deref().unwrap_or("failed");
    let outcome = match (offer.state, said) {
        (OfferState::Paid, "already_paid") => "already_paid",
        (OfferState::Paid, _) => "paid",
        (_, "paid" | "paying") => offer.state.as_str(),
        (_, said) => said,
    };
    let back = (outcome == "paid" || outcome == "already_paid").then_some(offer.return_url.as_deref()).flatten();
    page(StatusCode::OK, lang, offer.brand.as_str(), back, &done(lang, &offer, outcome))
}

/// Text for HTML content and quoted attributes.
pub(in crate::simulator) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn page(status: StatusCode, lang: Lang, look: &str, back: Option<&str>, body: &str) -> Response {
    let title = lang.pick("模拟钱包", "Simulated wallet");
    let banner = lang.pick("演示环境，不涉及真实资金", "Demo, no real money");
    let refresh = back
        .filter(|url| is_web(url))
        .map(|url| format!(r#"<meta http-equiv="refresh" content="5;url={}">"#, escape(url)))
        .unwrap_or_default();
    let html = format!(
        r#"<!DOCTYPE html><html lang="{tag}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">{refresh}<title>{title}</title><link rel="stylesheet" href="/wallet/wallet.css"></head><body class="look-{look}"><p class="demo">{banner}</p><main>{body}</main></body></html>"#,
        tag = lang.tag(),
    );
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-language"),
    ];
    (status, headers, Html(html)).into_response()
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn entry(lang: Lang, code: &str, unknown: bool) -> String {
    let fault = if unknown {
        format!(
            r#"<p class="fault" id="fault" role="alert" data-testid="error">{}</p>"#,
            lang.pick("没有任何机构认识这个付款码，请检查后重试。", "No provider knows this code. Check it and try again.")
        )
    } else {
        String::new()
    };
    format!(
        r#"<header class="bar"><h1>{title}</h1></header><section class="card"><form action="/wallet" method="get"><label for="code">{label}</label><textarea id="code" name="code" rows="4" required autocomplete="off" spellcheck="false"{described}>{code}</textarea>{fault}<p class="hint" id="hint">{hint}</p><button type="submit" class="main">{go}</button></form></section>"#,
        title = lang.pick("模拟钱包", "Simulated wallet"),
        label = lang.pick("付款码或链接", "Code or link"),
        described = if unknown { r#" aria-describedby="fault hint" aria-invalid="true""# } else { r#" aria-describedby="hint""# },
        code = escape(code),
        hint = lang.pick("粘贴二维码内容、支付链接或交易号。", "Paste what the QR code says, a payment link, or a trade number."),
        go = lang.pick("查看订单", "See the order"),
    )
}

fn offered(lang: Lang, code: &str, offer: &Offer) -> String {
    let closed = offer.state == OfferState::Closed;
    let note = if closed {
        format!(
            r#"<p class="fault" data-testid="error">{}</p>"#,
            lang.pick(
                "商家已关闭订单：只有“关单后仍付款”能付。",
                "The merchant closed this order: only a late payment gets through."
            )
        )
    } else {
        String::new()
    };
    let mut html = facts(lang, offer);
    let _ = write!(
        html,
        r#"<form class="card" action="/wallet/pay" method="post"><input type="hidden" name="code" value="{code}">{note}<details{open}><summary>{options}</summary><label for="account">{who}</label><select id="account" name="account">{accounts}</select><label for="behaviour">{how}</label><select id="behaviour" name="behaviour" data-testid="behaviour">{behaviours}</select></details><button type="submit" class="main" data-testid="pay">{pay} <span class="num">¥ {amount}</span></button></form><p class="foot"><a href="/wallet">{other}</a></p>"#,
        code = escape(code),
        open = if closed { " open" } else { "" },
        options = lang.pick("测试选项", "Test options"),
        who = lang.pick("付款账户", "Account"),
        accounts = options(Account::ALL.iter().map(|a| (a.as_str(), lang.account(a.as_str()))), "xiaoming"),
        how = lang.pick("支付行为", "Behaviour"),
        behaviours =
            options(Behaviour::ALL.iter().map(|b| (b.as_str(), lang.behaviour(b.as_str()))), if closed { "late" } else { "ok" }),
        pay = lang.pick("立即支付", "Pay"),
        amount = offer.amount.display(),
        other = lang.pick("换一个付款码", "Another code"),
    );
    html
}

fn options<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, chosen: &str) -> String {
    all.map(|(value, text)| {
        let selected = if value == chosen { " selected" } else { "" };
        format!(r#"<option value="{value}"{selected}>{text}</option>"#)
    })
    .collect()
}

fn facts(lang: Lang, offer: &Offer) -> String {
    format!(
        r#"<header class="bar"><h1>{brand}</h1></header><section class="card"><p class="to">{to}</p><p class="payee" data-testid="payee">{payee}</p><p class="amount" data-testid="amount"><span class="sign">¥</span>{amount}</p><dl><dt>{what}</dt><dd data-testid="subject">{subject}</dd><dt>{number}</dt><dd class="id">{no}</dd></dl></section>"#,
        brand = lang.brand(offer.brand),
        to = lang.pick("付款给", "Pay to"),
        payee = escape(&offer.payee),
        amount = offer.amount.display(),
        what = lang.pick("商品", "For"),
        subject = escape(&offer.subject),
        number = lang.pick("商户单号", "Merchant's number"),
        no = escape(&offer.out_trade_no),
    )
}

fn done(lang: Lang, offer: &Offer, outcome: &str) -> String {
    let (heading, sentence) = lang.outcome(outcome);
    let (sort, mark) = match outcome {
        "paid" => ("good", r#"<path d="M14 25l7 7 14-15"/>"#),
        "paying" => ("wait", r#"<path d="M24 13v12l8 5"/>"#),
        "already_paid" => ("good", r#"<path d="M14 25l7 7 14-15"/>"#),
        _ => ("bad", r#"<path d="M16 16l16 16M32 16L16 32"/>"#),
    };
    let mut html = format!(
        r#"<header class="bar"><h1>{brand}</h1></header><section class="card result {sort}"><svg viewBox="0 0 48 48" width="64" height="64" aria-hidden="true"><circle cx="24" cy="24" r="22"/>{mark}</svg><h2 data-testid="outcome" data-outcome="{outcome}">{heading}</h2><p class="amount" data-testid="amount"><span class="sign">¥</span>{amount}</p><p>{sentence}</p><dl><dt>{to}</dt><dd>{payee}</dd><dt>{number}</dt><dd class="id">{no}</dd>{trade}</dl></section>"#,
        brand = lang.brand(offer.brand),
        outcome = escape(outcome),
        amount = offer.amount.display(),
        to = lang.pick("收款方", "Payee"),
        payee = escape(&offer.payee),
        number = lang.pick("商户单号", "Merchant's number"),
        no = escape(&offer.out_trade_no),
        trade = offer
            .trade_no
            .as_deref()
            .map(|no| format!(
                r#"<dt>{}</dt><dd class="id" data-testid="trade-no">{}</dd>"#,
                lang.pick("交易单号", "Trade number"),
                escape(no)
            ))
            .unwrap_or_default(),
    );
    if let Some(url) = offer.return_url.as_deref().filter(|url| is_web(url)) {
        let _ = write!(
            html,
            r#"<p class="card plain"><a class="main" href="{}" data-testid="return-link">{}</a></p>"#,
            escape(url),
            lang.pick("返回商家", "Back to the merchant")
        );
    }
    let _ = write!(html, r#"<p class="foot"><a href="/wallet">{}</a></p>"#, lang.pick("再付一笔", "Another payment"));
    html
}

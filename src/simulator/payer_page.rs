//! A provider's own page for the payer, in the wallet's looks: what is to be paid, the button, and the way back. Plain
//! HTML without scripts, made for phones. Must not know any provider: each says what its page shows.

use super::behaviour::{Account, Behaviour};
use super::wallet::{Lang, escape};
use crate::model::{Amount, Brand};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// What the page is about.
pub struct Sight<'a> {
    pub brand: Brand,
    pub payee: &'a str,
    pub subject: &'a str,
    pub amount: Amount,
    /// The merchant's number.
    pub number: &'a str,
    pub trade_no: &'a str,
}

/// Where the browser goes from here: a link, or a form that is posted.
pub enum Back {
    Link(String),
    Form { action: String, fields: Vec<(String, String)> },
}

/// What the payer can do.
pub enum Step {
    /// Pay by posting to `action`. `refused`: an outcome of the wallet that the last try had.
    Pay { action: String, leave: Option<String>, behaviour: Behaviour, refused: Option<&'static str> },
    /// Wait and look again at `here`.
    Wait { here: String },
    /// Nothing more; `outcome` is a word of the wallet.
    Over { outcome: &'static str, back: Option<Back> },
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// The page of a trade.
pub fn show(lang: Lang, sight: &Sight<'_>, step: &Step) -> Response {
    let body = format!("{}{}", facts(lang, sight), doing(lang, sight, step));
    page(StatusCode::OK, lang, sight.brand, &body)
}

/// What is wrong with the merchant's request: code and sentence, and that no money was taken.
pub fn fault(lang: Lang, brand: Brand, code: &str, sentence: &str) -> Response {
    let body = format!(
        r#"<section class="card result bad" role="alert"><h2 data-testid="outcome" data-outcome="refused">{lead}</h2><p>{calm}</p><p class="hint" data-testid="error">{code}</p><p class="hint">{sentence}</p></section>"#,
        lead = lang.pick("无法继续付款", "This payment cannot go on"),
        calm = lang.pick("没有扣款。请返回商家页面重新下单。", "You were not charged. Go back to the shop and order again."),
        code = escape(code),
        sentence = escape(sentence),
    );
    page(StatusCode::OK, lang, brand, &body)
}

fn page(status: StatusCode, lang: Lang, brand: Brand, body: &str) -> Response {
    let html = format!(
        r#"<!DOCTYPE html><html lang="{tag}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{title}</title><link rel="stylesheet" href="/wallet/wallet.css"></head><body class="look-{look}"><p class="demo">{banner}</p><main><header class="bar"><h1>{title}</h1></header>{body}</main></body></html>"#,
        tag = lang.tag(),
        title = lang.brand(brand),
        look = brand.as_str(),
        banner = lang.pick("演示环境，不涉及真实资金", "Demo, no real money"),
    );
    // No `form-action`: the way back is a form to the merchant.
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-store")];
    (status, headers, Html(html)).into_response()
}

fn facts(lang: Lang, sight: &Sight<'_>) -> String {
    format!(
        r#"<section class="card"><p class="to">{to}</p><p class="payee" data-testid="payee">{payee}</p><p class="amount" data-testid="amount"><span class="sign">¥</span>{amount}</p><dl><dt>{what}</dt><dd data-testid="subject">{subject}</dd><dt>{merchants}</dt><dd class="id">{number}</dd><dt>{ours}</dt><dd class="id" data-testid="trade-no">{trade_no}</dd></dl></section>"#,
        to = lang.pick("付款给", "Pay to"),
        payee = escape(sight.payee),
        amount = sight.amount.display(),
        what = lang.pick("商品", "For"),
        subject = escape(sight.subject),
        merchants = lang.pick("商户单号", "Merchant's number"),
        number = escape(sight.number),
        ours = lang.pick("交易单号", "Trade number"),
        trade_no = escape(sight.trade_no),
    )
}

fn doing(lang: Lang, sight: &Sight<'_>, step: &Step) -> String {
    match step {
        Step::Pay { action, leave, behaviour, refused } => {
            let refused = refused.map(|outcome| {
                let (heading, sentence) = lang.outcome(outcome);
                format!(r#"<p class="fault" role="alert" data-testid="error">{heading} {sentence}</p>"#)
            });
            let leave = leave.as_deref().filter(|url| is_web(url)).map(|url| {
                let words = lang.pick("取消付款", "Cancel");
                format!(r#"<p class="foot"><a href="{}" data-testid="cancel">{words}</a></p>"#, escape(url))
            });
            format!(
                r#"<form class="card" action="{action}" method="post">{refused}<details><summary>{tests}</summary><label for="account">{who}</label><select id="account" name="account">{accounts}</select><label for="behaviour">{how}</label><select id="behaviour" name="behaviour" data-testid="behaviour">{behaviours}</select></details><button type="submit" class="main" data-testid="pay">{pay} <span class="num">¥ {amount}</span></button></form>{leave}"#,
                action = escape(action),
                refused = refused.unwrap_or_default(),
                tests = lang.pick("测试选项", "Test options"),
                who = lang.pick("付款账户", "Account"),
                accounts = options(Account::ALL.iter().map(|a| (a.as_str(), lang.account(a.as_str()))), "xiaoming"),
                how = lang.pick("支付行为", "Behaviour"),
                behaviours = options(Behaviour::ALL.iter().map(|b| (b.as_str(), lang.behaviour(b.as_str()))), behaviour.as_str()),
                pay = lang.pick("立即支付", "Pay"),
                amount = sight.amount.display(),
                leave = leave.unwrap_or_default(),
            )
        }
        Step::Wait { here } => {
            let again = format!(
                r#"<p class="card plain"><a class="main" href="{}" data-testid="again">{}</a></p>"#,
                escape(here),
                lang.pick("刷新", "Look again")
            );
            format!("{}{again}", told(lang, "paying"))
        }
        Step::Over { outcome, back } => format!("{}{}", told(lang, outcome), way_back(lang, back.as_ref())),
    }
}

fn told(lang: Lang, outcome: &str) -> String {
    let (heading, sentence) = lang.outcome(outcome);
    let sort = match outcome {
        "paid" => "good",
        "paying" => "wait",
        _ => "bad",
    };
    format!(
        r#"<section class="card result {sort}"><h2 data-testid="outcome" data-outcome="{outcome}">{heading}</h2><p>{sentence}</p></section>"#
    )
}

fn way_back(lang: Lang, back: Option<&Back>) -> String {
    let words = lang.pick("返回商家", "Back to the merchant");
    match back {
        Some(Back::Link(url)) if is_web(url) => {
            format!(r#"<p class="card plain"><a class="main" href="{}" data-testid="return-link">{words}</a></p>"#, escape(url))
        }
        Some(Back::Form { action, fields }) if is_web(action) => {
            let inputs: String = fields
                .iter()
                .map(|(name, value)| format!(r#"<input type="hidden" name="{}" value="{}">"#, escape(name), escape(value)))
                .collect();
            format!(
                r#"<form class="card plain" action="{}" method="post">{inputs}<button type="submit" class="main" data-testid="return-link">{words}</button></form>"#,
                escape(action)
            )
        }
        _ => String::new(),
    }
}

fn options<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, chosen: &str) -> String {
    all.map(|(value, text)| {
        let selected = if value == chosen { " selected" } else { "" };
        format!(r#"<option value="{value}"{selected}>{text}</option>"#)
    })
    .collect()
}

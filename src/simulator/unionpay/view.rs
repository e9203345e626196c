//! The markup of UnionPay's pages: plain HTML that works without scripts, one column on phones, two on desks.

use super::ledger::Transaction;
use super::message::Message;
use super::moment;
use super::refusal::Refusal;
use crate::model::Amount;
use crate::simulator::{Account, Behaviour, OfferState};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::Html;

/// No `form-action` here: one of the forms leads to the merchant.
pub const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'; base-uri 'none'"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// A page's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Chinese,
    English,
}

impl Lang {
    /// English where the browser names it before Chinese.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let mut tags = accepted.split(',').map(|tag| tag.trim_start().to_ascii_lowercase());
        match tags.find(|tag| tag.starts_with("zh") || tag.starts_with("en")) {
            Some(tag) if tag.starts_with("en") => Self::English,
            _ => Self::Chinese,
        }
    }

    #[must_use]
    pub fn pick(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// What a payment's page shows.
pub struct Facts<'a> {
    pub payment: &'a Transaction,
    pub payee: &'a str,
    pub state: OfferState,
    pub behaviour: Behaviour,
    /// Address and fields of the form that leads back to the merchant.
    pub back: Option<(&'a str, &'a Message)>,
    pub note: Option<&'a str>,
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Kept as they are by references only: a parser makes LF of every line end in an attribute.
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            c => out.push(c),
        }
    }
    out
}

fn document(lang: Lang, body: &str) -> Html<String> {
    let (tag, title) = (lang.pick("zh-CN", "en"), lang.pick("银联在线支付", "UnionPay online"));
    let banner = lang.pick("演示环境，不涉及真实资金", "Demo, no real money");
    Html(format!(
        "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
<title>{title}</title><link rel=\"stylesheet\" href=\"/unionpay/page.css\"></head><body>\
<p class=\"demo\">{banner}</p><header><h1>{title}</h1></header><main>{body}</main></body></html>"
    ))
}

/// A merchant's form that cannot be taken.
pub fn fault(lang: Lang, refusal: &Refusal) -> Html<String> {
    let lead = lang.pick("无法继续付款", "This payment cannot go on");
    let calm = lang.pick(
        "没有扣款。请返回商家页面重新下单，或联系商家。",
        "You were not charged. Go back to the shop and order again, or ask the shop.",
    );
    let (code, words) = (refusal.code, escape(&refusal.message));
    document(
        lang,
        &format!(
            "<section class=\"card\" role=\"alert\"><h2>{lead}</h2><p>{calm}</p>\
<p class=\"soft\" data-testid=\"error\">{code}</p><p class=\"soft\">{words}</p></section>"
        ),
    )
}

/// A payment in whatever state it is in.
pub fn page(lang: Lang, facts: &Facts<'_>) -> Html<String> {
    let order = &facts.payment.order;
    let amount = Amount::from_stored(facts.payment.charge).unwrap_or(Amount::ZERO).display();
    let bill = format!(
        "<section class=\"card bill\"><p class=\"soft\">{to}</p><p class=\"payee\" data-testid=\"payee\">{payee}</p>\
<p class=\"amount\" data-testid=\"amount\"><span class=\"sign\">¥</span>{amount}</p><dl>\
<dt>{what}</dt><dd data-testid=\"subject\">{goods}</dd><dt>{no}</dt><dd class=\"id\">{number}</dd>\
<dt>{our}</dt><dd class=\"id\">{query_id}</dd><dt>{until}</dt><dd>{deadline}</dd></dl></section>",
        to = lang.pick("收款方", "Pay to"),
        payee = escape(facts.payee),
        what = lang.pick("商品", "For"),
        goods = escape(&order.goods),
        no = lang.pick("商户订单号", "Merchant's number"),
        number = escape(&order.key.0),
        our = lang.pick("查询流水号", "UnionPay's number"),
        query_id = escape(&facts.payment.query_id),
        until = lang.pick("支付截止", "Pay before"),
        deadline = clock(facts.payment.deadline()),
    );
    let note = facts.note.map(|text| format!("<p class=\"note\" role=\"status\" data-testid=\"note\">{}</p>", escape(text)));
    let action = match facts.state {
        OfferState::Open | OfferState::Failed => pay_form(lang, facts, &amount),
        OfferState::Paying => format!(
            "<p class=\"note\" role=\"status\">{}</p><a class=\"button\" href=\"/unionpay/pay/{}\">{}</a>",
            lang.pick("正在等待输入支付密码。", "Waiting for the payment password."),
            escape(&facts.payment.query_id),
            lang.pick("刷新", "Refresh"),
        ),
        OfferState::Paid => {
            format!("<h2 class=\"paid\">{}</h2>{}", lang.pick("付款成功", "Paid"), back_form(lang, facts, "button"))
        }
        OfferState::Expired | OfferState::Closed => format!(
            "<h2>{}</h2>{}",
            lang.pick("订单已超时，没有扣款", "The time is over. You were not charged"),
            back_form(lang, facts, "button")
        ),
    };
    let (state, note) = (facts.state.as_str(), note.unwrap_or_default());
    document(
        lang,
        &format!(
            "<div class=\"columns\">{bill}<section class=\"card\" data-testid=\"state\" data-state=\"{state}\">{note}{action}</section></div>"
        ),
    )
}

fn clock(ms: i64) -> String {
    let text = moment::full(ms);
    format!("{}-{}-{} {}:{}:{}", &text[..4], &text[4..6], &text[6..8], &text[8..10], &text[10..12], &text[12..])
}

/// Merchants are returned to by a POST of the payer's browser, with the result in it.
fn back_form(lang: Lang, facts: &Facts<'_>, look: &str) -> String {
    let Some((url, message)) = facts.back else { return String::new() };
    let fields: String = message
        .fields()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value)))
        .collect();
    format!(
        "<form action=\"{}\" method=\"post\">{fields}<button type=\"submit\" class=\"{look}\" data-testid=\"return-link\">{}</button></form>",
        escape(url),
        lang.pick("返回商户", "Back to the shop"),
    )
}

fn pay_form(lang: Lang, facts: &Facts<'_>, amount: &str) -> String {
    let options = |words: Vec<&'static str>, chosen: &str| {
        let option =
            |word: &&str| format!("<option value=\"{word}\"{}>{word}</option>", if *word == chosen { " selected" } else { "" });
        words.iter().map(option).collect::<String>()
    };
    format!(
        "<form action=\"/unionpay/pay/{id}\" method=\"post\"><h2>{title}</h2><p class=\"soft\">{card}</p>\
<details><summary>{tests}</summary><label for=\"account\">{who}</label><select id=\"account\" name=\"account\">{accounts}</select>\
<label for=\"behaviour\">{how}</label><select id=\"behaviour\" name=\"behaviour\">{behaviours}</select></details>\
<button type=\"submit\" class=\"button\" data-testid=\"pay\">{pay} ¥{amount}</button></form>{leave}",
        id = escape(&facts.payment.query_id),
        title = lang.pick("确认付款", "Confirm payment"),
        card = lang.pick("借记卡 6216 26** **** 0018", "Debit card 6216 26** **** 0018"),
        tests = lang.pick("测试选项", "Test options"),
        who = lang.pick("付款人", "Payer"),
        how = lang.pick("支付行为", "Behaviour"),
        accounts = options(Account::ALL.iter().map(|a| a.as_str()).collect(), Account::Xiaoming.as_str()),
        behaviours = options(Behaviour::ALL.iter().map(|b| b.as_str()).collect(), facts.behaviour.as_str()),
        pay = lang.pick("立即付款", "Pay"),
        leave = back_form(lang, facts, "leave"),
    )
}

//! The markup of Alipay's pages: plain HTML that works without scripts, one column on phones, two on desks.

use super::check::escape_html;
use super::china_time;
use super::ledger::{Status, Trade};
use super::page::Lang;
use super::yuan;
use crate::simulator::{Account, Behaviour};
use axum::http::{HeaderName, header};
use axum::response::Html;

/// No `form-action` here: the button's answer leads to the merchant, and browsers hold redirects to that rule too.
pub const HEADERS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'; base-uri 'none'"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// A whole page.
pub fn document(lang: Lang, title: &str, body: &str) -> Html<String> {
    let tag = lang.pick("zh-CN", "en");
    let banner = lang.pick("演示环境，不涉及真实资金", "Demo, no real money");
    let name = lang.pick("支付宝", "Alipay");
    Html(format!(
        "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
<title>{title}</title><link rel=\"stylesheet\" href=\"/alipay/cashier.css\"></head><body>\
<p class=\"demo\">{banner}</p><header class=\"top\"><span class=\"mark\" aria-hidden=\"true\">支</span><h1>{name}</h1></header>\
<main>{body}</main></body></html>"
    ))
}

/// What went wrong; `detail` is HTML.
#[must_use]
pub fn fault(lang: Lang, code: &str, detail: &str) -> String {
    let lead = lang.pick("无法继续付款", "This payment cannot go on");
    let calm = lang.pick(
        "没有扣款。请返回商家页面重新下单，或联系商家。",
        "You were not charged. Go back to the shop and order again, or ask the shop.",
    );
    format!(
        "<section class=\"card\" role=\"alert\"><h2>{lead}</h2><p>{calm}</p><p class=\"soft\" data-testid=\"error\">{}</p>\
<p class=\"soft break\">{detail}</p></section>",
        escape_html(code)
    )
}

/// A trade in whatever state it is in. `back` is where the payer goes from here.
#[must_use]
pub fn trade(lang: Lang, trade: &Trade, payee: &str, behaviour: Behaviour, back: Option<&str>, note: Option<&str>) -> String {
    let order = &trade.order;
    let amount = yuan::text(trade.total());
    let deadline = if trade.status == Status::Wait {
        let until = lang.pick("请在此前付款", "Pay before");
        format!("<dt>{until}</dt><dd>{}</dd>", china_time::seconds(trade.deadline_ms))
    } else {
        String::new()
    };
    let facts = format!(
        "<section class=\"card facts\"><p class=\"soft\">{to}</p><p class=\"payee\" data-testid=\"payee\">{payee}</p>\
<p class=\"amount\" data-testid=\"amount\"><span class=\"sign\">¥</span>{amount}</p>\
<dl><dt>{what}</dt><dd data-testid=\"subject\">{subject}</dd><dt>{no}</dt><dd class=\"id\">{number}</dd>\
<dt>{our}</dt><dd class=\"id\">{trade_no}</dd>{deadline}</dl></section>",
        to = lang.pick("收款方", "Pay to"),
        payee = escape_html(payee),
        what = lang.pick("商品", "For"),
        subject = escape_html(&order.subject),
        no = lang.pick("商户订单号", "Merchant's number"),
        number = escape_html(&order.out_trade_no),
        our = lang.pick("支付宝交易号", "Trade number"),
        trade_no = escape_html(&trade.trade_no),
    );
    let note = note.map(|text| format!("<p class=\"note\" role=\"status\" data-testid=\"note\">{text}</p>")).unwrap_or_default();
    let action = match trade.status {
        Status::Wait if trade.typing => format!(
            "<p class=\"note\" role=\"status\" data-testid=\"note\">{}</p><a class=\"button\" href=\"/alipay/cashier/{}\">{}</a>",
            lang.pick("正在等待输入支付密码。", "Waiting for the payment password."),
            escape_html(&trade.trade_no),
            lang.pick("刷新", "Refresh"),
        ),
        Status::Wait => pay_form(lang, trade, &amount, behaviour, back),
        Status::Success | Status::Finished => {
            ended("paid", lang.pick("付款成功", "Paid"), back, lang.pick("返回商家", "Back to the shop"))
        }
        Status::Closed if trade.paid.is_some() => {
            ended("refunded", lang.pick("交易已退款关闭", "Refunded and closed"), back, lang.pick("返回商家", "Back to the shop"))
        }
        Status::Closed => ended(
            "closed",
            lang.pick("交易已关闭，没有扣款", "Closed. You were not charged"),
            back,
            lang.pick("返回商家", "Back to the shop"),
        ),
    };
    format!(
        "<div class=\"columns\">{facts}<section class=\"card\" data-testid=\"state\" data-state=\"{}\">{note}{action}</section></div>",
        trade.status.name()
    )
}

fn pay_form(lang: Lang, trade: &Trade, amount: &str, behaviour: Behaviour, back: Option<&str>) -> String {
    let options = |words: Vec<&'static str>, chosen: &str| {
        let option =
            |word: &&str| format!("<option value=\"{word}\"{}>{word}</option>", if *word == chosen { " selected" } else { "" });
        words.iter().map(option).collect::<String>()
    };
    let leave = back
        .map(|url| {
            format!(
                "<a class=\"leave\" data-testid=\"cancel\" href=\"{}\">{}</a>",
                escape_html(url),
                lang.pick("取消付款", "Cancel")
            )
        })
        .unwrap_or_default();
    format!(
        "<form action=\"/alipay/cashier/{no}/pay\" method=\"post\"><h2>{title}</h2>\
<p class=\"source\"><span class=\"mark small\" aria-hidden=\"true\">支</span>{source}</p>\
<details><summary>{tests}</summary><label for=\"account\">{who}</label><select id=\"account\" name=\"account\">{accounts}</select>\
<label for=\"behaviour\">{how}</label><select id=\"behaviour\" name=\"behaviour\">{behaviours}</select></details>\
<button type=\"submit\" data-testid=\"pay\">{pay} ¥{amount}</button>{leave}</form>",
        no = escape_html(&trade.trade_no),
        title = lang.pick("确认付款", "Confirm payment"),
        source = lang.pick("账户余额", "Account balance"),
        tests = lang.pick("测试选项", "Test options"),
        who = lang.pick("付款人", "Payer"),
        how = lang.pick("支付行为", "Behaviour"),
        accounts = options(Account::ALL.iter().map(|a| a.as_str()).collect(), Account::Xiaoming.as_str()),
        behaviours = options(Behaviour::ALL.iter().map(|b| b.as_str()).collect(), behaviour.as_str()),
        pay = lang.pick("立即付款", "Pay"),
    )
}

fn ended(kind: &str, text: &str, back: Option<&str>, label: &str) -> String {
    let link = back
        .map(|url| format!("<a class=\"button\" data-testid=\"return-link\" href=\"{}\">{label}</a>", escape_html(url)))
        .unwrap_or_default();
    format!("<h2 class=\"{kind}\">{text}</h2>{link}")
}

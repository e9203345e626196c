//! The shop's pages, in Chinese and English. Rendered to text on the server; nothing here runs in the browser.

use super::shop::{GOODS, Hook, Shop};
use crate::model::Amount;
use leptos::prelude::*;
use serde_json::Value;

/// Chinese or English, right where it is shown: the shop stands apart from the cashier's own texts.
fn say(en: bool, chinese: &'static str, english: &'static str) -> &'static str {
    if en { english } else { chinese }
}

fn yuan(fen: i64) -> String {
    Amount::from_stored(fen).map(|a| format!("¥ {}", a.display())).unwrap_or_default()
}

fn document(en: bool, title: &str, body: impl IntoView) -> String {
    let lang = say(en, "zh-CN", "en");
    let title = format!("{title} · {}", say(en, "青山茶铺", "Green Hill Tea"));
    let page = Owner::new().with(|| {
        view! {
            <html lang=lang>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <title inner_html=title></title>
                    <link rel="stylesheet" href="/pkg/cashier.css"/>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                </head>
                <body>
                    <p class="demo-banner" role="note">{say(en, "演示环境，不涉及真实资金", "Demo: no real money moves here")}</p>
                    <div class="shop">
                        <header class="shop-head">
                            <a class="shop-name" href="/demo">{say(en, "青山茶铺", "Green Hill Tea")}</a>
                            <nav>
                                <a href="?lang=zh-CN" lang="zh-CN">"中文"</a>
                                <a href="?lang=en" lang="en">"English"</a>
                            </nav>
                        </header>
                        <main>{body}</main>
                    </div>
                </body>
            </html>
        }
        .into_any()
        .to_html()
    });
    format!("<!DOCTYPE html>{page}")
}

/// The demo's first page: what to click, on one screen.
pub fn front(en: bool, shop: &Shop) -> String {
    let lang = say(en, "zh-CN", "en");
    let (name, password) = shop.admin.clone();
    let wallet = shop.wallet_url.clone();
    let goods = GOODS
        .map(|(key, zh_name, en_name, price)| {
            view! {
                <form class="shop-item" method="post" action="/demo/orders">
                    <input type="hidden" name="goods" value=key/>
                    <input type="hidden" name="lang" value=lang/>
                    <span class="shop-item-name">{say(en, zh_name, en_name)}</span>
                    <span class="shop-price">{yuan(price)}</span>
                    <button class="button is-primary" type="submit" data-testid=format!("buy-{key}")>{say(en, "购买", "Buy")}</button>
                </form>
            }
        })
        .into_iter()
        .collect_view();
    let orders = shop.orders();
    let bought = (!orders.is_empty()).then(|| {
        let rows = orders
            .into_iter()
            .map(|o| {
                view! {
                    <li>
                        <a href=format!("/demo/orders/{}?lang={lang}", o.out_order_no)>{o.subject}</a>
                        <span class="shop-price">{yuan(o.amount)}</span>
                        <a href=format!("{}?lang={lang}", o.checkout_url)>{say(en, "收银台", "checkout")}</a>
                    </li>
                }
            })
            .collect_view();
        view! { <section><h2>{say(en, "您的订单", "Your orders")}</h2><ul class="shop-list">{rows}</ul></section> }
    });
    let body = view! {
        <h1>{say(en, "走完一笔支付", "Walk through one payment")}</h1>
        <ol class="shop-steps">
            <li>{say(en, "在下面买一件商品，进入收银台。", "Buy something below; you land on the checkout page.")}</li>
            <li>
                {say(en, "选择支付方式。二维码下方的链接会用", "Choose a method. The link under the code opens it in the ")}
                <a href=wallet>{say(en, "模拟钱包", "simulated wallet")}</a>
                {say(en, "打开它，在那里付款；也可以在跳转的页面上付款。", "; pay there, or on the provider's page.")}
            </li>
            <li>{say(en, "看收银台自动变为已支付，然后返回本店。", "Watch the checkout turn to paid and come back here.")}</li>
            <li>{say(en, "本店的订单页显示收到并验签的通知。", "The order's page shows the webhook we received and verified.")}</li>
            <li>
                {say(en, "到", "Look at it, and refund it, in the ")}
                <a href="/admin">{say(en, "管理后台", "admin panel")}</a>
                {say(en, "查看并退款。账号 ", ": name ")}
                <code data-testid="admin-name">{name}</code>
                {say(en, "，密码 ", ", password ")}
                <code data-testid="admin-password">{password}</code>
            </li>
        </ol>
        <section>
            <h2>{say(en, "今日茶单", "Today's tea list")}</h2>
            <div class="shop-goods">{goods}</div>
        </section>
        {bought}
    };
    document(en, say(en, "演示", "Demo"), body)
}

/// An order as the shop sees it: the API's answer and the webhooks so far.
pub fn order(en: bool, shop: &Shop, out_order_no: &str, data: &Value, returned_signed: Option<bool>) -> String {
    let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
    let status = text("status");
    let paid = status == "paid";
    let headline = match (status.as_str(), data["refund_status"].as_str()) {
        (_, Some("full")) => say(en, "已全额退款", "Refunded in full"),
        (_, Some("partial")) => say(en, "已部分退款", "Refunded in part"),
        ("paid", _) => say(en, "已付款，正在备货", "Paid, we are packing it"),
        ("closed", _) => say(en, "订单已关闭", "The order is closed"),
        _ => say(en, "等待付款", "Waiting for payment"),
    };
    let signed = returned_signed.map(|ok| {
        let words = if ok {
            say(
                en,
                "返回链接的签名正确（仅供展示，结果以接口为准）",
                "The return link is rightly signed (for display only; the API decides)",
            )
        } else {
            say(en, "返回链接的签名不正确，已忽略", "The return link is not rightly signed and was ignored")
        };
        view! { <p class="shop-note">{words}</p> }
    });
    let hooks: Vec<Hook> = shop.hooks().into_iter().filter(|h| h.out_order_no == out_order_no).collect();
    let none_yet = hooks
        .is_empty()
        .then(|| view! { <p class="shop-note">{say(en, "还没有收到通知，稍后刷新。", "None yet; reload in a moment.")}</p> });
    let hooks = hooks
        .into_iter()
        .map(|h| {
            let mark = if h.verified { say(en, "验签通过", "verified") } else { say(en, "验签失败", "not verified") };
            let pretty = serde_json::from_str::<Value>(&h.body).ok().and_then(|v| serde_json::to_string_pretty(&v).ok());
            view! {
                <li data-testid="hook">
                    <details>
                        <summary><code>{h.kind}</code>" "<strong>{mark}</strong></summary>
                        <p><code>{h.id}</code></p>
                        <pre>{pretty.unwrap_or(h.body)}</pre>
                    </details>
                </li>
            }
        })
        .collect_view();
    let checkout = (!paid)
        .then(|| view! { <p><a class="button" href=text("checkout_url")>{say(en, "去收银台", "To the checkout")}</a></p> });
    let body = view! {
        <h1 data-testid="shop-status" data-status=status>{headline}</h1>
        <p class="shop-sum">{text("subject")}" · "{yuan(data["amount"].as_i64().unwrap_or(0))}</p>
        <p><code>{out_order_no.to_owned()}</code>" · "<code>{text("order_no")}</code></p>
        {signed}
        {checkout}
        <section>
            <h2>{say(en, "收到的通知", "Webhooks received")}</h2>
            {none_yet}
            <ul class="shop-hooks">{hooks}</ul>
        </section>
        <p><a href="/demo">{say(en, "返回茶单", "Back to the tea list")}</a></p>
    };
    document(en, headline, body)
}

/// When the cashier did not do as asked.
pub fn trouble(en: bool, what: &str) -> String {
    let what = what.to_owned();
    let body = view! {
        <h1>{say(en, "没有成功", "That did not work")}</h1>
        <p>{what}</p>
        <p><a href="/demo">{say(en, "返回茶单", "Back to the tea list")}</a></p>
    };
    document(en, say(en, "出错", "Error"), body)
}

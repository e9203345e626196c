//! The page behind `mweb_url` (provider's document: H5支付): checks the link's age and leads into the wallet.
//!
//! Unlike the real page it does not compare the browser's address with `spbill_create_ip` nor look at the referring
//! site: in a demonstration everybody sits behind one address.

use super::play::Wechat;
use super::trade::State;
use axum::extract::{Query, State as Ctx};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use std::collections::HashMap;
use std::sync::Arc;

pub async fn check_mweb(Ctx(wechat): Ctx<Arc<Wechat>>, Query(params): Query<HashMap<String, String>>) -> Response {
    let prepay_id = params.get("prepay_id").map(String::as_str).unwrap_or_default();
    let redirect = params.get("redirect_url").map(String::as_str).filter(|url| is_web(url));
    let link = format!("{}/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={prepay_id}", wechat.stage.origin());
    let now = wechat.now();
    let mut ledger = wechat.ledger();
    let Some(found) = ledger.resolve(&link, now) else {
        return page("商家参数格式有误，请联系商家解决", redirect, None);
    };
    let trade = &mut ledger.trades[found.trade];
    trade.age(now);
    if let Some(url) = redirect {
        trade.return_url = Some(url.to_owned());
    }
    if params.contains_key("redirect_url") && redirect.is_none() {
        return page("商家参数格式有误，请联系商家解决", None, None);
    }
    match trade.state {
        State::Success => page("订单已支付", redirect, None),
        State::NotPay if !found.stale && !trade.is_expired(now) => {
            let offer = format!("¥ {}", trade.amount.display());
            page(&offer, redirect, Some(&wechat.stage.wallet_url(&link)))
        }
        _ => page("支付请求已失效，请重新发起支付", redirect, None),
    }
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https"))
}

/// `wallet` gives the button its target.
fn page(words: &str, redirect: Option<&str>, wallet: Option<&str>) -> Response {
    let escape = super::super::wallet::escape;
    let words = escape(words);
    let (shown, open) = match wallet {
        None => (format!(r#"<p class="payee">{words}</p>"#), String::new()),
        Some(url) => (
            format!(r#"<p class="to">待支付</p><p class="amount" data-testid="amount">{words}</p>"#),
            format!(
                r#"<p class="card plain"><a class="main" href="{}" data-testid="open-wallet">打开微信支付</a></p>"#,
                escape(url)
            ),
        ),
    };
    let back = redirect
        .map(|url| format!(r#"<p class="foot"><a href="{}" data-testid="return-link">返回商家</a></p>"#, escape(url)))
        .unwrap_or_default();
    let html = format!(
        r#"<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>微信支付</title><link rel="stylesheet" href="/wallet/wallet.css"></head><body class="look-wechat"><p class="demo">演示环境，不涉及真实资金</p><main><header class="bar"><h1>微信支付</h1></header><section class="card result">{shown}</section>{open}{back}</main></body></html>"#,
    );
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

//! The page behind the links of H5 orders (provider's document: H5支付), the same for both protocols: checks the link's age
//! and leads into the wallet. Asks whichever provider knows the link.
//!
//! Unlike the real page it does not compare the browser's address with the order's nor look at the referring site: in a
//! demonstration everybody sits behind one address.

use super::provider::{OfferState, Provider};
use super::stage::Stage;
use super::wallet::escape;
use axum::Router;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;

const PATH: &str = "/cgi-bin/mmpayweb-bin/checkmweb";

struct Page {
    stage: Arc<Stage>,
    providers: Vec<Arc<dyn Provider>>,
}

pub(super) fn router(stage: &Arc<Stage>, providers: &[Arc<dyn Provider>]) -> Router {
    let page = Page { stage: Arc::clone(stage), providers: providers.to_vec() };
    Router::new().route(PATH, get(check_mweb)).with_state(Arc::new(page))
}

fn redirect_of(link: &str) -> Option<String> {
    let (_, query) = link.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "redirect_url").map(|(_, value)| value.into_owned())
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "http" | "https"))
}

/// Where a link sends the browser afterwards, if it is one that says so.
pub(super) fn way_back(link: &str) -> Option<String> {
    redirect_of(link).filter(|url| link.contains("/checkmweb?") && is_web(url))
}

async fn check_mweb(State(page): State<Arc<Page>>, uri: Uri) -> Response {
    let link = format!("{}{}", page.stage.origin(), uri.path_and_query().map_or("", |t| t.as_str()));
    let redirect = redirect_of(&link);
    let back = redirect.as_deref().filter(|url| is_web(url));
    if redirect.is_some() && back.is_none() {
        return show("商家参数格式有误，请联系商家解决", None, None);
    }
    let Some(offer) = page.providers.iter().find_map(|p| p.look_up(&link)) else {
        return show("商家参数格式有误，请联系商家解决", back, None);
    };
    match offer.state {
        OfferState::Paid => show("订单已支付", back, None),
        OfferState::Open => {
            let words = format!("¥ {}", offer.amount.display());
            show(&words, back, Some(&page.stage.wallet_url(&link)))
        }
        _ => show("支付请求已失效，请重新发起支付", back, None),
    }
}

/// `wallet` gives the button its target.
fn show(words: &str, back: Option<&str>, wallet: Option<&str>) -> Response {
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
    let back = back
        .map(|url| format!(r#"<p class="foot"><a href="{}" data-testid="return-link">返回商家</a></p>"#, escape(url)))
        .unwrap_or_default();
    let html = format!(
        r#"<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>微信支付</title><link rel="stylesheet" href="/wallet/wallet.css"></head><body class="look-wechat"><p class="demo">演示环境，不涉及真实资金</p><main><header class="bar"><h1>微信支付</h1></header><section class="card result">{shown}</section>{open}{back}</main></body></html>"#,
    );
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

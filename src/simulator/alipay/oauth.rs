//! The authorisation page, which sends the browser back at once, and the token call that turns its code into a buyer.
//!
//! Provider's documents: 用户信息授权, alipay.system.oauth.token.

use super::account::Account;
use super::check::escape_html;
use super::desk::Alipay;
use super::node::Node;
use super::page;
use super::params::Params;
use super::payer::Payer;
use super::refusal::Refusal;
use crate::model::UnknownName;
use crate::simulator;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::HashMap;
use std::sync::Arc;

/// Life of a code.
const CODE_LIFE_MS: i64 = 10 * 60 * 1000;
/// Life of an access token, in seconds.
const TOKEN_LIFE_S: u32 = 1_296_000;
/// Life of a refresh token, in seconds.
const REFRESH_LIFE_S: u32 = 2_592_000;

/// Codes and refresh tokens that still count.
#[derive(Default)]
pub struct Grants {
    codes: HashMap<String, (String, simulator::Account, i64)>,
    refresh_tokens: HashMap<String, (String, simulator::Account)>,
}

/// `GET /oauth2/publicAppAuthorize.htm`. The parameter `account` chooses the person of the wallet who is logged in.
pub async fn authorise(State(alipay): State<Arc<Alipay>>, RawQuery(query): RawQuery) -> Response {
    let query: HashMap<String, String> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    match back_to_merchant(&alipay, &query) {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(why) => page::error(StatusCode::OK, page::Lang::Chinese, "auth", &escape_html(why)),
    }
}

fn back_to_merchant(alipay: &Arc<Alipay>, query: &HashMap<String, String>) -> Result<String, &'static str> {
    let get = |name: &str| query.get(name).map_or("", String::as_str);
    let app_id = get("app_id");
    if app_id != alipay.accounts.plain_numbers.app_id && app_id != alipay.accounts.certified_numbers.app_id {
        return Err("app_id 无效");
    }
    let scope = get("scope");
    if scope != "auth_base" && scope != "auth_user" {
        return Err("scope 无效");
    }
    let state = get("state");
    if state.len() > 100 || !state.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err("state 只能包含字母和数字，最长 100");
    }
    let mut target = url::Url::parse(get("redirect_uri")).map_err(|_| "redirect_uri 无效")?;
    if !matches!(target.scheme(), "http" | "https") {
        return Err("redirect_uri 无效");
    }
    let person = match get("account") {
        "" => simulator::Account::Xiaoming,
        name => simulator::Account::parse(name).map_err(|_: UnknownName| "account 无效")?,
    };
    let code = alipay.stage.random_text(b"0123456789abcdef", 32);
    let expires = alipay.now_ms() + CODE_LIFE_MS;
    alipay.desk().grants.codes.insert(code.clone(), (app_id.to_owned(), person, expires));
    target.query_pairs_mut().extend_pairs([
        ("app_id", app_id),
        ("source", "alipay_wallet"),
        ("scope", scope),
        ("auth_code", &code),
    ]);
    if !state.is_empty() {
        target.query_pairs_mut().append_pair("state", state);
    }
    Ok(target.into())
}

/// `alipay.system.oauth.token`: its parameters are top-level, its good answer has no code.
///
/// # Errors
/// `isv.code-invalid` for a code that is used, run out, of another app, or unknown.
pub fn token(alipay: &Arc<Alipay>, account: &Account, params: &Params) -> Result<Node, Refusal> {
    let now = alipay.now_ms();
    let mut desk = alipay.desk();
    let (owner, person) = match params.get("grant_type") {
        Some("authorization_code") => {
            let code = params.get("code").ok_or_else(|| Refusal::invalid("parameter", "缺少 code"))?;
            let (owner, person, expires) = desk.grants.codes.remove(code).ok_or_else(Refusal::code_invalid)?;
            if expires <= now {
                return Err(Refusal::code_invalid());
            }
            (owner, person)
        }
        Some("refresh_token") => {
            let token = params.get("refresh_token").ok_or_else(|| Refusal::invalid("parameter", "缺少 refresh_token"))?;
            desk.grants.refresh_tokens.remove(token).ok_or_else(Refusal::code_invalid)?
        }
        _ => return Err(Refusal::invalid("parameter", "grant_type 无效")),
    };
    if owner != account.app_id {
        return Err(Refusal::code_invalid());
    }
    let payer = Payer::of(person, alipay.stage.keys());
    let (access, refresh) = (alipay.stage.token(40), alipay.stage.token(40));
    desk.grants.refresh_tokens.insert(refresh.clone(), (owner, person));
    let node = Node::bare()
        .text("access_token", &access)
        .text("auth_start", &super::china_time::seconds(now))
        .text("expires_in", &TOKEN_LIFE_S.to_string())
        .text("re_expires_in", &REFRESH_LIFE_S.to_string())
        .text("refresh_token", &refresh);
    // Older AppIDs are given the user's number, newer ones the open id: one account here is of each age.
    Ok(if account.certificates.is_some() {
        node.text("open_id", &payer.open_id).text("union_id", &format!("union_{}", payer.open_id))
    } else {
        node.text("user_id", &payer.user_id)
    })
}
